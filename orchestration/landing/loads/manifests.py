"""Manifests: what a load consists of. A load without one does not exist; extraction itself is in `extract`."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from orchestration.connectors.pulling import Position
from orchestration.ground.durable import (
    DamagedStateError,
    numbered_files,
    read_document,
    write_numbered,
)
from orchestration.ground.workspace import Workspace
from orchestration.landing.quarantine.reasons import QuarantineReason, Release, ReleasedPart, left_after, release_from

_REMEDY = "restore it from a backup, or delete it: the next run lands its source files anew where they still exist"


MIN_JUDGED_ROWS = 100
_BROKEN_SHARE = 0.5
"""Of a file's rows: more refused ones are no mistyped row or two, but another file than was declared."""


@dataclass(frozen=True)
class StoredFile:
    """A Parquet file of a load.

    Attributes:
        path: Relative to the state folder.
        rows: Rows in it.
        bytes: Its size.
        sha256: Its content.
    """

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class SourceFile:
    """A source file as it was read.

    Attributes:
        path: Relative to the source folder; the whole URL of an object in a bucket.
        bytes: Its size.
        sha256: Its content.
        modified_ns: Modification time in nanoseconds since 1970.
        changed_ns: Time of the last change of content or attributes, which no program can set; 0 for an object.
        etag: What a bucket calls this content; None for a file on disk.
    """

    path: str
    bytes: int
    sha256: str
    modified_ns: int
    changed_ns: int
    etag: str | None = None


@dataclass(frozen=True)
class ColumnRange:
    """Smallest and largest value of a date or timestamp column, as ISO text (UTC); None without values.

    Attributes:
        min: Smallest.
        max: Largest.
        latest: Largest that does not lie after the landing, so that a typing error in the year moves nothing.
    """

    min: str | None
    max: str | None
    latest: str | None


@dataclass(frozen=True)
class Part:
    """What one source file gave: its rows landed and its rows quarantined.

    Attributes:
        source: The file.
        record_count: Records in it, counted apart from what landed.
        landed: Accepted rows.
        quarantined: Refused rows; None when there are none.
        reasons: Refused rows by reason; the counts add up to the refused rows.
        schema: Logical type by column.
        undeclared: Column name as landed by name in the source.
        sums: Exact sum of every numeric column as text, to six decimals for doubles; None without values.
        ranges: Range of every date and timestamp column.
        defaulted: Invalid values that gave way to their column's default, by column.
        maxima: Largest value of every whole-number column as text; None without values.
        statement: What the source says of its rows by day (`statements`); None where that is not configured, and for
            rows that were asked for, whose statement stands with the pull.
        is_departure: Whether it holds the last versions of rows that left a full export, and no file's rows.
    """

    source: SourceFile
    record_count: int
    landed: StoredFile
    quarantined: StoredFile | None
    reasons: tuple[QuarantineReason, ...]
    schema: dict[str, str]
    undeclared: dict[str, str]
    sums: dict[str, str | None]
    ranges: dict[str, ColumnRange]
    maxima: dict[str, str | None]
    defaulted: dict[str, int] = field(default_factory=dict)
    statement: StoredFile | None = None
    is_departure: bool = False

    @property
    def quarantined_count(self) -> int:
        """Rows that are refused still; those that were released no longer count in `current_parts`."""
        return sum(reason.row_count for reason in self.reasons)


@dataclass(frozen=True)
class Pull:
    """How rows that were asked for came about.

    Attributes:
        mode: first (all rows of a new declaration), window (from the cursor on), full (all, compared), backfill.
        low, high: Bounds of the cursor that were asked for, as text; high excluded; None is open.
        row_count: Rows that the source says it sent.
        known_count: Those of them that had landed or been refused before.
        deleted_count: Keys that the source no longer has.
        empty_count: Records that gave no row, because the list that gives rows is empty, null or absent.
        repeated_count: Records that came again on a later page, equal to the letter, and were dropped.
        statement: What the source says of all its rows by day (`statements`); None where that is not configured.
        position: What the server told of writers that were at work; None where it told nothing, and for a back-fill,
            which says nothing of how far the table has been read.
    """

    mode: str
    low: str | None
    high: str | None
    row_count: int
    known_count: int
    deleted_count: int
    statement: StoredFile | None = None
    position: Position | None = None
    empty_count: int = 0
    repeated_count: int = 0


@dataclass(frozen=True)
class Manifest:
    """One load of one table.

    Attributes:
        sequence: Position among all loads of the company, from 1.
        load_id: Hash of table, declaration and source files: the same input gives the same id.
        source_name: Source.
        table_name: Table within the source.
        landed_at: When it was landed (UTC, ISO).
        declaration: Hash of the table's declaration in company.yml and of the version of the casting rules.
        parts: One per source file, in the order of their paths.
        pull: How the rows were asked for; None for files.
        release: How they came out of quarantine; None for rows of files and pulls.
        full_export: SHA-256 by path of the files that were the whole table; None where files are appended.
        withheld_count: Keys that are not in a full export and stay all the same; see `full_exports.Departure`.
    """

    sequence: int
    load_id: str
    source_name: str
    table_name: str
    landed_at: str
    declaration: str
    parts: tuple[Part, ...]
    pull: Pull | None = None
    release: Release | None = None
    full_export: dict[str, str] | None = None
    withheld_count: int = 0

    @property
    def is_of_files(self) -> bool:
        """Whether it landed files as a whole."""
        return self.pull is None and self.release is None

    @property
    def landing_name(self) -> str:
        """Name of the table in the schema `landing`."""
        return f"{self.source_name}__{self.table_name}"

    @property
    def landed_moment(self) -> datetime:
        """When it was landed, aware."""
        return datetime.fromisoformat(self.landed_at)

    @property
    def row_count(self) -> int:
        """Accepted rows."""
        return sum(part.landed.rows for part in self.parts)

    @property
    def quarantined_count(self) -> int:
        """Refused rows."""
        return sum(part.quarantined_count for part in self.parts)

    @property
    def stored_files(self) -> list[StoredFile]:
        """Its Parquet files: landed, refused, and what the source says of itself."""
        files = [file for part in self.parts for file in (part.landed, part.quarantined, part.statement)]
        files += [self.pull.statement] if self.pull else []
        return [file for file in files if file is not None]

    @property
    def undeclared(self) -> dict[str, str]:
        """Undeclared columns: name as landed by name in the source."""
        return {name: header for part in self.parts for name, header in part.undeclared.items()}


def read_manifests(workspace: Workspace) -> list[Manifest]:
    """All committed loads in the order of their sequence, each checked against its files.

    Raises:
        DamagedStateError: A manifest is cut short or changed, or a file that it lists is absent or has
            another size. Manifests are written atomically, so this is never a killed run but lost data.
    """
    manifests = [_read(path, sequence) for sequence, path in numbered_files(workspace.manifests_dir).items()]
    for manifest in manifests:
        check_files(manifest, workspace)
    return manifests


def check_files(manifest: Manifest, workspace: Workspace) -> None:
    """Compare the files of a load with what its manifest says.

    Raises:
        DamagedStateError: One is absent or has another size.
    """
    for file in manifest.stored_files:
        path = workspace.state_dir / file.path
        if not path.is_file() or path.stat().st_size != file.bytes:
            raise DamagedStateError(f"{path} is absent or cut short: {file_remedy(manifest, workspace)}")


def file_remedy(manifest: Manifest, workspace: Workspace) -> str:
    """What to do when a file that a manifest lists is not what was written."""
    path = workspace.manifests_dir / f"{manifest.sequence:08d}.json"
    if manifest.release is not None:
        again = "the next run holds its rows in quarantine again, to be released anew"
    elif manifest.pull is not None:
        # The cursor of later loads lies beyond these rows: only a full comparison asks for them again.
        table = f"{manifest.source_name}.{manifest.table_name}"
        again = f"`cx load {table} --reload` then lands anew what the source still has"
    else:
        again = "the next run lands its source files anew where they still exist"
    return f"restore it from a backup, or delete {path}, which lists it: {again}"


def commit_manifest(manifest: Manifest, workspace: Workspace) -> Path:
    """Make a load exist; its files must be on disk already.

    Raises:
        DamagedStateError: A listed file is absent or has another size.
        SequenceTakenError: Another process committed this sequence.
    """
    check_files(manifest, workspace)
    document = dataclasses.asdict(manifest)
    document["row_count"] = manifest.row_count
    document["quarantined_count"] = manifest.quarantined_count
    return write_numbered(workspace.manifests_dir, manifest.sequence, document)


def next_sequence(workspace: Workspace) -> int:
    """Sequence of the next load."""
    return max(numbered_files(workspace.manifests_dir), default=0) + 1


def current_parts(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The loads without the parts that a later load of the same file replaced; empty loads are left out.

    A file is landed again when its table's declaration changes; only its newest landing counts. A first pull replaces
    all that the table had before it, and files that land after pulls replace those. A pull that brought no row but
    another statement of the source is kept. Released rows count as long as the landing that had refused them, and are
    taken out of its refused rows.

    Args:
        manifests: All loads of the tables, not what an earlier call left of them.
    """
    in_order = sorted((item for item in manifests if item.release is None), key=lambda item: item.sequence)
    since: dict[str, int] = {}
    is_pulled: dict[str, bool] = {}
    newest: dict[tuple[str, str], int] = {}
    for manifest in in_order:
        name = manifest.landing_name
        other_kind = is_pulled.setdefault(name, manifest.pull is not None) != (manifest.pull is not None)
        is_pulled[name] = manifest.pull is not None
        if other_kind or (manifest.pull is not None and manifest.pull.mode == "first"):
            since[name] = manifest.sequence
        for part in manifest.parts:
            newest[name, part.source.sha256] = manifest.sequence
    kept = []
    for manifest in in_order:
        if manifest.sequence < since.get(manifest.landing_name, 0):
            continue
        parts = manifest.parts
        if manifest.pull is None:
            parts = tuple(
                part for part in parts if newest[manifest.landing_name, part.source.sha256] == manifest.sequence
            )
        if parts or (manifest.pull is not None and manifest.pull.statement is not None):
            kept.append(dataclasses.replace(manifest, parts=parts))
    return _with_releases(kept, sorted((item for item in manifests if item.release), key=lambda item: item.sequence))


def _with_releases(loads: list[Manifest], releases: list[Manifest]) -> list[Manifest]:
    taken: dict[str, list[ReleasedPart]] = {
        part.quarantined.path: [] for load in loads for part in load.parts if part.quarantined is not None
    }
    standing = []
    for load in releases:
        pairs = list(zip(load.parts, load.release.origins if load.release else (), strict=True))
        pairs = [(part, origin) for part, origin in pairs if origin.quarantined in taken]
        for _, origin in pairs:
            taken[origin.quarantined].append(origin)
        if pairs and load.release:
            release = dataclasses.replace(load.release, origins=tuple(origin for _, origin in pairs))
            standing.append(dataclasses.replace(load, parts=tuple(part for part, _ in pairs), release=release))
    return [_less_released(load, taken) for load in loads] + standing


def _less_released(load: Manifest, taken: dict[str, list[ReleasedPart]]) -> Manifest:
    parts = tuple(
        dataclasses.replace(part, reasons=left_after(part.reasons, taken[part.quarantined.path]))
        if part.quarantined is not None and taken[part.quarantined.path]
        else part
        for part in load.parts
    )
    return dataclasses.replace(load, parts=parts)


def of_table(manifests: Iterable[Manifest], landing_name: str) -> list[Manifest]:
    """Loads of one table."""
    return [manifest for manifest in manifests if manifest.landing_name == landing_name]


def landing_aggregates(
    workspace: Workspace, manifests: Sequence[Manifest], landing_name: str, *, published_sequence: int = 0
) -> pd.DataFrame:
    """What the manifests of a table state beside what its Parquet files hold; one row, also without loads.

    Returns:
        landed_count (stated rows of the current loads), parquet_count (rows in their files), difference_count
        (differences file by file, so that two cannot cancel out), quarantined_share (the worst among the loads that no
        publication holds yet, so that a good load does not hide a bad one before it; a file that landed again, mended,
        takes its earlier landing out. Below MIN_JUDGED_ROWS rows a share is taken of that many: one bad row of three
        is no broken source; but a file of which more than half is refused counts as it is, whatever its size).
    """
    loads = of_table(current_parts(manifests), landing_name)
    stated = [part.landed for load in loads for part in load.parts]
    found = [pq.read_metadata(workspace.state_dir / file.path).num_rows for file in stated]
    newest_landing = {part.source.path: load.sequence for load in loads for part in load.parts}
    shares = [
        _refused_share(parts, is_of_files=load.is_of_files)
        for load in loads
        if load.sequence > published_sequence
        and (parts := [part for part in load.parts if newest_landing[part.source.path] == load.sequence])
    ]
    return pd.DataFrame(
        {
            "landed_count": [sum(file.rows for file in stated)],
            "parquet_count": [sum(found)],
            "difference_count": [sum(abs(file.rows - rows) for file, rows in zip(stated, found, strict=True))],
            "quarantined_share": [max(shares, default=0.0)],
        }
    )


def _refused_share(parts: Sequence[Part], *, is_of_files: bool) -> float:
    """Share of refused rows of a load; see `landing_aggregates`. Of few rows that were asked for, all may be bad."""
    rows = sum(part.landed.rows + part.quarantined_count for part in parts)
    share = sum(part.quarantined_count for part in parts) / max(rows, MIN_JUDGED_ROWS)
    files = [part.quarantined_count / (part.landed.rows + part.quarantined_count) for part in parts if part.quarantined]
    return max([share, *(one for one in files if one > _BROKEN_SHARE and is_of_files)])


def _read(path: Path, sequence: int) -> Manifest:
    document = read_document(path, _REMEDY)
    try:
        manifest = _from_document(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedStateError(f"{path} lacks or misnames a field ({error}): {_REMEDY}") from error
    if manifest.sequence != sequence:
        raise DamagedStateError(f"{path} says that it is sequence {manifest.sequence}: {_REMEDY}")
    return manifest


def _from_document(document: dict[str, Any]) -> Manifest:
    fields = {field.name for field in dataclasses.fields(Manifest)}
    values = {name: value for name, value in document.items() if name in fields}
    pull, release = document.get("pull"), document.get("release")
    return Manifest(
        **{
            **values,
            "parts": tuple(_part(part) for part in document["parts"]),
            "pull": _pull(pull) if pull is not None else None,
            "release": release_from(release) if release is not None else None,
        }
    )


def _part(part: dict[str, Any]) -> Part:
    return Part(
        **{
            "maxima": {},
            **part,
            "source": SourceFile(**part["source"]),
            "landed": StoredFile(**part["landed"]),
            "quarantined": _stored(part["quarantined"]),
            "statement": _stored(part.get("statement")),
            "reasons": tuple(QuarantineReason(**reason) for reason in part["reasons"]),
            "ranges": {name: ColumnRange(**value) for name, value in part["ranges"].items()},
        }
    )


def _pull(pull: dict[str, Any]) -> Pull:
    position = pull.get("position")
    return Pull(
        **{
            **pull,
            "statement": _stored(pull.get("statement")),
            "position": Position(**position) if position is not None else None,
        }
    )


def _stored(file: dict[str, Any] | None) -> StoredFile | None:
    return StoredFile(**file) if file else None
