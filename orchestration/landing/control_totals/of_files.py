"""Control totals of files: a file that has landed is counted once more by a second reader (`raw_rows`)."""

import dataclasses
from pathlib import Path

import duckdb

from orchestration.declaration.company import LandingTable
from orchestration.ground.sql_text import literal, literal_path
from orchestration.landing.control_totals.totals import (
    add_unknown,
    counted_rows,
    new_control_totals,
    write_control_totals,
)
from orchestration.landing.formats.readers import open_rows
from orchestration.landing.formats.reading import RawRows, UnreadableError
from orchestration.landing.formats.records import QUOTE
from orchestration.landing.loads.manifest import Part
from orchestration.landing.loads.parts import PartTarget


def add_control_totals(
    engine: duckdb.DuckDBPyConnection,
    item: LandingTable,
    path: Path,
    part: Part,
    target: PartTarget,
    zone: str,
) -> Part:
    """Count a file that has landed once more, by the second reader, and keep what it says.

    Args:
        engine: An in-memory engine.
        item: The table; one that is not reconciled gets none.
        path: The file.
        part: What it gave.
        target: Where its rows went; the control totals lie beside them.
        zone: The company's, in which days are cut.
    """
    if item.table.reconcile is None:
        return part
    new_control_totals(engine)
    refused = target.state_dir / part.quarantined.path if part.quarantined else None
    try:
        rows = _count(engine, item, path, target.scratch, zone)
        if QUOTE.rule in {reason.rule for reason in part.reasons} and counted_rows(engine) != part.record_count:
            raise UnreadableError("a quote in it is not closed; so the record's end is unknown")
        if refused is not None:
            _add_refused(engine, rows, refused, part.record_count)
    except UnreadableError as error:
        add_unknown(engine, str(error))
    path = target.landed.with_name(target.landed.name.replace("part-", "control-totals-"))
    return dataclasses.replace(part, control_totals=write_control_totals(engine, path, target.state_dir))


def _count(engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str) -> RawRows:
    for rows in open_rows(engine, item, path, scratch, zone):
        counted = f"select 'total', day, count(*), sum(amount), null, null, null from {rows.columns} group by day"
        try:
            engine.execute(f"insert into control_totals {counted}")
        except duckdb.Error:
            continue
        return rows
    raise UnreadableError("its records are written in a way that the second reader does not understand")


def _add_refused(engine: duckdb.DuckDBPyConnection, rows: RawRows, refused: Path, record_count: int) -> None:
    """Refused rows with the day, amount and key that the second reader sees at their position.

    Where it sees another number of records, positions say nothing: the rows stay without a day.
    """
    is_aligned = counted_rows(engine) == record_count
    seen = rows.at(f"select _source_row from read_parquet({literal(literal_path(refused))})")
    joined = f"left join {seen} as seen on seen._row = refused._source_row" if is_aligned else ""
    values = "seen.day, 1, seen.amount" if is_aligned else "null, 1, null"
    key = "seen.row_key" if is_aligned else "null"
    # Arrow hands batches to several threads in any order.
    engine.execute("set threads = 1")
    try:
        engine.execute(
            f"insert into control_totals select 'refused', {values}, refused._source_row, {key}, refused.reason"
            f" from read_parquet({literal(literal_path(refused))}) as refused {joined}"
        )
    except duckdb.Error as error:
        raise UnreadableError("the second reader stops") from error
    finally:
        engine.execute("reset threads")
