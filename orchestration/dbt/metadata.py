"""Row counts, column types and column lineage of built dbt models, read from the warehouse once dbt has left it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from orchestration.dbt.column_lineage import column_lineage
from orchestration.ground.durable import DamagedStateError, read_document, write_document
from orchestration.publication.generations import READABLE_SCHEMAS
from orchestration.warehouse.database import Warehouse

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

    Column lineage is worked out from the compiled SQL and changes only with it; it is kept per SQL text in a file.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        translator: DagsterDbtTranslator,
        target_path: Path,
        cache_dir: Path,
        warehouse: Warehouse,
    ) -> None:
        self.manifest = manifest
        self.translator = translator
        self.target_path = target_path
        self.columns = relation_columns(warehouse)
        self.cache_dir = cache_dir
        tables = {
            uid: node["relation_name"]
            for uid, node in manifest["nodes"].items()
            if node["resource_type"] == "model"
            and (node["config"]["materialized"] != "view" or node["schema"] in READABLE_SCHEMAS)
            and node["relation_name"] in self.columns
        }
        self.row_counts = warehouse.counts(tables)

    def of(self, unique_id: str) -> dict[str, Any]:
        """Dagster metadata of one model: row count (of what is a table or published), column schema, column lineage."""
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
            # The open-source UI keeps the entry above and shows it nowhere.
            found["column_lineage"] = _lineage_table(lineage)
        return found

    def _parents(self, node: Mapping[str, Any]) -> dict[str, Columns]:
        relations = [self._parent(parent)["relation_name"] for parent in node["depends_on"]["nodes"]]
        return {relation: self.columns.get(relation, {}) for relation in relations}

    def _parent(self, unique_id: str) -> Mapping[str, Any]:
        props: Mapping[str, Any] = self.manifest["nodes"].get(unique_id) or self.manifest["sources"][unique_id]
        return props

    def _lineage(self, node: Mapping[str, Any], columns: Columns) -> dg.TableColumnLineage | None:
        compiled = self.target_path / "compiled" / node["package_name"] / node["original_file_path"]
        if not columns or not compiled.exists():
            return None
        parents = self._parents(node)
        described = json.dumps([sorted(columns), parents], sort_keys=True)
        key = hashlib.sha256(compiled.read_bytes() + described.encode()).hexdigest()
        cached = self.cache_dir / f"{key}.json"
        found = kept_lineage(cached)
        if found is None:
            found = column_lineage(compiled.read_text(encoding="utf-8"), parents)
            write_document(cached, {"columns": found})
        keys = {
            props["relation_name"]: self.translator.get_asset_key(props)
            for props in (self._parent(parent) for parent in node["depends_on"]["nodes"])
        }
        return dg.TableColumnLineage(
            {
                column: [dg.TableColumnDep(keys[relation], name) for relation, name in sources]
                for column, sources in found.items()
                if column in columns
            }
        )


def kept_lineage(path: Path) -> dict[str, Any] | None:
    """Lineage worked out before; null where there is none, or its file is damaged, and it is worked out anew."""
    try:
        columns: dict[str, Any] = read_document(path, "it is worked out anew")["columns"]
    except DamagedStateError:
        return None
    return columns


def _lineage_table(lineage: dg.TableColumnLineage) -> dg.TableMetadataValue:
    """One row per column: the columns it is made of, as `schema.table.column`; empty for a constant."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "column": column,
                    "made_of": ", ".join(f"{'.'.join(dep.asset_key.path)}.{dep.column_name}" for dep in deps),
                }
            )
            for column, deps in lineage.deps_by_column.items()
        ],
        schema=dg.TableSchema([dg.TableColumn("column", "string"), dg.TableColumn("made_of", "string")]),
    )


def with_metadata(events: list[Any], metadata: ModelMetadata) -> Iterator[Any]:
    """The drained dbt events, models with their metadata, checks as they are."""
    for event in events:
        unique_id = event.metadata.get("unique_id") if getattr(event, "metadata", None) else None
        if isinstance(event, dg.Output) and unique_id is not None:
            yield event.with_metadata({**event.metadata, **metadata.of(str(unique_id.value))})
        else:
            yield event
