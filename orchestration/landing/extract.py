"""Extraction: the new files of one table become one load, whole or not at all."""

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

from orchestration.company import Company, LandingTable
from orchestration.faults import boundary
from orchestration.landing.casting import CASTING_VERSION
from orchestration.landing.durable import remove_temporary, sync_folder
from orchestration.landing.manifests import (
    Manifest,
    Part,
    SourceFile,
    commit_manifest,
    current_parts,
    next_sequence,
    of_table,
    read_manifests,
)
from orchestration.landing.parts import PartTarget, land_part
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
    company: Company, source_name: str, table_name: str, workspace: Workspace, *, now: datetime
) -> LoadResult:
    """Land the files of one table that have not landed yet, as one load.

    A file counts as landed when its content landed under the table's present declaration; when the
    declaration changes, the files that are still there land again and replace their earlier landing. Killed
    at any moment, the next call gives what the killed one would have given.

    Args:
        company: The company.
        source_name: Source in company.yml.
        table_name: Table of the source.
        workspace: Folders.
        now: When it is landed, aware.

    Raises:
        MissingSourceError: No file matches and the table is not optional.
        LandingError: A file is not as declared (a missing column, an unreadable file). Nothing of this call
            has landed; other tables are not concerned.
        DamagedStateError: A manifest or a landed file is not what was written.
    """
    item = company.table(source_name, table_name)
    with _landing_lock(workspace):
        manifests = read_manifests(workspace)
        _remove_leftovers(item, manifests, workspace)
        current = of_table(current_parts(manifests), item.landing_name)
        paths = find_files(item, workspace.source_dir)
        declaration = _declaration(item)
        pending, repeated = _pending(item, paths, current, declaration, workspace)
        if not pending:
            status: LoadStatus = "unchanged" if paths or current else "empty"
            return LoadResult(item.landing_name, status, None, repeated, _rows(current))
        manifest = _land(item, pending, current, declaration, workspace, now)
        total = _rows(current_parts([*current, manifest]))
        return LoadResult(item.landing_name, "landed", manifest, repeated, total)


def _pending(
    item: LandingTable, paths: list[Path], current: list[Manifest], declaration: str, workspace: Workspace
) -> tuple[list[tuple[Path, SourceFile]], tuple[str, ...]]:
    landed = {
        part.source.sha256 for manifest in current if manifest.declaration == declaration for part in manifest.parts
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


def _land(
    item: LandingTable,
    pending: list[tuple[Path, SourceFile]],
    current: list[Manifest],
    declaration: str,
    workspace: Workspace,
    now: datetime,
) -> Manifest:
    load_id = _load_id(item, declaration, [described for _, described in pending], current)
    folder = workspace.landing_dir / item.landing_name / load_id
    quarantine = workspace.quarantine_dir / item.landing_name / load_id
    scratch = folder / _SCRATCH
    scratch.mkdir(parents=True, mode=0o700)
    _private_folder(workspace.quarantine_dir)
    sequence = next_sequence(workspace)
    parts: list[Part] = []
    try:
        with _engine(scratch) as connection:
            for number, (path, described) in enumerate(pending):
                name = f"part-{number:04d}.parquet"
                target = PartTarget(
                    workspace.state_dir, folder / name, quarantine / name, scratch, load_id, sequence, now
                )
                parts.append(land_part(connection, item, path, described, target))
                check_unchanged(path, described, item.landing_name)
    except BaseException:
        # An interrupt too: the next run would remove half a load, but its raw personal text must not lie until then.
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(quarantine, ignore_errors=True)
        raise
    shutil.rmtree(scratch)
    for written in (folder, quarantine):
        if written.is_dir():
            sync_folder(written)
            sync_folder(written.parent)
    manifest = Manifest(
        sequence=sequence,
        load_id=load_id,
        source_name=item.source_name,
        table_name=item.table_name,
        landed_at=now.isoformat(),
        declaration=declaration,
        parts=tuple(parts),
    )
    boundary("before_manifest")
    commit_manifest(manifest, workspace)
    return manifest


def _declaration(item: LandingTable) -> str:
    """Hash of everything that decides how a file's bytes become rows."""
    table = item.table.model_dump(
        mode="json", exclude={"description", "path", "is_optional", "event_time"}, exclude_none=True
    )
    for column in table["columns"].values():
        column.pop("description", None)
    return _hash({"table": table, "casting": CASTING_VERSION})


def _load_id(item: LandingTable, declaration: str, files: list[SourceFile], current: list[Manifest]) -> str:
    # A file that goes back to an earlier declaration lands again: the load that it replaces makes the id new.
    replaced = {part.source.sha256: manifest.load_id for manifest in current for part in manifest.parts}
    return _hash(
        {
            "table": item.landing_name,
            "declaration": declaration,
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
