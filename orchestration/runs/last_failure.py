"""Why the last run failed, kept until one succeeds, for `cx status` and `cx doctor`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.ground.durable import DamagedStateError, read_document, write_document
from orchestration.ground.workspace import Workspace
from orchestration.publication.generations import PublicationError, last_known_fresh

_NAME = "last_failure.json"
_REMEDY = "the next run writes or removes it"
_MOST_REASONS = 5


@dataclass(frozen=True)
class LastFailure:
    """A run that failed, with none since that succeeded.

    Attributes:
        run_id: Dagster's run.
        failed_at: When it ended (UTC, ISO).
        reasons: Step or check and message, first cause first; no personal data.
    """

    run_id: str
    failed_at: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"the last run ({self.run_id}, {self.failed_at}) failed: {'; '.join(self.reasons)}"


def note_failure(workspace: Workspace, run_id: str, reasons: Sequence[str]) -> None:
    """Keep why a run failed, in place of an earlier failure."""
    failed_at = workspace.now().isoformat(timespec="seconds")
    document = {"run_id": run_id, "failed_at": failed_at, "reasons": list(reasons[:_MOST_REASONS])}
    write_document(_path(workspace), document)


def forget_failure(workspace: Workspace) -> None:
    """A run succeeded: what failed before it matters no more."""
    _path(workspace).unlink(missing_ok=True)


def read_failure(workspace: Workspace) -> LastFailure | None:
    """The failure that nothing has made good since; None without one, and where its record is damaged."""
    path = _path(workspace)
    if not path.exists():
        return None
    try:
        document = read_document(path, _REMEDY)
        found = LastFailure(document["run_id"], document["failed_at"], tuple(document["reasons"]))
        fresh_at = last_known_fresh(workspace.published_dir)
    except (DamagedStateError, PublicationError, KeyError):
        return None
    is_made_good = fresh_at is not None and fresh_at > dt.datetime.fromisoformat(found.failed_at)
    return None if is_made_good else found


def _path(workspace: Workspace) -> Path:
    return workspace.state_dir / _NAME
