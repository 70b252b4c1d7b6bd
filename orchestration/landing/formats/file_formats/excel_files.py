"""Excel workbooks (.xlsx): one sheet is one table."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.declaration.tables import LandingTable
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.columns import labels_of, match_columns
from orchestration.landing.formats.excel_stream import ExcelStream, WorkbookError
from orchestration.landing.formats.reading import STREAM, Format, RawRows, Reading, UnreadableError
from orchestration.landing.quarantine.refused_file import Quarantine


class ExcelFormat(Format):
    """Workbooks; there is no second reader of them."""

    version = 1
    suffix = ".xlsx"
    is_read_twice = False

    def header(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
    ) -> list[str] | None:
        """The names on its header rows."""
        return _excel_stream(item, path, source_file, path.parent).headers

    def read(
        self,
        engine: duckdb.DuckDBPyConnection,
        item: LandingTable,
        path: Path,
        source_file: str,
        scratch: Path,
        quarantine: Quarantine,
    ) -> Reading:
        """One sheet; an error in a declared cell goes to quarantine."""
        stream = _excel_stream(item, path, source_file, scratch)
        columns = match_columns(item, source_file, stream.headers, [(name, "VARCHAR") for name in stream.names[1:]])
        stream.labels = labels_of(stream.headers, columns, stream.names[1:])
        # An error in a column that nobody declared is text; in a declared one it costs the row.
        stream.types = {
            stream.names.index(c.raw) - 1: c.type for c in columns if c.is_declared and c.raw in stream.names
        }
        is_first = True

        def opened() -> None:
            nonlocal is_first
            engine.register(STREAM, stream.reader(quarantine if is_first else None))
            is_first = False

        def counted() -> int:
            return stream.record_count

        def failed() -> None:
            if stream.failure is not None:
                raise _workbook_error(item, source_file, stream.failure) from stream.failure

        return Reading(STREAM, "_row", columns, counted, opened=opened, failed=failed, record_at=stream.record_at)

    def reread(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
    ) -> Iterator[RawRows]:
        """None."""
        raise UnreadableError("there is no second reader of excel")


def _excel_stream(item: LandingTable, path: Path, source_file: str, scratch: Path) -> ExcelStream:
    try:
        return ExcelStream.of(path, item.table.options, scratch)
    except WorkbookError as error:
        raise _workbook_error(item, source_file, error) from error


def _workbook_error(item: LandingTable, source_file: str, error: WorkbookError) -> LandingError:
    return LandingError(f"{item.landing_name}: {source_file}: {error}")
