"""One sheet of an Excel workbook as Arrow batches of raw values, written as a careful CSV would write them.

The library reads the values that Excel last worked out. Error cells, and formulas that Excel never worked out, have no
value: their row is refused and not landed with a gap.
"""

import datetime as dt
import json
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from orchestration.declared_tables import FileOptions
from orchestration.landing.quarantine import Quarantine
from orchestration.landing.records import Problem, Record

ERROR_CELL = Problem("excel_error", "A cell of the row holds an error such as #N/A, or a formula without its value.")
TOO_MANY = Problem("excel_too_many_values", "The row has values beyond the last column of the header.")
_BATCH_ROWS = 10_000
_EPOCHS = (dt.datetime, dt.date, dt.time)


class WorkbookError(ValueError):
    """The file is no workbook, or has not the sheet or header that is declared; the message holds no cell."""


@dataclass
class ExcelStream:
    """One sheet, read as often as asked for; open it by `of`.

    Attributes:
        path, options: The file and how it is declared.
        headers: Names in the header row, trimmed, up to the last one that is not blank.
        types: Declared type by position of the column, which decides how dates are written.
        record_count: Rows below the header that are not blank; known when the batches have come to their end.
    """

    path: Path
    options: FileOptions
    headers: list[str] = field(default_factory=list)
    types: dict[int, str] = field(default_factory=dict)
    record_count: int = 0

    @classmethod
    def of(cls, path: Path, options: FileOptions) -> "ExcelStream":
        """Read the header.

        Raises:
            WorkbookError: See there.
        """
        stream = cls(path, options)
        try:
            rows = stream._cells()
            first = next((cells for number, cells in rows if number == (options.header_row or 1)), [])
            rows.close()
        except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ParseError) as error:
            raise WorkbookError("it is no readable Excel workbook (.xlsx or .xlsm)") from error
        names = ["" if value is None else str(value).strip() for value, _ in first]
        while names and not names[-1]:
            names.pop()
        if not names:
            raise WorkbookError(f"row {options.header_row or 1} of its sheet is empty: declare options.header_row")
        stream.headers = names
        return stream

    @property
    def names(self) -> list[str]:
        """Names of the batches' columns: the record's number, then the values as text."""
        return ["_row", *(f"v{position}" for position in range(len(self.headers)))]

    def reader(self, quarantine: Quarantine | None) -> pa.RecordBatchReader:
        """All well-formed rows; the others go to quarantine, if one is given."""
        schema = pa.schema([("_row", pa.int64()), *((name, pa.string()) for name in self.names[1:])])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema, quarantine))

    def records(self) -> Iterator[Record]:
        """Rows below the header that are not blank; hidden rows are rows, of merged cells the first has the value."""
        row = 0
        for number, cells in self._cells():
            values = [self._text(value, position) for position, (value, _) in enumerate(cells)]
            is_blank = not any(text.strip() for text in values) and not any(is_bad for _, is_bad in cells)
            if number <= (self.options.header_row or 1) or is_blank:
                continue
            row += 1
            width = len(self.headers)
            values += [""] * (width - len(values))
            problem = TOO_MANY if any(values[width:]) else None
            if any(is_bad for position, (_, is_bad) in enumerate(cells) if position in self.types):
                problem = ERROR_CELL
            raw = json.dumps(self._named(values), ensure_ascii=False)
            yield Record(row, number, raw, None if problem else values[:width], problem)

    def _batches(self, schema: pa.Schema, quarantine: Quarantine | None) -> Iterator[pa.RecordBatch]:
        kept: list[dict[str, Any]] = []
        row = 0
        for record in self.records():
            row = record.row
            if record.fields is not None:
                kept.append(dict(zip(self.names, [record.row, *record.fields], strict=True)))
            elif quarantine is not None and record.problem is not None:
                quarantine.add(record.row, record.line, *record.problem, record.raw)
            if len(kept) == _BATCH_ROWS:
                yield pa.RecordBatch.from_pylist(kept, schema=schema)
                kept.clear()
        if kept:
            yield pa.RecordBatch.from_pylist(kept, schema=schema)
        self.record_count = row

    def _cells(self) -> Generator[tuple[int, list[tuple[Any, bool]]], None, None]:
        """Row number from 1, and per cell its value and whether it has none though something stands there."""
        # A formula without a value looks like an empty cell among the values: only the formulas tell them apart.
        values = openpyxl.load_workbook(self.path, read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(self.path, read_only=True, data_only=False)
        try:
            pairs = zip(self._sheet(values).iter_rows(), self._sheet(formulas).iter_rows(), strict=True)
            for number, (row, written) in enumerate(pairs, start=1):
                yield (
                    number,
                    [
                        (cell.value, cell.data_type == "e" or (cell.value is None and other.value is not None))
                        for cell, other in zip(row, written, strict=True)
                    ],
                )
        finally:
            values.close()
            formulas.close()

    def _sheet(self, workbook: Any) -> Any:
        name = self.options.sheet
        if name is None and len(workbook.worksheets) == 1:
            return workbook.worksheets[0]
        for sheet in workbook.worksheets:
            if sheet.title == name:
                return sheet
        count = len(workbook.worksheets)
        raise WorkbookError(
            f"it has {count} sheets: declare options.sheet" if name is None else f"it has no sheet {name!r}"
        )

    def _named(self, values: list[str]) -> dict[str, str]:
        named: dict[str, str] = {}
        for position, text in enumerate(values):
            name = self.headers[position] if position < len(self.headers) else ""
            named[name if name and name not in named else f"{name} ({position + 1})"] = text
        return named

    def _text(self, value: Any, position: int) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            text = str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
            return text.replace(".", self.options.decimal_separator) if position in self.types else text
        if isinstance(value, _EPOCHS):
            wanted = self.types.get(position)
            form = {"date": self.options.date_format, "timestamp": self.options.timestamp_format}.get(wanted or "")
            if form and not isinstance(value, dt.time):
                return value.strftime(form)
            return value.isoformat(" ") if isinstance(value, dt.datetime) else value.isoformat()
        return str(value)
