"""Control totals of pulled tables: a source's own, and the rows of the days on which they differ.

Rows and totals come from `connectors`; `raw_rows` reads them.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.connectors import Connector, ConnectorError, DayTotal
from orchestration.declaration.company import LandingTable
from orchestration.declaration.connections import DeleteFlag
from orchestration.ground.sql_text import key_sql, literal, literal_path, quoted
from orchestration.landing.control_totals.totals import add_unknown, new_control_totals, write_control_totals
from orchestration.landing.formats.raw_rows import AMOUNT_TYPE, amount_sql, day_sql
from orchestration.landing.formats.readers import open_rows
from orchestration.landing.formats.reading import UnreadableError
from orchestration.landing.loads.manifest import StoredFile
from orchestration.landing.loads.versions import History

NO_TOTALS = "the API tells no totals by day: declare reconcile.totals if it has them"
# Equal rows are told apart by their number.
_COPY = "row_number() over (partition by row_key, day, amount) as copy"


@dataclass(frozen=True)
class PulledWindow:
    """What a pull covered, so that what it holds beyond can be told from what was lost.

    Attributes:
        low: Lower bound of the cursor; None when all rows were pulled.
        high: Highest cursor value that has landed; None without one.
        zone: The company's zone.
        scratch: Folder for passing files.
        is_snapshot: Whether rows and totals are of one moment.
    """

    low: datetime | int | None
    high: datetime | int | None
    zone: str
    scratch: Path
    is_snapshot: bool


def pull_control_totals(
    engine: duckdb.DuckDBPyConnection,
    connector: Connector,
    history: History,
    incoming: Path | None,
    window: PulledWindow,
    target: Path,
) -> StoredFile | None:
    """Pull a source's control totals and, of the days on which they differ from what has landed, its rows.

    Args:
        engine: An in-memory engine.
        connector: The open source.
        history: All loads of the table, the present one included.
        incoming: The rows as they came, for those that were refused.
        window: What the pull covered.
        target: File of the control totals.

    Returns:
        The control totals; None when they say what the last ones said, and for a table that is not reconciled.
    """
    item = history.item
    if item.table.reconcile is None:
        return None
    new_control_totals(engine)
    try:
        totals = connector.totals(item, window.zone)
        if totals is None:
            add_unknown(engine, NO_TOTALS)
        else:
            _add_totals(engine, totals)
            _add_all_refused(engine, history, incoming, window)
            _compare(engine, connector, history, window)
    except (ConnectorError, UnreadableError) as error:
        engine.execute("delete from control_totals")
        add_unknown(engine, str(error))
    last = _last_control_totals(history)
    if last is not None and _is_same(engine, last):
        return None
    return write_control_totals(engine, target, history.state_dir)


def _compare(engine: duckdb.DuckDBPyConnection, connector: Connector, history: History, window: PulledWindow) -> None:
    """Name the rows in which source and landing differ."""
    engine.execute(f"create or replace temp table held as {_held(history, window.zone)}")
    # A refused row that has landed since, fixed, is refused no more.
    engine.execute("delete from control_totals where kind = 'refused' and row_key in (select row_key from held)")
    days = [row[0] for row in engine.execute(_DIFFERING_DAYS).fetchall()]
    if not days:
        return
    pulled = connector.rows_on(history.item, days, window.zone, window.scratch)
    table = history.item.table.model_copy(update={"format": pulled.format})
    item = dataclasses.replace(history.item, table=table)
    for rows in open_rows(engine, item, pulled.path, window.scratch, window.zone):
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
        "insert into control_totals select 'refused', shown.day, 1, shown.amount, null, shown.row_key,"
        " 'Released from quarantine with another value.' from shown join held using (row_key)"
        f" where held.is_released and {on_days.format('shown')} and not ({equal.format('held', 'shown')})"
    )
    engine.execute(
        "delete from control_totals where kind = 'refused' and row_key is not null"
        f" and {on_days.format('control_totals')} and row_key not in (select row_key from shown)"
    )
    engine.execute(
        "insert into control_totals select 'late', shown.day, 1, shown.amount, null, shown.row_key, null from shown"
        f" where {on_days.format('shown')} and {_outside(item, window)}"
        f" and not exists (select 1 from held where {equal.format('held', 'shown')})"
        " and row_key not in (select row_key from control_totals where kind = 'refused' and row_key is not null)"
    )
    engine.execute(
        "insert into control_totals select 'copy', shown.day, 1, shown.amount, null, shown.row_key, null from shown"
        f" where {on_days.format('shown')} and not {_outside(item, window)}"
        f" and not exists (select 1 from held where {equal.format('held', 'shown')})"
        " and row_key in (select row_key from held)"
        " and row_key in (select row_key from shown group by row_key having count(*) > 1)"
    )
    engine.execute(
        "insert into control_totals select case when held.is_released then 'released' else 'gone' end, held.day, 1,"
        " held.amount, null, held.row_key, null from held"
        f" where {on_days.format('held')} and not exists (select 1 from shown where {equal.format('shown', 'held')})"
    )


_DIFFERING_DAYS = """
    with expected as (
        select day, count(*) as row_count, coalesce(sum(amount), 0) as amount
        from (select day, amount from held union all select day, amount from control_totals where kind = 'refused')
        group by day
    ),
    told as (
        select day, row_count, coalesce(amount, 0) as amount from control_totals where kind = 'total'
    )
    select coalesce(told.day, expected.day) as day
    from told full join expected on told.day is not distinct from expected.day
    where told.row_count is distinct from expected.row_count or told.amount is distinct from expected.amount
    order by day nulls last
"""


def _outside(item: LandingTable, window: PulledWindow) -> str:
    """Which rows of the source lie outside the pull; all others should have landed."""
    if item.table.cursor is None:
        return "false" if window.is_snapshot else "true"
    bounds = [] if window.low is None else [f"cursor < {_bound(window.low)}"]
    if not window.is_snapshot and window.high is not None:
        bounds.append(f"cursor > {_bound(window.high)}")
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
        "insert into control_totals select 'total', day, sum(row_count), sum(amount), null, null, null from told"
        " group by day"
    )


def _add_all_refused(
    engine: duckdb.DuckDBPyConnection, history: History, incoming: Path | None, window: PulledWindow
) -> None:
    """Rows refused by this load, and those that the last control totals still name."""
    present = history.loads[-1]
    item = history.item
    for part in present.parts:
        if part.quarantined is None or incoming is None:
            continue
        refused = history.state_dir / part.quarantined.path
        table = item.table.model_copy(update={"format": "jsonl" if incoming.suffix == ".jsonl" else "csv"})
        for rows in open_rows(engine, dataclasses.replace(item, table=table), incoming, window.scratch, window.zone):
            stored = f"read_parquet({literal(literal_path(refused))})"
            seen = rows.at(f"select _source_row from {stored}")
            engine.execute(
                "insert into control_totals select 'refused', seen.day, 1, seen.amount, refused._source_row,"
                f" seen.row_key, refused.reason from {stored} as refused"
                f" left join {seen} as seen on seen._row = refused._source_row"
            )
            break
    last = _last_control_totals(history)
    if last is not None:
        engine.execute(
            f"insert into control_totals from read_parquet({literal(literal_path(last))}) where kind = 'refused'"
        )


def _last_control_totals(history: History) -> Path | None:
    for load in reversed(history.loads):
        if load.pull is not None and load.pull.control_totals is not None:
            return history.state_dir / load.pull.control_totals.path
    return None


def _is_same(engine: duckdb.DuckDBPyConnection, last: Path) -> bool:
    earlier = f"select * from read_parquet({literal(literal_path(last))})"
    differing = (
        f"((from control_totals) except all ({earlier})) union all (({earlier}) except all (from control_totals))"
    )
    return not engine.execute(f"select 1 from ({differing}) limit 1").fetchall()
