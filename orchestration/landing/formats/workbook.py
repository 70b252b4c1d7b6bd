"""An Excel workbook (.xlsx, .xlsm) as rows of cells, streamed from its XML; their meaning as text is in `excel_stream`.

What a workbook says of its own size is not believed: every row and cell that stands in the sheet is read, none is made
up. Whoever wrote it, memory and time are bounded: see the limits below.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from orchestration.landing.formats.number_formats import NumberFormat, number_format

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Of a sheet, by Excel's own limits."""
MAX_CELL_CHARACTERS = 1 << 20
MAX_SHEET_BYTES = 4 << 30
MAX_OTHER_BYTES = 512 << 20
"""Of the unpacked XML: one sheet; shared texts or anything else."""
_FREE_BYTES, _MOST_UNPACKED = 64 << 20, 250
"""What is unpacked without a question, and how often its packed size a larger part may be. Real sheets come to 100."""
_READ_AT_ONCE = 1 << 18
_MAX_TOKEN = 8 << 20
_OLD_OR_PROTECTED = b"\xd0\xcf\x11\xe0"
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, OSError, ValueError, OverflowError)
"""What zipfile, zlib and numbers that are none raise; encrypted and unknown packings are RuntimeErrors."""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Cell = tuple[int, str, int, str | None, bool]
"""Position from 0, kind (n, s, str, inlineStr, b, e, d), style, what stands there or None, whether a formula."""


class WorkbookError(ValueError):
    """The file is no workbook, or has not the sheet or header that is declared; the message holds no cell."""


class Workbook:
    """An opened workbook; close it by leaving `opened`.

    Attributes:
        sheets: Names of its sheets and their parts of the file; sheets of charts are none.
        is_of_1904: Whether days are counted from 1904 on, as by old Macs.
        formats: Number format by style.
    """

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._parts = {info.filename.replace("\\", "/").lower(): info for info in file.infolist()}
        main = next((target for kind, _, target in self._relations("") if kind == "officeDocument"), "xl/workbook.xml")
        related = list(self._relations(main))
        worksheets = {name: target for kind, name, target in related if kind == "worksheet"}
        self.sheets: list[tuple[str, str]] = []
        self.is_of_1904 = False
        for tag, values in self._elements(main):
            if tag == "sheet" and values.get("id") in worksheets:
                self.sheets.append((values.get("name", ""), worksheets[values["id"]]))
            elif tag == "workbookPr":
                self.is_of_1904 = values.get("date1904") in ("1", "true")
        parts = {kind: target for kind, _, target in related}
        self.formats = self._read_formats(parts.get("styles"))
        self._texts: list[str] = []
        self._more_texts = self._read_texts(parts.get("sharedStrings"))

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
        """Rows of a sheet (its part of the file) that stand there, with their numbers from 1, ascending.

        Raises:
            WorkbookError: A row or column lies beyond Excel's limits, or rows do not ascend.
        """
        reader = _SheetReader()
        for _ in self._parsed(sheet, MAX_SHEET_BYTES, reader.start, reader.end, reader.text):
            yield from reader.rows
            reader.rows.clear()

    def text(self, index: int) -> str:
        """A text that cells share; the list is read only as far as it is needed."""
        while index >= len(self._texts) or index < 0:
            if index < 0 or next(self._more_texts, None) is None:
                raise WorkbookError("a cell names a text that the workbook does not have")
        return self._texts[index]

    def _read_texts(self, part: str | None) -> Iterator[bool]:
        """Fills the shared texts; yields whenever some more are there."""
        if part is None:
            return
        reader = _TextReader(self._texts)
        for _ in self._parsed(part, MAX_OTHER_BYTES, reader.start, reader.end, reader.text):
            yield True

    def _read_formats(self, part: str | None) -> list[NumberFormat]:
        declared: dict[int, str] = {}
        styles: list[int] = []
        is_of_cells = False
        for tag, values in self._elements(part) if part else ():
            if tag == "numFmt" and "numFmtId" in values:
                declared[int(values["numFmtId"])] = values.get("formatCode", "General")
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                is_of_cells = tag == "cellXfs"
            elif tag == "xf" and is_of_cells:
                styles.append(int(values.get("numFmtId", 0)))
        known = {format_id: number_format(format_id, declared) for format_id in set(styles)}
        return [known[format_id] for format_id in styles]

    def _relations(self, part: str) -> Iterator[tuple[str, str, str]]:
        """Kind, name and target of what belongs to a part; "" is the whole file."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        for tag, values in self._elements(listed) if listed.lower() in self._parts else ():
            if tag == "Relationship" and values.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, values.get("Target", ""))).lstrip("/")
                yield values.get("Type", "").rpartition("/")[2], values.get("Id", ""), target

    def _elements(self, part: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Elements of a small part and their attributes, both without name spaces."""
        found: list[tuple[str, dict[str, str]]] = []

        def start(name: str, values: dict[str, str]) -> None:
            found.append((_local(name), {_local(key): value for key, value in values.items()}))

        for _ in self._parsed(part, MAX_OTHER_BYTES, start, lambda name: None, lambda text: None):
            yield from found
            found.clear()

    def _parsed(
        self,
        part: str,
        limit: int,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> Iterator[bool]:
        """Parse a part piece by piece; yields after each, and after the last."""
        parser = ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
        with self._opened(part, limit) as file:
            read = 0
            while piece := file.read(_READ_AT_ONCE):
                read += len(piece)
                _parse(parser, piece, is_last=False)
                if read - parser.CurrentByteIndex > _MAX_TOKEN:
                    raise WorkbookError("its XML is not as Excel writes it")
                yield True
        _parse(parser, b"", is_last=True)
        yield True

    def _opened(self, part: str, limit: int) -> IO[bytes]:
        info = self._parts.get(part.lower())
        if info is None:
            raise WorkbookError("it lacks a part that it names")
        is_a_bomb = info.file_size > max(_FREE_BYTES, info.compress_size * _MOST_UNPACKED)
        if info.file_size > limit or is_a_bomb:
            raise WorkbookError(
                f"{info.compress_size:,} bytes of it unpack to {info.file_size:,}, more than any sheet of that size:"
                " save it again, or export it as CSV"
            )
        return self._file.open(info)


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """Open a workbook.

    Raises:
        WorkbookError: It is none, within the block as well.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) == _OLD_OR_PROTECTED:
                raise WorkbookError("it is an old .xls or protected by a password: save it as .xlsx without one")
            with zipfile.ZipFile(file) as unzipped:
                yield Workbook(unzipped)
    except WorkbookError:
        raise
    except _DAMAGE as error:
        raise WorkbookError("it is no readable Excel workbook (.xlsx or .xlsm)") from error


class _SheetReader:
    """Collects the rows of a sheet as its elements come."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, list[Cell]]] = []
        self._number = 0
        self._cells: list[Cell] = []
        self._position = -1
        self._positions: dict[str, int] = {}
        self._pieces: list[str] | None = None
        self._text: str | None = None
        self._has_formula = False
        self._is_phonetic = False
        self._names = False
        self._row = self._cell = self._value = self._words = self._formula = self._sound = ""

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == self._cell:
            reference = values.get("r")
            self._position = self._next_column() if reference is None else self._column(reference.rstrip("0123456789"))
            self._kind = values.get("t", "n")
            self._style = values.get("s", "0")
            self._text = None
            self._has_formula = False
        elif name in (self._value, self._words):
            if not self._is_phonetic:
                self._pieces = []
        elif name == self._formula:
            self._has_formula = True
        elif name == self._row:
            self._begin_row(values.get("r"))
        elif name == self._sound:
            self._is_phonetic = True
        elif not self._names:
            self._name_elements(name)

    def text(self, text: str) -> None:
        if self._pieces is not None:
            _append(self._pieces, text)

    def end(self, name: str) -> None:
        if name in (self._value, self._words):
            if self._pieces is not None:
                # A text in several formats comes in several pieces.
                self._text = (self._text or "") + "".join(self._pieces)
                self._pieces = None
        elif name == self._cell:
            self._cells.append((self._position, self._kind, int(self._style), self._text, self._has_formula))
        elif name == self._row:
            self.rows.append((self._number, self._cells))
        elif name == self._sound:
            self._is_phonetic = False

    def _name_elements(self, root: str) -> None:
        # Strict and usual workbooks differ in the name space alone.
        space = root[: -len(_local(root))]
        self._names = True
        self._row, self._cell, self._value = f"{space}row", f"{space}c", f"{space}v"
        self._words, self._formula, self._sound = f"{space}t", f"{space}f", f"{space}rPh"

    def _begin_row(self, number: str | None) -> None:
        before = self._number
        self._number = before + 1 if number is None else _whole(number)
        if self._number > MAX_ROWS:
            raise WorkbookError(f"it has a row {self._number}, and a sheet ends with row {MAX_ROWS}")
        if self._number <= before:
            raise WorkbookError(f"its row {self._number} comes after row {before}")
        self._cells, self._position = [], -1

    def _next_column(self) -> int:
        if self._position + 1 == MAX_COLUMNS:
            raise WorkbookError(f"it has a column beyond {MAX_COLUMNS}, with which a sheet ends")
        return self._position + 1

    def _column(self, letters: str) -> int:
        position = self._positions.get(letters)
        if position is None:
            position = 0
            for letter in letters:
                if not "A" <= letter <= "Z" or position > MAX_COLUMNS:
                    raise WorkbookError("it has a cell whose place is none of a sheet")
                position = position * 26 + ord(letter) - 64
            if not 1 <= position <= MAX_COLUMNS:
                raise WorkbookError(f"it has a column beyond {MAX_COLUMNS}, with which a sheet ends")
            position = self._positions[letters] = position - 1
        if position <= self._position:
            raise WorkbookError(f"the cells of its row {self._number} are not in order")
        return position


class _TextReader:
    """Collects the shared texts as their elements come."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._pieces: list[str] = []
        self._is_text = self._is_phonetic = False

    def start(self, name: str, values: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._is_phonetic = True
        elif tag == "t":
            self._is_text = not self._is_phonetic

    def text(self, text: str) -> None:
        if self._is_text:
            _append(self._pieces, text)

    def end(self, name: str) -> None:
        tag = _local(name)
        if tag == "si":
            self._texts.append(unescaped("".join(self._pieces)))
        elif tag == "rPh":
            self._is_phonetic = False
        elif tag == "t":
            self._is_text = False


def unescaped(text: str) -> str:
    """A text whose characters that XML cannot hold are written as _x000D_; halves of characters stay as they are."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def _append(pieces: list[str], text: str) -> None:
    pieces.append(text)
    if len(pieces) > 1 and sum(map(len, pieces)) > MAX_CELL_CHARACTERS:
        raise WorkbookError("it has a cell of more than a million characters")


def _parse(parser: XMLParserType, piece: bytes, *, is_last: bool) -> None:
    try:
        parser.Parse(piece, is_last)
    except ExpatError as error:
        raise WorkbookError("it is no readable Excel workbook (.xlsx or .xlsm): its XML is damaged") from error


def _refuse_doctype(*_: Any) -> None:
    raise WorkbookError("its XML declares a document type, which no workbook has")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise WorkbookError("it has a row whose number is none")
    return int(text)
