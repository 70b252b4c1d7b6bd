"""The check of tables that Python steps write: required columns filled, key unique.

It blocks the publication and not the steps after it: one check over tables of several steps stands behind all of them.
"""

from collections.abc import Iterator

import dagster as dg

from cx_assets.contracts.python_tables import PythonTable, python_tables, table_aggregate_sql, table_expectations
from orchestration.defs.area import Frame
from orchestration.defs.border import Border, border_results, border_specs, selected_assets
from orchestration.warehouse.database import Warehouse

TABLE_CHECK = "table_is_as_declared"


def build_defs(frame: Frame) -> dg.Definitions:
    """The check of every declared table."""
    return dg.Definitions(asset_checks=[table_border()])


def table_key(table: PythonTable) -> dg.AssetKey:
    """Address of a table that Python writes."""
    return dg.AssetKey([table.schema_name, table.name])


def table_border() -> dg.AssetChecksDefinition:
    """Every table that Python writes is unique on its key and filled where its declaration says so."""
    tables = list(python_tables().values())

    @dg.multi_asset_check(
        name="table_border",
        can_subset=True,
        specs=border_specs(
            TABLE_CHECK,
            [table_key(table) for table in tables],
            "Key unique, required columns filled, as declared beside the concept that makes the table.",
            is_blocking=False,
        ),
        pool="warehouse",
    )
    def border(
        context: dg.AssetCheckExecutionContext, warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[dg.AssetCheckResult]:
        selected = selected_assets(context)
        wanted = [table for table in tables if table_key(table) in selected]
        frames = warehouse.frames([table_aggregate_sql(table) for table in wanted])
        found = zip(wanted, frames, strict=True)
        yield from border_results(
            TABLE_CHECK, [Border(table_key(table), frame, table_expectations()) for table, frame in found]
        )

    return border
