"""Which rows of a table are pulled next: told by the committed manifests alone.

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
class PullWindow:
    """Which rows the command line or the schedule pulls; without arguments, the usual window.

    Attributes:
        is_reload: Full refresh: pull all rows; only differences land.
        low, high: Backfill of a range of the cursor, high excluded; None for none.
    """

    is_reload: bool = False
    low: datetime | None = None
    high: datetime | None = None


def next_request(item: LandingTable, known: list[Manifest], window: PullWindow) -> tuple[PullMode, PullRequest]:
    """The next pull of a table: its mode and its request.

    Args:
        item: The table.
        known: Current loads of the table under its present declaration, oldest first.
        window: The usual window, a full refresh or a backfill.

    Raises:
        LandingError: A backfill of a table without a cursor.
    """
    if not known:
        return "first", PullRequest(item)
    if window.low is not None or window.high is not None:
        if item.table.cursor is None:
            raise LandingError(f"{item.landing_name} has no cursor, so no range of it can be backfilled: reload it")
        return "backfill", PullRequest(item, window.low, window.high)
    last = _last_position(known)
    highest = None if window.is_reload else cursor_high(item, _before_writers(known, last))
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
    # A released row came with an earlier window, a backfill skips what lies before it: neither says how far the source
    # has been read.
    pulls = [load for load in loads if load.release is None and (load.pull is None or load.pull.mode != "backfill")]
    parts = [part for load in pulls for part in load.parts]
    if item.table.columns[cursor.column].type == "bigint":
        numbers = [int(found) for part in parts if (found := part.maxima.get(cursor.column)) is not None]
        return max(numbers, default=None)
    latest = [part.ranges[cursor.column].latest for part in parts if cursor.column in part.ranges]
    moments = [datetime.fromisoformat(value).replace(tzinfo=UTC) for value in latest if value is not None]
    return max(moments, default=None)


def _last_position(known: list[Manifest]) -> Position | None:
    pulls = [load.pull for load in known if load.pull is not None and load.pull.mode != "backfill"]
    return pulls[-1].position if pulls else None


def _before_writers(known: list[Manifest], last: Position | None) -> list[Manifest]:
    """Loads that were pulled before the oldest writer began that the last pull found; all without one."""
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
