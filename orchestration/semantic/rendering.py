"""MetricFlow, asked for SQL only: it gets the semantic manifest and no connection. Who runs the SQL is `layer`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.engine.models import Dimension
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.type_enums import DimensionType
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

METRIC_TIME = "metric_time"


class _RendersOnly:
    """What MetricFlow needs to know of DuckDB; it is never told to run anything."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def query(self, *_: Any, **__: Any) -> Any:
        """Refused."""
        raise RuntimeError("SQL is run by the reader of the publication.")

    execute = query
    dry_run = query

    def close(self) -> None:
        """Nothing is open."""

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        """As DuckDB names parameters."""
        return f"${bind_parameter_key}"


class Renderer:
    """SQL of questions about metrics."""

    def __init__(self, manifest: str) -> None:
        """Read dbt's semantic manifest, given as text."""
        parsed = parse_manifest_from_dbt_generated_manifest(manifest)
        self._engine = MetricFlowEngine(SemanticManifestLookup(parsed), _RendersOnly())

    def groups(self, metrics: Sequence[str]) -> dict[str, bool]:
        """What all of these metrics can be told by: full name, and whether it is an entity. Without grains of time."""
        found = {}
        for item in self._engine.list_group_bys(list(metrics)):
            if isinstance(item, Dimension):
                # Days are asked by grain and period, of the metric's own day.
                if item.type is not DimensionType.TIME and not item.dunder_name.startswith(METRIC_TIME):
                    found[item.dunder_name] = False
            else:
                found[item.name] = True
        return found

    def sql(self, metrics: Sequence[str], groups: Sequence[str], conditions: Sequence[str]) -> str:
        """The query; its columns are the groups and the metrics, by their full names."""
        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics), group_by_names=list(groups), where_constraints=list(conditions) or None
        )
        return self._engine.explain(request).sql_statement.sql
