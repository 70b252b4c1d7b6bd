"""How far a feed is complete, from its own days, and the observation date that follows. Nothing is read here.

A feed is what one source delivers of one entity. `feeds` says which tables it consists of and counts their days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

TRANSACTION_ENTITIES = frozenset({"sales_order", "transaction_line"})
MIN_JUDGED_DAYS = 10
"""Days with rows from which on a feed has a rhythm; below, nobody can tell a late one from a quiet one."""
STRAY_SHARE = 0.01
STRAY_GAP_DAYS = 14
STRAY_GAP_FACTOR = 3


class SnapshotError(RuntimeError):
    """No snapshot can be pinned; the message says what to do."""


@dataclass(frozen=True)
class Feed:
    """What one source delivers of one entity, and how far.

    Attributes:
        source_name: Source.
        entity: Entity that staging makes of it.
        tables: Its tables that declare an event_time, by name.
        row_count: Landed rows with an event that did not lie after their landing.
        stray_row_count: Those of them that lie far beyond all others, and move nothing.
        latest_event_date: Last day with a row, strays included; None without rows.
        complete_until_date: Last day with a row that is no stray; None without rows.
        usual_silence_days: Most days without a row that ever lay between two days with rows.
        is_judged: Whether it has enough days to tell a late feed from a quiet one.
        is_ended: Whether company.yml says that it brings nothing any more.
    """

    source_name: str
    entity: str
    tables: tuple[str, ...]
    row_count: int
    stray_row_count: int
    latest_event_date: date | None
    complete_until_date: date | None
    usual_silence_days: int
    is_judged: bool
    is_ended: bool

    @property
    def name(self) -> str:
        """As company.yml names it: source.entity."""
        return f"{self.source_name}.{self.entity}"

    @property
    def is_transaction(self) -> bool:
        """Whether orders or their lines come with it: what the observation date waits for."""
        return self.entity in TRANSACTION_ENTITIES

    @property
    def silent_until_date(self) -> date | None:
        """Last day that it may lack rows for without being late: as silent as it has been before."""
        return self.complete_until_date and self.complete_until_date + timedelta(days=self.usual_silence_days)


def feed_of_days(
    source_name: str, entity: str, tables: Sequence[str], days: Sequence[tuple[date, int]], *, is_ended: bool
) -> Feed:
    """The feed that has these days.

    Args:
        source_name: Source.
        entity: Entity.
        tables: Its tables.
        days: Every day with rows once, in order, with its rows.
        is_ended: Whether company.yml says so.
    """
    kept = days[: _bulk_end(days)]
    gaps = _gaps(kept, _stray_limit(days))
    return Feed(
        source_name=source_name,
        entity=entity,
        tables=tuple(tables),
        row_count=sum(count for _, count in days),
        stray_row_count=sum(count for _, count in days[len(kept) :]),
        latest_event_date=days[-1][0] if days else None,
        complete_until_date=kept[-1][0] if kept else None,
        usual_silence_days=max(gaps, default=1) - 1,
        is_judged=len(kept) >= MIN_JUDGED_DAYS,
        is_ended=is_ended,
    )


def complete_until(feeds: Sequence[Feed], max_days_behind: int) -> tuple[date | None, bool]:
    """How far the orders are complete, and whether the feeds have days enough to insist on it.

    That is the last day of the feed that reaches furthest, unless another one has been silent for longer than ever
    before: then the last day of its usual silence. Without a feed of orders the one that reaches furthest leads.

    Raises:
        SnapshotError: A feed holds the date back by more than max_days_behind.
    """
    known = [feed for feed in feeds if feed.complete_until_date is not None]
    orders = [feed for feed in known if feed.is_transaction]
    awaited = [feed for feed in orders if not feed.is_ended] or orders
    judged = [feed for feed in awaited if feed.is_judged]
    leading = judged or awaited or [feed for feed in known if feed.is_judged] or known
    reached = max((feed.complete_until_date for feed in leading if feed.complete_until_date), default=None)
    if reached is None:
        return None, False
    last = min([reached, *(feed.silent_until_date for feed in judged if feed.silent_until_date)])
    if (reached - last).days > max_days_behind:
        raise SnapshotError(_told_late(judged, reached, max_days_behind))
    return last, bool(judged)


def check_date(as_of: date, reached: date, feeds: Sequence[Feed], max_days_behind: int) -> None:
    """Refuse a date that lies further beyond what the orders have reached than company.yml bears.

    Raises:
        SnapshotError: It does; the message names the feeds.
    """
    if (as_of - reached).days <= max_days_behind:
        return
    leading = [feed for feed in feeds if feed.is_transaction] or list(feeds)
    told = ", ".join(f"{feed.name} to {feed.complete_until_date}" for feed in leading if feed.complete_until_date)
    raise SnapshotError(
        f"the observation date would be {as_of}, but the feeds are complete until {reached} only ({told}): later days"
        " would count as days without sales. See why the source delivers no more, set as_of to latest_landed or to a"
        f" date, or bear it with `feeds: {{max_days_behind: {(as_of - reached).days}}}` in company.yml"
    )


def _told_late(feeds: Sequence[Feed], reached: date, max_days_behind: int) -> str:
    late = [
        feed for feed in feeds if feed.silent_until_date and (reached - feed.silent_until_date).days > max_days_behind
    ]
    told = ", ".join(
        f"{feed.name} ends on {feed.complete_until_date} (never silent before for more than {feed.usual_silence_days}"
        " days)"
        for feed in late
    )
    return (
        f"the orders reach {reached}, but {told}: what is lacking would count as days without sales. See why the source"
        " delivers no more; if it never will, say so in company.yml: `feeds: {ended: ["
        + ", ".join(feed.name for feed in late)
        + "]}` (or raise feeds.max_days_behind, and the date waits for it)"
    )


def _stray_limit(days: Sequence[tuple[date, int]]) -> int:
    return max(1, int(sum(count for _, count in days) * STRAY_SHARE))


def _bulk_end(days: Sequence[tuple[date, int]]) -> int:
    """Number of days that are no strays: few rows, beyond a silence that is long and unlike any before it.

    Without MIN_JUDGED_DAYS days before them, no row can be called a stray.
    """
    limit = _stray_limit(days)
    end, beyond = len(days), 0
    for position in range(len(days) - 1, MIN_JUDGED_DAYS - 1, -1):
        beyond += days[position][1]
        if beyond > limit:
            break
        usual = max(_gaps(days[:position], limit), default=1)
        gap = (days[position][0] - days[position - 1][0]).days
        if gap > max(STRAY_GAP_DAYS, STRAY_GAP_FACTOR * usual):
            end = position
    return end


def _gaps(days: Sequence[tuple[date, int]], limit: int) -> list[int]:
    """Days from one day with rows to the next; those after a few mistyped early rows are left out."""
    gaps, before = [], 0
    for (day, count), (following, _) in pairwise(days):
        before += count
        if before > limit or len(days) < MIN_JUDGED_DAYS:
            gaps.append((following - day).days)
    return gaps
