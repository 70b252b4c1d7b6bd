"""Extraction: what is new in one table becomes one load, whole or not at all."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from orchestration.company import Company, LandingTable, Source
from orchestration.faults import boundary
from orchestration.landing.casting import CASTING_VERSION
from orchestration.landing.durable import remove_temporary, sync_folder
from orchestration.landing.manifests import (
    Manifest,
    Part,
    Pull,
    SourceFile,
    commit_manifest,
    current_parts,
    next_sequence,
    of_table,
    read_manifests,
)
from orchestration.landing.parts import land_part
from orchestration.landing.pull import Asked, LoadTarget, pull_parts
from orchestration.landing.sources import check_unchanged, describe_file, find_files
from orchestration.workspace import Workspace

LoadStatus = Literal["landed", "unchanged", "empty"]

_SCRATCH = ".scratch"


@dataclass(frozen=True)
class LoadResult:
    """What extraction of one table did.

    Attributes:
        landing_name: Table in the schema `landing`.
        status: landed (a new load), unchanged (every file has landed before), empty (optional, no files).
        manifest: The new load; None unless landed.
        repeated_files: Files whose content had landed before or stands beside them under another name.
        total_row_count: Rows that the landing view has now, over all loads.
    """

    landing_name: str
    status: LoadStatus
    manifest: Manifest | None
    repeated_files: tuple[str, ...]
    total_row_count: int

    @property
    def landed_count(self) -> int:
        """Rows of the new load."""
        return self.manifest.row_count if self.manifest else 0

    @property
    def quarantined_count(self) -> int:
        """Rows that the new load refused."""
        return self.manifest.quarantined_count if self.manifest else 0

    @property
    def undeclared_columns(self) -> tuple[str, ...]:
        """Columns of the new load that company.yml does not declare."""
        return tuple(sorted(self.manifest.undeclared)) if self.manifest else ()

    @property
    def message(self) -> str:
        """One line for the log; it holds no value of a row."""
        if self.manifest is None:
            reason = "nothing new" if self.status == "unchanged" else "no file; the table is optional"
            return f"{self.landing_name}: {reason}"
        text = (
            f"{self.landing_name}: {self.landed_count} rows landed, {self.quarantined_count} quarantined,"
            f" from {len(self.manifest.parts)} file(s), load {self.manifest.sequence}"
        )
        undeclared = ", ".join(self.undeclared_columns)
        return f"{text}; undeclared columns landed as text: {undeclared}" if undeclared else text

    def metadata(self) -> dict[str, str | int]:
        """Facts for the asset's catalogue."""
        return {
            "status": self.status,
            "load_id": self.manifest.load_id if self.manifest else "",
            "landed_count": self.landed_count,
            "quarantined_count": self.quarantined_count,
            "undeclared_columns": ", ".join(self.undeclared_columns),
            "repeated_files": len(self.repeated_files),
            "dagster/row_count": self.total_row_count,
        }


def extract_table(
    company: Company,
    source_name: str,
    table_name: str,
    workspace: Workspace,
    *,
    now: datetime,
    asked: Asked | None = None,
) -> LoadResult:
    """Land what a table has that has not landed yet, as one load.

    A file counts as landed when its content landed under the table's present declaration, a row that was asked for
    when an equal one did; when the declaration changes, what is still there lands again and replaces its earlier
    landing. Killed at any moment, the next call gives what the killed one would have given.

    Args:
        company: The company.
        source_name: Source in company.yml.
        table_name: Table of the source.
        workspace: Folders.
        now: When it is landed, aware.
        asked: What is wanted beyond the usual window; files know no window.

    Raises:
        MissingSourceError: No file matches and the table is not optional.
        LandingError: A file is not as declared (a missing column, an unreadable file), or a source cannot be read.
            Nothing of this call has landed; other tables are not concerned.
        DamagedStateError: A manifest or a landed file is not what was written.
    """
    item = company.table(source_name, table_name)
    with _landing_lock(workspace):
        manifests = read_manifests(workspace)
        _remove_leftovers(item, manifests, workspace)
        current = of_table(current_parts(manifests), item.landing_name)
        if item.kind == "files":
            return _extract_files(item, current, workspace, now)
        return _extract_rows(company.sources[source_name], item, current, asked or Asked(), workspace, now)


def _extract_files(item: LandingTable, current: list[Manifest], workspace: Workspace, now: datetime) -> LoadResult:
    paths = find_files(item, workspace.source_dir)
    declaration = _declaration(item)
    pending, repeated = _pending(item, paths, current, declaration, workspace)
    if not pending:
        status: LoadStatus = "unchanged" if paths or current else "empty"
        return LoadResult(item.landing_name, status, None, repeated, _rows(current))
    load_id = _load_id(item, declaration, [described for _, described in pending], current)
    with _writing(item, load_id, workspace, now) as load:
        parts = []
        for number, (path, described) in enumerate(pending):
            parts.append(land_part(load.engine, item, path, described, load.target.part(number)))
            check_unchanged(path, described, item.landing_name)
        manifest = load.manifest(declaration, tuple(parts))
    commit(manifest, workspace)
    total = _rows(current_parts([*current, manifest]))
    return LoadResult(item.landing_name, "landed", manifest, repeated, total)


def _extract_rows(
    source: Source, item: LandingTable, current: list[Manifest], asked: Asked, workspace: Workspace, now: datetime
) -> LoadResult:
    declaration = _declaration(item)
    known = [load for load in current if load.declaration == declaration and load.pull is not None]
    load_id = _hash(
        {
            "table": item.landing_name,
            "declaration": declaration,
            "after": current[-1].load_id if current else "",
        }
    )
    with _writing(item, load_id, workspace, now) as load:
        landed = pull_parts(load.engine, source, item, known, asked, load.target)
        manifest = load.manifest(declaration, landed.parts, landed.pull)
        load.is_wanted = bool(landed.parts)
    if not landed.parts:
        return LoadResult(item.landing_name, "unchanged", None, (), _rows(current))
    commit(manifest, workspace)
    return LoadResult(item.landing_name, "landed", manifest, (), _rows(current_parts([*current, manifest])))


def _pending(
    item: LandingTable, paths: list[Path], current: list[Manifest], declaration: str, workspace: Workspace
) -> tuple[list[tuple[Path, SourceFile]], tuple[str, ...]]:
    landed = {
        part.source.sha256
        for manifest in current
        if manifest.declaration == declaration and manifest.pull is None
        for part in manifest.parts
    }
    pending, repeated = [], []
    for path in paths:
        described = describe_file(path, workspace.source_dir, current)
        if described.sha256 in landed:
            repeated.append(described.path)
            continue
        landed.add(described.sha256)
        pending.append((path, described))
    return pending, tuple(repeated)


@dataclass
class _Load:
    """A load that is being written: its engine, its files, and whether it came to anything."""

    item: LandingTable
    engine: duckdb.DuckDBPyConnection
    target: LoadTarget
    is_wanted: bool = True

    def manifest(self, declaration: str, parts: tuple[Part, ...], pull: Pull | None = None) -> Manifest:
        """The manifest that makes it exist once it is committed."""
        return Manifest(
            sequence=self.target.sequence,
            load_id=self.target.load_id,
            source_name=self.item.source_name,
            table_name=self.item.table_name,
            landed_at=self.target.landed_at.isoformat(),
            declaration=declaration,
            parts=parts,
            pull=pull,
        )


@contextmanager
def _writing(item: LandingTable, load_id: str, workspace: Workspace, now: datetime) -> Iterator[_Load]:
    """Folders and engine of a new load; nothing stays when the block fails or the load is not wanted."""
    folder = workspace.landing_dir / item.landing_name / load_id
    quarantine = workspace.quarantine_dir / item.landing_name / load_id
    scratch = folder / _SCRATCH
    scratch.mkdir(parents=True, mode=0o700)
    _private_folder(workspace.quarantine_dir)
    sequence = next_sequence(workspace)
    target = LoadTarget(folder, quarantine, scratch, workspace.state_dir, load_id, sequence, now)
    try:
        with _engine(scratch) as engine:
            load = _Load(item, engine, target)
            yield load
    except BaseException:
        # An interrupt too: the next run would remove half a load, but its raw personal text must not lie until then.
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(quarantine, ignore_errors=True)
        raise
    shutil.rmtree(scratch)
    for written in (folder, quarantine):
        if written.is_dir() and not load.is_wanted:
            shutil.rmtree(written)
        elif written.is_dir():
            sync_folder(written)
            sync_folder(written.parent)


def commit(manifest: Manifest, workspace: Workspace) -> None:
    """The moment from which the load exists."""
    boundary("before_manifest")
    commit_manifest(manifest, workspace)


def _declaration(item: LandingTable) -> str:
    """Hash of everything that decides how a file's bytes become rows."""
    table = item.table.model_dump(
        mode="json", exclude={"description", "path", "is_optional", "event_time", "cursor"}, exclude_none=True
    )
    for column in table["columns"].values():
        column.pop("description", None)
    return _hash({"table": table, "kind": item.kind, "casting": CASTING_VERSION})


def _load_id(item: LandingTable, declaration: str, files: list[SourceFile], current: list[Manifest]) -> str:
    # A file that goes back to an earlier declaration lands again: the load that it replaces makes the id new.
    replaced = {part.source.sha256: manifest.load_id for manifest in current for part in manifest.parts}
    pulled = [manifest.load_id for manifest in current if manifest.pull is not None]
    return _hash(
        {
            "table": item.landing_name,
            "declaration": declaration,
            "pulled": pulled[-1:],
            "files": [[file.path, file.sha256, replaced.get(file.sha256, "")] for file in files],
        }
    )


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rows(manifests: list[Manifest]) -> int:
    return sum(manifest.row_count for manifest in manifests)


def _remove_leftovers(item: LandingTable, manifests: list[Manifest], workspace: Workspace) -> None:
    committed = {manifest.load_id for manifest in of_table(manifests, item.landing_name)}
    for root in (workspace.landing_dir, workspace.quarantine_dir):
        table_folder = root / item.landing_name
        for load in table_folder.iterdir() if table_folder.is_dir() else ():
            if load.name not in committed:
                shutil.rmtree(load)
    remove_temporary(workspace.manifests_dir)


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


@contextmanager
def _landing_lock(workspace: Workspace) -> Iterator[None]:
    """One extraction at a time, so that sequences and leftovers have one owner; the system frees it on death."""
    workspace.landing_dir.mkdir(parents=True, exist_ok=True)
    with (workspace.landing_dir / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _engine(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = true")
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set memory_limit = ?", [os.environ.get("CX_MEMORY_LIMIT", "4GB")])
        connection.execute("set temp_directory = ?", [str(scratch / "spill")])
        yield connection
    finally:
        connection.close()
