"""What was rolled back: snapshots that no run publishes again by itself. publication.py switches the links."""

from __future__ import annotations

import datetime as dt
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.ground.durable import DamagedStateError, read_document, write_document

WITHDRAWN = "withdrawn.json"

logger = logging.getLogger("cx.publication")


@dataclass(frozen=True)
class Withdrawal:
    """A generation that readers were taken back from.

    Attributes:
        generation_id: The generation.
        snapshot_id: What it was made from; a run that pins the same publishes nothing.
        withdrawn_at: When (UTC, ISO); empty where that was lost.
    """

    generation_id: str
    snapshot_id: str
    withdrawn_at: str


def snapshot_of(generation_id: str) -> str:
    """The snapshot that a generation's name carries; its record may be damaged."""
    return generation_id.partition("-")[2]


def seen_generation(published: Path) -> str | None:
    """Name of the generation that readers see, its record damaged or not; null before the first."""
    link = published / "current"
    return Path(os.readlink(link)).name if link.is_symlink() else None


def withdrawals(published: Path) -> list[Withdrawal]:
    """What was rolled back and not published since, oldest first.

    When the record is unreadable, every generation newer than the one that readers see counts as withdrawn: readers
    must not get back what somebody took away.
    """
    path = published / WITHDRAWN
    if not path.is_symlink() and not path.exists():
        return []
    try:
        items = read_document(path, "what is newer than the present generation counts as withdrawn")["withdrawn"]
        return [Withdrawal(**item) for item in items]
    except (DamagedStateError, KeyError, TypeError) as error:
        logger.warning("%s", error)
    seen = seen_generation(published)
    if seen is None:
        return []
    newer = sorted(path.name for path in (published / "generations").glob("[0-9]*") if path.name > seen)
    return [Withdrawal(name, snapshot_of(name), "") for name in newer if snapshot_of(name) != snapshot_of(seen)]


def is_withdrawn(published: Path, snapshot_id: str) -> bool:
    """Whether a snapshot's generation was rolled back."""
    return any(item.snapshot_id == snapshot_id for item in withdrawals(published))


def note_rollback(published: Path, *, target: str, at: dt.datetime) -> None:
    """Withdraw what is newer than the target, up to what readers see now; the target itself is no longer withdrawn.

    Call it before the links are switched: a crash in between withdraws what is still shown, which does no harm, while
    the other order would let the next run undo the rollback.

    Args:
        published: Folder of the generations.
        target: Generation that readers get.
        at: When.
    """
    seen = seen_generation(published) or ""
    kept = [item for item in withdrawals(published) if item.snapshot_id != snapshot_of(target)]
    names = sorted(path.name for path in (published / "generations").glob("[0-9]*") if target < path.name <= seen)
    known = {item.generation_id for item in kept}
    added = [
        Withdrawal(name, snapshot_of(name), at.isoformat(timespec="seconds"))
        for name in names
        if snapshot_of(name) != snapshot_of(target) and name not in known
    ]
    _write(published, [*kept, *added])


def forget_withdrawal(published: Path, snapshot_id: str) -> None:
    """A snapshot was published again on purpose."""
    if (published / WITHDRAWN).exists():  # a damaged record is thereby written anew
        _write(published, [item for item in withdrawals(published) if item.snapshot_id != snapshot_id])


def _write(published: Path, items: list[Withdrawal]) -> None:
    write_document(published / WITHDRAWN, {"withdrawn": [asdict(item) for item in items]})
