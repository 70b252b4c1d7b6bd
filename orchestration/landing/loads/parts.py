"""One source file landed: accepted rows to Parquet, refused rows to quarantine, none lost between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from cx_assets.contracts.entity import NUMERIC_TYPES, TEMPORAL_TYPES
from orchestration.declaration.connections import DeleteFlag
from orchestration.declaration.tables import LandingTable
from orchestration.ground.durable import file_sha256, sync_file
from orchestration.ground.faults import boundary
from orchestration.ground.sql_text import known_key_sql, literal, literal_path, quoted
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import cast_sql, defaulted_sql, plain_cast_sql, reason_of, violation_sql
from orchestration.landing.formats.readers import open_reading
from orchestration.landing.formats.reading import Reading
from orchestration.landing.formats.records import NOT_AN_OBJECT
from orchestration.landing.loads.manifest import ColumnRange, Part, SourceFile, StoredFile
from orchestration.landing.quarantine.refused_file import Quarantine, open_quarantine

_FETCH_ROWS = 10_000


@dataclass(frozen=True)
class PartTarget:
    """Where one file's rows go, and what they carry.

    Attributes:
        state_dir: Root of the stored paths.
        landed: Parquet of accepted rows.
        quarantined: Parquet of refused rows.
        scratch: Folder for passing files.
        load_id: Load that they belong to.
        sequence: Its sequence.
        landed_at: When the load is landed.
    """

    state_dir: Path
    landed: Path
    quarantined: Path
    scratch: Path
    load_id: str
    sequence: int
    landed_at: datetime


@dataclass(frozen=True)
class LoadTarget:
    """Where a load's files go.

    Attributes:
        landed, quarantined: Folders of the load.
        scratch: Folder for passing files.
        state_dir: Root of the stored paths.
        load_id, sequence, landed_at: Of the load.
    """

    landed: Path
    quarantined: Path
    scratch: Path
    state_dir: Path
    load_id: str
    sequence: int
    landed_at: datetime

    def part(self, number: int) -> PartTarget:
        """Files of one part."""
        name = f"part-{number:04d}.parquet"
        return self._part(self.landed / name, self.quarantined / name)

    def passing(self) -> PartTarget:
        """Files of rows that are compared before they land."""
        return self._part(self.scratch / "incoming.parquet", self.scratch / "refused.parquet")

    def _part(self, landed: Path, quarantined: Path) -> PartTarget:
        return PartTarget(
            self.state_dir, landed, quarantined, self.scratch, self.load_id, self.sequence, self.landed_at
        )


def land_part(
    connection: duckdb.DuckDBPyConnection,
    item: LandingTable,
    path: Path,
    described: SourceFile,
    target: PartTarget,
) -> Part:
    """Land one file; memory stays bounded whatever its size.

    Raises:
        LandingError: The file is not what company.yml says, or records would be lost or doubled.
    """
    with open_quarantine(target.quarantined, target.load_id, target.sequence, described.path) as quarantine:
        try:
            reading = open_reading(connection, item, path, described.path, target.scratch, quarantine)
            landed_count, defaulted = _land(connection, item, reading, described, target, quarantine)
        except duckdb.Error as error:
            raise LandingError(_engine_message(item, described, error)) from error
    if landed_count + quarantine.row_count != reading.record_count():
        raise LandingError(
            f"{item.landing_name}: {described.path} has {reading.record_count()} records, but {landed_count}"
            f" would land and {quarantine.row_count} go to quarantine; nothing was landed"
        )
    _stop_at_invalid(item, reading, described, quarantine)
    schema: dict[str, str] = {column.name: column.type for column in reading.columns}
    part = rows_part(connection, target, described, schema, landed_count, quarantine.row_count)
    return replace(
        part,
        reasons=quarantine.reasons,
        undeclared={column.name: column.header for column in reading.columns if not column.is_declared},
        defaulted=defaulted,
    )


def _stop_at_invalid(item: LandingTable, reading: Reading, described: SourceFile, quarantine: Quarantine) -> None:
    for column in reading.columns:
        count = sum(n for (rule, _), n in quarantine.counts.items() if rule == f"{column.name}_type")
        if count and column.if_invalid == "stop":
            raise LandingError(
                f"{item.landing_name}: {described.path} has {count} row(s) whose {column.name} is no valid"
                f" {column.type}, and company.yml says if_invalid: stop; nothing was landed. Fix the source,"
                " or declare another type or if_invalid"
            )


def _land(
    connection: duckdb.DuckDBPyConnection,
    item: LandingTable,
    reading: Reading,
    described: SourceFile,
    target: PartTarget,
    quarantine: Quarantine,
) -> tuple[int, dict[str, int]]:
    judged = _judged_sql(item, reading)
    try:
        with _casts_once(connection):
            landed_count = _copy_accepted(connection, reading, judged, described, target, _deleted_sql(item))
            boundary("mid_parquet", half_written=target.landed)
            if landed_count + quarantine.row_count != reading.record_count():
                refused = _not_landed(reading, target)
                _quarantine_refused(connection, refused, _judged_sql(item, refused), quarantine, item.table.key)
            defaulted = _defaulted(connection, reading, judged)
    except duckdb.Error:
        reading.failed()
        raise
    return landed_count, defaulted


def _defaulted(connection: duckdb.DuckDBPyConnection, reading: Reading, judged: str) -> dict[str, int]:
    """Values of landed rows that were invalid and gave way to the column's default, by column."""
    names = {n: column.name for n, column in enumerate(reading.columns) if column.if_invalid == "default"}
    if not names:
        return {}
    reading.opened()
    counts = ", ".join(f"count(*) filter (where _defaulted{n})" for n in names)
    row = connection.execute(f"select {counts} from {judged} where _rule is null").fetchone() or ()
    return {name: count for name, count in zip(names.values(), row, strict=True) if count}


@contextmanager
def _casts_once(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    # A filter on the rule that is pushed below the casts repeats each of them: twice the time, nothing gained.
    connection.execute("set disabled_optimizers = 'filter_pushdown'")
    yield
    connection.execute("reset disabled_optimizers")


def rows_part(
    connection: duckdb.DuckDBPyConnection,
    target: PartTarget,
    source: SourceFile,
    schema: dict[str, str],
    landed_count: int,
    quarantined_count: int,
) -> Part:
    """Describe a part whose files are written; reasons and undeclared columns are the caller's."""
    sums, ranges, maxima = _statistics(connection, schema, target)
    return Part(
        source=source,
        record_count=landed_count + quarantined_count,
        landed=stored_file(target.landed, landed_count, target.state_dir),
        quarantined=stored_file(target.quarantined, quarantined_count, target.state_dir) if quarantined_count else None,
        reasons=(),
        schema=dict(schema),
        undeclared={},
        sums=sums,
        ranges=ranges,
        maxima=maxima,
    )


def _judged_sql(item: LandingTable, reading: Reading) -> str:
    """Subquery with the cast columns, `_row`, `_raw`, and `_rule`: the first broken rule or null."""
    # Raw values get names of their own, because a cast column may be called like one of them.
    columns = [replace(column, raw=f"_raw{n}") for n, column in enumerate(reading.columns)]
    raw_values = [f"{column.value} as _raw{n}" for n, column in enumerate(reading.columns)]
    plain = {n: sql for n, column in enumerate(columns) if (sql := plain_cast_sql(column, item.table.options))}
    columns = [replace(column, plain=f"_plain{n}" if n in plain else None) for n, column in enumerate(columns)]
    options, zone = item.table.options, item.table.time_zone
    values = [cast_sql(column, options, zone) for column in columns]
    casts = [
        f"{defaulted_sql(column, cast, options, zone)} as {quoted(column.name)}"
        for column, cast in zip(columns, values, strict=True)
    ]
    casts += [
        f"({cast} is null and {column.has_value}) as _defaulted{n}"
        for n, (column, cast) in enumerate(zip(columns, values, strict=True))
        if column.if_invalid == "default"
    ]
    rules = ["case when _is_malformed then " + literal(NOT_AN_OBJECT.rule) + " end"]
    rules += [sql for column in columns if (sql := violation_sql(column, quoted(column.name))) is not None]
    read = ", ".join(
        [
            f"{reading.row} as _row",
            f"{reading.raw_json or 'null'} as _raw",
            f"{reading.malformed or 'false'} as _is_malformed",
            *raw_values,
        ]
    )
    tried = ", ".join(["*", *(f"{sql} as _plain{n}" for n, sql in plain.items())])
    cast = f"select *, {', '.join(casts)} from (select {tried} from (select {read} from {reading.relation}))"
    return f"(select *, coalesce({', '.join(rules)}) as _rule from ({cast}))"


def _copy_accepted(
    connection: duckdb.DuckDBPyConnection,
    reading: Reading,
    judged: str,
    described: SourceFile,
    target: PartTarget,
    is_deleted: str,
) -> int:
    names = ", ".join(quoted(column.name) for column in reading.columns)
    reading.opened()
    copied = connection.execute(
        f"copy (select {names}, {literal(target.load_id)} as _load_id,"
        f" cast({target.sequence} as bigint) as _load_sequence, {literal(described.path)} as _source_file,"
        f" cast(_row as bigint) as _source_row, {is_deleted} as _is_deleted from {judged} where _rule is null)"
        f" to {literal(target.landed)} (format parquet, compression zstd)"
    ).fetchone()
    return int(copied[0]) if copied else 0


def _deleted_sql(item: LandingTable) -> str:
    """Whether the source marks a row as deleted."""
    if not isinstance(item.table.deletes, DeleteFlag):
        return "false"
    column = item.table.deletes.column
    name = quoted(column)
    if item.table.deletes.values:
        values = ", ".join(literal(value.lower()) for value in item.table.deletes.values)
        return f"coalesce(lower(trim({name})) in ({values}), false)"
    return f"coalesce({name}, false)" if item.table.columns[column].type == "boolean" else f"({name} is not null)"


def _not_landed(reading: Reading, target: PartTarget) -> Reading:
    """The rows of a file that its landed part lacks: a few, of which words are made."""
    landed = f"read_parquet({literal(literal_path(target.landed))})"
    numbered = f"(select *, {reading.row} as _cx_file_row from {reading.relation}) as numbered"
    relation = f"(select numbered.* from {numbered} anti join {landed} as landed on _cx_file_row = landed._source_row)"
    return replace(reading, relation=relation, row="_cx_file_row")


def _quarantine_refused(
    connection: duckdb.DuckDBPyConnection, reading: Reading, judged: str, quarantine: Quarantine, key: tuple[str, ...]
) -> None:
    # Ordered, since the engine reads a large file in parallel while the records are followed from first to last.
    reading.opened()
    has_key = set(key) <= {column.name for column in reading.columns}
    values = f"_row, _rule, _raw, {known_key_sql(key if has_key else ())}"
    cursor = connection.execute(f"select {values} from {judged} where _rule is not null order by _row")
    for row, rule, raw, key_text in _fetched(cursor):
        reason = NOT_AN_OBJECT.reason if rule == NOT_AN_OBJECT.rule else reason_of(rule, reading.columns)
        if reading.record_at is None:
            quarantine.add(row, None, rule, reason, str(raw), key_text)
        elif (record := reading.record_at(row)) is None:
            raise LandingError("a refused row has no record: the file changed while it was read; run again")
        else:
            quarantine.add(row, record.line, rule, reason, record.raw, key_text)


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str, str | None, str | None]]:
    while rows := cursor.fetchmany(_FETCH_ROWS):
        yield from rows


def _statistics(
    connection: duckdb.DuckDBPyConnection, schema: dict[str, str], target: PartTarget
) -> tuple[dict[str, str | None], dict[str, ColumnRange], dict[str, str | None]]:
    """Sums, ranges and maxima of what was written, read back from the file."""
    numeric = [name for name, kind in schema.items() if kind in NUMERIC_TYPES]
    temporal = [name for name, kind in schema.items() if kind in TEMPORAL_TYPES]
    whole = [name for name, kind in schema.items() if kind == "bigint"]
    landed_at = f"cast({literal(target.landed_at.replace(tzinfo=None).isoformat(' '))} as timestamp)"
    selected = ["count(*)"]
    for column in numeric:
        # Doubles are summed as decimals: a sum of doubles depends on the order in which threads finish.
        value = quoted(column)
        value = f"try_cast({value} as decimal(30,6))" if schema[column] == "double" else value
        selected.append(f"cast(sum({value}) as varchar)")
    for column in temporal:
        name = quoted(column)
        selected += [
            f"cast(min({name}) as varchar)",
            f"cast(max({name}) as varchar)",
            f"cast(max({name}) filter (where {name} <= {landed_at}) as varchar)",
        ]
    selected += [f"cast(max({quoted(column)}) as varchar)" for column in whole]
    path = literal(literal_path(target.landed))
    row = connection.execute(f"select {', '.join(selected)} from read_parquet({path})").fetchone() or ()
    sums = {column: row[1 + n] for n, column in enumerate(numeric)}
    start = 1 + len(numeric)
    ranges = {column: ColumnRange(*row[start + 3 * n : start + 3 * n + 3]) for n, column in enumerate(temporal)}
    start += 3 * len(temporal)
    return sums, ranges, {column: row[start + n] for n, column in enumerate(whole)}


def stored_file(path: Path, rows: int, state_dir: Path) -> StoredFile:
    """Describe a file of a load once it is on disk for good."""
    sync_file(path)
    return StoredFile(path.relative_to(state_dir).as_posix(), rows, path.stat().st_size, file_sha256(path))


def _engine_message(item: LandingTable, described: SourceFile, error: duckdb.Error) -> str:
    """The engine's own text may quote values of the file, so only its kind is repeated, except for formats."""
    if "format specifier" in str(error):
        return f"{item.landing_name}: company.yml gives a date or timestamp format that does not exist"
    return (
        f"{item.landing_name}: {described.path} could not be read ({type(error).__name__});"
        " check its format and options in company.yml, the free disk space and the memory"
    )
