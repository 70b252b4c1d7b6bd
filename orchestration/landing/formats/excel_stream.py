"""One sheet of an Excel workbook as Arrow batches of raw values, written as a careful CSV would write them.

Values are those that Excel last worked out. Error cells, and formulas that Excel never worked out, have no value: their
row is refused and not landed with a gap. The file itself is read in `workbook`.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from orchestration.declaration.file_options import FileOptions
from orchestration.landing.formats.headers import combined
from orchestration.landing.formats.number_formats import NumberFormat
from orchestration.landing.formats.records import Problem, Record
from orchestration.landing.formats.workbook import Cell, Workbook, WorkbookError, opened, unescaped
from orchestration.landing.quarantine.refused_file import Quarantine

ERROR_CELL = Problem("excel_error", "A cell of the row holds an error such as #N/A, or a formula without its value.")
TOO_MANY = Problem("excel_too_many_values", "The row has values beyond the last column of the header.")
_BATCH_ROWS = 10_000
_BATCH_CHARACTERS = 16 << 20
_MAX_CHARACTERS = 8 << 30
"""Of all values of a sheet: cells share texts, so that a small file may say a long one again and again."""
_PLAIN = NumberFormat()
_EXACT_WHOLE = 10**15
Moment = dt.datetime | dt.date | dt.time | dt.timedelta


class _Row(NamedTuple):
    """A row below the header that is not blank.

    Attributes:
        row: Its position among them, from 1.
        number: Its number in the sheet.
        values: As text, at least one for each column of the header.
        problem: What is wrong; None when it is well formed.
    """

    row: int
    number: int
    values: list[str]
    problem: Problem | None


@dataclass
class ExcelStream:
    """One sheet, which can be read repeatedly; open it by `of`.

    Attributes:
        path, options: The file and how it is declared.
        copy: Where the rows are kept for the next reading; the caller removes it.
        headers: Names in the header, trimmed, up to the last one that is not blank.
        labels: Names for refused rows, no two alike; the headers until they are set.
        types: Declared type by position of the column, which decides how dates and codes are written.
        record_count: Rows below the header that are not blank; known when the batches have come to their end.
        failure: What ended the reading, when it failed.
    """

    path: Path
    options: FileOptions
    copy: Path
    headers: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    types: dict[int, str] = field(default_factory=dict)
    record_count: int = 0
    failure: WorkbookError | None = None
    _is_copied: bool = False
    _found: Iterator[dict[str, Any]] | None = None

    @classmethod
    def of(cls, path: Path, options: FileOptions, scratch: Path) -> "ExcelStream":
        """Read the header, and nothing below it.

        Raises:
            WorkbookError: See there.
        """
        stream = cls(path, options, scratch / "sheet.arrow")
        first, last = options.header_row or 1, options.last_header_row
        rows: list[list[str]] = [[] for _ in range(first, last + 1)]
        with opened(path) as book:
            for number, cells in book.rows(_sheet(book, options.sheet)):
                if first <= number <= last:
                    rows[number - first] = [text for text, _ in stream._texts(book, cells)]
                if number >= last:
                    break
        names = combined(rows, options)
        while names and not names[-1]:
            names.pop()
        if not names:
            raise WorkbookError(f"row {first} of its sheet is empty: declare options.header_row")
        stream.headers = stream.labels = names
        return stream

    @property
    def names(self) -> list[str]:
        """Names of the batches' columns: the record's number, then the values as text."""
        return ["_row", *(f"v{position}" for position in range(len(self.headers)))]

    def reader(self, quarantine: Quarantine | None) -> pa.RecordBatchReader:
        """All well-formed rows; the others go to quarantine, if one is given.

        The first reading leaves a copy, which the next ones read: to parse the sheet takes ten times as long.
        """
        fields = [pa.field("_row", pa.int64()), *(pa.field(name, pa.string()) for name in self.names[1:])]
        schema = pa.schema([*fields, pa.field("_line", pa.int64())])
        batches = self._copied() if self._is_copied else self._copying(self._batches(schema, quarantine), schema)
        return pa.RecordBatchReader.from_batches(schema, batches)

    def record_at(self, row: int) -> Record | None:
        """A well-formed record by its number, once all were read; rows ascend."""
        if self._found is None:
            self._found = (item for batch in self._copied() for item in batch.to_pylist())
        for item in self._found:
            if item["_row"] == row:
                values = [item[name] for name in self.names[1:]]
                return self._record(_Row(row, item["_line"], values, None))
        return None

    def _copying(self, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(self.copy), "wb") as file, pa.ipc.new_file(file, schema, options=options) as writer:
            for batch in batches:
                writer.write_batch(batch)
                yield batch
        self._is_copied = True

    def _copied(self) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self.copy), "rb") as file, pa.ipc.open_file(file) as copy:
            for number in range(copy.num_record_batches):
                yield copy.get_batch(number)

    def _batches(self, schema: pa.Schema, quarantine: Quarantine | None) -> Iterator[pa.RecordBatch]:
        kept: list[_Row] = []
        size, total = 0, 0
        count = 0
        try:
            for item in self._rows():
                count = item.row
                if item.problem is None:
                    kept.append(item)
                elif quarantine is not None:
                    record = self._record(item)
                    quarantine.add(record.row, record.line, *item.problem, record.raw)
                size += sum(map(len, item.values))
                if len(kept) == _BATCH_ROWS or size > _BATCH_CHARACTERS:
                    total, size = total + size, 0
                    if total > _MAX_CHARACTERS:
                        raise WorkbookError("its sheet holds more text than any of that size: export it as CSV")
                    yield _batch(kept, schema)
                    kept = []
        except WorkbookError as error:
            self.failure = error
            raise
        if kept:
            yield _batch(kept, schema)
        self.record_count = count

    def _rows(self) -> Iterator[_Row]:
        """Rows below the header that are not blank; hidden rows are rows, of merged cells the first has the value."""
        width = len(self.headers)
        row = 0
        with opened(self.path) as book:
            for number, cells in book.rows(_sheet(book, self.options.sheet)):
                if number <= self.options.last_header_row or not cells:
                    continue
                texts = self._texts(book, cells)
                bad = [position for position, (_, is_bad) in enumerate(texts) if is_bad]
                values = [text for text, _ in texts]
                if not bad and not "".join(values).strip():
                    continue
                row += 1
                problem = TOO_MANY if any(values[width:]) else None
                if any(position in self.types for position in bad):
                    problem = ERROR_CELL
                yield _Row(row, number, values + [""] * (width - len(values)), problem)

    def _texts(self, book: Workbook, cells: list[Cell]) -> list[tuple[str, bool]]:
        """Value of each position of a row, and whether it has none though something stands there."""
        found: list[tuple[str, bool]] = []
        for position, kind, style, text, has_formula in cells:
            while len(found) < position:
                found.append(_NOTHING)
            if kind == "s":
                found.append((book.text(_index(text)), False) if text is not None else _NOTHING)
            elif kind == "n":
                # A formula without a value looks like an empty cell.
                found.append(self._number(book, text, style, position) if text else ("", has_formula))
            elif kind == "e":
                found.append((text or "", True))
            elif text is None:
                found.append(("", has_formula))
            else:
                found.append((self._written(kind, text, position), False))
        return found

    def _written(self, kind: str, text: str, position: int) -> str:
        if kind == "b":
            return "true" if text.strip() in ("1", "true") else "false"
        if kind == "d":
            try:
                return self._moment(dt.datetime.fromisoformat(text), position)
            except ValueError:
                return text
        return unescaped(text)

    def _number(self, book: Workbook, text: str, style: int, position: int) -> tuple[str, bool]:
        form = book.formats[style] if 0 <= style < len(book.formats) else _PLAIN
        if form.is_plain:
            written = _plain_number(text)
        elif form.is_date:
            moment = _moment(text, book.is_of_1904, form.is_duration)
            return (text, True) if moment is None else (self._moment(moment, position), False)
        else:
            written = _plain_number(text)
            # Where a number is declared it is one; as text it is what a person reads in the sheet.
            if self.types.get(position, "text") == "text" and written.isdigit():
                return form.code(int(written)) or written, False
        if "." in written and position in self.types:
            written = written.replace(".", self.options.decimal_separator)
        return written, False

    def _moment(self, value: Moment, position: int) -> str:
        if isinstance(value, dt.timedelta):
            return str(value)
        wanted = self.types.get(position)
        form = {"date": self.options.date_format, "timestamp": self.options.timestamp_format}.get(wanted or "")
        if form and not isinstance(value, dt.time):
            return value.strftime(form)
        return value.isoformat(" ") if isinstance(value, dt.datetime) else value.isoformat()

    def _record(self, item: _Row) -> Record:
        raw = json.dumps(self._named(item.values), ensure_ascii=False)
        return Record(item.row, item.number, raw, None if item.problem else item.values, item.problem)

    def _named(self, values: list[str]) -> dict[str, str]:
        named: dict[str, str] = {}
        for position, text in enumerate(values):
            name = self.labels[position] if position < len(self.labels) else ""
            named[name if name and name not in named else f"{name} ({position + 1})"] = text
        return named


_NOTHING = ("", False)


def _sheet(book: Workbook, name: str | None) -> str:
    """The declared sheet, or the only one."""
    if name is None and len(book.sheets) == 1:
        return book.sheets[0][1]
    for title, part in book.sheets:
        if title == name:
            return part
    raise WorkbookError(
        f"it has {len(book.sheets)} sheets: declare options.sheet" if name is None else f"it has no sheet {name!r}"
    )


@lru_cache(maxsize=1 << 16)
def _plain_number(text: str) -> str:
    """A number as a person would type it: whole ones without decimals, and no noise of binary fractions."""
    if text.isascii() and text.isdigit():
        return str(int(text)) if len(text) <= len(str(_EXACT_WHOLE)) else text
    try:
        value = float(text)
    except ValueError as error:
        raise WorkbookError("it has a cell with a number that is none") from error
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT_WHOLE else repr(value)


@lru_cache(maxsize=1 << 16)
def _moment(text: str, is_of_1904: bool, is_duration: bool) -> Moment | None:
    """The day or time of a number; None where there is none, as for -1."""
    try:
        value: Moment = from_excel(
            float(text), CALENDAR_MAC_1904 if is_of_1904 else CALENDAR_WINDOWS_1900, timedelta=is_duration
        )
    except (ValueError, OverflowError):
        return None
    return value


def _index(text: str) -> int:
    if not text.strip().isdigit():
        raise WorkbookError("a cell names a text that the workbook does not have")
    return int(text)


def _batch(kept: list[_Row], schema: pa.Schema) -> pa.RecordBatch:
    width = len(schema) - 2
    columns = list(zip(*(item.values[:width] for item in kept), strict=True)) or [()] * width
    values = [pa.array(column, pa.string()) for column in columns]
    rows, lines = ([item.row for item in kept], [item.number for item in kept])
    return pa.RecordBatch.from_arrays([pa.array(rows, pa.int64()), *values, pa.array(lines, pa.int64())], schema=schema)
