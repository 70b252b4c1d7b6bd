"""What the incremental tables were built from, and whether they may still be extended.

An incremental model extends rows that earlier SQL made from earlier inputs. When a mapping, a rule or the code changed,
when a landing was replaced, or when the observation date went back, those rows are wrong and all is built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.landing.manifests import current_parts, read_manifests
from orchestration.landing.snapshot import Snapshot
from orchestration.workspace import Workspace

FILE = "built_from.json"


@dataclass(frozen=True)
class BuildBasis:
    """Inputs of the tables in the warehouse.

    Attributes:
        code: Fingerprint of models, macros, domain and orchestration.
        mapping: Hash of company.yml and the staging SQL (forced matches are handled incrementally).
        as_of_date: Observation date, ISO.
        files: Landed Parquet files, sorted.
    """

    code: str
    mapping: str
    as_of_date: str
    files: list[str]


def basis_of(workspace: Workspace, snapshot: Snapshot) -> BuildBasis:
    """The basis of a run that reads this snapshot."""
    digest = hashlib.sha256()
    for path in [workspace.company_dir / "company.yml", *sorted((workspace.company_dir / "staging").rglob("*.sql"))]:
        digest.update(f"{path.relative_to(workspace.company_dir)}\0".encode() + path.read_bytes() + b"\0")
    loads = [load for load in read_manifests(workspace) if load.load_id in set(snapshot.load_ids)]
    return BuildBasis(
        code=snapshot.code_fingerprint,
        mapping=digest.hexdigest(),
        as_of_date=snapshot.as_of_date.isoformat(),
        files=sorted(part.landed.path for load in current_parts(loads) for part in load.parts),
    )


def _file(workspace: Workspace) -> Path:
    return workspace.warehouse_path.parent / FILE


def needs_full_refresh(workspace: Workspace, basis: BuildBasis) -> bool:
    """Whether the incremental tables have to be built anew; a damaged or absent record says yes."""
    try:
        built = BuildBasis(**json.loads(_file(workspace).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return True
    return (
        (built.code, built.mapping) != (basis.code, basis.mapping)
        or built.as_of_date > basis.as_of_date
        or not set(built.files) <= set(basis.files)
    )


def forget(workspace: Workspace) -> None:
    """Before a full refresh: until it has ended the tables are built from nothing whole."""
    _file(workspace).unlink(missing_ok=True)


def remember(workspace: Workspace, basis: BuildBasis) -> None:
    """After the last stage: the tables are built from this."""
    path = _file(workspace)
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps(asdict(basis)), encoding="utf-8")
    os.replace(partial, path)
