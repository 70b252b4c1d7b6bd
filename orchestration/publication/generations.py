"""Write, audit, publish: readers see only complete, checked generations, switched in one step.

A generation is a folder with `cx.duckdb` (no personal data), `restricted/cx.duckdb` (personal data), documents that
explain them, and `generation.json`, which holds the checksums of all. `published/current` links to the newest; nothing
in a finished generation is ever changed, so that whatever differs from its checksum is damage.
What makes a run worth publishing is decided in audit.py.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

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
from orchestration.publication.copies import PublicationError, PublishedTable, verify_copy, write_copy
from orchestration.publication.full_disk import full_disk_told
from orchestration.publication.withdrawal import forget_withdrawal, note_rollback, seen_generation

KEPT_GENERATIONS = 5
READABLE_SCHEMAS = ("core", "marts")
"""What readers get."""
STALE_AFTER = dt.timedelta(hours=36)
"""Since when readers have had nothing new: then people are told."""
CURRENT = "current"
DATABASE = "cx.duckdb"
RECORD = "generation.json"
LOOKED = "last_looked"


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
        raise PublicationError(f"No finished generation {generation_id}: `cx status` lists those that there are.")
    try:
        check_files(published / "generations" / generation_id, target)
    except PublicationError as error:
        raise PublicationError(f"{error} Readers keep what they have; choose another one of `cx status`.") from error
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


def _prune(published: Path, keep: Collection[str | None]) -> None:
    folders = sorted((published / "generations").glob("[0-9]*"))
    for folder in folders[:-KEPT_GENERATIONS]:
        if folder.name not in keep:
            shutil.rmtree(folder)


def _write_files(
    warehouse: Path, partial: Path, tables: Sequence[PublishedTable], texts: Mapping[str, str]
) -> tuple[list[TableDigest], list[FileDigest]]:
    """Both database files and the texts of a generation, each read back or forced to disk."""
    (partial / "restricted").mkdir(parents=True, mode=0o700)
    digests = []
    for is_restricted, path in ((False, partial / DATABASE), (True, partial / "restricted" / DATABASE)):
        written = write_copy(warehouse, path, [table for table in tables if table.is_personal is is_restricted])
        verify_copy(path, written)
        digests += [TableDigest(name, rows, checksum, is_restricted) for name, rows, checksum in written]
    for name, text in texts.items():
        (partial / name).write_text(text, encoding="utf-8")
        sync_file(partial / name)
    names = (DATABASE, f"restricted/{DATABASE}", *texts)
    return digests, [FileDigest(name, file_sha256(partial / name)) for name in names]


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
    documents: Mapping[str, str] | None = None,
) -> Generation:
    """Copy the tables into a new generation, compare, verify as a reader, and switch.

    Until the switch readers see the previous generation; a crash at any moment leaves either it or the new one.
    `documents` are texts by file name that lie beside the tables, such as the definitions of metrics.

    Raises:
        PublicationError: A copy differs from its original, or the disk is full; nothing was switched.
    """
    folder = published / "generations"
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".*.partial"):
        shutil.rmtree(leftover)
    generation_id = _new_generation_id(published, snapshot_id)
    partial = folder / f".{generation_id}.partial"
    try:
        with full_disk_told(folder, PublicationError, "Not published"):
            digests, files = _write_files(warehouse, partial, tables, documents or {})
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
                files,
            )
            write_document(partial / RECORD, asdict(generation))
            os.rename(partial, folder / generation_id)
    except BaseException:
        # Now, not by the next run: on a full disk that one would lack the space too.
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(folder)
    boundary("before_switch")
    before = seen_generation(published)
    _switch(published, generation_id)
    forget_withdrawal(published, snapshot_id)
    # After a rollback readers have just opened one of the oldest: it outlives this publication.
    _prune(published, keep=(generation_id, before))
    return generation
