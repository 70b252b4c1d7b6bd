"""Snapshots: which loads and which observation date a run reads. Everything downstream reads only these."""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.declaration.company import Company
from orchestration.ground.durable import (
    DamagedStateError,
    numbered_files,
    read_document,
    remove_temporary,
    set_aside,
    write_numbered,
)
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifest import Manifest
from orchestration.landing.loads.manifests import current_parts
from orchestration.publication.generations import PublicationError, current_generation
from orchestration.snapshots.completeness import Feed, SnapshotError, check_date, complete_until
from orchestration.snapshots.feeds import read_feeds

_REMEDY = "the next run sets it aside and pins anew"


@dataclass(frozen=True)
class Snapshot:
    """The inputs of a run.

    Attributes:
        snapshot_id: Hash of loads, observation date, configuration and code.
        snapshot_sequence: Position among snapshots, from 1; equal inputs in a row share one.
        as_of_date: Observation date in the company's zone, inclusive.
        as_of_at: Instant at which that day ends there (naive UTC, exclusive).
        load_ids: Loads that the run reads, sorted.
        max_load_sequence: Highest sequence among them; 0 without loads.
        pinned_at: When it was pinned (UTC).
        configuration: Hash of company.yml, staging SQL and forced matches.
        code_fingerprint: Fingerprint of the code.
    """

    snapshot_id: str
    snapshot_sequence: int
    as_of_date: date
    as_of_at: datetime
    load_ids: tuple[str, ...]
    max_load_sequence: int
    pinned_at: datetime
    configuration: str
    code_fingerprint: str

    def as_frame(self) -> pd.DataFrame:
        """The one row of run.snapshot."""
        return pd.DataFrame(
            {
                "snapshot_id": [self.snapshot_id],
                "snapshot_sequence": [self.snapshot_sequence],
                "as_of_date": [self.as_of_date],
                "as_of_at": pd.Series([self.as_of_at], dtype="datetime64[us]"),
                "max_load_sequence": [self.max_load_sequence],
            }
        )


def pin_snapshot(
    company: Company,
    workspace: Workspace,
    manifests: Sequence[Manifest],
    *,
    run_date: date | None,
    now: datetime,
    code_fingerprint: str,
    feeds: Sequence[Feed] | None = None,
) -> Snapshot:
    """Pin the current loads and the observation date; inputs equal to the last pin's give the last pin.

    Args:
        company: The company.
        workspace: Folders.
        manifests: All committed loads.
        run_date: The schedule's date; None takes the last day that has ended in the company's zone.
        now: When it is pinned, aware.
        code_fingerprint: Fingerprint of the code that will read the snapshot.
        feeds: How far the loads reach, where the caller has read it already.

    Raises:
        SnapshotError: as_of is latest_landed and no load has an event time, or the feeds do not reach the date.
        DamagedStateError: The latest snapshot is not what was written.
    """
    loads = current_parts(manifests)
    feeds = read_feeds(company, loads, workspace.state_dir) if feeds is None else feeds
    as_of_date = observation_date(company, feeds, run_date=run_date, now=now)
    identity: dict[str, Any] = {
        "load_ids": sorted(load.load_id for load in loads),
        "as_of_date": as_of_date.isoformat(),
        "configuration": configuration_hash(company.folder, company.profile),
        "code_fingerprint": code_fingerprint,
    }
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    snapshot_id = hashlib.sha256(text.encode()).hexdigest()[:16]
    latest = latest_snapshot(workspace)
    if latest is not None and latest.snapshot_id == snapshot_id:
        return latest
    document = {
        **identity,
        "snapshot_id": snapshot_id,
        "snapshot_sequence": _next_sequence(workspace, snapshot_id, latest),
        "as_of_at": day_end(as_of_date, company).isoformat(),
        "max_load_sequence": max((load.sequence for load in loads), default=0),
        "pinned_at": now.astimezone(UTC).isoformat(),
    }
    remove_temporary(workspace.snapshots_dir)
    write_numbered(workspace.snapshots_dir, document["snapshot_sequence"], document)
    return _snapshot(document)


def _next_sequence(workspace: Workspace, snapshot_id: str, latest: Snapshot | None) -> int:
    """A sequence that no other inputs ever had, also where the records of those were damaged or deleted."""
    used = [int(path.name[:8]) for path in workspace.snapshots_dir.glob("[0-9]*.json*")]
    with contextlib.suppress(PublicationError):
        published = current_generation(workspace.published_dir)
        if published is not None:
            is_lost = latest is None or latest.snapshot_sequence < published.snapshot_sequence
            if is_lost and published.snapshot_id == snapshot_id:
                return published.snapshot_sequence
            used.append(published.snapshot_sequence)
    return max(used, default=0) + 1


def set_damaged_aside(workspace: Workspace) -> list[Path]:
    """Rename the records that are not what was written: a run pins anew what its landings are.

    Returns:
        Their new paths.
    """
    damaged = []
    for path in numbered_files(workspace.snapshots_dir).values():
        try:
            _snapshot(read_document(path, _REMEDY))
        except (DamagedStateError, KeyError, TypeError, ValueError):
            damaged.append(set_aside(path))
    return damaged


def latest_snapshot(workspace: Workspace) -> Snapshot | None:
    """The snapshot pinned last; None before the first.

    Raises:
        DamagedStateError: Its file is not what was written.
    """
    files = numbered_files(workspace.snapshots_dir)
    if not files:
        return None
    path = files[max(files)]
    try:
        return _snapshot(read_document(path, _REMEDY))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedStateError(f"{path} lacks or misnames a field: {_REMEDY}") from error


def pinned_snapshot(workspace: Workspace) -> Snapshot:
    """The snapshot that the present run reads.

    Raises:
        SnapshotError: Nothing was pinned yet.
        DamagedStateError: Its file is not what was written.
    """
    latest = latest_snapshot(workspace)
    if latest is None:
        raise SnapshotError("no snapshot is pinned: run the daily job from its landings on")
    return latest


def published_load_sequence(workspace: Workspace) -> int:
    """Highest load sequence that the current generation holds; 0 before the first, or when it cannot be told."""
    try:
        current = current_generation(workspace.published_dir)
    except PublicationError:
        return 0
    if current is None:
        return 0
    path = numbered_files(workspace.snapshots_dir).get(current.snapshot_sequence)
    try:
        return int(read_document(path, _REMEDY)["max_load_sequence"]) if path else 0
    except DamagedStateError:  # asked before the run sets it aside
        return 0


def observation_date(company: Company, feeds: Sequence[Feed], *, run_date: date | None, now: datetime) -> date:
    """Observation date by the company's rule: a fixed date, the schedule's, or how far the orders are complete.

    The schedule's date waits for the orders: it is never later than they are complete. A fixed date is a person's word
    and stands.

    Raises:
        SnapshotError: as_of is latest_landed and no load has an event time; or the date would wait, or lie beyond the
            orders, for longer than feeds.max_days_behind.
    """
    bearable = company.feeds.max_days_behind
    reached, is_judged = complete_until(feeds, bearable)
    if company.as_of == "latest_landed":
        if reached is None:
            raise SnapshotError(
                "as_of is latest_landed, but no landed table has a date in its event_time column: declare"
                " event_time on a table that has data, or set as_of to a date"
            )
        return reached
    is_fixed = isinstance(company.as_of, date)
    asked = company.as_of if isinstance(company.as_of, date) else run_date or last_ended_day(company, now)
    if reached is None or asked <= reached:
        return asked
    if is_judged or not is_fixed:
        check_date(asked, reached, feeds, bearable)
    return asked if is_fixed else reached


def last_ended_day(company: Company, now: datetime) -> date:
    """The last day that has ended in the company's zone."""
    return now.astimezone(company.zone).date() - timedelta(days=1)


def day_end(day: date, company: Company) -> datetime:
    """The instant at which a local day ends: local midnight of the next day, as naive UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=company.zone)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def configuration_hash(folder: Path, profile: str | None = None) -> str:
    """Hash of what a company's folder decides: company.yml, its profile, staging SQL, forced matches."""
    files = [folder / "company.yml"]
    files += [folder / "identity" / f"{name}.csv" for name in ("must_link", "cannot_link")]
    files += [folder / "profiles" / f"{profile}.yml"] if profile else []
    files += sorted((folder / "staging").rglob("*.sql"))
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def _snapshot(document: dict[str, Any]) -> Snapshot:
    return Snapshot(
        **{
            **document,
            "as_of_date": date.fromisoformat(document["as_of_date"]),
            "as_of_at": datetime.fromisoformat(document["as_of_at"]),
            "pinned_at": datetime.fromisoformat(document["pinned_at"]),
            "load_ids": tuple(document["load_ids"]),
        }
    )
