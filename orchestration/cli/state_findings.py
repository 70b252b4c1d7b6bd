"""What `cx doctor` says of a company's state: every file that is relied on, compared with what was written.

Reads only. What it finds damaged the next run repairs by itself, or the message says what to do first.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cx_assets.prediction import model_files
from orchestration.ground import lock
from orchestration.ground.durable import SET_ASIDE, DamagedStateError, numbered_files, read_document
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifests import read_manifests
from orchestration.landing.loads.verification import damaged_files
from orchestration.publication.generations import PublicationError, check_files, generations, verified_generation
from orchestration.publication.withdrawal import WITHDRAWN
from orchestration.runs.event_store import FILES, database_damage, store_damage
from orchestration.warehouse import history
from orchestration.warehouse.mending import warehouse_damage

FREE_BYTES_NEEDED = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        subject: What.
        is_ok: Whether the job can run with it.
        message: What was found; what to do where it is not ok.
    """

    subject: str
    is_ok: bool
    message: str

    @property
    def line(self) -> str:
        """As `cx doctor` prints it."""
        return f"{'OK' if self.is_ok else 'FIX':<3}  {self.subject}: {self.message}"


def examine_state(workspace: Workspace) -> Iterator[Finding]:
    """Every state file of a company, those that do not exist yet left out."""
    yield _disk(workspace)
    yield from _warehouse(workspace)
    yield from _landings(workspace)
    yield from _records(workspace)
    yield from _models(workspace)
    yield from _publication(workspace)
    yield from _event_store(workspace.dagster_dir)
    aside = sorted(str(path) for path in workspace.state_dir.rglob(f"*{SET_ASIDE}*"))
    if aside:
        yield Finding("set aside", True, f"damaged files, to be deleted once looked at: {', '.join(aside)}")


def _disk(workspace: Workspace) -> Finding:
    folder = workspace.state_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    needed = FREE_BYTES_NEEDED
    remedy = "" if free > needed else f"; free some space: a run needs {needed // 1024**3} GiB"
    return Finding("free disk", free > needed, f"{free / 1024**3:.0f} GiB beside {folder}{remedy}")


def _warehouse(workspace: Workspace) -> Iterator[Finding]:
    if not lock.is_usable(workspace.lock_path):
        yield Finding("lock", False, f"{workspace.lock_path} is no file; the next run sets it aside.")
    if lock.is_locked(workspace.lock_path):
        yield Finding("warehouse", True, f"in use by {lock.read_holder(workspace.lock_path)}")
        return
    problem = warehouse_damage(workspace)
    remedy = "The next run sets it aside and rebuilds it, with the customer ids of the copy in `history`."
    yield Finding("warehouse", problem is None, f"{problem}. {remedy}" if problem else "free")
    copies = history.copies(workspace.history_dir)
    problems = [found for copy in copies if (found := history.damage(copy))]
    if problems:
        yield Finding("history", False, f"{'; '.join(problems)}. `cx run --force` keeps a new copy.")
    elif copies:
        yield Finding("history", True, f"{len(copies)} copies of customer ids and earlier scores")


def _landings(workspace: Workspace) -> Iterator[Finding]:
    try:
        manifests = read_manifests(workspace)
    except DamagedStateError as error:
        yield Finding("landings", False, str(error))
        return
    damaged = damaged_files(manifests, workspace)
    yield from (Finding("landings", False, sentence) for sentence in damaged)
    if not damaged:
        yield Finding("landings", True, f"{len(manifests)} loads")


def _records(workspace: Workspace) -> Iterator[Finding]:
    """Small JSON records; a run makes good what it finds of them."""
    remedies = {
        path: "the next run sets it aside and pins again" for path in numbered_files(workspace.snapshots_dir).values()
    }
    built = sorted(workspace.warehouse_path.parent.glob("built_from_*.json"))
    remedies |= {path: "the next run rebuilds its tables" for path in built}
    remedies |= {
        path: "the next run works it out again" for path in sorted((workspace.dbt_dir / "lineage").glob("*.json"))
    }
    withdrawn = workspace.published_dir / WITHDRAWN
    if withdrawn.exists():
        remedies[withdrawn] = (
            "until a run publishes, generations newer than what readers see count as withdrawn; `cx rollback` to what"
            " they see writes it again"
        )
    damaged = []
    for path, remedy in remedies.items():
        try:
            read_document(path, remedy)
        except DamagedStateError as error:
            damaged.append(str(error))
    yield from (Finding("records", False, sentence) for sentence in damaged)
    if remedies and not damaged:
        yield Finding("records", True, f"{len(remedies)} whole")


def _models(workspace: Workspace) -> Iterator[Finding]:
    for path in sorted(found for found in workspace.models_dir.glob("*/[!.]*") if SET_ASIDE not in found.name):
        try:
            model_files.load(path, lambda plain, trees: None)
        except model_files.ModelFileError as error:
            yield Finding(
                f"{path.parent.name} model", False, f"{error}. If it is the current one, the next run retrains it."
            )


def _publication(workspace: Workspace) -> Iterator[Finding]:
    published = workspace.published_dir
    seen = None
    try:
        seen = verified_generation(published)
        yield Finding("publication", True, seen.generation_id if seen else "none yet")
    except PublicationError as error:
        yield Finding("publication", False, f"{error} The next `cx run` publishes again; or `cx rollback`.")
    whole = {made.generation_id: made for made in generations(published)}
    for folder in sorted((published / "generations").glob("[0-9]*")):
        if seen is not None and folder.name == seen.generation_id:
            continue
        try:
            if folder.name not in whole:
                raise PublicationError(f"{folder} has no readable record.")
            check_files(folder, whole[folder.name])
        except PublicationError as error:
            yield Finding("kept generation", False, f"{error} No rollback to it is possible; delete {folder}.")


def _event_store(folder: Path) -> Iterator[Finding]:
    damaged = store_damage(folder)
    for problem in damaged.values():
        yield Finding("event store", False, f"{problem}. The next run sets it aside and starts a new one.")
    shards = sorted(path for path in (folder / "history" / "runs").glob("*.db") if path.name != "index.db")
    for path in shards:
        if broken := database_damage(path):
            yield Finding("event store", False, f"{broken}. Delete it: only the log of this one run is lost.")
    if not damaged and any((folder / name).exists() for name in FILES):
        yield Finding("event store", True, f"{len(shards)} runs")
