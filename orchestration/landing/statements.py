"""Statements: what a source itself says of its rows by day, kept with the load that it belongs to.

A statement is a small Parquet file. Its rows, by `kind`:

- total: a day's rows and their sum, counted by the source (databases, APIs) or by a second reader (files)
- refused: a row that the landing put to quarantine
- late: a row of the source that no load has brought, because it lies outside what was asked for
- gone: a landed row that the source does not show any more, or shows otherwise
- copy: a row of a key that the source shows several times, and of which another row stands in the landing
- released: a row that a person released from quarantine with another value than the source shows
- release: a load of released rows, for which the statement before it names refused ones still
- unknown: the source could not be asked; `reason` says why

What is asked for comes from `connectors`, files are read by `raw_rows`; dbt compares.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.company import LandingTable
from orchestration.connections import DeleteFlag
from orchestration.connectors import Connector, ConnectorError, DayTotal
from orchestration.landing.manifests import Manifest, Part, StoredFile, current_parts
from orchestration.landing.parts import PartTarget, stored_file
from orchestration.landing.raw_rows import (
    AMOUNT_TYPE,
    RawRows,
    UnreadableError,
    amount_sql,
    day_sql,
    key_sql,
    open_rows,
)
from orchestration.landing.readers import literal_path
from orchestration.landing.records import QUOTE
from orchestration.landing.versions import History
from orchestration.sql_text import literal, quoted

NOT_ASKED = "the API tells no totals by day: declare reconcile.totals if it has them"
BEFORE = "it landed before reconciliation was configured"
COLUMNS = {
    "kind": "varchar",
    "day": "date",
    "row_count": "bigint",
    "amount": AMOUNT_TYPE,
    "source_row": "bigint",
    "row_key": "varchar",
    "reason": "varchar",
}
_ORDER = ", ".join(f"{name} nulls last" for name in COLUMNS)
# Equal rows are told apart by their number.
_COPY = "row_number() over (partition by row_key, day, amount) as copy"


def state_file(
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
        item: The table; one that is not reconciled gets no statement.
        path: The file.
        part: What it gave.
        target: Where its rows went; the statement lies beside them.
        zone: The company's, in which days are cut.
    """
    if item.table.reconcile is None:
        return part
    _new_statement(engine)
    refused = target.state_dir / part.quarantined.path if part.quarantined else None
    try:
        rows = _count(engine, item, path, target.scratch, zone)
        if QUOTE.rule in {reason.rule for reason in part.reasons} and _counted(engine) != part.record_count:
            raise UnreadableError("a quote in it is not closed; where the record ends is anybody's guess")
        if refused is not None:
            _add_refused(engine, rows, refused, part.record_count)
    except UnreadableError as error:
        _add_unknown(engine, str(error))
    statement = target.landed.with_name(target.landed.name.replace("part-", "statement-"))
    return dataclasses.replace(part, statement=_written(engine, statement, target.state_dir))


def _count(engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str) -> RawRows:
    for rows in open_rows(engine, item, path, scratch, zone):
        counted = f"select 'total', day, count(*), sum(amount), null, null, null from {rows.columns} group by day"
        try:
            engine.execute(f"insert into stated {counted}")
        except duckdb.Error:
            continue
        return rows
    raise UnreadableError("its records are written in a way that the second reader does not understand")


def _add_refused(engine: duckdb.DuckDBPyConnection, rows: RawRows, refused: Path, record_count: int) -> None:
    """Refused rows with the day, amount and key that the second reader sees at their position.

    Where it sees another number of records, positions say nothing: the rows stay without a day.
    """
    is_aligned = _counted(engine) == record_count
    joined = f"left join {rows.relation} as seen on seen._row = refused._source_row" if is_aligned else ""
    values = "seen.day, 1, seen.amount" if is_aligned else "null, 1, null"
    key = "seen.row_key" if is_aligned else "null"
    # Arrow hands batches to several threads in any order.
    engine.execute("set threads = 1")
    try:
        engine.execute(
            f"insert into stated select 'refused', {values}, refused._source_row, {key}, refused.reason"
            f" from read_parquet({literal(literal_path(refused))}) as refused {joined}"
        )
    except duckdb.Error as error:
        raise UnreadableError("the second reader stops") from error
    finally:
        engine.execute("reset threads")


def _counted(engine: duckdb.DuckDBPyConnection) -> int:
    counted = engine.execute("select coalesce(sum(row_count), 0) from stated where kind = 'total'").fetchone()
    return int(counted[0]) if counted else 0


@dataclass(frozen=True)
class Asking:
    """What was asked of a source, so that what it holds beyond can be told from what was lost.

    Attributes:
        low: Lower bound of the cursor; null when all rows were asked for.
        high: Highest cursor value that has landed; null without one.
        zone: The company's zone.
        scratch: Folder for passing files.
        is_snapshot: Whether rows and totals are of one moment.
    """

    low: datetime | int | None
    high: datetime | int | None
    zone: str
    scratch: Path
    is_snapshot: bool


def state_pull(
    engine: duckdb.DuckDBPyConnection,
    connector: Connector,
    history: History,
    incoming: Path | None,
    asking: Asking,
    target: Path,
) -> StoredFile | None:
    """Ask a source for its totals and, on the days on which they differ from what has landed, for its rows.

    Args:
        engine: An in-memory engine.
        connector: The open source.
        history: All loads of the table, the present one included.
        incoming: The rows as they came, for those that were refused.
        asking: What was asked for.
        target: The statement.

    Returns:
        The statement; None when it says what the last one said, and for a table that is not reconciled.
    """
    item = history.item
    if item.table.reconcile is None:
        return None
    _new_statement(engine)
    try:
        totals = connector.totals(item, asking.zone)
        if totals is None:
            _add_unknown(engine, NOT_ASKED)
        else:
            _add_totals(engine, totals)
            _add_all_refused(engine, history, incoming, asking)
            _compare(engine, connector, history, asking)
    except (ConnectorError, UnreadableError) as error:
        engine.execute("delete from stated")
        _add_unknown(engine, str(error))
    last = _last_statement(history)
    if last is not None and _is_same(engine, last):
        return None
    return _written(engine, target, history.state_dir)


def _compare(engine: duckdb.DuckDBPyConnection, connector: Connector, history: History, asking: Asking) -> None:
    """Name the rows in which source and landing differ."""
    engine.execute(f"create or replace temp table held as {_held(history, asking.zone)}")
    # A refused row that has landed since, mended, is refused no more.
    engine.execute("delete from stated where kind = 'refused' and row_key in (select row_key from held)")
    days = [row[0] for row in engine.execute(_DIFFERING_DAYS).fetchall()]
    if not days:
        return
    pulled = connector.rows_on(history.item, days, asking.zone, asking.scratch)
    table = history.item.table.model_copy(update={"format": pulled.format})
    item = dataclasses.replace(history.item, table=table)
    for rows in open_rows(engine, item, pulled.path, asking.scratch, asking.zone):
        try:
            engine.execute(f"create or replace temp table shown as select *, {_COPY} from {rows.columns}")
            break
        except duckdb.Error:
            continue
    else:
        raise UnreadableError("rows of the days that differ cannot be read")
    listed = ", ".join("null" if day is None else f"date {literal(day)}" for day in days)
    on_days = f"exists (select 1 from unnest([{listed}]::date[]) as d(day) where d.day is not distinct from {{}}.day)"
    equal = "{0}.row_key = {1}.row_key and {0}.day is not distinct from {1}.day and"
    equal += " {0}.amount is not distinct from {1}.amount and {0}.copy = {1}.copy"
    engine.execute(
        "insert into stated select 'refused', shown.day, 1, shown.amount, null, shown.row_key,"
        " 'Released from quarantine with another value.' from shown join held using (row_key)"
        f" where held.is_released and {on_days.format('shown')} and not ({equal.format('held', 'shown')})"
    )
    engine.execute(
        "delete from stated where kind = 'refused' and row_key is not null"
        f" and {on_days.format('stated')} and row_key not in (select row_key from shown)"
    )
    engine.execute(
        "insert into stated select 'late', shown.day, 1, shown.amount, null, shown.row_key, null from shown"
        f" where {on_days.format('shown')} and {_outside(item, asking)}"
        f" and not exists (select 1 from held where {equal.format('held', 'shown')})"
        " and row_key not in (select row_key from stated where kind = 'refused' and row_key is not null)"
    )
    engine.execute(
        "insert into stated select 'copy', shown.day, 1, shown.amount, null, shown.row_key, null from shown"
        f" where {on_days.format('shown')} and not {_outside(item, asking)}"
        f" and not exists (select 1 from held where {equal.format('held', 'shown')})"
        " and row_key in (select row_key from held)"
        " and row_key in (select row_key from shown group by row_key having count(*) > 1)"
    )
    engine.execute(
        "insert into stated select case when held.is_released then 'released' else 'gone' end, held.day, 1,"
        " held.amount, null, held.row_key, null from held"
        f" where {on_days.format('held')} and not exists (select 1 from shown where {equal.format('shown', 'held')})"
    )


_DIFFERING_DAYS = """
    with expected as (
        select day, count(*) as row_count, coalesce(sum(amount), 0) as amount
        from (select day, amount from held union all select day, amount from stated where kind = 'refused')
        group by day
    ),
    told as (
        select day, row_count, coalesce(amount, 0) as amount from stated where kind = 'total'
    )
    select coalesce(told.day, expected.day) as day
    from told full join expected on told.day is not distinct from expected.day
    where told.row_count is distinct from expected.row_count or told.amount is distinct from expected.amount
    order by day nulls last
"""


def _outside(item: LandingTable, asking: Asking) -> str:
    """Which rows of the source were not asked for; all others should have landed."""
    if item.table.cursor is None:
        return "false" if asking.is_snapshot else "true"
    bounds = [] if asking.low is None else [f"cursor < {_bound(asking.low)}"]
    if not asking.is_snapshot and asking.high is not None:
        bounds.append(f"cursor > {_bound(asking.high)}")
    return f"({' or '.join(bounds)})" if bounds else "false"


def _bound(value: datetime | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"timestamp {literal(value.replace(tzinfo=None).isoformat(' '))}"


def _held(history: History, zone: str) -> str:
    """What the source should show: of every key what its last load brought, rows that vanished from it apart.

    A source that shows a key twice at one moment has two rows of it.
    """
    item, key = history.item, history.item.table.key
    is_there = "true" if isinstance(item.table.deletes, DeleteFlag) else "not _is_deleted"
    day = item.table.reconcile.day if item.table.reconcile else ""
    keys = ", ".join(quoted(name) for name in key)
    releases = ", ".join(literal(load.load_id) for load in history.loads if load.release is not None)
    is_released = f"_load_id in ({releases})" if releases else "false"
    return (
        f"select {day_sql(item, quoted(day), zone)} as day, {amount_sql(item)} as amount,"
        f" {key_sql(quoted(name) for name in key)} as row_key, {is_released} as is_released, {_COPY}"
        f" from (select *, _load_sequence = max(_load_sequence) over (partition by {keys}) as _is_last"
        f" from {history.landed(history.columns)})"
        f" where _is_last and {is_there}"
    )


def _add_totals(engine: duckdb.DuckDBPyConnection, totals: list[DayTotal]) -> None:
    rows = [(total.day, total.row_count, total.amount) for total in totals]
    engine.execute("create or replace temp table told (day date, row_count bigint, amount " + AMOUNT_TYPE + ")")
    if rows:
        frame = pd.DataFrame(
            {
                "day": [None if day is None else day.isoformat() for day, _, _ in rows],
                "row_count": [count for _, count, _ in rows],
                "amount": [None if amount is None else str(amount) for _, _, amount in rows],
            },
            dtype=object,
        )
        engine.register("incoming_totals", frame)
        engine.execute(
            "insert into told select cast(day as date), cast(row_count as bigint),"
            f" cast(amount as {AMOUNT_TYPE}) from incoming_totals"
        )
        engine.unregister("incoming_totals")
    engine.execute(
        "insert into stated select 'total', day, sum(row_count), sum(amount), null, null, null from told group by day"
    )


def _add_all_refused(
    engine: duckdb.DuckDBPyConnection, history: History, incoming: Path | None, asking: Asking
) -> None:
    """Rows refused by this load, and those that the last statement still names."""
    present = history.loads[-1]
    item = history.item
    for part in present.parts:
        if part.quarantined is None or incoming is None:
            continue
        refused = history.state_dir / part.quarantined.path
        table = item.table.model_copy(update={"format": "jsonl" if incoming.suffix == ".jsonl" else "csv"})
        for rows in open_rows(engine, dataclasses.replace(item, table=table), incoming, asking.scratch, asking.zone):
            engine.execute(
                f"insert into stated select 'refused', seen.day, 1, seen.amount, refused._source_row, seen.row_key,"
                f" refused.reason from read_parquet({literal(literal_path(refused))}) as refused"
                f" left join {rows.relation} as seen on seen._row = refused._source_row"
            )
            break
    last = _last_statement(history)
    if last is not None:
        engine.execute(f"insert into stated from read_parquet({literal(literal_path(last))}) where kind = 'refused'")


def _last_statement(history: History) -> Path | None:
    for load in reversed(history.loads):
        if load.pull is not None and load.pull.statement is not None:
            return history.state_dir / load.pull.statement.path
    return None


def _is_same(engine: duckdb.DuckDBPyConnection, last: Path) -> bool:
    earlier = f"select * from read_parquet({literal(literal_path(last))})"
    differing = f"((from stated) except all ({earlier})) union all (({earlier}) except all (from stated))"
    return not engine.execute(f"select 1 from ({differing}) limit 1").fetchall()


def _new_statement(engine: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    engine.execute(f"create or replace temp table stated ({columns})")


def _add_unknown(engine: duckdb.DuckDBPyConnection, reason: str) -> None:
    engine.execute("delete from stated")
    engine.execute("insert into stated (kind, reason) values ('unknown', ?)", [reason])


def _written(engine: duckdb.DuckDBPyConnection, target: Path, state_dir: Path) -> StoredFile:
    engine.execute(f"copy (from stated order by {_ORDER}) to {literal(target)} (format parquet, compression zstd)")
    counted = engine.execute("select count(*) from stated").fetchone()
    return stored_file(target, int(counted[0]) if counted else 0, state_dir)


def statement_rows(state_dir: Path, manifests: Sequence[Manifest], items: Sequence[LandingTable]) -> pd.DataFrame:
    """All statements that the current loads of the reconciled tables hold, as one frame (run.source_statement).

    Of a table that is asked for only its last statement counts: it speaks of all its rows.

    Returns:
        source_name, table_name, load_id, source_file, is_of_table (whether it speaks of the whole table or of one
        file) and the statement's own columns. A file or table without a
        statement has one row of kind unknown.
    """
    loads = current_parts(manifests)
    frames = [
        _table_rows(state_dir, item, [load for load in loads if load.landing_name == item.landing_name])
        for item in items
        if item.table.reconcile is not None
    ]
    names = ["source_name", "table_name", "load_id", "source_file", "is_of_table", *COLUMNS]
    return pd.concat([pd.DataFrame(columns=names), *frames], ignore_index=True).astype(object)[names]


def _table_rows(state_dir: Path, item: LandingTable, loads: list[Manifest]) -> pd.DataFrame:
    told: list[tuple[str, str, StoredFile | None]]
    pulls = [load for load in loads if load.pull is not None]
    releases = [load for load in loads if load.release is not None]
    if pulls:
        stated = [load for load in pulls if load.pull is not None and load.pull.statement is not None]
        last = stated[-1] if stated else pulls[-1]
        told = [(last.load_id, item.address, last.pull.statement if last.pull else None)]
        releases = [load for load in releases if stated and load.sequence > last.sequence]
    else:
        told = [
            (load.load_id, part.source.path, part.statement)
            for load in loads
            if load.release is None
            for part in load.parts
        ]
    is_of_table = bool(pulls)
    files = pd.DataFrame(
        [(load_id, source, str(state_dir / file.path) if file else None) for load_id, source, file in told],
        columns=["load_id", "source_file", "filename"],
        dtype=object,
    )
    paths = ", ".join(literal(literal_path(Path(path))) for path in files["filename"].dropna())
    columns = ", ".join(f"cast({name} as varchar) as {name}" for name in COLUMNS)
    with duckdb.connect() as engine:
        engine.register("files", files)
        read = f"select filename, {columns} from read_parquet([{paths}], filename=true)"
        nothing = f"select null as filename, {', '.join(f'null as {name}' for name in COLUMNS)} where false"
        told_rows = (
            f"select load_id, source_file, {literal(item.source_name)} as source_name,"
            f" {literal(item.table_name)} as table_name, {is_of_table} as is_of_table,"
            " coalesce(stated.kind, 'unknown') as kind,"
            f" stated.* exclude (filename, kind, reason),"
            f" case when files.filename is null then {literal(BEFORE)} else stated.reason end as reason"
            f" from files left join ({read if paths else nothing}) as stated on files.filename = stated.filename"
            " where files.filename is null or stated.kind is not null"
        )
        frame: pd.DataFrame = engine.execute(told_rows).df()
    if releases and not (pulls and "unknown" in set(frame["kind"])):
        released = pd.DataFrame({"load_id": [load.load_id for load in releases], "kind": "release"})
        released = released.assign(
            source_name=item.source_name, table_name=item.table_name, is_of_table=is_of_table, source_file=item.address
        )
        frame = pd.concat([frame.astype(object), released], ignore_index=True)
    return frame.astype(object).where(lambda values: values.notna(), None)
