"""What the incremental tables were built from, and whether they may still be extended.

An incremental model extends rows that earlier SQL made from earlier inputs. When a mapping, a rule or the code changed,
when a landing was replaced, or when the observation date went back, those rows are wrong and all is built anew. The
churn model is kept or trained anew by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from orchestration.ground.durable import DamagedStateError, read_document, write_document
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifests import current_parts, read_manifests
from orchestration.snapshots.snapshot import Snapshot

_PREFIX = "built_from_"


@dataclass(frozen=True)
class BuildBasis:
    """Inputs of the tables of one dbt stage, or of what was made from them.

    Attributes:
        project: Fingerprint of what decides their rows: SQL, macros, contracts, settings, Python code behind them.
        as_of_date: Observation date, ISO.
        snapshot_sequence: Sequence of the snapshot, with
        snapshot_id: its id: a sequence that was given twice, after a snapshot was lost, must not pass for the first.
        files: Landed Parquet files, sorted.
        tables: What was made of them, schema.table; none for what is no stage of dbt.
    """

    project: str
    as_of_date: str
    snapshot_sequence: int
    snapshot_id: str
    files: list[str]
    tables: list[str] = field(default_factory=list)


def basis_of(workspace: Workspace, snapshot: Snapshot, project: str) -> BuildBasis:
    """The basis of a run that reads this snapshot with the project of this fingerprint."""
    loads = [load for load in read_manifests(workspace) if load.load_id in set(snapshot.load_ids)]
    return BuildBasis(
        project=project,
        as_of_date=snapshot.as_of_date.isoformat(),
        snapshot_sequence=snapshot.snapshot_sequence,
        snapshot_id=snapshot.snapshot_id,
        files=sorted(part.landed.path for load in current_parts(loads) for part in load.parts),
    )


def _file(workspace: Workspace, stage: str) -> Path:
    return workspace.warehouse_path.parent / f"{_PREFIX}{stage}.json"


def recorded(workspace: Workspace, stage: str) -> BuildBasis | None:
    """What a stage was last built from, whole; null when that is not known."""
    try:
        return BuildBasis(**read_document(_file(workspace, stage), "the stage is built anew"))
    except (DamagedStateError, TypeError):
        return None


def needs_full_refresh(workspace: Workspace, stage: str, basis: BuildBasis) -> bool:
    """Whether the incremental tables of a stage have to be built anew; a damaged or absent record says yes."""
    built = recorded(workspace, stage)
    if built is None:
        return True
    is_other_history = basis.snapshot_sequence < built.snapshot_sequence or (
        basis.snapshot_sequence == built.snapshot_sequence and basis.snapshot_id != built.snapshot_id
    )
    return (
        is_other_history
        or built.project != basis.project
        or built.as_of_date > basis.as_of_date
        or not set(built.files) <= set(basis.files)
    )


def forget(workspace: Workspace, stage: str) -> None:
    """Before a full refresh: until it has ended the tables are built from nothing whole."""
    _file(workspace, stage).unlink(missing_ok=True)


def forget_all(workspace: Workspace) -> None:
    """The warehouse is another one: no table in it was built from anything."""
    for path in workspace.warehouse_path.parent.glob(f"{_PREFIX}*.json"):
        path.unlink()


def remember(workspace: Workspace, stage: str, basis: BuildBasis, tables: Sequence[str] = ()) -> None:
    """After a whole stage was built: its tables are built from this."""
    write_document(_file(workspace, stage), asdict(replace(basis, tables=sorted(tables))))


def is_of_snapshot(basis: BuildBasis | None, snapshot_id: str) -> bool:
    """Whether a stage is known to be built, and from that snapshot."""
    return basis is not None and basis.snapshot_id == snapshot_id


def recorded_of(workspace: Workspace, table: str) -> BuildBasis | None:
    """What the stage that made a table (schema.table) was last built from, whole; null when that is not known."""
    return next((basis for basis in _all_recorded(workspace) if table in basis.tables), None)


def is_built(workspace: Workspace, tables: Iterable[str]) -> bool:
    """Whether all these tables were built whole."""
    return set(tables) <= {table for basis in _all_recorded(workspace) for table in basis.tables}


def _all_recorded(workspace: Workspace) -> list[BuildBasis]:
    names = (path.stem.removeprefix(_PREFIX) for path in workspace.warehouse_path.parent.glob(f"{_PREFIX}*.json"))
    return [basis for name in sorted(names) if (basis := recorded(workspace, name)) is not None]
