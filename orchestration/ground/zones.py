"""Offsets of a time zone as SQL that needs no time zone library: comparing with its few changes is far cheaper.

The engine's own conversion looks every value up in its calendar, about a microsecond each: more than reading, casting
and judging the row together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from orchestration.ground.sql_text import literal

FIRST, LAST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
"""Years whose offsets are told; a moment outside is left to the engine. More years make statements slow to plan."""


@dataclass(frozen=True)
class ZoneOffset:
    """An offset and since when it holds.

    Attributes:
        since: Naive UTC instant, or naive local time where that is asked for.
        seconds: What local time is ahead of UTC.
    """

    since: datetime
    seconds: int


@cache
def utc_offsets(zone: str) -> tuple[ZoneOffset, ...]:
    """Offsets of a zone by UTC instant from FIRST to LAST, each since its change, the first since FIRST."""
    info = ZoneInfo(zone)
    found = [ZoneOffset(FIRST.replace(tzinfo=None), _seconds(info, FIRST))]
    day = FIRST
    while day < LAST:
        following = day + timedelta(days=1)
        if _seconds(info, following) != found[-1].seconds:
            change = _change(info, day, following)
            found.append(ZoneOffset(change.replace(tzinfo=None), _seconds(info, change)))
        day = following
    return tuple(found)


def local_offsets(zone: str) -> tuple[ZoneOffset, ...]:
    """Offsets of a zone by local time: in an hour that is repeated the later one, in one that is skipped the earlier.

    A clock that moves to offset b at the instant T shows T + b from then on; what it shows before, or never, is still
    of the offset before.
    """
    return tuple(ZoneOffset(item.since + timedelta(seconds=item.seconds), item.seconds) for item in utc_offsets(zone))


def offset_sql(moment: str, offsets: Sequence[ZoneOffset]) -> str:
    """SQL of the seconds that hold at a moment between FIRST and LAST, as a tree of comparisons.

    Args:
        moment: SQL of a naive timestamp, cheap to repeat.
        offsets: `utc_offsets` of a UTC timestamp, `local_offsets` of a local one.
    """
    if len(offsets) == 1:
        return str(offsets[0].seconds)
    middle = len(offsets) // 2
    since = offsets[middle].since.isoformat(" ")
    earlier, later = offset_sql(moment, offsets[:middle]), offset_sql(moment, offsets[middle:])
    return f"case when {moment} < timestamp '{since}' then {earlier} else {later} end"


def is_told_sql(moment: str) -> str:
    """SQL of whether a moment, UTC or local, lies in the years whose offsets are told; null for none."""
    low, high = FIRST + timedelta(days=2), LAST - timedelta(days=2)
    return f"{moment} >= timestamp '{low:%Y-%m-%d}' and {moment} < timestamp '{high:%Y-%m-%d}'"


def local_date_macro(time_zone: str) -> str:
    """SQL that creates `main.local_date(moment)`: the date in a zone of a naive UTC timestamp."""
    offset = offset_sql("moment", utc_offsets(time_zone))
    by_engine = f"cast(timezone({literal(time_zone)}, timezone('UTC', moment)) as date)"
    return (
        f"create or replace macro main.local_date(moment) as case when {is_told_sql('moment')}"
        f" then cast(moment + to_seconds({offset}) as date) else {by_engine} end"
    )


def _seconds(info: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(info).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _change(info: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second, in a day with one change, of the offset that holds at its end."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _seconds(info, middle) == _seconds(info, after):
            after = middle
        else:
            before = middle
    return after
