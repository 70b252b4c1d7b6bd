"""A load while it is written: its lock, folders, engine, and the moment from which it exists.

What it holds comes from `extract` (files and pulled rows) or from `release` (rows of the quarantine).
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.declaration.connections import CompareKeys
from orchestration.declaration.tables import LandingTable
from orchestration.ground.durable import remove_temporary, sync_folder
from orchestration.ground.faults import boundary
from orchestration.ground.workspace import Workspace, memory_limit
from orchestration.landing.formats.casting import CASTING_VERSION
from orchestration.landing.formats.readers import FORMATS
from orchestration.landing.loads.manifest import Manifest, Part, Pull
from orchestration.landing.loads.manifests import commit_manifest, next_sequence, of_table
from orchestration.landing.loads.parts import LoadTarget
from orchestration.landing.quarantine.reasons import Release

_SCRATCH = ".scratch"


@dataclass
class Load:
    """A load that is being written: its engine, its files, and whether it came to anything."""

    item: LandingTable
    engine: duckdb.DuckDBPyConnection
    target: LoadTarget
    is_wanted: bool = True

    def manifest(
        self,
        declaration: str,
        parts: tuple[Part, ...],
        pull: Pull | None = None,
        release: Release | None = None,
        full_export: dict[str, str] | None = None,
    ) -> Manifest:
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
            release=release,
            full_export=full_export,
        )


@contextmanager
def writing_load(item: LandingTable, load_id: str, workspace: Workspace, now: datetime) -> Iterator[Load]:
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
            load = Load(item, engine, target)
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


def declaration_hash(item: LandingTable) -> str:
    """Hash of everything that decides how a file's bytes become rows."""
    table = item.table.model_dump(
        mode="json", exclude={"description", "path", "is_optional", "event_time", "cursor"}, exclude_none=True
    )
    if counted := table.pop("reconcile", None):
        # A file says its totals when it lands, so it lands again; a database or an API counts them with every pull, and
        # a workbook never, because there is no second reader of it.
        counted = {name: counted[name] for name in ("day", "amount") if name in counted}
        table |= {"reconcile": counted} if item.is_of_files and FORMATS[item.format].is_read_twice else {}
    if item.is_of_files:
        # They tell rows apart that were read, and do not read them. A status column that deletes is read with its row.
        table["key"] = []
        table.pop("mode", None)
        if isinstance(item.table.deletes, CompareKeys):
            table.pop("deletes")
    for column in table["columns"].values():
        column.pop("description", None)
    table["options"].pop("max_rows", None)
    version = FORMATS[item.format].version
    reading = {"reading": version} if version else {}
    return short_hash({"table": table, "kind": item.kind, "casting": CASTING_VERSION, **reading})


def short_hash(value: object) -> str:
    """Sixteen digits that are equal for equal documents."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def remove_leftovers(item: LandingTable, manifests: list[Manifest], workspace: Workspace) -> None:
    """Remove what loads of a table left that were never committed; only under the landing lock."""
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
def landing_lock(workspace: Workspace) -> Iterator[None]:
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
        connection.execute("set memory_limit = ?", [memory_limit()])
        connection.execute("set temp_directory = ?", [str(scratch / "spill")])
        yield connection
    finally:
        connection.close()
