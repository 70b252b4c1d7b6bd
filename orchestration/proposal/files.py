"""Files of a folder as tables: which belong together, how they are written, and their raw values in an engine."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import duckdb

from orchestration.declaration.tables import LandingTable, Table
from orchestration.ground.sql_text import quoted
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import RawColumn
from orchestration.landing.formats.columns import landing_column_name
from orchestration.landing.formats.readers import open_reading
from orchestration.landing.quarantine.refused_file import Quarantine
from orchestration.proposal.observed import SAMPLE_ROWS, ObservedColumn, ObservedTable
from orchestration.proposal.scan import folded, scan

_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
_LOOKED_AT_BYTES = 1 << 18
_DELIMITERS = (",", ";", "\t", "|")
_PROBE = "proposal_probe"


def find_tables(folder: Path) -> tuple[list[ObservedTable], list[str]]:
    """Tables that the files of a folder make, and what was left out and why, a line each.

    Nothing outside the folder is read: links are passed over. Files whose names differ in digits alone and whose
    headers are equal are one table.
    """
    left_out: list[str] = []
    groups: dict[tuple[str, str], list[tuple[Path, ObservedTable]]] = {}
    for path in _files(folder, left_out):
        name = path.relative_to(folder).as_posix()
        try:
            table = _look(path, name)
        except (LandingError, UnicodeError, duckdb.Error) as error:
            left_out.append(f"{name}: {str(error).splitlines()[0]}")
            continue
        header = "\0".join(column.header for column in table.columns.values())
        groups.setdefault((re.sub(r"\d+", "*", name), header), []).append((path, table))
    paths = [path.relative_to(folder).as_posix() for members in groups.values() for path, _ in members]
    tables = [_of_group(pattern, members, folder, paths) for (pattern, _), members in groups.items()]
    _name_apart(tables)
    return tables, left_out


def _files(folder: Path, left_out: list[str]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent) / name
            shown = os.fsencode(path.relative_to(folder)).decode(errors="backslashreplace")
            if name.startswith(".") or not path.is_file() or path.is_symlink():
                left_out += [] if name.startswith(".") else [f"{shown}: a link or no file, which is not read"]
            elif path.suffix.lower() not in _FORMATS:
                left_out.append(f"{shown}: of no format that is read (csv, jsonl, parquet, xlsx)")
            elif shown != path.relative_to(folder).as_posix():
                left_out.append(f"{shown}: a name that is no UTF-8: rename it")
            else:
                yield path


def _look(path: Path, name: str) -> ObservedTable:
    """Format, options and columns of one file, by its header."""
    kind = _FORMATS[path.suffix.lower()]
    place = {"path": re.sub(r"[*?\[\]]", "?", name), "format": kind}
    table = ObservedTable(_table_name(path.stem), place, _written(path) if kind == "csv" else {})
    with _opened(table, path) as (_, raws):
        for raw in raws:
            table.columns[raw.name] = ObservedColumn(raw.name, raw.header)
    headers = [column.header for column in table.columns.values()]
    for column in table.columns.values():
        column.is_declarable = bool(column.header) and headers.count(column.header) == 1
    return table


def _of_group(pattern: str, members: list[tuple[Path, ObservedTable]], folder: Path, paths: list[str]) -> ObservedTable:
    """One table of equal files, judged by the values of all of them."""
    table = members[0][1]
    own = {path.relative_to(folder).as_posix() for path, _ in members}
    glob = pattern.replace("[", "?").replace("]", "?")
    is_glob = "*" in pattern and {name for name in paths if fnmatchcase(name, glob)} == own
    if is_glob and "/" not in glob:
        table.place["path"] = glob
        table.name = _table_name(re.sub(r"\*", " ", Path(glob).stem))
    elif len(own) > 1:
        table.notes.append(f"{len(own)} files have these columns; their names make no pattern, so one is declared")
        members = members[:1]
    with duckdb.connect() as connection:
        for number, (member, seen) in enumerate(members):
            with _opened(seen, member, connection) as (relation, raws):
                columns = ", ".join(f"{raw.raw} as {quoted(raw.name)}" for raw in raws)
                made = "create table seen as" if number == 0 else "insert into seen by name"
                connection.execute(f"{made} select {columns} from {relation} limit {SAMPLE_ROWS + 1}")
        count = connection.execute("select count(*) from seen").fetchall()[0][0]
        table.is_sample = count > SAMPLE_ROWS
        scan(connection, "seen", table, [_named(raw) for raw in raws])
    return table


def _named(raw: RawColumn) -> RawColumn:
    return RawColumn(raw.name, "text", raw.header, quoted(raw.name), raw.raw_type)


@contextmanager
def _opened(
    table: ObservedTable, path: Path, connection: duckdb.DuckDBPyConnection | None = None
) -> Iterator[tuple[str, list[RawColumn]]]:
    """The file by the landing's own reader: its relation and its columns, named as undeclared ones land.

    Raises:
        LandingError: It cannot be read.
    """
    probe: dict[str, Any] = {"type": "text", "if_missing": "default"}
    declared = Table.model_validate(
        {"description": "Looked at.", **table.place, "options": table.options, "columns": {_PROBE: probe}}
    )
    item = LandingTable("proposal", "looked_at", "team:proposal", "files", declared)
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as own:
        quarantine = Quarantine(Path(scratch) / "refused.parquet", "", 0, path.name)
        reading = open_reading(connection or own, item, path, path.name, Path(scratch), quarantine)
        reading.opened()
        yield reading.relation, [raw for raw in reading.columns if raw.name != _PROBE]


def _written(path: Path) -> dict[str, Any]:
    """Encoding and delimiter of a text file, where they are not the usual ones."""
    options: dict[str, Any] = {}
    encoding = _encoding(path)
    if encoding != "utf-8":
        options["encoding"] = encoding
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = file.read(_LOOKED_AT_BYTES).splitlines()
    delimiter = max(_DELIMITERS, key=lambda mark: _evenness(lines[:2000], mark))
    if delimiter != ",":
        options["delimiter"] = delimiter
    return options


def _encoding(path: Path) -> str:
    """utf-8 where every byte is; else utf-16 by its mark; else what Windows writes."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _evenness(lines: list[str], delimiter: str) -> tuple[float, int]:
    """How well a delimiter cuts: share of records as wide as the header, then the width; one column is no cut."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0, 0
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    return round(sum(len(row) == len(rows[0]) for row in rows) / len(rows), 1), len(rows[0])


def _table_name(stem: str) -> str:
    """A name for `company.yml`: lower case, words joined by one underscore; digits go where words are left."""
    words = [word for word in folded(stem).split("_") if word]
    plain = [word for word in words if not word.isdigit()]
    name = landing_column_name("_".join(plain or words) or "table", 1)
    return re.sub(r"_+", "_", name)[:36].strip("_")


def _name_apart(tables: list[ObservedTable]) -> None:
    """Tables of one name are told apart by the digits of their files, else by a number."""
    taken: set[str] = set()
    counts = Counter(table.name for table in tables)
    for table in tables:
        base, number = table.name, 2
        if counts[base] > 1:
            digits = re.findall(r"\d+", str(table.place.get("path", "")))
            base = f"{base}_{digits[0]}"[:40] if digits else base
        name = base
        while name in taken:
            name, number = f"{base[:36]}_{number}", number + 1
        table.name = name
        taken.add(name)
