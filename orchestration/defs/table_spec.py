"""How a table that Python writes shows in Dagster: key [schema, table], grain, owner, kinds."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from cx_assets.contracts.python_tables import PythonTable


def table_spec(
    table: PythonTable, deps: Sequence[dg.AssetKey], group: str, owner: str, *, is_skippable: bool = False
) -> dg.AssetSpec:
    """Asset of a table that Python writes; a skippable one may stay away, and everything after it is skipped."""
    return dg.AssetSpec(
        key=[table.schema_name, table.name],
        deps=list(deps),
        description=table.grain,
        group_name=group,
        owners=[owner],
        kinds={"python", "duckdb"},
        metadata={
            "dagster/table_name": f"cx.{table.address}",
            "dagster/column_schema": dg.TableSchema(
                [
                    dg.TableColumn(
                        name,
                        column.sql_type,
                        column.meaning,
                        constraints=dg.TableColumnConstraints(nullable=not column.required),
                        tags={"personal_data": column.personal_data} if column.personal_data else None,
                    )
                    for name, column in table.columns.items()
                ]
            ),
        },
        skippable=is_skippable,
    )
