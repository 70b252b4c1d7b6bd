"""Periods, days, seasons and the company's clock; local times are seconds since 1970 on Berlin's wall clock."""

from __future__ import annotations

from datetime import date
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from cx_assets.sample_company.names import words
from cx_assets.sample_company.parameters import CAMPAIGN_HALF_LIFE_DAYS, PERIOD_COUNT, PERIOD_DAYS

DAY = 86_400
HOUR = 3_600
END_DATE = date(2026, 6, 30)
END = int(np.datetime64("2026-07-01", "s").astype(np.int64))
START = END - PERIOD_COUNT * PERIOD_DAYS * DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Instants (UTC) at which Berlin changes between winter (+1 h) and summer time (+2 h).
_CHANGES = words(
    "2018-03-25 2018-10-28 2019-03-31 2019-10-27 2020-03-29 2020-10-25 2021-03-28 2021-10-31 2022-03-27 "
    "2022-10-30 2023-03-26 2023-10-29 2024-03-31 2024-10-27 2025-03-30 2025-10-26 2026-03-29 2026-10-25 "
    "2027-03-28 2027-10-31"
)
_CHANGE_LOCAL = np.array([np.datetime64(f"{day}T03:00", "s") for day in _CHANGES]).astype(np.int64)

# Weight of each weekday (Monday first) for shops and for the internet; shops are closed on Sundays.
_STORE_WEEK = np.array([0.85, 0.90, 0.95, 1.00, 1.30, 1.60, 0.0])
_ONLINE_WEEK = np.array([1.15, 1.00, 0.95, 0.95, 0.90, 0.85, 1.25])
_CLOSED_DAYS = {"01-01", "05-01", "10-03", "12-25", "12-26"}
_MONTH_SEASON = np.array([0.92, 0.86, 0.97, 0.98, 1.00, 0.97, 0.95, 0.94, 0.98, 1.03, 1.12, 1.22])


def stream(seed: int, name: str, index: int = 0) -> np.random.Generator:
    """A generator of its own for each purpose and period, so that no part's draws shift another's."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, crc32(name.encode()), index])))


def period_start(period: int) -> int:
    """Local second at which a period begins."""
    return START + period * PERIOD_DAYS * DAY


def cut_date(period: int) -> date:
    """Last day before a period: the observation date whose horizon is that period."""
    return date.fromordinal(END_DATE.toordinal() - (PERIOD_COUNT - period) * PERIOD_DAYS)


def to_utc(local: Ints) -> Ints:
    """UTC seconds of Berlin wall-clock seconds, 2018-2027 (the doubled hour in October counts as winter)."""
    summer = np.searchsorted(_CHANGE_LOCAL - np.arange(len(_CHANGE_LOCAL)) % 2 * HOUR, local, side="right") % 2
    return local - HOUR - summer * HOUR


def _days(period: int) -> NDArray[np.datetime64]:
    first = np.datetime64(period_start(period), "s").astype("M8[D]")
    return first + np.arange(PERIOD_DAYS)


def daily_season(days: NDArray[np.datetime64]) -> Floats:
    """Purchases of each day relative to the year's mean, weekdays apart."""
    month = days.astype("M8[M]").astype(np.int64) % 12
    day = (days - days.astype("M8[M]")).astype(np.int64) + 1
    black_week = (month == 10) & (day >= 22)
    after_christmas = (month == 11) & (day >= 25)
    return _MONTH_SEASON[month] * np.where(black_week, 1.25, 1.0) * np.where(after_christmas, 0.8, 1.0)


def season_factor(period: int) -> float:
    """Purchase rate of a period relative to the year's mean."""
    return float(daily_season(_days(period)).mean())


def is_discount_season(period: int) -> bool:
    """Whether most of the period lies in November's and December's discounts."""
    return season_factor(period) > 1.10


def day_weights(period: int, *, is_online: bool, is_drawn: bool = False) -> Floats:
    """Share of the period's purchases that falls on each of its days (sums to 1).

    Those that a contact on the first day has drawn (`is_drawn`) come sooner.
    """
    days = _days(period)
    weekday = (days.astype(np.int64) + 3) % 7
    if is_online:
        weights = daily_season(days) * _ONLINE_WEEK[weekday]
    else:
        closed = np.array([str(day)[5:] in _CLOSED_DAYS for day in days])
        weights = daily_season(days) * np.where(closed, 0.0, _STORE_WEEK[weekday])
    if is_drawn:
        weights = weights * 0.5 ** (np.arange(PERIOD_DAYS) / CAMPAIGN_HALF_LIFE_DAYS)
    return weights / weights.sum()


def shares_until(period: int, *, is_online: bool, is_drawn: bool = False) -> Floats:
    """Share of the period's purchases that falls before the end of its day 0-30 (31 values, 0 to 1)."""
    return np.concatenate([[0.0], np.cumsum(day_weights(period, is_online=is_online, is_drawn=is_drawn))])


def draw_days(rng: np.random.Generator, weights: Floats, first_day: Ints, end_day: Ints | None = None) -> Ints:
    """Day numbers 0-29 drawn from the weights, none before `first_day` nor from `end_day` on (one per draw)."""
    edges = np.concatenate([[0.0], np.cumsum(weights)])
    low = edges[first_day]
    high = edges[-1] if end_day is None else edges[end_day]
    last_day = PERIOD_DAYS - 1 if end_day is None else end_day - 1
    drawn = low + rng.random(len(first_day)) * (high - low)
    return np.clip(np.searchsorted(edges, drawn, side="right") - 1, first_day, last_day)


def draw_clock(rng: np.random.Generator, count: int) -> Ints:
    """Seconds of the day between 07:00 and 21:59, with a peak in the late afternoon."""
    hour = 7 + 15 * rng.beta(2.0, 1.6, count)
    return (hour * HOUR).astype(np.int64)
