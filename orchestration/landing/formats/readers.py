"""Files by the name of their format: read once to land, and a second time to be counted by another reader.

Casting is in `casting`, writing in `parts`; a further format is one module in `file_formats`, a line here and one in
`declaration.file_options`.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.declaration.tables import LandingTable
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import RawColumn
from orchestration.landing.formats.columns import match_columns
from orchestration.landing.formats.file_formats.csv_files import CsvFormat
from orchestration.landing.formats.file_formats.excel_files import ExcelFormat
from orchestration.landing.formats.file_formats.jsonl_files import JsonlFormat
from orchestration.landing.formats.file_formats.parquet_files import ParquetFormat
from orchestration.landing.formats.reading import Format, RawRows, Reading, UnreadableError
from orchestration.landing.quarantine.refused_file import Quarantine

FORMATS: dict[str, Format] = {
    "csv": CsvFormat(),
    "jsonl": JsonlFormat(),
    "parquet": ParquetFormat(),
    "excel": ExcelFormat(),
}
"""By the name that company.yml gives."""


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
    return FORMATS[item.format].read(connection, item, path, source_file, scratch, quarantine)


def match_header(
    connection: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
) -> list[RawColumn] | None:
    """Columns as the file's header lets them land; no row is read. None for JSON, which has no header.

    Raises:
        LandingError: The file has no readable header, or lacks a declared column.
    """
    headers = FORMATS[item.format].header(connection, item, path, source_file)
    if headers is None:
        return None
    return match_columns(item, source_file, headers, [("null", "VARCHAR")] * len(headers))


def open_rows(
    engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
) -> Iterator[RawRows]:
    """Ways to read a file, the fastest first; the caller takes the first that works.

    Raises:
        UnreadableError: There is none.
    """
    try:
        yield from FORMATS[item.format].reread(engine, item, path, scratch, zone)
    except (LandingError, UnicodeError, ValueError, OSError, pa.ArrowException) as error:
        raise UnreadableError(f"the second reader stops ({type(error).__name__})") from error
