"""Compares the rows of two builds, table by table: `except all` both ways over the business columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

DECIMALS = 9
GRIDS = ("0.381966e-9", "0.723607e-9")
"""Offsets added before rounding. A noise of the last bits tips a value that lies on the edge of a grid (the mean of
sixteen millionths does); a row counts as different only when it differs on both, and no value lies on both edges."""
HOUSEKEEPING = frozenset({"snapshot_id", "snapshot_sequence"})
"""Left out: the platform's bookkeeping of incremental builds, which a script without a history does not keep."""


@dataclass(frozen=True)
class TableComparison:
    """One table on both sides.

    Attributes:
        table: schema.table.
        this_count: Rows of the platform.
        rival_count: Rows of the rival.
        compared_columns: Number of columns compared.
        absent_columns: Business columns of the platform that the rival lacks.
        only_this: Rows that only the platform has.
        only_rival: Rows that only the rival has.
        differing_columns: Columns whose values differ as a whole, counted one by one (only when rows differ).
    """

    table: str
    this_count: int
    rival_count: int
    compared_columns: int
    absent_columns: list[str]
    only_this: int
    only_rival: int
    differing_columns: list[str]

    @property
    def is_equal(self) -> bool:
        """Same rows, as often, and no column missing."""
        return not (self.absent_columns or self.only_this or self.only_rival)

    def explanation(self) -> str:
        """What differs, for people."""
        parts = [f"{self.table}: {self.only_this} rows only here, {self.only_rival} only in the hand-written build"]
        if self.absent_columns:
            parts.append(f"absent there: {', '.join(self.absent_columns)}")
        if self.differing_columns:
            parts.append(f"differing: {', '.join(self.differing_columns)}")
        return "; ".join(parts)


def rival_tables(rival: Path) -> list[str]:
    """Tables that the rival built, without those that were given to it."""
    with duckdb.connect(str(rival), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> 'given' order by 1"
        ).fetchall()
    return [str(name) for (name,) in rows]


def compare(this: Path, rival: Path, tables: Sequence[str], *, memory_limit: str = "4GB") -> list[TableComparison]:
    """Compare the tables of two DuckDB files; doubles to nine decimals, everything else must be equal.

    Args:
        this: The platform's warehouse.
        rival: The rival's file.
        tables: schema.table, present in both.
        memory_limit: DuckDB's limit.
    """
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set memory_limit = $1", [memory_limit])
        connection.execute("set temp_directory = $1", [str(rival.parent / "comparison.spill")])
        connection.execute(f"attach '{this}' as cx (read_only)")
        connection.execute("use cx")  # its views name it so
        connection.execute(f"attach '{rival}' as rival (read_only)")
        return [_compare_table(connection, table) for table in tables]


def _columns(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> dict[str, str]:
    schema, name = table.split(".")
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = $1 and schema_name = $2 and table_name = $3 order by column_index",
        [database, schema, name],
    ).fetchall()
    return {str(column): str(kind) for column, kind in rows}


def _compare_table(connection: duckdb.DuckDBPyConnection, table: str) -> TableComparison:
    wanted = {name: kind for name, kind in _columns(connection, "cx", table).items() if name not in HOUSEKEEPING}
    found = _columns(connection, "rival", table)
    shared = {name: "DOUBLE" in (kind, found[name]) for name, kind in wanted.items() if name in found}
    only_this = _excess(connection, shared, f"cx.{table}", f"rival.{table}")
    only_rival = _excess(connection, shared, f"rival.{table}", f"cx.{table}")
    differing = [
        name
        for name, is_double in shared.items()
        if (only_this or only_rival)
        and (
            _excess(connection, {name: is_double}, f"cx.{table}", f"rival.{table}")
            or _excess(connection, {name: is_double}, f"rival.{table}", f"cx.{table}")
        )
    ]
    return TableComparison(
        table,
        _count(connection, f"from cx.{table}"),
        _count(connection, f"from rival.{table}"),
        len(shared),
        [name for name in wanted if name not in found],
        only_this,
        only_rival,
        differing,
    )


def _excess(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, bool], left: str, right: str) -> int:
    """Rows of the left that the right lacks, on the grid that finds fewer; columns say whether they are doubles."""
    fewest = 0
    for grid in GRIDS:
        selected = ", ".join(
            f'round("{name}"::double + {grid}, {DECIMALS})' if is_double else f'"{name}"'
            for name, is_double in columns.items()
        )
        excess = _count(connection, f"from (select {selected} from {left} except all select {selected} from {right})")
        if not excess:
            return 0
        fewest = min(fewest or excess, excess)
    return fewest


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) {relation}").fetchone()
    return int(row[0]) if row else 0
