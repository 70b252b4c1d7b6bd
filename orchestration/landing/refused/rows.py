"""Refused rows as people look for them: which there are, by what id, and what they hold. Releasing is in `release`."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.declaration.file_options import FileOptions
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, literal_path
from orchestration.ground.workspace import Workspace
from orchestration.landing.errors import LandingError
from orchestration.landing.formats import records
from orchestration.landing.formats.columns import keys_by_column
from orchestration.landing.formats.records import Problem
from orchestration.landing.loads.manifest import Manifest, Part
from orchestration.landing.loads.manifests import current_parts, of_table
from orchestration.landing.loads.verification import verify_files
from orchestration.landing.quarantine.raw_bytes import decoded

_ROW_ID = re.compile(r"(\d+)(?:-(\d+)-(\d+))?\Z")


@dataclass(frozen=True)
class RowId:
    """A load's refused rows, `12`, or one of them, `12-0-7`: sequence of the load, number of the file, row in it."""

    sequence: int
    part: int | None = None
    row: int | None = None

    @classmethod
    def parse(cls, text: str) -> "RowId":
        """An id as `cx quarantine list` and `show` print it.

        Raises:
            LandingError: It is none.
        """
        match = _ROW_ID.match(text)
        if match is None:
            raise LandingError(f"{text!r} is no id of refused rows: cx quarantine list and show print them")
        sequence, part, row = (None if group is None else int(group) for group in match.groups())
        return cls(sequence or 0, part, row)

    def __str__(self) -> str:
        """As it is typed."""
        return str(self.sequence) if self.row is None else f"{self.sequence}-{self.part}-{self.row}"


@dataclass(frozen=True)
class RefusedGroup:
    """Rows of a table that are refused for one reason.

    Attributes:
        table: source.table.
        rule, reason: The first that they broke.
        row_count: Their number over all current loads.
        newest_load: Sequence of the newest load that has some: the id for `show` and `release`.
        landed_at: When it landed (UTC, ISO).
    """

    table: str
    rule: str
    reason: str
    row_count: int
    newest_load: int
    landed_at: str


@dataclass(frozen=True)
class RefusedRow:
    """One refused row.

    Attributes:
        id: Of the row.
        source_file, source_row, source_line: Where it stood; the line is None for formats without lines.
        rule, reason: What it breaks, as it was last judged.
        raw_text: Its text; bytes that could not be decoded are escapes.
        raw_bytes, encoding: What stood in the file; None for rows that were no text.
        header: Names of its values; None where the row names them itself.
    """

    id: RowId
    source_file: str
    source_row: int
    source_line: int | None
    rule: str
    reason: str
    raw_text: str
    raw_bytes: bytes | None
    encoding: str | None
    header: list[str] | None

    def text(self, options: FileOptions) -> str:
        """The row as the present declaration decodes it."""
        if self.raw_bytes is None or self.encoding is None:
            return self.raw_text
        is_same = self.encoding.startswith(options.encoding)  # utf-16-le was found out under utf-16
        return decoded(self.raw_bytes, self.encoding if is_same else options.encoding)

    def values(self, text: str, options: FileOptions) -> dict[str, object] | Problem:
        """Value by name in the source, or what keeps the row from being cut into values."""
        if any("\ud800" <= character <= "\udfff" for character in text):
            return records.ENCODING
        if self.header is None:
            try:
                # As written: 0.10 stays 0.10.
                found = json.loads(text, parse_float=str, object_pairs_hook=_distinct)
            except (ValueError, RecursionError):  # nested deeper than anybody means it
                return records.NOT_AN_OBJECT
            return found if isinstance(found, dict) else records.NOT_AN_OBJECT
        return _cut(text, self.header, options)

    def keys(self, item: LandingTable) -> dict[str, str]:
        """Its values of the table's declared key, or of its required columns; empty where they cannot be read."""
        options = item.table.options
        values = self.values(self.text(options), options)
        if isinstance(values, Problem):
            return {}
        try:
            headers = keys_by_column(item, "", list(values))
        except LandingError:
            return {}
        named = {name: values.get(header) for name, header in headers.items()}
        return {name: str(named[name]) for name in item.table.key or item.table.required if named.get(name)}


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of these fields; raises ValueError where one stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _cut(text: str, header: list[str], options: FileOptions) -> dict[str, object] | Problem:
    if len(text) > records.MAX_RECORD_CHARACTERS:
        return records.TOO_LONG
    fields = text.split(options.delimiter)
    if options.quote and options.quote in text:
        csv.field_size_limit(records.MAX_RECORD_CHARACTERS)
        source = io.StringIO(text, newline="")
        try:
            rows = list(csv.reader(source, delimiter=options.delimiter, quotechar=options.quote, strict=True))
        except csv.Error:
            return records.QUOTE
        if len(rows) != 1:
            return records.QUOTE
        fields = rows[0]
    if len(fields) != len(header):
        return records.TOO_FEW if len(fields) < len(header) else records.TOO_MANY
    return dict(zip(header, fields, strict=True))


def refused_groups(manifests: Sequence[Manifest]) -> list[RefusedGroup]:
    """What is in quarantine now, by table and reason, most rows first within a table; holds no value of a row."""
    found: dict[tuple[str, str, str], RefusedGroup] = {}
    for load in current_parts(manifests):
        table = f"{load.source_name}.{load.table_name}"
        for reason in (reason for part in load.parts for reason in part.reasons):
            key = (table, reason.rule, reason.reason)
            before = found[key].row_count if key in found else 0
            found[key] = RefusedGroup(*key, before + reason.row_count, load.sequence, load.landed_at)
    return sorted(found.values(), key=lambda group: (group.table, -group.row_count, group.rule))


def refused_parts(manifests: Sequence[Manifest], row_id: RowId) -> tuple[Manifest, list[tuple[int, Part]]]:
    """The load that an id names, and its current parts that had refused rows, with their numbers.

    Raises:
        LandingError: There is no such load, or its files have landed again since.
    """
    load = next((load for load in manifests if load.sequence == row_id.sequence), None)
    if load is None:
        raise LandingError(f"there is no load {row_id.sequence}: see cx quarantine list")
    current = next((load for load in current_parts(manifests) if load.sequence == row_id.sequence), None)
    if current is None:
        raise LandingError(
            f"load {row_id.sequence} no longer counts: {load.source_name}.{load.table_name} has landed again since"
            " (see cx quarantine list)"
        )
    parts = [(part_number(part), part) for part in current.parts if part.quarantined is not None]
    return current, [(number, part) for number, part in parts if row_id.part in (None, number)]


def part_number(part: Part) -> int:
    """Number of a part within its load, as its file is called."""
    return int(Path(part.landed.path).stem.removeprefix("part-"))


def refused_rows(
    workspace: Workspace, manifests: Sequence[Manifest], load: Manifest, number: int, part: Part, row: int | None = None
) -> Iterator[RefusedRow]:
    """Rows of a part that are refused still, in the order of the file, as they were last judged.

    Args:
        workspace: Folders.
        manifests: All loads.
        load: The load.
        number: Of the part.
        part: The part.
        row: Only this row of the file.

    Raises:
        DamagedStateError: A file of the load is not what was written.
    """
    released = releases_of(manifests, part)
    verify_files([load], workspace)
    with duckdb.connect() as engine:
        again: dict[int, tuple[str, str]] = {}
        gone: set[int] = set()
        for later in released:
            landed = f"select _source_row from {_parquet(workspace, later.landed.path)}"
            gone.update(found for (found,) in engine.execute(landed).fetchall())
            if later.quarantined is not None:
                judged = f"select _source_row, rule, reason from {_parquet(workspace, later.quarantined.path)}"
                again.update({found: (rule, reason) for found, rule, reason in engine.execute(judged).fetchall()})
        if part.quarantined is None:
            return
        only = "" if row is None else f" where _source_row = {row}"
        cursor = engine.execute(
            "select _source_file, _source_row, _source_line, rule, reason, raw_text, raw_bytes, encoding, header"
            f" from {_parquet(workspace, part.quarantined.path)}{only} order by _source_row"
        )
        while found_rows := cursor.fetchmany(1000):
            for values in found_rows:
                if values[1] in gone:
                    continue
                header = None if values[8] is None else json.loads(values[8])
                file, position, line, rule, reason, text, raw, encoding = values[:8]
                row_id = RowId(load.sequence, number, position)
                rule, reason = again.get(position, (rule, reason))
                yield RefusedRow(row_id, file, position, line, rule, reason, text, raw, encoding, header)


def releases_of(manifests: Sequence[Manifest], part: Part) -> list[Part]:
    """Parts that released rows of a part, oldest first."""
    path = part.quarantined.path if part.quarantined else ""
    return [
        later
        for load in sorted(manifests, key=lambda load: load.sequence)
        if load.release
        for later, origin in zip(load.parts, load.release.origins, strict=True)
        if origin.quarantined == path
    ]


def released_in(workspace: Workspace, manifests: Sequence[Manifest], part: Part, row: int) -> Manifest | None:
    """The load in which a row of a part was released; None when it was not."""
    for load in manifests:
        for later, origin in zip(load.parts, load.release.origins if load.release else (), strict=False):
            if part.quarantined is None or origin.quarantined != part.quarantined.path:
                continue
            with duckdb.connect() as engine:
                query = f"from {_parquet(workspace, later.landed.path)} where _source_row = {row}"
                if engine.execute(query).fetchone():
                    return load
    return None


def retyped_columns(part: Part) -> list[str]:
    """A sentence for every column whose values are mostly of another type than company.yml declares."""
    counts = {reason.rule: reason.row_count for reason in part.reasons}
    return [
        f"{name} looks retyped: {count} of {part.record_count} values are no valid {kind};"
        " declare its new type, or fix the source"
        for name, kind in part.schema.items()
        if (count := counts.get(f"{name}_type", 0)) * 2 > part.record_count
    ]


def refusals(manifests: Sequence[Manifest], landing_name: str) -> str:
    """Why rows of a table were refused, newest load first, and where they lie; holds no value of a row."""
    loads = [load for load in of_table(current_parts(manifests), landing_name) if load.quarantined_count]
    sentences = []
    for load in reversed(loads[-3:]):
        for part in load.parts:
            if not part.quarantined_count:
                continue
            reasons = ", ".join(f"{item.reason} x{item.row_count}" for item in part.reasons[:3])
            total = part.landed.rows + part.quarantined_count
            sentences += [f"{part.source.path}: {sentence}." for sentence in retyped_columns(part)]
            sentences.append(
                f"{part.source.path}: {part.quarantined_count} of {total} rows refused ({reasons}); "
                f"read them in quarantine/{landing_name}/{load.load_id}/."
            )
    return " ".join(sentences)


def _parquet(workspace: Workspace, path: str) -> str:
    return f"read_parquet({literal(literal_path(workspace.state_dir / path))})"
