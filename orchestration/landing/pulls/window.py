"""Which rows of a table are asked for next: told by the committed manifests alone.

A window begins at the highest cursor value that has landed, less the overlap, and further back where the last pull
found writers at work that may still fill what lies below.
"""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from orchestration.connectors import PullRequest
from orchestration.connectors.pulling import Position
from orchestration.declaration.tables import LandingTable
from orchestration.landing.errors import LandingError
from orchestration.landing.loads.manifest import Manifest

PullMode = Literal["first", "window", "full", "backfill"]


@dataclass(frozen=True)
class Asked:
    """What the command line or the schedule wants of a table beyond its usual window.

    Attributes:
        is_reload: Ask for all rows; only differences land.
        low, high: Back-fill of a range of the cursor, high excluded; null for none.
    """

    is_reload: bool = False
    low: datetime | None = None
    high: datetime | None = None


def next_request(item: LandingTable, known: list[Manifest], asked: Asked) -> tuple[PullMode, PullRequest]:
    """What is asked for, and how that is called.

    Args:
        item: The table.
        known: Current loads of the table under its present declaration, oldest first.
        asked: What is wanted beyond the usual window.

    Raises:
        LandingError: A range is wanted of a table without a cursor.
    """
    if not known:
        return "first", PullRequest(item)
    if asked.low is not None or asked.high is not None:
        if item.table.cursor is None:
            raise LandingError(f"{item.landing_name} has no cursor, so no range of it can be asked for: reload it")
        return "backfill", PullRequest(item, asked.low, asked.high)
    last = _last_position(known)
    highest = None if asked.is_reload else cursor_high(item, _before_writers(known, last))
    if highest is None or item.table.cursor is None:
        return "full", PullRequest(item)
    request = PullRequest(item, transaction=last.transaction if last else None)
    if isinstance(highest, int):
        return "window", dataclasses.replace(request, low=highest - item.table.cursor.overlap)
    return "window", dataclasses.replace(request, low=highest - timedelta(days=item.table.cursor.overlap_days))


def cursor_high(item: LandingTable, loads: list[Manifest]) -> datetime | int | None:
    """Highest cursor value up to which the source has been read; None without one.

    Values later than their landing are left out: one year mistyped must not hide all that follows.
    """
    cursor = item.table.cursor
    if cursor is None:
        return None
    # A released row came with an earlier window, a back-fill skips what lies before it: neither says how far the source
    # has been read.
    asking = [load for load in loads if load.release is None and (load.pull is None or load.pull.mode != "backfill")]
    parts = [part for load in asking for part in load.parts]
    if item.table.columns[cursor.column].type == "bigint":
        numbers = [int(found) for part in parts if (found := part.maxima.get(cursor.column)) is not None]
        return max(numbers, default=None)
    latest = [part.ranges[cursor.column].latest for part in parts if cursor.column in part.ranges]
    moments = [datetime.fromisoformat(value).replace(tzinfo=UTC) for value in latest if value is not None]
    return max(moments, default=None)


def _last_position(known: list[Manifest]) -> Position | None:
    asking = [load.pull for load in known if load.pull is not None and load.pull.mode != "backfill"]
    return asking[-1].position if asking else None


def _before_writers(known: list[Manifest], last: Position | None) -> list[Manifest]:
    """Loads that were asked for before the oldest writer began that the last pull found; all without one."""
    if last is None or last.open_since is None:
        return known
    began = last.open_since
    return [
        load
        for load in known
        if load.pull is not None
        and load.pull.position is not None
        and load.pull.position.taken_at is not None
        # The server tells beginnings in whole seconds: of the same second, nobody knows which was first.
        and load.pull.position.taken_at <= began
    ]
