"""What a pull adds to what has landed: new rows, new refusals, keys that the source no longer has."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.connectors import Pulled
from orchestration.declaration.connections import CompareKeys
from orchestration.declaration.tables import LandingTable
from orchestration.ground.durable import file_sha256
from orchestration.ground.sql_text import known_key_sql, literal, literal_path, quoted
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import RawColumn, cast_sql
from orchestration.landing.loads.manifest import Manifest, Part, SourceFile
from orchestration.landing.loads.parts import PartTarget, rows_part
from orchestration.landing.quarantine.refused_file import moved_quarantine

MIN_JUDGED_KEYS = 100
"""Below this number of keys a share is taken of it: one row of three is no emptied table."""
MIN_TABLE_KEYS = 10
"""From this number of keys on, more than half of them gone at once is one all the same; so are all of any number."""
_LINEAGE = "_load_id, _load_sequence, _source_file, _source_row, _is_deleted"


@dataclass(frozen=True)
class History:
    """The current loads of one pulled table.

    Attributes:
        item: The table.
        loads: Its current loads under the present declaration, oldest first.
        state_dir: Root of the stored paths.
    """

    item: LandingTable
    loads: list[Manifest]
    state_dir: Path

    @property
    def columns(self) -> dict[str, str]:
        """Every landed column with its type."""
        return {name: kind for load in self.loads for part in load.parts for name, kind in part.schema.items()}

    def landed(self, columns: dict[str, str]) -> str:
        """SQL of all landed rows with the given columns (null where they never landed) and the lineage."""
        files = [part.landed.path for load in self.loads for part in load.parts]
        paths = ", ".join(literal(literal_path(self.state_dir / path)) for path in files)
        values = _values(columns, self.columns)
        return f"(select {values}, {_LINEAGE} from read_parquet([{paths}], union_by_name=true))"

    def present(self, columns: dict[str, str]) -> str:
        """SQL of the newest version of every key that is not known as deleted."""
        cursor = self.item.table.cursor
        newest = f"{quoted(cursor.column)} desc nulls last, " if cursor else ""
        key = ", ".join(quoted(name) for name in self.item.table.key)
        ranked = (
            f"select *, row_number() over (partition by {key}"
            f" order by _load_sequence desc, {newest}_source_row desc) as _rank from {self.landed(columns)}"
        )
        return f"(select * exclude (_rank) from ({ranked}) where _rank = 1 and not _is_deleted)"

    def known(self, columns: dict[str, str], arrived: str) -> str:
        """SQL of the landed rows of which another copy is nothing new.

        Without a cursor the present version: a row may go back to what it was. With one the last version of each value
        of the cursor, since a change may leave it as it was, or null; where a key comes several times with one value
        (`arrived` is SQL of what came), every version, since then none of them has replaced another.
        """
        cursor = self.item.table.cursor
        if cursor is None:
            return self.present(columns)
        names = list(dict.fromkeys([*self.item.table.key, cursor.column]))
        listed = ", ".join(quoted(name) for name in names)
        came = f"(select {listed}, count(*) as _copies from ({arrived}) group by all)"
        partition = ", ".join(f"landed.{quoted(name)}" for name in names)
        return (
            "(select * exclude (_copies, _newest) from (select landed.*, came._copies,"
            f" max(landed._load_sequence) over (partition by {partition}) as _newest"
            f" from {self._since_deletion(columns)} as landed join {came} as came on {_equal(names, 'landed', 'came')})"
            " where _copies > 1 or _load_sequence = _newest)"
        )

    def _since_deletion(self, columns: dict[str, str]) -> str:
        """SQL of the landed rows, those apart that landed before their key was last found deleted."""
        if not isinstance(self.item.table.deletes, CompareKeys):
            return self.landed(columns)
        key = self.item.table.key
        gone = (
            f"(select {', '.join(quoted(name) for name in key)}, max(_load_sequence) as _gone_sequence"
            f" from {self.landed(columns)} where _is_deleted group by all)"
        )
        return (
            f"(select landed.* from {self.landed(columns)} as landed"
            f" left join {gone} as gone on {_equal(key, 'landed', 'gone')}"
            " where gone._gone_sequence is null or landed._load_sequence > gone._gone_sequence)"
        )

    def refused(self) -> list[Path]:
        """Quarantine files of the loads."""
        files = [part.quarantined for load in self.loads for part in load.parts]
        return [self.state_dir / file.path for file in files if file is not None]


def new_rows(
    engine: duckdb.DuckDBPyConnection,
    history: History,
    incoming: Part,
    passing: PartTarget,
    target: PartTarget,
    *,
    is_full: bool,
) -> Part:
    """Keep what had not landed and had not been refused before, of what came in.

    Args:
        engine: An in-memory engine.
        history: What has landed.
        incoming: The pull as read into passing files.
        passing: Those files.
        target: Files of the new part.
        is_full: Whether the whole table came; its key must then be unique where no cursor tells versions apart.

    Raises:
        LandingError: The key is not unique.
    """
    if is_full:
        check_unique(engine, history.item, passing)
    came = f"read_parquet({literal(literal_path(passing.landed))})"
    columns: dict[str, str] = {**history.columns, **incoming.schema}
    arrived = f"select {_values(columns, incoming.schema)}, {_LINEAGE} from {came}"
    if not history.item.capabilities.is_of_one_moment:
        # Pages of an API may come twice.
        names = ", ".join(quoted(name) for name in columns)
        ranked = f"select *, row_number() over (partition by {names} order by _source_row) as _copy from ({arrived})"
        arrived = f"select * exclude (_copy) from ({ranked}) where _copy = 1"
    news = f"anti join {history.known(columns, arrived)} as known on {_equal(columns)}" if history.loads else ""
    select = f"select incoming.* from ({arrived}) as incoming {news} order by incoming._source_row"
    count = _copy(engine, select, target)
    reasons, refused_count = moved_quarantine(engine, passing.quarantined, history.refused(), target.quarantined)
    part = rows_part(engine, target, incoming.source, columns, count, refused_count)
    return dataclasses.replace(part, reasons=reasons, undeclared=incoming.undeclared, defaulted=incoming.defaulted)


def deleted_rows(
    engine: duckdb.DuckDBPyConnection, history: History, keys: Pulled, target: PartTarget, *, rows_before: int
) -> Part | None:
    """Write the last version of every key that the source no longer has, marked as deleted; None when all are there.

    Args:
        engine: An in-memory engine.
        history: What has landed.
        keys: All keys that the source has.
        target: Files of the part.
        rows_before: Rows that the same load was sent. Numbers go on after them: load, file and row name one row.

    Raises:
        LandingError: More keys are gone than `max_share` allows: rather an emptied or exchanged table.
    """
    item = history.item
    casts = ", ".join(f"{_key_cast(item, name, n)} as {quoted(name)}" for n, name in enumerate(item.table.key))
    names = ", ".join(f"{literal(f'k{n}')}: 'VARCHAR'" for n in range(len(item.table.key)))
    there = (
        f"(select {casts} from read_csv({literal(literal_path(keys.path))}, auto_detect=false, header=true, delim=',',"
        f" quote='\"', escape='\"', columns={{{names}}}))"
    )
    source = SourceFile(item.address, keys.path.stat().st_size, file_sha256(keys.path), 0, 0)
    gone = f"from {history.present(history.columns)} as incoming anti join {there} as known on {_equal(item.table.key)}"
    if not _judged_gone(engine, history, gone):
        return None
    return _marked_deleted(engine, history, gone, target, source, rows_before)


@dataclass(frozen=True)
class Departed:
    """Keys that left a full export: their part, and how many were withheld although they are missing."""

    part: Part | None
    withheld: int


def departed_rows(
    engine: duckdb.DuckDBPyConnection,
    history: History,
    there: str,
    target: PartTarget,
    source: SourceFile,
    *,
    is_withheld: bool,
) -> Departed:
    """Write the last version of every key that is not `there` any more, marked as deleted.

    Args:
        engine: An in-memory engine.
        history: What has landed, the present export included.
        there: SQL of the keys that the export has, as text in `row_key`.
        target: Files of the part.
        source: What the part says it came from.
        is_withheld: Count the keys, but let them stay.

    Raises:
        LandingError: More keys are gone than the table allows: rather an emptied or exchanged file.
    """
    key = known_key_sql(history.item.table.key)
    # A row without its whole key cannot be told from others: it never counts as gone.
    present = f"(from (select *, {key} as _key from {history.present(history.columns)}) where _key is not null)"
    gone = f"from {present} as incoming anti join {there} as known on incoming._key = known.row_key"
    gone_count = _judged_gone(engine, history, gone)
    if not gone_count or is_withheld:
        return Departed(None, gone_count)
    part = _marked_deleted(engine, history, gone, target, source, 0)
    return Departed(dataclasses.replace(part, is_departure=True), 0)


def _judged_gone(engine: duckdb.DuckDBPyConnection, history: History, gone: str) -> int:
    """How many keys are gone, once they are few enough to be believed."""
    item = history.item
    gone_count = _count(engine, gone)
    if not gone_count:
        return 0
    total = _count(engine, f"from {history.present(history.columns)}")
    limit = item.table.max_deleted_share
    is_emptied = limit < 1 and (gone_count == total > 1 or (total >= MIN_TABLE_KEYS and gone_count * 2 > total))
    if is_emptied or gone_count / max(total, MIN_JUDGED_KEYS) > limit:
        raise LandingError(
            f"{item.landing_name}: {gone_count} of {total} keys are no longer in {item.address}, more than"
            f" deletes.max_share ({limit:g}) allows; nothing was landed. If they were really deleted, raise max_share"
        )
    return gone_count


def _marked_deleted(
    engine: duckdb.DuckDBPyConnection,
    history: History,
    gone: str,
    target: PartTarget,
    source: SourceFile,
    rows_before: int,
) -> Part:
    item, columns = history.item, history.columns
    order = ", ".join(f"incoming.{quoted(name)}" for name in item.table.key)
    select = (
        f"select {', '.join(f'incoming.{quoted(name)}' for name in columns)}, {literal(target.load_id)} as _load_id,"
        f" cast({target.sequence} as bigint) as _load_sequence, {literal(source.path)} as _source_file,"
        f" {rows_before} + row_number() over (order by {order}) as _source_row, true as _is_deleted {gone}"
        " order by _source_row"
    )
    count = _copy(engine, select, target)
    return rows_part(engine, target, source, columns, count, 0)


def check_unique(engine: duckdb.DuckDBPyConnection, item: LandingTable, came: PartTarget) -> None:
    """Refuse a whole table whose key stands on several rows, where no cursor tells versions apart.

    Raises:
        LandingError: It does.
    """
    if item.table.cursor is not None:
        return
    relation = f"read_parquet({literal(literal_path(came.landed))})"
    key = ", ".join(quoted(name) for name in item.table.key)
    repeated = _count(engine, f"from (select {key} from {relation} group by all having count(*) > 1)")
    if repeated:
        raise LandingError(
            f"{item.landing_name}: {repeated} keys ({', '.join(item.table.key)}) stand on several rows of"
            f" {item.address}: declare the columns that tell its rows apart, or a cursor"
        )


def _key_cast(item: LandingTable, name: str, position: int) -> str:
    column = item.table.columns[name]
    raw = RawColumn(name, column.type, name, f"k{position}", "VARCHAR")
    return cast_sql(raw, item.table.options, item.table.time_zone)


def _values(columns: dict[str, str], held: dict[str, str]) -> str:
    return ", ".join(
        f"cast({quoted(name) if name in held else 'null'} as {kind}) as {quoted(name)}"
        for name, kind in columns.items()
    )


def _equal(names: Iterable[str], left: str = "incoming", right: str = "known") -> str:
    return " and ".join(f"{left}.{quoted(name)} is not distinct from {right}.{quoted(name)}" for name in names)


def _copy(engine: duckdb.DuckDBPyConnection, select: str, target: PartTarget) -> int:
    row = engine.execute(f"copy ({select}) to {literal(target.landed)} (format parquet, compression zstd)").fetchone()
    return int(row[0]) if row else 0


def _count(engine: duckdb.DuckDBPyConnection, origin: str) -> int:
    row = engine.execute(f"select count(*) {origin}").fetchone()
    return int(row[0]) if row else 0
