"""The definitions that lie beside a published generation: what a run writes there, and what a reader takes from there.

Reader and definitions belong together: a generation is asked by the metrics that were current when it was made. What a
metric is counted from are views over the published tables; they refer to no private file and take no room. The metrics
themselves are YAML in dbt_project/models/semantic.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.ground.sql_text import literal, quoted

MANIFEST = "semantic_manifest.json"
"""As dbt writes it: any other reader of MetricFlow takes it as it is."""
VIEWS = "semantic_views.json"
SCHEMA = "semantic"
CATALOG = "metrics"
"""Catalogue, in memory, of the views that metrics are counted from."""
NO_DEFINITIONS = (
    "This generation was published without definitions of metrics: the next run (`cx run --force`) adds them."
)


class MetricError(ValueError):
    """A question that has no answer; the message says why and what could be asked instead."""


@dataclass(frozen=True)
class Definitions:
    """What a generation says of its metrics.

    Attributes:
        manifest: dbt's semantic manifest, as text.
        views: SQL by name of the views that metrics are counted from, over `cx.core` and `cx.marts`.
        minimum_answers: Below so many, a rate is suppressed.
        currency_code: The company's reporting currency.
    """

    manifest: str
    views: dict[str, str]
    minimum_answers: int
    currency_code: str

    def document(self) -> dict[str, Any]:
        """The semantic manifest, read."""
        loaded: dict[str, Any] = json.loads(self.manifest)
        return loaded


def relations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a semantic manifest reads: the relations of semantic models and time spine, to look at or change."""
    spines = document["project_configuration"].get("time_spines") or []
    return [item["node_relation"] for item in (*document["semantic_models"], *spines)]


def create_views(connection: duckdb.DuckDBPyConnection, views: dict[str, str]) -> None:
    """Make the views in memory, over a database that is attached as `cx`.

    Raises:
        MetricError: One cannot be made: the engine writes some queries (`cross join` before `left join`) so that it
            cannot read them again, or a table is absent.
    """
    connection.execute(f"attach ':memory:' as {CATALOG}")
    connection.execute(f"create schema {CATALOG}.{SCHEMA}")
    for name, sql in views.items():
        try:
            connection.execute(f"create view {CATALOG}.{SCHEMA}.{quoted(name)} as {sql}")
        except duckdb.Error as error:
            raise MetricError(f"{name}: {str(error).splitlines()[0]}") from error


def definition_files(warehouse: Path, manifest: Path, *, minimum_answers: int, currency_code: str) -> dict[str, str]:
    """Text by name of the files that a generation gets.

    Args:
        warehouse: The private DuckDB file, in which dbt made the views.
        manifest: dbt's semantic_manifest.json.
        minimum_answers: The company's parameter.
        currency_code: The company's reporting currency.

    Raises:
        MetricError: A view is absent or cannot be asked.
    """
    text = manifest.read_text(encoding="utf-8")
    # A view of an earlier project stays in the warehouse; what it reads may be gone.
    named = {relation["alias"] for relation in relations(json.loads(text))}
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(warehouse)} as cx (read_only)")
        found = connection.execute(
            "select view_name, sql from duckdb_views() where database_name = 'cx' and schema_name = ? order by 1",
            [SCHEMA],
        ).fetchall()
        # The engine's own text, `CREATE VIEW <name> AS <query>;`: of the query, every table is named in full.
        views = {name: sql.split(" AS ", 1)[1].strip().rstrip(";") for name, sql in found if name in named}
        if absent := sorted(named - views.keys()):
            raise MetricError(f"Metrics are counted from views that the warehouse has not: {', '.join(absent)}.")
        create_views(connection, views)
    told = {"minimum_answers": minimum_answers, "currency_code": currency_code, "views": views}
    return {MANIFEST: text, VIEWS: json.dumps(told, indent=1) + "\n"}


def read_definitions(generation: Path) -> Definitions:
    """The definitions beside a generation's tables.

    Args:
        generation: Folder of the generation.

    Raises:
        MetricError: It has none.
    """
    try:
        manifest = (generation / MANIFEST).read_text(encoding="utf-8")
        told = json.loads((generation / VIEWS).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MetricError(NO_DEFINITIONS) from error
    return Definitions(manifest, told["views"], told["minimum_answers"], told["currency_code"])
