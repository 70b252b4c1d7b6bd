"""One source file as a relation of raw values, for each format. Casting is in `casting`, writing in `parts`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from orchestration.company import LandingTable
from orchestration.landing import records
from orchestration.landing.casting import RawColumn
from orchestration.landing.columns import match_columns
from orchestration.landing.quarantine import Quarantine
from orchestration.landing.records import LINE_DELIMITER, Record
from orchestration.landing.sources import LandingError
from orchestration.sql_text import literal, quoted

T = TypeVar("T")

_LINE_LIMIT = "max_line_size=16777216, buffer_size=33554432"


@dataclass(frozen=True)
class Reading:
    """A file ready to be cast.

    Attributes:
        relation: SQL relation with one row per well-formed record, in file order.
        row: SQL of the record's position in the file, from 1.
        columns: Columns as they land.
        record_count: Records in the file, counted apart from the engine's reader.
        malformed: SQL that is TRUE for a record that the format refuses after all; None when there is none.
        raw_json: SQL of the row as JSON, for formats without text.
        records: Reads the records again, for the raw text of those that cannot be cast.
    """

    relation: str
    row: str
    columns: list[RawColumn]
    record_count: int
    malformed: str | None = None
    raw_json: str | None = None
    records: Callable[[], Iterator[Record]] | None = None


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
        return _csv(item, path, source_file, scratch, quarantine)
    if item.format == "jsonl":
        return _jsonl(connection, item, path, source_file, scratch, quarantine)
    return _parquet(connection, item, path, source_file)


def _csv(item: LandingTable, path: Path, source_file: str, scratch: Path, quarantine: Quarantine) -> Reading:
    options = item.table.options
    headers = _csv_headers(item, path, source_file)

    def read() -> Iterator[Record]:
        return records.csv_records(path, options)

    clean = scratch / "records.csv"
    count = _checked(lambda: _write_clean(read(), clean, options.delimiter, quarantine), item, source_file)
    names = ["_row", *(f"v{position}" for position in range(len(headers)))]
    relation = _read_csv(clean, options.delimiter, options.quote, names)
    columns = match_columns(item, source_file, headers, [(name, "VARCHAR") for name in names[1:]])
    return Reading(relation, "cast(_row as bigint)", columns, count, records=read)


def _jsonl(
    connection: duckdb.DuckDBPyConnection,
    item: LandingTable,
    path: Path,
    source_file: str,
    scratch: Path,
    quarantine: Quarantine,
) -> Reading:
    options = item.table.options

    def read() -> Iterator[Record]:
        return records.json_records(path, options)

    clean = scratch / "records.jsonl"
    count = _checked(lambda: _write_clean(read(), clean, LINE_DELIMITER, quarantine), item, source_file)
    lines = _read_csv(clean, LINE_DELIMITER, "", ["_row", "_line"])
    is_object = (
        "coalesce(json_type(case when json_valid(_line) then _line end) = 'OBJECT', false)"  # `and` does not guard
    )
    keys = connection.execute(
        "select distinct unnest(json_keys(case when " + is_object + f" then _line end)) as key from {lines}"
        " order by key"
    ).fetchall()
    headers = [key for (key,) in keys]
    pointers = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in headers)
    values = f"json_extract_string(case when {is_object} then _line end, [{pointers}])" if headers else "null"
    relation = f"(select _row, ({is_object}) as _is_object, {values} as _values from {lines})"
    raw_values = [(f"_values[{position}]", "VARCHAR") for position in range(1, len(headers) + 1)]
    columns = match_columns(item, source_file, headers, raw_values, absent_is_null=True)
    return Reading(
        relation,
        "cast(_row as bigint)",
        columns,
        count,
        malformed="_is_object is not true",
        records=read,
    )


def _parquet(connection: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str) -> Reading:
    file = literal(literal_path(path))
    described = _parquet_columns(connection, item, path, source_file)
    try:
        counted = connection.execute(f"select num_rows from parquet_file_metadata({file})").fetchone()
    except duckdb.Error as error:
        raise LandingError(f"{item.landing_name}: {source_file} is no readable Parquet file") from error
    headers = [name for name, _ in described]
    raw_values = [(quoted(name), kind) for name, kind in described]
    columns = match_columns(item, source_file, headers, raw_values)
    fields = ", ".join(f"{quoted(header)} := {quoted(header)}" for header in headers)
    return Reading(
        f"read_parquet({file}, file_row_number=true)",
        "file_row_number + 1",
        columns,
        int(counted[0]) if counted else 0,
        raw_json=f"cast(to_json(struct_pack({fields})) as varchar)",
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
        headers = _csv_headers(item, path, source_file)
    else:
        headers = [name for name, _ in _parquet_columns(connection, item, path, source_file)]
    return match_columns(item, source_file, headers, [("null", "VARCHAR")] * len(headers))


def _csv_headers(item: LandingTable, path: Path, source_file: str) -> list[str]:
    headers = _checked(lambda: records.read_header(path, item.table.options), item, source_file)
    if headers is None:
        raise LandingError(f"{item.landing_name}: {source_file} is empty: it has not even a header")
    return list(headers)


def _parquet_columns(
    connection: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
) -> list[tuple[str, str]]:
    query = f"describe select * from read_parquet({literal(literal_path(path))})"
    try:
        return [(str(row[0]), str(row[1])) for row in connection.execute(query).fetchall()]
    except duckdb.Error as error:
        raise LandingError(f"{item.landing_name}: {source_file} is no readable Parquet file") from error


def literal_path(path: Path) -> str:
    """A path that the engine takes as one file, whatever characters of a glob it holds."""
    return "".join(f"[{character}]" if character in "[*?" else character for character in str(path))


def _write_clean(source: Iterator[Record], clean: Path, delimiter: str, quarantine: Quarantine) -> int:
    count = 0
    with clean.open("w", encoding="utf-8", newline="") as file:
        for record in source:
            count += 1
            if record.problem is None:
                file.write(f"{record.row}{delimiter}{record.clean}\n")
            else:
                quarantine.add(record.row, record.line, *record.problem, record.raw)
    return count


def _read_csv(path: Path, delimiter: str, quote: str, names: list[str]) -> str:
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({literal(literal_path(path))}, auto_detect=false, header=false, nullstr='',"
        f" delim={literal(delimiter)}, quote={literal(quote)}, escape={literal(quote)}, new_line='\\n',"
        f" columns={{{types}}}, strict_mode=true, {_LINE_LIMIT})"
    )


def _checked(read: Callable[[], T], item: LandingTable, source_file: str) -> T:
    try:
        return read()
    except UnicodeError as error:
        # Its subclasses quote bytes of the file; the plain one tells only what is wrong.
        detail = f" ({error})" if type(error) is UnicodeError else ""
        raise LandingError(
            f"{item.landing_name}: {source_file} cannot be read as {item.table.options.encoding}:"
            f" declare its encoding in company.yml{detail}"
        ) from error
    except records.HeaderError as error:
        raise LandingError(
            f"{item.landing_name}: {source_file}: {error}; mend the file, or check delimiter and quote in company.yml"
        ) from error
