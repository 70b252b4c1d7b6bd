"""Write, audit, publish: readers see only complete, checked generations, switched in one step.

A generation is a folder with `cx.duckdb` (no personal data), `restricted/cx.duckdb` (personal data) and
`generation.json`, which holds the checksums of both. `published/current` links to the newest; nothing in a finished
generation is ever changed, so that whatever differs from its checksum is damage.
What makes a run worth publishing is decided in audit.py.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from orchestration.ground.durable import (
    DamagedStateError,
    file_sha256,
    read_document,
    set_aside,
    sync_file,
    sync_folder,
    write_document,
)
from orchestration.ground.faults import boundary
from orchestration.ground.sql_text import literal, quoted
from orchestration.ground.workspace import memory_limit
from orchestration.publication.withdrawal import forget_withdrawal, note_rollback

STORAGE_VERSION = "v1.0.0"  # every driver tried reads it; newer ones are unreadable to older drivers
KEPT_GENERATIONS = 5
READABLE_SCHEMAS = ("core", "marts")
"""What readers get."""
STALE_AFTER = dt.timedelta(hours=36)
"""Since when readers have had nothing new: then people are told."""
CURRENT = "current"
DATABASE = "cx.duckdb"
RECORD = "generation.json"
LOOKED = "last_looked"


class PublicationError(RuntimeError):
    """The written copy does not equal the warehouse, or a published file is damaged; readers keep the old one."""


@dataclass(frozen=True)
class PublishedTable:
    """A table of the warehouse that readers get.

    Attributes:
        schema: `core` or `marts`.
        name: Table.
        is_personal: True puts it in the restricted publication only.
        description: Comment for readers.
        columns: Comment by column.
    """

    schema: str
    name: str
    is_personal: bool = False
    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def relation(self) -> str:
        """Quoted schema.table."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True)
class TableDigest:
    """What a published table holds, to tell two generations apart.

    Attributes:
        table: schema.table.
        rows: Row count.
        checksum: Sum over rows of a 64-bit hash of all columns: equal content gives equal sums in any row order.
        is_restricted: Whether it stands in the restricted file.
    """

    table: str
    rows: int
    checksum: str
    is_restricted: bool


@dataclass(frozen=True)
class FileDigest:
    """A database file of a generation.

    Attributes:
        path: Relative to the generation's folder.
        sha256: Its content.
    """

    path: str
    sha256: str


@dataclass(frozen=True)
class Generation:
    """One published, immutable state of the warehouse, as its generation.json tells it."""

    generation_id: str
    company: str
    snapshot_id: str
    snapshot_sequence: int
    as_of_date: str
    published_at: str
    run_id: str
    checks_declared: int
    checks_passed: int
    warnings: list[str]
    tables: list[TableDigest]
    files: list[FileDigest]


def _digest(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    row = connection.execute(f"select count(*), sum(hash(t)) from {relation} as t").fetchone()
    rows, checksum = row if row else (0, None)
    return int(rows), str(checksum or 0)


def _comments(table: PublishedTable) -> Iterable[str]:
    if table.description:
        yield f"comment on table target.{table.relation} is {literal(table.description)}"
    for column, text in table.columns.items():
        if text:
            yield f"comment on column target.{table.relation}.{quoted(column)} is {literal(text)}"


def _write_copy(warehouse: Path, target: Path, tables: Sequence[PublishedTable]) -> list[tuple[str, int, str]]:
    """Copy tables into a new file and compare each copy with its original."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digests = []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = true")
        connection.execute("set memory_limit = ?", [memory_limit()])
        connection.execute("set temp_directory = ?", [str(warehouse.parent / "spill")])
        # Under its own name, as the current catalog: its views name their relations by it, and its macros by none.
        connection.execute(f"attach {literal(warehouse)} as cx (read_only)")
        connection.execute("use cx")
        connection.execute(f"attach {literal(target)} as target (storage_version '{STORAGE_VERSION}')")
        for schema in sorted({table.schema for table in tables} | {"core", "marts"}):
            connection.execute(f"create schema if not exists target.{quoted(schema)}")
        for table in tables:
            connection.execute(f"create table target.{table.relation} as from cx.{table.relation}")
            for statement in _comments(table):
                connection.execute(statement)
            original = _digest(connection, f"cx.{table.relation}")
            copied = _digest(connection, f"target.{table.relation}")
            if original != copied:
                raise PublicationError(f"{table.schema}.{table.name}: the copy differs from the warehouse.")
            digests.append((f"{table.schema}.{table.name}", *copied))
        connection.execute("checkpoint target")
        connection.execute("detach target")
    sync_file(target)
    return digests


def _verify(path: Path, expected: Sequence[tuple[str, int, str]]) -> None:
    """Open the finished file as a reader would and count again; nothing but the expected tables may be there."""
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables order by 1"
        ).fetchall()
        if found != sorted((name, "BASE TABLE") for name, _, _ in expected):
            raise PublicationError(f"{path.name}: holds other tables than those that were written.")
        for name, rows, checksum in expected:
            schema, table = name.split(".")
            if _digest(connection, f"{quoted(schema)}.{quoted(table)}") != (rows, checksum):
                raise PublicationError(f"{name}: the written file differs from what was copied.")


def _reader_links(published: Path) -> dict[Path, str]:
    return {
        published / "current.duckdb": f"{CURRENT}/{DATABASE}",
        published / "restricted" / "current.duckdb": f"../{CURRENT}/restricted/{DATABASE}",
    }


def _switch(published: Path, generation_id: str) -> None:
    """Point the links at a finished generation; the one replace of `current` is the moment of publication."""
    for link, destination in _reader_links(published).items():
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink() or os.readlink(link) != destination:
            _replace_link(link, destination)
    os.chmod(published / "restricted", 0o700)
    _replace_link(published / CURRENT, f"generations/{generation_id}")
    sync_folder(published)


def _replace_link(link: Path, destination: str) -> None:
    if link.is_dir() and not link.is_symlink():
        set_aside(link)  # nothing that this platform makes; a link cannot take its place
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(destination)
    os.replace(fresh, link)


def read_generation(folder: Path) -> Generation:
    """A generation's record.

    Raises:
        PublicationError: The record is absent, not what was written, or of another generation.
    """
    try:
        fields = read_document(folder / RECORD, "not a readable generation record.")
        tables = [TableDigest(**table) for table in fields.pop("tables")]
        files = [FileDigest(**file) for file in fields.pop("files")]
        found = Generation(tables=tables, files=files, **fields)
    except (DamagedStateError, TypeError, KeyError) as error:
        raise PublicationError(str(error)) from error
    if found.generation_id != folder.name:
        raise PublicationError(f"{folder / RECORD}: the record of another generation.")
    return found


def check_files(folder: Path, generation: Generation) -> None:
    """Compare the database files of a generation with its record, byte for byte.

    Raises:
        PublicationError: One is absent, or not what was written.
    """
    for file in generation.files:
        path = folder / file.path
        try:
            is_whole = file_sha256(path) == file.sha256
        except OSError as error:
            raise PublicationError(f"{path} cannot be read ({type(error).__name__}).") from error
        if not is_whole:
            raise PublicationError(f"{path} is damaged: it is not what was published.")


def verified_generation(published: Path) -> Generation | None:
    """The generation that readers see now, every byte of it compared; null before the first publication.

    Raises:
        PublicationError: Readers do not get what was published: a link leads elsewhere, or a file is damaged.
    """
    current = current_generation(published)
    if current is None:
        if any((published / "generations").glob("[0-9]*")):
            raise PublicationError(f"{published / CURRENT}, the link that readers follow, is absent.")
        return None
    folder = (published / CURRENT).resolve()
    for link, destination in _reader_links(published).items():
        if not link.is_symlink() or os.readlink(link) != destination:
            raise PublicationError(f"{link}, the link that readers follow, does not lead to {destination}.")
    check_files(folder, current)
    return current


def current_generation(published: Path) -> Generation | None:
    """The generation that readers see now; null before the first publication.

    Raises:
        PublicationError: The link leads to a damaged generation.
    """
    link = published / CURRENT
    return read_generation(link.resolve()) if link.is_symlink() else None


def generations(published: Path) -> list[Generation]:
    """All readable generations, oldest first; damaged or unfinished folders are left out."""
    found = []
    for folder in sorted((published / "generations").glob("[0-9]*")):
        try:
            found.append(read_generation(folder))
        except PublicationError:
            continue
    return found


def roll_back(published: Path, generation_id: str, *, at: dt.datetime) -> Generation:
    """Let readers see an earlier generation again; what they saw since counts as withdrawn.

    Raises:
        PublicationError: There is no such finished generation, or its files are damaged; nothing was switched.
    """
    target = {generation.generation_id: generation for generation in generations(published)}.get(generation_id)
    if target is None:
        raise PublicationError(f"No finished generation {generation_id}.")
    check_files(published / "generations" / generation_id, target)
    note_rollback(published, target=generation_id, at=at)
    _switch(published, generation_id)
    return target


def _new_generation_id(published: Path, snapshot_id: str) -> str:
    """Publications are numbered; a number is never used twice, since open readers keep the file under its name."""
    numbers = [int(path.name.split("-")[0]) for path in (published / "generations").glob("[0-9]*")]
    return f"{max(numbers, default=0) + 1:08d}-{snapshot_id}"


def note_up_to_date(published: Path, *, at: dt.datetime) -> None:
    """A run looked and found nothing new: readers are not behind, however old their generation is."""
    write_document(published / LOOKED, {"at": at.isoformat(timespec="seconds")})


def last_known_fresh(published: Path) -> dt.datetime | None:
    """When the publication was last known to hold all that the sources have; null before the first.

    Raises:
        PublicationError: The current generation is damaged.
    """
    current = verified_generation(published)
    if current is None:
        return None
    moments = [dt.datetime.fromisoformat(current.published_at)]
    with contextlib.suppress(DamagedStateError):  # readers are then called stale too early, not too late
        moments.append(dt.datetime.fromisoformat(read_document(published / LOOKED, "written by the next run")["at"]))
    return max(moments)


def _prune(published: Path, keep: str) -> None:
    folders = sorted((published / "generations").glob("[0-9]*"))
    for folder in folders[:-KEPT_GENERATIONS]:
        if folder.name != keep:
            shutil.rmtree(folder)


def publish(
    warehouse: Path,
    published: Path,
    tables: Sequence[PublishedTable],
    *,
    company: str,
    snapshot_id: str,
    snapshot_sequence: int,
    as_of_date: str,
    published_at: str,
    run_id: str,
    checks_declared: int,
    checks_passed: int,
    warnings: list[str],
) -> Generation:
    """Copy the tables into a new generation, compare, verify as a reader, and switch.

    Until the switch readers see the previous generation; a crash at any moment leaves either it or the new one.

    Raises:
        PublicationError: A copy differs from its original; nothing was switched.
    """
    folder = published / "generations"
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".*.partial"):
        shutil.rmtree(leftover)
    generation_id = _new_generation_id(published, snapshot_id)
    partial = folder / f".{generation_id}.partial"
    (partial / "restricted").mkdir(parents=True, mode=0o700)
    digests = []
    for is_restricted, path in ((False, partial / DATABASE), (True, partial / "restricted" / DATABASE)):
        chosen = [table for table in tables if table.is_personal is is_restricted]
        written = _write_copy(warehouse, path, chosen)
        _verify(path, written)
        digests += [TableDigest(name, rows, checksum, is_restricted) for name, rows, checksum in written]
    generation = Generation(
        generation_id,
        company,
        snapshot_id,
        snapshot_sequence,
        as_of_date,
        published_at,
        run_id,
        checks_declared,
        checks_passed,
        warnings,
        digests,
        [FileDigest(name, file_sha256(partial / name)) for name in (DATABASE, f"restricted/{DATABASE}")],
    )
    write_document(partial / RECORD, asdict(generation))
    os.rename(partial, folder / generation_id)
    sync_folder(folder)
    boundary("before_switch")
    _switch(published, generation_id)
    forget_withdrawal(published, snapshot_id)
    _prune(published, keep=generation_id)
    return generation
