"""A CSV file as Arrow batches of raw values: stretches that any reader cuts alike at once, all others record by record.

A stretch is taken at once only when its bytes leave no doubt: no zero byte, no carriage return on its own, quotes only
around whole values, every character of the encoding, every record of the width of the header. The exact way is in
`records`.
"""

from bisect import bisect_left
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv

from orchestration.declaration.file_options import FileOptions
from orchestration.landing.formats import records
from orchestration.landing.formats.records import (
    KEPT_CHARACTERS,
    MAX_RECORD_CHARACTERS,
    MAX_RECORD_LINES,
    Lines,
    Record,
)
from orchestration.landing.quarantine.refused_file import Quarantine

LARGE_STRETCH = 2 << 20
SMALL_STRETCH = 128 << 10
"""A large stretch with something odd in it is cut into small ones, so that one odd record costs one of these."""
_PARSED_AT_ONCE = 2 << 20
_READ_AT_ONCE = 1 << 18
_BATCH_ROWS = 10_000
_LF, _CR = 10, 13


class _Mark(NamedTuple):
    """A place between two records: records and lines before it, and its byte."""

    row: int
    line: int
    offset: int


class CsvStream:
    """One CSV file, which can be read repeatedly.

    Attributes:
        headers: Names of its columns, trimmed.
        names: Names of the batches' columns: the record's number, then the values as text.
        record_count: Records after the header; known when `batches` has come to its end.
        failure: What ended the reading, when it failed.
    """

    def __init__(self, path: Path, options: FileOptions) -> None:
        """Read the header.

        Raises:
            UnicodeError, HeaderError: See `records.header_of`.
            EOFError: The file has no record at all.
        """
        self._path = path
        self._options = options
        self._is_bytewise = is_bytewise(options)
        records.check_mark(path, options.encoding)
        lines = self._lines_at(_Mark(0, 0, 0))
        headers = records.header_of(lines, options)
        if headers is None:
            raise EOFError
        self.headers = headers
        self.names = ["_row", *(f"v{position}" for position in range(len(headers)))]
        self._start = _Mark(0, lines.number, lines.offset)
        self._marks: list[_Mark] = []
        self._found: Iterator[Record] = iter(())
        self._found_before = -1
        self.record_count = 0
        self.failure: Exception | None = None

    def reader(self, quarantine: Quarantine | None) -> pa.RecordBatchReader:
        """All well-formed records, in their order.

        Args:
            quarantine: Takes the others; None drops them, when the file is read again.
        """
        fields = [pa.field("_row", pa.int64()), *(pa.field(name, pa.string()) for name in self.names[1:])]
        schema = pa.schema(fields)
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema, quarantine))

    def record_at(self, row: int) -> Record | None:
        """A record by its number, from the nearest place that was passed; cheapest in ascending order."""
        index = bisect_left(self._marks, (row,)) - 1
        mark = self._marks[index]
        if not mark.row <= self._found_before < row:
            self._found_before = mark.row
            self._found = records.csv_records(self._lines_at(mark), self._options, len(self.headers), mark.row)
        for record in self._found:
            self._found_before = record.row
            if record.row == row:
                return record
        return None

    def _batches(self, schema: pa.Schema, quarantine: Quarantine | None) -> Iterator[pa.RecordBatch]:
        self._marks, mark = [], self._start
        small_until = 0
        size = self._path.stat().st_size
        try:
            with self._path.open("rb") as file:
                while mark.offset < size:
                    self._marks.append(mark)
                    is_small = mark.offset < small_until
                    wanted = SMALL_STRETCH if is_small else LARGE_STRETCH
                    file.seek(mark.offset)
                    stretch = file.read(wanted) if self._is_bytewise else b""
                    taken = self._whole(stretch, is_last=mark.offset + len(stretch) == size)
                    if taken is not None:
                        table, lines, length = taken
                        rows = np.arange(mark.row + 1, mark.row + 1 + table.num_rows)
                        yield from table.add_column(0, "_row", pa.array(rows)).to_batches()
                        mark = _Mark(mark.row + table.num_rows, mark.line + lines, mark.offset + length)
                    elif self._is_bytewise and not is_small and len(stretch) > SMALL_STRETCH:
                        small_until = mark.offset + len(stretch)
                        self._marks.pop()
                    else:
                        mark = yield from self._one_by_one(mark, len(stretch), schema, quarantine)
        except Exception as error:
            self.failure = error
            raise
        self.record_count = mark.row

    def _one_by_one(
        self, mark: _Mark, length: int, schema: pa.Schema, quarantine: Quarantine | None
    ) -> Generator[pa.RecordBatch, None, _Mark]:
        """The records that begin in a stretch, and the place after them; all records when bytes cannot be counted."""
        lines = self._lines_at(mark)
        row = mark.row
        kept: list[Record] = []
        for record in records.csv_records(lines, self._options, len(self.headers), mark.row):
            row = record.row
            if record.problem is None:
                kept.append(record)
            elif quarantine is not None:
                quarantine.add(record.row, record.line, *record.problem, record.raw)
            if len(kept) == _BATCH_ROWS:
                yield _batch(kept, schema)
                kept.clear()
            if self._is_bytewise and lines.offset >= mark.offset + length:
                break
        if kept:
            yield _batch(kept, schema)
        end = lines.offset if self._is_bytewise else self._path.stat().st_size
        return _Mark(row, lines.number, end)

    def _lines_at(self, mark: _Mark) -> Lines:
        if not self._is_bytewise:
            lines = records.text_lines(self._path, self._options.encoding)
            for _ in range(mark.line):
                next(lines)
            return lines
        return Lines(_bytewise_lines(self._path, self._options.encoding, mark.offset), mark.line, mark.offset)

    def _whole(self, stretch: bytes, *, is_last: bool) -> tuple[pa.Table, int, int] | None:
        """Values, lines and bytes of the whole records in a stretch; None when it has to be taken one by one."""
        shape = _shape(stretch, self._options, is_last=is_last)
        if shape is None:
            return None
        record_count, line_count, length, has_breaks = shape
        whole = _utf8(stretch[:length], self._options.encoding)
        if whole is None:
            return None
        try:
            table = pa.csv.read_csv(
                pa.BufferReader(whole),
                read_options=pa.csv.ReadOptions(column_names=self.names[1:], block_size=_PARSED_AT_ONCE),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self._options.delimiter,
                    quote_char=self._options.quote or False,
                    newlines_in_values=has_breaks,
                ),
                convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(self.names[1:], pa.string())),
            )
        except pa.ArrowInvalid:
            return None
        return (table, line_count, length) if table.num_rows == record_count else None


@cache
def is_bytewise(options: FileOptions) -> bool:
    """Whether line breaks, delimiter and quote are single bytes that are part of no other character."""
    if not (options.delimiter + options.quote).isascii():
        return False
    if options.encoding in ("utf-8", "utf-8-sig", "ascii"):
        return True
    try:
        low = bytes(range(128)).decode(options.encoding)
        high = [bytes([code]).decode(options.encoding, "replace") for code in range(128, 256)]
        trails = [(bytes([code]) + b"A").decode(options.encoding, "replace") for code in range(128, 256)]
    except UnicodeError:
        return False
    # The one-byte encodings: ASCII below, one character of its own above, whatever follows.
    return (
        low == bytes(range(128)).decode("ascii")
        and all(len(text) == 1 and not text.isascii() for text in high)
        and all(len(text) == 2 and text[1] == "A" for text in trails)
    )


def _bytewise_lines(path: Path, encoding: str, offset: int) -> Iterator[tuple[str, int]]:
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    is_start = offset == 0
    for line, length in _byte_lines(path, offset):
        text = line.decode(codec, "surrogateescape")
        yield (text.removeprefix("\ufeff").removeprefix("\ufeff") if is_start else text), length
        is_start = False


def _byte_lines(path: Path, offset: int) -> Iterator[tuple[bytes, int]]:
    """Lines and their lengths; of an endless one the beginning, so that it does not fill the memory."""
    pieces: list[bytes] = []
    dropped = 0
    with path.open("rb") as file:
        file.seek(offset)
        while piece := file.read(_READ_AT_ONCE):
            # A carriage return at the end of the last piece may be half a line break.
            if pieces and not pieces[-1].endswith(b"\r") and b"\n" not in piece and b"\r" not in piece:
                if sum(map(len, pieces)) < KEPT_CHARACTERS:
                    pieces.append(piece)
                else:
                    dropped += len(piece)
                continue
            lines = b"".join([*pieces, piece]).splitlines(keepends=True)
            pieces = [] if lines[-1].endswith(b"\n") else [lines.pop()]
            for line in lines:
                yield line, len(line) + dropped
                dropped = 0
    if pieces:
        line = b"".join(pieces)
        yield line, len(line) + dropped


def _shape(stretch: bytes, options: FileOptions, *, is_last: bool) -> tuple[int, int, int, bool] | None:
    """Records, lines, bytes and whether values hold line breaks, of the whole records in a stretch.

    None when there is a doubt how they are to be cut.
    """
    if b"\0" in stretch:
        return None
    quote = options.quote.encode()
    if quote and quote in stretch:
        shape = _quoted_shape(stretch, options, is_last=is_last)
    else:
        shape = _plain_shape(stretch, is_last=is_last)
    if shape is None:
        return None
    # Blank lines are no records: Arrow passes over them too, and the number of records then does not agree.
    length = shape[2]
    is_odd = b"\r" in stretch and stretch.count(b"\r", 0, length) != stretch.count(b"\r\n", 0, length)
    return None if is_odd else shape


def _plain_shape(stretch: bytes, *, is_last: bool) -> tuple[int, int, int, bool] | None:
    length = len(stretch) if is_last else stretch.rfind(b"\n") + 1
    half = MAX_RECORD_CHARACTERS // 2
    # With a line break in every half of the limit no record comes near it.
    if not length or any(stretch.find(b"\n", at, at + half) < 0 for at in range(0, length - half, half)):
        return None
    line_count = stretch.count(b"\n", 0, length) + (not stretch.endswith(b"\n", 0, length))
    return line_count, line_count, length, False


def _quoted_shape(stretch: bytes, options: FileOptions, *, is_last: bool) -> tuple[int, int, int, bool] | None:
    quote, delimiter = ord(options.quote), ord(options.delimiter)
    is_ended = stretch.endswith(b"\n")
    data = np.frombuffer(stretch if is_ended or not is_last else stretch + b"\n", np.uint8)
    quotes = np.flatnonzero(data == quote)
    breaks = np.flatnonzero(data == _LF)
    is_outside = np.searchsorted(quotes, breaks) % 2 == 0
    ends = np.flatnonzero(is_outside)
    if not len(ends):
        return None
    lines = int(ends[-1]) + 1
    end = int(breaks[ends[-1]])
    quotes = quotes[: np.searchsorted(quotes, end)]
    if is_last and end + 1 != len(data):
        return None
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, data[opening - 1], _LF)
    after = data[closing + 1]
    is_whole = np.isin(before, (delimiter, _LF, quote)).all() and np.isin(after, (delimiter, _LF, _CR, quote)).all()
    is_long = np.diff(ends, prepend=-1).max() > MAX_RECORD_LINES
    is_long = is_long or np.diff(breaks[ends], prepend=-1).max() >= MAX_RECORD_CHARACTERS
    if not is_whole or is_long:
        return None
    return len(ends), lines, min(end + 1, len(stretch)), len(ends) != lines


def _utf8(whole: bytes, encoding: str) -> bytes | None:
    if whole.isascii() or encoding in ("utf-8", "utf-8-sig"):
        return whole  # Arrow checks UTF-8.
    try:
        return whole.decode(encoding).encode()
    except UnicodeError:
        return None


def _batch(kept: list[Record], schema: pa.Schema) -> pa.RecordBatch:
    columns = list(zip(*(record.fields or () for record in kept), strict=True))
    arrays = [pa.array([record.row for record in kept], pa.int64()), *(pa.array(c, pa.string()) for c in columns)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
