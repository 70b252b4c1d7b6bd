"""Feeds: which tables bring which entity, the days on which they have rows, and the table run.feed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.declaration.company import STAGING_FILE, Company
from orchestration.declaration.staging_check import LANDING, read_staging
from orchestration.declaration.staging_filters import counted_table
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, literal_path, quoted
from orchestration.ground.workspace import memory_limit
from orchestration.ground.zones import local_date_macro
from orchestration.landing.control_totals.totals import standing_parts
from orchestration.landing.loads.manifest import Manifest, Part
from orchestration.landing.loads.manifests import current_parts
from orchestration.snapshots.completeness import Feed, feed_of_days

UNMAPPED = "unmapped"
"""Entity of a table that no staging model reads: it stands in the list and leads no date."""


def read_feeds(company: Company, manifests: Sequence[Manifest], state_dir: Path) -> list[Feed]:
    """Every feed of the company, in order of source and entity, as far as the loads reach.

    Args:
        company: The company.
        manifests: All loads that the run reads.
        state_dir: Folder that the paths of the manifests start from.
    """
    loads = current_parts(manifests)
    feeds = []
    with duckdb.connect() as engine:
        engine.execute("set memory_limit = ?", [memory_limit()])
        engine.execute("set temp_directory = ?", [str(state_dir / "warehouse" / "spill")])
        engine.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        engine.execute(local_date_macro(company.time_zone))
        for (source_name, entity), items in sorted(_tables_by_feed(company).items()):
            counts: dict[date, int] = {}
            for item in items:
                for day, count in _days(engine, item, loads, state_dir):
                    counts[day] = counts.get(day, 0) + count
            name = f"{source_name}.{entity}"
            feeds.append(
                feed_of_days(
                    source_name,
                    entity,
                    [item.table_name for item in items],
                    sorted(counts.items()),
                    is_ended=name in company.feeds.ended,
                )
            )
    return feeds


def feed_rows(feeds: Sequence[Feed]) -> pd.DataFrame:
    """The rows of run.feed."""
    columns = [
        *("source_name", "entity", "table_names", "is_transaction", "is_judged", "is_ended"),
        *("row_count", "stray_row_count", "latest_event_date", "complete_until_date", "usual_silence_days"),
    ]
    rows = [
        {**vars(feed), "table_names": ", ".join(feed.tables), "is_transaction": feed.is_transaction} for feed in feeds
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({name: object for name in ("latest_event_date", "complete_until_date")})


def _tables_by_feed(company: Company) -> dict[tuple[str, str], list[LandingTable]]:
    dated = {item.landing_name: item for item in company.tables() if item.table.event_time is not None}
    found: dict[tuple[str, str], list[LandingTable]] = {}
    mapped: set[str] = set()
    for entity, names in _staged_tables(company):
        for item in [dated[name] for name in names if name in dated]:
            mapped.add(item.landing_name)
            known = found.setdefault((item.source_name, entity), [])
            if item not in known:
                known.append(item)
    for name, item in dated.items():
        if name not in mapped:
            found.setdefault((item.source_name, UNMAPPED), []).append(item)
    return found


def _staged_tables(company: Company) -> Iterator[tuple[str, list[str]]]:
    """Entity of every staging model, and the landing tables whose events are its own.

    That is the table whose rows it counts, where that one is dated; otherwise all that it reads: an item takes the day
    of its order.
    """
    dated = {item.landing_name for item in company.tables() if item.table.event_time is not None}
    for path in sorted((company.folder / "staging").rglob("*.sql"), key=lambda file: file.name):
        match = STAGING_FILE.match(path.name)
        reading = read_staging(path.read_text(encoding="utf-8")) if match else None
        if match is None or reading is None:
            continue
        counted = counted_table(reading)
        read = [table for schema, table in dict.fromkeys(reading.sources) if schema == LANDING]
        yield match[2], [counted] if counted in dated else read


def _days(
    engine: duckdb.DuckDBPyConnection, item: LandingTable, loads: Sequence[Manifest], state_dir: Path
) -> list[tuple[date, int]]:
    """Days in the company's zone on which rows of the table happened, and how many.

    What lies after its own landing has not happened: one year mistyped must not move the whole company.
    """
    column = item.table.event_time
    own = [load for load in loads if load.landing_name == item.landing_name]
    # Without a key nothing tells a corrected row from its earlier version but the file that holds it.
    is_by_file = item.is_of_files and (not item.table.key or item.table.is_full_export)
    standing = standing_parts(own) if is_by_file else [part for load in own for part in load.parts]
    parts = [part for part in standing if _has_events(part, column)]
    if column is None or not parts:
        return []
    landed = pd.DataFrame({"load_sequence": [load.sequence for load in own], "at": [load.landed_at for load in own]})
    engine.register("landed", landed)
    is_date = item.table.columns[column].type == "date"
    event = f"event.{quoted(column)}"
    day = f"cast({event} as date)" if is_date else f"main.local_date({event})"
    paths = ", ".join(literal(literal_path(state_dir / part.landed.path)) for part in parts)
    at = "timezone('UTC', cast(landed.at as timestamptz))"
    bound = f"{day} <= main.local_date({at})" if is_date else f"{event} <= {at}"
    told = [quoted(column), "_load_sequence", "_is_deleted"]
    rows = f"(select {', '.join(told)} from read_parquet([{paths}], union_by_name=true))"
    if item.table.key:
        rows = _newest(told, [quoted(name) for name in item.table.key], paths)
    return engine.execute(
        f"select {day} as day, count(*) from (from {rows} where not coalesce(_is_deleted, false)) as event"
        f" inner join landed on event._load_sequence = landed.load_sequence where {bound} group by all order by all"
    ).fetchall()


def _newest(columns: list[str], key_columns: list[str], paths: str) -> str:
    """The newest row of each key: what was said before of it says nothing of how far the feed is complete.

    Rows are ranked only where a key may come again: few are compared, whatever the size of the table.
    """
    told, key = ", ".join(columns), ", ".join(key_columns)
    read = ", ".join(dict.fromkeys([*columns, *key_columns, "_source_row"]))
    return f"""(
        with keyed as (
            select {read}, hash({key}) as _key_hash
            from read_parquet([{paths}], union_by_name=true)
        ),
        again as (select _key_hash from keyed group by _key_hash having count(*) > 1),
        ranked as (
            select
                {told},
                row_number() over (partition by {key} order by _load_sequence desc, _source_row desc) as _rank
            from keyed semi join again using (_key_hash)
        )
        select {told} from keyed anti join again using (_key_hash)
        union all
        select {told} from ranked where _rank = 1
    )"""


def _has_events(part: Part, column: str | None) -> bool:
    found = part.ranges.get(column or "")
    return found is not None and found.latest is not None
