"""Row counts, column types and column lineage of built dbt models, read from the warehouse once dbt has left it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.core.dbt_cli_event import EventHistoryMetadata, _build_column_lineage_metadata

from orchestration.warehouse import Warehouse

Columns = dict[str, dict[str, str]]


def relation_columns(warehouse: Warehouse) -> dict[str, Columns]:
    """Column types of every relation in the warehouse, by its quoted full name as dbt writes it."""
    with warehouse.connect(read_only=True) as connection:
        rows = connection.execute(
            "select database_name, schema_name, table_name, column_name, data_type from duckdb_columns() "
            "where not internal order by 1, 2, 3, column_index"
        ).fetchall()
    found: dict[str, Columns] = {}
    for database, schema, table, column, kind in rows:
        found.setdefault(f'"{database}"."{schema}"."{table}"', {})[column] = {"data_type": kind}
    return found


class ModelMetadata:
    """Metadata of the models of one dbt invocation.

    Column lineage is worked out from the compiled SQL, which takes most of a second for a wide model and changes only
    with the SQL; it is therefore kept per SQL text in a file beside dbt's other artifacts.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        translator: DagsterDbtTranslator,
        target_path: Path,
        warehouse: Warehouse,
    ) -> None:
        self.manifest = manifest
        self.translator = translator
        self.target_path = target_path
        self.columns = relation_columns(warehouse)
        self.cache_dir = target_path.parent / "lineage"
        tables = {
            uid: node["relation_name"]
            for uid, node in manifest["nodes"].items()
            if node["resource_type"] == "model"
            and node["config"]["materialized"] != "view"
            and node["relation_name"] in self.columns
        }
        self.row_counts = warehouse.counts(tables)

    def of(self, unique_id: str) -> dict[str, Any]:
        """Dagster metadata of one model: row count (tables only), column schema, column lineage."""
        node = self.manifest["nodes"][unique_id]
        columns = self.columns.get(node["relation_name"], {})
        described = node.get("columns", {})
        found: dict[str, Any] = {
            "dagster/column_schema": dg.TableSchema(
                [
                    dg.TableColumn(name, props["data_type"], description=described.get(name, {}).get("description"))
                    for name, props in columns.items()
                ]
            )
        }
        if unique_id in self.row_counts:
            found["dagster/row_count"] = self.row_counts[unique_id]
        lineage = self._lineage(node, columns)
        if lineage:
            found["dagster/column_lineage"] = lineage
        return found

    def _parents(self, node: Mapping[str, Any]) -> dict[str, Columns]:
        parents = {}
        for parent in node["depends_on"]["nodes"]:
            props = self.manifest["nodes"].get(parent) or self.manifest["sources"][parent]
            parents[props["relation_name"]] = self.columns.get(props["relation_name"], {})
        return parents

    def _lineage(self, node: Mapping[str, Any], columns: Columns) -> dg.TableColumnLineage | None:
        compiled = self.target_path / "compiled" / node["package_name"] / node["original_file_path"]
        if not columns or not compiled.exists():
            return None
        parents = self._parents(node)
        described = json.dumps([columns, parents], sort_keys=True)
        key = hashlib.sha256(compiled.read_bytes() + described.encode()).hexdigest()
        cached = self.cache_dir / f"{key}.json"
        if cached.exists():
            return _from_json(json.loads(cached.read_text(encoding="utf-8")))
        built = _build_column_lineage_metadata(
            event_history_metadata=EventHistoryMetadata(columns=columns, parents=parents),
            dbt_resource_props=dict(node),
            manifest=self.manifest,
            dagster_dbt_translator=self.translator,
            target_path=self.target_path,
            project=None,
        )
        lineage = built.get("dagster/column_lineage")
        if lineage is not None:
            lineage = lineage.value if hasattr(lineage, "value") else lineage
            self.cache_dir.mkdir(parents=True, exist_ok=True)
            cached.write_text(json.dumps(_to_json(lineage)), encoding="utf-8")
        return lineage


def _to_json(lineage: dg.TableColumnLineage) -> dict[str, list[list[Any]]]:
    return {
        column: [[list(dep.asset_key.path), dep.column_name] for dep in deps]
        for column, deps in lineage.deps_by_column.items()
    }


def _from_json(stored: Mapping[str, list[list[Any]]]) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {column: [dg.TableColumnDep(dg.AssetKey(path), name) for path, name in deps] for column, deps in stored.items()}
    )


def with_metadata(events: list[Any], metadata: ModelMetadata) -> Iterator[Any]:
    """The drained dbt events, models with their metadata, checks as they are."""
    for event in events:
        unique_id = event.metadata.get("unique_id") if getattr(event, "metadata", None) else None
        if isinstance(event, dg.Output) and unique_id is not None:
            yield event.with_metadata({**event.metadata, **metadata.of(str(unique_id.value))})
        else:
            yield event
