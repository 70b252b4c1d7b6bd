"""One source file as a relation of raw values, for each format. Casting is in `casting`, writing in `parts`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, quoted
from orchestration.landing.errors import LandingError
from orchestration.landing.formats import records
from orchestration.landing.formats.casting import RawColumn
from orchestration.landing.formats.columns import labels_of, match_columns, one_spelling
from orchestration.landing.formats.csv_stream import CsvStream
from orchestration.landing.formats.excel_stream import ExcelStream, WorkbookError
from orchestration.landing.formats.records import LINE_DELIMITER, Record
from orchestration.landing.quarantine.refused_file import Quarantine

T = TypeVar("T")

READING_VERSIONS = {"excel": 1}
"""By format: raise it when the same file would be read to other raw values; files of that format are landed again."""
_FREE_ROWS, _ROWS_PER_BYTE = 1_000_000, 2
"""Rows that any Parquet file may have, and for each byte of a larger one: rows that differ take more than four bits."""
_STREAM = "landing_stream"
_LINE_LIMIT = "max_line_size=16777216, buffer_size=33554432"


@dataclass(frozen=True)
class Reading:
    """A file ready to be cast.

    Attributes:
        relation: SQL relation with one row per well-formed record, in file order.
        row: SQL of the record's position in the file, from 1.
        columns: Columns as they land.
        record_count: Gives the records in the file, counted apart from the engine's reader, once it was read.
        malformed: SQL that is TRUE for a record that the format refuses after all; None when there is none.
        raw_json: SQL of the row as JSON, for formats without text.
        opened: Opens the relation for one reading.
        failed: Raises what the engine met in the relation and only repeats as text.
        record_at: Gives a record by its row, for the raw text of those that cannot be cast; rows ascend.
    """

    relation: str
    row: str
    columns: list[RawColumn]
    record_count: Callable[[], int]
    malformed: str | None = None
    raw_json: str | None = None
    opened: Callable[[], None] = lambda: None
    failed: Callable[[], None] = lambda: None
    record_at: Callable[[int], Record | None] | None = None


def open_reading(
    connection: duckdb.DuckDBPyConnection,
    item: LandingTable,
    path: Path,
    source_file: str,
    scratch: Path,
    quarantine: Quarantine,
) -> Reading:
    """Prepare a file; records that are not well formed go to quarantine at once.

    Args:
        connection: An in-memory engine.
        item: The table.
        path: The file.
        source_file: Its name for messages.
        scratch: Folder for a clean copy of text files; the caller removes it.
        quarantine: Takes malformed records.

    Raises:
        LandingError: The file as a whole is not what company.yml says; see `columns` for its columns.
    """
    if item.format == "csv":
        return _csv(connection, item, path, source_file, quarantine)
    if item.format == "jsonl":
        return _jsonl(connection, item, path, source_file, scratch, quarantine)
    if item.format == "excel":
        return _excel(connection, item, path, source_file, scratch, quarantine)
    return _parquet(connection, item, path, source_file)


def _csv(
    connection: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str, quarantine: Quarantine
) -> Reading:
    stream = _csv_stream(item, path, source_file)
    columns = match_columns(item, source_file, stream.headers, [(name, "VARCHAR") for name in stream.names[1:]])
    quarantine.header = labels_of(stream.headers, columns, stream.names[1:])
    quarantine.encoding = records.byte_encoding_of(path, item.table.options)
    is_first = True

    def opened() -> None:
        nonlocal is_first
        # What is not well formed goes to quarantine once, however often the file is read.
        connection.register(_STREAM, stream.reader(quarantine if is_first else None))
        is_first = False

    def counted() -> int:
        return stream.record_count

    def failed() -> None:
        if isinstance(stream.failure, UnicodeError):
            raise _encoding_error(item, source_file, stream.failure) from stream.failure

    return Reading(_STREAM, "_row", columns, counted, opened=opened, failed=failed, record_at=stream.record_at)


def _excel(
    connection: duckdb.DuckDBPyConnection,
    item: LandingTable,
    path: Path,
    source_file: str,
    scratch: Path,
    quarantine: Quarantine,
) -> Reading:
    stream = _excel_stream(item, path, source_file, scratch)
    columns = match_columns(item, source_file, stream.headers, [(name, "VARCHAR") for name in stream.names[1:]])
    stream.labels = labels_of(stream.headers, columns, stream.names[1:])
    # An error in a column that nobody declared is text; in a declared one it costs the row.
    stream.types = {stream.names.index(c.raw) - 1: c.type for c in columns if c.is_declared and c.raw in stream.names}
    is_first = True

    def opened() -> None:
        nonlocal is_first
        connection.register(_STREAM, stream.reader(quarantine if is_first else None))
        is_first = False

    def counted() -> int:
        return stream.record_count

    def failed() -> None:
        if stream.failure is not None:
            raise _workbook_error(item, source_file, stream.failure) from stream.failure

    return Reading(_STREAM, "_row", columns, counted, opened=opened, failed=failed, record_at=stream.record_at)


def _excel_stream(item: LandingTable, path: Path, source_file: str, scratch: Path) -> ExcelStream:
    try:
        return ExcelStream.of(path, item.table.options, scratch)
    except WorkbookError as error:
        raise _workbook_error(item, source_file, error) from error


def _workbook_error(item: LandingTable, source_file: str, error: WorkbookError) -> LandingError:
    return LandingError(f"{item.landing_name}: {source_file}: {error}")


def _jsonl(
    connection: duckdb.DuckDBPyConnection,
    item: LandingTable,
    path: Path,
    source_file: str,
    scratch: Path,
    quarantine: Quarantine,
) -> Reading:
    options = item.table.options
    quarantine.encoding = records.byte_encoding_of(path, options)

    def read() -> Iterator[Record]:
        return records.json_records(path, options)

    clean = scratch / "records.jsonl"
    count = _checked(lambda: _write_clean(read(), clean, quarantine), item, source_file)
    lines = _read_lines(clean)
    valid = "case when json_valid(_line) then _line end"  # `and` does not guard
    is_object = f"coalesce(json_type({valid}) = 'OBJECT', false)"
    # The lines of a file have few shapes; to look at each line's names once more would double the time.
    names = connection.execute(
        f"with shape as (select distinct json_keys(case when {is_object} then _line end) as names from {lines})"
        " select name, bool_or(is_repeated) from (select unnest(names) as name,"
        " len(names) > len(list_distinct(names)) as is_repeated from shape) group by name order by name"
    ).fetchall()
    if any(is_repeated for _, is_repeated in names):
        is_object += f" and len(json_keys({valid})) = len(list_distinct(json_keys({valid})))"
    keys = [name for name, _ in names]
    pointers = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in keys)
    values = f"json_extract_string(case when {is_object} then _line end, [{pointers}])" if keys else "null"
    relation = f"(select _row, ({is_object}) as _is_object, {values} as _values from {lines})"
    spellings = one_spelling(item, keys)
    raw_values, unlike = _merged(keys, spellings)
    columns = match_columns(item, source_file, list(spellings), raw_values, absent_is_null=True)
    return Reading(
        relation,
        "cast(_row as bigint)",
        columns,
        lambda: count,
        malformed=" or ".join(["_is_object is not true", *unlike]),
        record_at=_in_order(read),
    )


def _merged(keys: list[str], spellings: dict[str, list[str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """SQL of each header's value, whichever spelling a record uses; and what is TRUE where two spellings differ."""
    positions = {key: position for position, key in enumerate(keys, start=1)}
    raw_values, unlike = [], []
    for group in spellings.values():
        found = [f"_values[{positions[key]}]" for key in group]
        raw_values.append((f"coalesce({', '.join(found)})" if len(found) > 1 else found[0], "VARCHAR"))
        unlike += [f"{one} <> {other}" for n, one in enumerate(found) for other in found[n + 1 :]]
    return raw_values, unlike


def _parquet(connection: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str) -> Reading:
    file = literal(literal_path(path))
    described, row_count = _parquet_columns(connection, item, path, source_file)
    headers = [name for name, _ in described]
    raw_values = [(quoted(name), kind) for name, kind in described]
    columns = match_columns(item, source_file, headers, raw_values)
    fields = ", ".join(f"{quoted(header)} := {quoted(header)}" for header in headers)
    return Reading(
        f"read_parquet({file}, file_row_number=true)",
        "file_row_number + 1",
        columns,
        lambda: row_count,
        raw_json=f"cast(to_json(struct_pack({fields})) as varchar)",
    )


def _check_density(item: LandingTable, path: Path, source_file: str, row_count: int) -> None:
    """Equal rows take no room in Parquet: a small file can hold more of them than anybody can land.

    Raises:
        LandingError: It holds more rows than declared, or, without a declaration, than a file of its size does.
    """
    size = path.stat().st_size
    most = item.table.options.max_rows or max(_FREE_ROWS, size * _ROWS_PER_BYTE)
    if row_count > most:
        raise LandingError(
            f"{item.landing_name}: {source_file} holds {row_count:,} rows in {size:,} bytes, and {most:,} are taken:"
            " if it is meant so, declare options.max_rows"
        )


def match_header(
    connection: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
) -> list[RawColumn] | None:
    """Columns as the file's header lets them land; no row is read. None for JSON, which has no header.

    Raises:
        LandingError: The file has no readable header, or lacks a declared column.
    """
    if item.format == "jsonl":
        return None
    if item.format == "csv":
        headers = _csv_stream(item, path, source_file).headers
    elif item.format == "excel":
        headers = _excel_stream(item, path, source_file, path.parent).headers
    else:
        headers = [name for name, _ in _parquet_columns(connection, item, path, source_file)[0]]
    return match_columns(item, source_file, headers, [("null", "VARCHAR")] * len(headers))


def _csv_stream(item: LandingTable, path: Path, source_file: str) -> CsvStream:
    try:
        return _checked(lambda: CsvStream(path, item.table.options), item, source_file)
    except EOFError:
        raise LandingError(f"{item.landing_name}: {source_file} is empty: it has not even a header") from None


def _in_order(read: Callable[[], Iterator[Record]]) -> Callable[[int], Record | None]:
    found: list[Iterator[Record]] = []

    def record_at(row: int) -> Record | None:
        if not found:
            found.append(read())
        return next((record for record in found[0] if record.row == row), None)

    return record_at


def _parquet_columns(
    connection: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
) -> tuple[list[tuple[str, str]], int]:
    """Columns with their types, and the number of rows, as the file says at its end."""
    file = literal(literal_path(path))
    try:
        described = connection.execute(f"describe select * from read_parquet({file})").fetchall()
        counted = connection.execute(f"select num_rows from parquet_file_metadata({file})").fetchone()
    except duckdb.Error as error:
        raise LandingError(f"{item.landing_name}: {source_file} is no readable Parquet file") from error
    row_count = int(counted[0]) if counted else 0
    _check_density(item, path, source_file, row_count)
    return [(str(row[0]), str(row[1])) for row in described], row_count


def literal_path(path: Path) -> str:
    """A path that the engine takes as one file, whatever characters of a glob it holds."""
    return "".join(f"[{character}]" if character in "[*?" else character for character in str(path))


def _write_clean(source: Iterator[Record], clean: Path, quarantine: Quarantine) -> int:
    count = 0
    with clean.open("w", encoding="utf-8", newline="") as file:
        for record in source:
            count += 1
            if record.problem is None:
                file.write(f"{record.row}{LINE_DELIMITER}{record.raw}\n")
            else:
                quarantine.add(record.row, record.line, *record.problem, record.raw)
    return count


def _read_lines(path: Path) -> str:
    return (
        f"read_csv({literal(literal_path(path))}, auto_detect=false, header=false, nullstr='',"
        f" delim={literal(LINE_DELIMITER)}, quote='', escape='', new_line='\\n',"
        f" columns={{'_row': 'VARCHAR', '_line': 'VARCHAR'}}, strict_mode=true, {_LINE_LIMIT})"
    )


def _checked(read: Callable[[], T], item: LandingTable, source_file: str) -> T:
    try:
        return read()
    except UnicodeError as error:
        raise _encoding_error(item, source_file, error) from error
    except records.HeaderError as error:
        raise LandingError(
            f"{item.landing_name}: {source_file}: {error}; mend the file, or check delimiter and quote in company.yml"
        ) from error


def _encoding_error(item: LandingTable, source_file: str, error: UnicodeError) -> LandingError:
    # Its subclasses quote bytes of the file; the plain one tells only what is wrong.
    detail = f" ({error})" if type(error) is UnicodeError else ""
    return LandingError(
        f"{item.landing_name}: {source_file} cannot be read as {item.table.options.encoding}:"
        f" declare its encoding in company.yml{detail}"
    )
