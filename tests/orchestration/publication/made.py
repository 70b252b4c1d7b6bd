"""A small published generation for the targets, made by hand and changed between publications."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.publication.generations import Generation, PublishedTable, publish
from orchestration.publication.targets.protocol import FinishedGeneration

KEYS = {"core.dim_customer": ("customer_id",), "marts.mart_a__answer": ("day", "channel")}
TABLES = [
    PublishedTable("core", "dim_customer", description="One customer.", columns={"customer_id": "Its id."}),
    PublishedTable("core", "dim_customer_identity", is_personal=True),
    PublishedTable("marts", "mart_a__answer", description="Answers a day.", columns={"seen_at": "When."}),
    PublishedTable("marts", "mart_a__empty"),
]
# Every type of the published tables, and values that break careless copies: a tab, quotes, line breaks, the end mark
# and the null mark of COPY, an empty text beside null, the smallest and the largest numbers, a minus before zero.
CUSTOMERS = r"""
    ('c1', 'tab' || chr(9) || 'and "quote", comma', 0.1::double, 1.50::decimal(18,2), true),
    ('c2', 'line' || chr(10) || '\.' || chr(10) || 'end' || chr(13), 1e300, -0.05, false),
    ('c3', '\N', '-0.0'::double, 9999999999999999.99, null),
    ('c4', '', 'nan', 0, true),
    ('c5', null, '-inf', null, null),
    ('c6', 'Zoë 🙂 \\ \n', 123456789.123456789, 0.01, false)
"""


def make_warehouse(folder: Path) -> Path:
    """The warehouse that is published."""
    path = folder / "warehouse" / "cx.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema marts")
        connection.execute(
            f"create table core.dim_customer as select * from (values {CUSTOMERS})"
            " as t(customer_id, note, score, net_amount, is_active)"
        )
        connection.execute("create table core.dim_customer_identity as select 'c1' as customer_id, 'Ann' as name")
        connection.execute(
            "create table marts.mart_a__answer as select date '2026-06-01' + i::integer as day, 'web' as channel,"
            " i as answer_count, timestamp '2026-06-30 23:59:59.999999' as seen_at from range(7) t(i)"
        )
        connection.execute("create table marts.mart_a__empty as select 1::integer as n where false")
    return path


def change(warehouse: Path, statement: str) -> None:
    """Change the warehouse before the next publication."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(statement)


def publish_file(warehouse: Path, published: Path, sequence: int, tables: list[PublishedTable] = TABLES) -> Generation:
    """Publish the DuckDB file."""
    return publish(
        warehouse,
        published,
        tables,
        company="tiny",
        snapshot_id=f"s{sequence}",
        snapshot_sequence=sequence,
        as_of_date="2026-06-30",
        published_at="2026-07-02T06:00:00+00:00",
        run_id="r",
        checks_declared=2,
        checks_passed=2,
        warnings=[],
    )


def finished(
    warehouse: Path, published: Path, sequence: int = 1, tables: list[PublishedTable] = TABLES
) -> FinishedGeneration:
    """Publish the DuckDB file and open it for a target."""
    publish_file(warehouse, published, sequence, tables)
    return FinishedGeneration.current(published, KEYS)
