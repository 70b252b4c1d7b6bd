"""When a score changed its level: one change point in a series of months, judged beside what chance gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEAST_MONTHS = 8
LEAST_BESIDE = 2
"""Months that must lie on either side: one month alone is an outlier, no level."""
SIMULATIONS = 999


@dataclass(frozen=True)
class ChangePoint:
    """The most likely change of level in one series.

    Attributes:
        series: Name of the series.
        month: First month of the new level.
        before, after: Means of the two levels, each month by its precision.
        p_value: How often chance alone gives a change as clear, anywhere in the series.
        q_value: Its Benjamini-Hochberg value over all series looked at.
    """

    series: str
    month: pd.Timestamp
    before: float
    after: float
    p_value: float
    q_value: float = 1.0


def change_points(scores: pd.DataFrame, *, seed: int = 0) -> list[ChangePoint]:
    """The most likely change of level of each series that is long enough.

    The statistic is the largest standardised difference of the means before and after a month, over all months (Hawkins
    1977, JASA 72). Months vary more than their answers alone, so the spread around the two levels sets the scale. Its
    distribution without a change, which does not depend on that scale, is simulated for each series' own precisions:
    999 times, and where none is as clear, as often again for every series, so that one change among many can be told.

    Args:
        scores: One row per series and month: series, month (timestamp), value, standard_error (above 0).
        seed: Of the simulation.

    Returns:
        One per series of at least eight months, the clearest first.

    Raises:
        ValueError: A standard error is not above 0, or a month stands twice.
    """
    if (scores["standard_error"] <= 0).any():
        raise ValueError("A standard error is not above 0.")
    if scores.duplicated(["series", "month"]).any():
        raise ValueError("A month stands twice in a series.")
    found = []
    series_count = scores["series"].nunique()
    for number, (series, rows) in enumerate(scores.sort_values(["series", "month"]).groupby("series")):
        if len(rows) >= LEAST_MONTHS:
            found.append(_of_series(str(series), rows, np.random.default_rng([seed, number]), series_count))
    return _controlled(sorted(found, key=lambda point: point.p_value))


def _of_series(name: str, rows: pd.DataFrame, rng: np.random.Generator, series_count: int) -> ChangePoint:
    value = rows["value"].to_numpy(dtype=float)
    error = rows["standard_error"].to_numpy(dtype=float)
    precision = error**-2
    statistic, place = (part[0] for part in _clearest(value[None, :], precision))
    p_value = _chance(statistic, error, rng, SIMULATIONS)
    if p_value == 1 / (SIMULATIONS + 1):
        p_value = _chance(statistic, error, rng, series_count * SIMULATIONS)
    before, after = (
        float(np.average(value[part], weights=precision[part])) for part in (slice(place), slice(place, None))
    )
    return ChangePoint(name, rows["month"].iloc[place], before, after, p_value)


def _chance(statistic: float, error: NDArray[np.float64], rng: np.random.Generator, simulations: int) -> float:
    """Share of so many series without a change whose statistic is as large, this one counted among them."""
    as_large, left = 0, simulations
    while left:
        drawn = rng.normal(size=(min(left, 10_000), len(error))) * error
        as_large += int((_clearest(drawn, error**-2)[0] >= statistic).sum())
        left -= len(drawn)
    return (1 + as_large) / (simulations + 1)


def _clearest(values: NDArray[np.float64], precision: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Of each row: the largest statistic over the allowed places, and its place."""
    count = values.shape[1]
    total, weighted = precision.sum(), (values * precision).cumsum(axis=1)
    squares = (values**2 * precision).sum(axis=1)
    before = precision.cumsum()
    places = np.arange(LEAST_BESIDE, count - LEAST_BESIDE + 1)
    left, right = before[places - 1], total - before[places - 1]
    mean_left = weighted[:, places - 1] / left
    mean_right = (weighted[:, -1:] - weighted[:, places - 1]) / right
    difference = np.abs(mean_right - mean_left) / np.sqrt(1 / left + 1 / right)
    residual = squares[:, None] - left * mean_left**2 - right * mean_right**2
    scale = np.sqrt(np.maximum(1e-12, residual / (count - 2)))
    statistic = difference / scale
    best = statistic.argmax(axis=1)
    return statistic[np.arange(len(values)), best], places[best]


def _controlled(points: list[ChangePoint]) -> list[ChangePoint]:
    """With Benjamini-Hochberg values; the points come by rising p-value."""
    q_value, controlled = 1.0, []
    for rank in range(len(points), 0, -1):
        point = points[rank - 1]
        q_value = min(q_value, point.p_value * len(points) / rank)
        controlled.append(ChangePoint(point.series, point.month, point.before, point.after, point.p_value, q_value))
    return controlled[::-1]
