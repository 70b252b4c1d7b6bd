"""Text files cut into records: which are well formed, where they stand, and their raw text.

The cut is made here, not by the engine's reader: a stray quote must cost one record, not the rest of the file,
and the number of records must be known apart from what the engine read. Stretches in which nothing can go wrong are
taken as a whole in `csv_stream`; values are cast in `casting`.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from orchestration.connectors.refusals import unmarked
from orchestration.declaration.file_options import FileOptions
from orchestration.landing.formats.headers import combined
from orchestration.landing.quarantine.raw_bytes import KEEP_BYTES, byte_encoding

MAX_RECORD_CHARACTERS = 1 << 20
KEPT_CHARACTERS = 4 << 20
"""Of a line without end: enough to see that it is too long, and to see what it is."""
LINE_DELIMITER = "\x01"
"""A character that no JSON may hold unescaped: a line read as CSV with this delimiter stays one value."""
MAX_RECORD_LINES = 1000
# The mark of UTF-32 begins with that of UTF-16, hence the order.
_MARKS = (
    (codecs.BOM_UTF32_LE, ("utf-32", "utf-32-le")),
    (codecs.BOM_UTF32_BE, ("utf-32", "utf-32-be")),
    (codecs.BOM_UTF16_LE, ("utf-16", "utf-16-le")),
    (codecs.BOM_UTF16_BE, ("utf-16", "utf-16-be")),
    (codecs.BOM_UTF8, ("utf-8", "utf-8-sig")),
)


class HeaderError(ValueError):
    """The header of a CSV file cannot be cut into names; the message says why and holds nothing of the file."""


class Problem(NamedTuple):
    """Why a record is not well formed."""

    rule: str
    reason: str


ENCODING = Problem("file_encoding", "The record has bytes that are not of the declared encoding.")
TOO_FEW = Problem("csv_too_few_values", "The record has fewer values than the header.")
TOO_MANY = Problem("csv_too_many_values", "The record has more values than the header.")
QUOTE = Problem("csv_quote", "A quote is not closed, or text follows a closing quote.")
TOO_LONG = Problem(
    "record_too_long",
    "The record is longer than a million characters; beyond four million, its end is in the source file only.",
)
NOT_AN_OBJECT = Problem("json_not_an_object", "The line is not a JSON object, or gives a field two values.")


class Record(NamedTuple):
    """One record.

    Attributes:
        row: Its position in the file, from 1, header and blank lines not counted.
        line: Line on which it begins, from 1.
        raw: Its text as it stands, without the final line break.
        fields: Its values; None when it is not well formed. A line of JSON is one value.
        problem: What is wrong; None when it is well formed.
    """

    row: int
    line: int
    raw: str
    fields: list[str] | None
    problem: Problem | None


@dataclass
class Lines:
    """Physical lines with their numbers; lines that were looked at can be put back.

    Attributes:
        source: The lines and the bytes that each takes (0 where bytes are not counted).
        number: Line taken last.
        offset: Bytes up to its end.
    """

    source: Iterator[tuple[str, int]]
    number: int = 0
    offset: int = 0

    def __post_init__(self) -> None:
        self._returned: deque[tuple[str, int]] = deque()
        self._taken: deque[int] = deque(maxlen=MAX_RECORD_LINES + 1)

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line, length = self._returned.popleft() if self._returned else next(self.source)
        self.number += 1
        self.offset += length
        self._taken.append(length)
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put back what was taken last, in its order."""
        for line in reversed(lines):
            length = self._taken.pop()
            self._returned.appendleft((line, length))
            self.number -= 1
            self.offset -= length


def header_of(lines: Lines, options: FileOptions) -> list[str] | None:
    """Column names of a CSV file, trimmed; None when the file has no header. The lines go on after them.

    The header begins with the first line from `options.header_row` on that is not blank.

    Raises:
        UnicodeError: The header is not of the declared encoding. Unlike a row, a header cannot be set aside, and
            half a name would land as a column of its own.
        HeaderError: A quote in it is not closed, it is endless, or the file ends within it.
    """
    rows: list[list[str]] = []
    for line in lines:
        if not line.strip("\r\n") or lines.number < (options.header_row or 1):
            continue
        lines.give_back([line])
        fields, text = _quoted_fields(lines, options)
        _check_header(text)
        if fields is None:
            raise HeaderError("a quote in the header is not closed, or text follows a closing quote")
        rows.append(fields)
        if len(rows) == (options.header_rows or 1):
            return combined(rows, options)
    if rows:
        raise HeaderError(f"it ends after {len(rows)} of its {options.header_rows} header rows")
    return None


def csv_records(lines: Lines, options: FileOptions, width: int, row: int = 0) -> Iterator[Record]:
    """Records from a place in a CSV file on; blank lines are no records.

    Args:
        lines: The lines from there on.
        options: How the file is written.
        width: Values in a record.
        row: Records before that place.
    """
    for line in lines:
        start = lines.number
        raw = line.rstrip("\r\n")
        if not raw:
            continue
        row += 1
        fields: list[str] | None
        problem = None
        if options.quote and options.quote in line:
            lines.give_back([line])
            fields, text = _quoted_fields(lines, options)
            if fields is None:
                problem = QUOTE
            else:
                raw = text.rstrip("\r\n")
        else:
            fields = _split(raw, options)
        is_endless = len(raw) > MAX_RECORD_CHARACTERS
        problem = TOO_LONG if is_endless else problem or _shape_problem(len(fields or ()), width) or _text_problem(raw)
        yield Record(row, start, raw, None if problem else fields, problem)


def json_records(path: Path, options: FileOptions) -> Iterator[Record]:
    """Records of a JSON Lines file, one a line; blank lines are no records. The engine parses them later."""
    row = 0
    lines = text_lines(path, options.encoding)
    for line in lines:
        raw = line.strip()
        if not raw:
            continue
        row += 1
        problem = None
        if (mark := unmarked(raw)) is not None:
            rule, reason, raw = mark
            problem = Problem(rule, reason)
        problem = _text_problem(raw) or problem or (NOT_AN_OBJECT if LINE_DELIMITER in raw else None)
        yield Record(row, lines.number, raw, None if problem else [raw], problem)


def text_lines(path: Path, encoding: str) -> Lines:
    """Lines of a file in any encoding.

    Raises:
        UnicodeError: Reading them, when the file is not of the encoding.
    """
    return Lines((line, 0) for line in _decoded(path, encoding))


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    # Bytes that cannot be decoded become surrogates, so that they spoil their own record only and are not lost.
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    check_mark(path, encoding)
    with path.open(encoding=codec, errors=KEEP_BYTES, newline="") as file:
        # utf-16-le and its like leave the byte order mark in the text, where it would become part of a name.
        mark = "\ufeff"
        # JSON Lines and CSV both end records at line breaks; newline="" keeps \r\n inside quoted values.
        while line := file.readline(KEPT_CHARACTERS):
            rest = line
            while len(rest) == KEPT_CHARACTERS and not rest.endswith(("\n", "\r")):
                rest = file.readline(KEPT_CHARACTERS)
            yield line.removeprefix(mark)
            mark = ""


def byte_encoding_of(path: Path, options: FileOptions) -> str:
    """Encoding in which a record's bytes stand in the file."""
    with path.open("rb") as file:
        return byte_encoding(options.encoding, file.read(4))


def check_mark(path: Path, encoding: str) -> None:
    """Refuse a byte order mark of another encoding than the declared one, which may decode to something all the same.

    Raises:
        UnicodeError: The mark is of another encoding.
    """
    with path.open("rb") as file:
        start = file.read(4)
    for mark, encodings in _MARKS:
        if start.startswith(mark):
            if encoding not in encodings:
                raise UnicodeError(f"it begins with the byte order mark of {encodings[0]}")
            return


def _check_header(text: str) -> None:
    problem = _text_problem(text)
    if problem is ENCODING:
        raise UnicodeError("its header has bytes of another encoding")
    if "\0" in text:
        raise UnicodeError("its header has zero bytes, as utf-16 without a byte order mark has")
    if problem:
        raise HeaderError("the header is longer than a million characters")


def _shape_problem(count: int, width: int) -> Problem | None:
    if count < width:
        return TOO_FEW
    return TOO_MANY if count > width else None


def _text_problem(raw: str) -> Problem | None:
    if len(raw) > MAX_RECORD_CHARACTERS:
        return TOO_LONG
    if raw.isascii():
        return None
    try:
        raw.encode()
    except UnicodeEncodeError:
        return ENCODING
    return None


def _quoted_fields(lines: Lines, options: FileOptions) -> tuple[list[str] | None, str]:
    """Fields and text of the record at the next line; None and its first line when its quotes are broken."""
    if not options.quote:
        line = next(lines)
        return _split(line.rstrip("\r\n"), options), line
    consumed: list[str] = []

    def looked_at() -> Iterator[str]:
        size = 0
        for line in islice(lines, MAX_RECORD_LINES):
            consumed.append(line)
            size += len(line)
            if size > MAX_RECORD_CHARACTERS and len(consumed) > 1:
                return
            yield line

    csv.field_size_limit(MAX_RECORD_CHARACTERS)
    reader = csv.reader(looked_at(), delimiter=options.delimiter, quotechar=options.quote, strict=True)
    try:
        fields = next(reader)
    except csv.Error:
        lines.give_back(consumed[1:])
        return None, consumed[0]
    return fields, "".join(consumed)


def _split(line: str, options: FileOptions) -> list[str]:
    return line.split(options.delimiter)
