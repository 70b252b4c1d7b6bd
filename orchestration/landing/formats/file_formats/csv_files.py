"""CSV: text with a header, one record a line or several within quotes."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, literal_path
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.columns import labels_of, match_columns
from orchestration.landing.formats.csv_stream import CsvStream
from orchestration.landing.formats.raw_rows import as_utf8, text_rows, written
from orchestration.landing.formats.reading import LINE_LIMIT, STREAM, Format, RawRows, Reading, checked, encoding_error
from orchestration.landing.formats.records import byte_encoding_of, header_of, text_lines
from orchestration.landing.quarantine.refused_file import Quarantine

_SURPLUS_FIELDS = 64


class CsvFormat(Format):
    """CSV."""

    def header(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
    ) -> list[str] | None:
        """The names on its header rows."""
        return _csv_stream(item, path, source_file).headers

    def read(
        self,
        engine: duckdb.DuckDBPyConnection,
        item: LandingTable,
        path: Path,
        source_file: str,
        scratch: Path,
        quarantine: Quarantine,
    ) -> Reading:
        """Records are cut by `csv_stream`; what is not well formed goes to quarantine."""
        stream = _csv_stream(item, path, source_file)
        columns = match_columns(item, source_file, stream.headers, [(name, "VARCHAR") for name in stream.names[1:]])
        quarantine.header = labels_of(stream.headers, columns, stream.names[1:])
        quarantine.encoding = byte_encoding_of(path, item.table.options)
        is_first = True

        def opened() -> None:
            nonlocal is_first
            # What is not well formed goes to quarantine once, however often the file is read.
            engine.register(STREAM, stream.reader(quarantine if is_first else None))
            is_first = False

        def counted() -> int:
            return stream.record_count

        def failed() -> None:
            if isinstance(stream.failure, UnicodeError):
                raise encoding_error(item, source_file, stream.failure) from stream.failure

        return Reading(STREAM, "_row", columns, counted, opened=opened, failed=failed, record_at=stream.record_at)

    def reread(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
    ) -> Iterator[RawRows]:
        """By the engine, strictly first; then with room for fields beyond the header."""
        options = item.table.options
        lines = text_lines(path, options.encoding)
        headers = header_of(lines, options) or []
        is_below = bool(options.header_row or options.header_rows)
        # The engine would count header rows in a way of its own.
        text = written(lines, scratch) if is_below else as_utf8(path, options.encoding, scratch)
        matched = match_columns(item, path.name, headers, [(f"c{n}", "VARCHAR") for n in range(len(headers))])
        for surplus, extra in ((0, ""), (_SURPLUS_FIELDS, ", null_padding=true, parallel=false")):
            names = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(headers) + surplus))
            relation = (
                f"read_csv({literal(literal_path(text))}, auto_detect=false, header={not is_below}, nullstr='',"
                f" delim={literal(options.delimiter)}, quote={literal(options.quote)}, escape={literal(options.quote)},"
                f" columns={{{names}}}, strict_mode=true, {LINE_LIMIT}{extra})"
            )
            yield text_rows(engine, item, relation, matched, zone)


def _csv_stream(item: LandingTable, path: Path, source_file: str) -> CsvStream:
    try:
        return checked(lambda: CsvStream(path, item.table.options), item, source_file)
    except EOFError:
        raise LandingError(f"{item.landing_name}: {source_file} is empty: it has not even a header") from None
