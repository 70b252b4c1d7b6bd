"""The app's releases: ratings in the stores (JSON Lines) and tests with users (German CSV); one release is worse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.columns import decode, formatted, joined, numbers, padded, whole
from cx_assets.sample_company.files import csv_lines, json_lines, write_lines
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS
from cx_assets.sample_company.timeline import DAY, START, Floats, Ints, stream
from cx_assets.sample_company.voice_parameters import InterfaceRates

PLATFORMS = ("ios", "android")
TASKS = ("search", "order", "return", "points")
_FIRST_DAY = START // DAY
_DAYS = PERIOD_COUNT * PERIOD_DAYS
# What makes a task harder or easier than the mean task, and the seconds it takes when all goes well.
_TASK_EASE = np.array([0.04, 0.0, -0.06, 0.02])
_TASK_SECONDS = np.array([35.0, 95.0, 120.0, 50.0])


@dataclass(frozen=True)
class Releases:
    """Releases of the app, one after the other; each is in use for `rates.release_days`.

    Attributes:
        task_success: Share of the tasks that users finish, one per release.
    """

    task_success: Floats
    rates: InterfaceRates

    @property
    def names(self) -> list[str]:
        """Release numbers: 5.0, 5.1, ..., 6.0, ..."""
        return [f"{5 + number // 6}.{number % 6}" for number in range(len(self.task_success))]

    def of_day(self, day: Ints) -> Ints:
        """Release in use on each day, counted from the first day of the data."""
        return day // self.rates.release_days

    def shifts(self, weight: float) -> Floats:
        """Standard deviations added to the impression of the app, one per release."""
        return weight * (self.task_success - self.rates.task_success) / 0.1

    def shift_by_day(self, weight: float) -> Floats:
        """The same, one per day of the data."""
        return self.shifts(weight)[self.of_day(np.arange(_DAYS))]

    def truth(self, weight: float) -> pa.Table:
        """One row per release: release_name, start_date, task_success_rate, impression_shift, is_planted."""
        count = len(self.task_success)
        starts = (_FIRST_DAY + np.arange(count) * self.rates.release_days).astype("M8[D]")
        return pa.table(
            {
                "release_name": self.names,
                "start_date": pa.array(starts),
                "task_success_rate": self.task_success,
                "impression_shift": self.shifts(weight),
                "is_planted": np.arange(count) == self.rates.worse_release,
            }
        )


def make_releases(seed: int, rates: InterfaceRates) -> Releases:
    """Draw how well users manage with each release."""
    count = -(-_DAYS // rates.release_days)
    success = rates.task_success + rates.task_success_spread * stream(seed, "releases").uniform(-1, 1, count)
    success[rates.worse_release] = rates.worse_task_success
    return Releases(success, rates)


def write_interfaces(
    target: Path, seed: int, scale: float, releases: Releases, behind_days: int, broken: defects.Defects
) -> None:
    """Write `digital/app_ratings.jsonl` and `digital/task_tests.csv`, both in the order of the day.

    The ratings end `behind_days` before the data's end.
    """
    _write_ratings(target, seed, scale, releases, behind_days, broken)
    _write_tests(target, seed, releases, broken)


def _write_ratings(
    target: Path, seed: int, scale: float, releases: Releases, behind_days: int, broken: defects.Defects
) -> None:
    """Mean stars per day and platform; the release makes no difference to them. Days without ratings are absent."""
    rng, rates = stream(seed, "app ratings"), releases.rates
    day, platform = np.repeat(np.arange(_DAYS), len(PLATFORMS)), np.tile(np.arange(len(PLATFORMS)), _DAYS)
    count = rng.poisson(max(rates.least_ratings, rates.ratings_at_scale_one * scale), len(day))
    stars = rates.stars + rates.stars_noise * rng.standard_normal(len(day)) / np.sqrt(np.maximum(count, 1))
    kept = np.flatnonzero((count > 0) & (day < _DAYS - behind_days))
    hundredths = np.clip(np.round(100 * stars[kept]), 100, 500).astype(np.int64)
    columns = {
        "rating_no": joined("B", padded(np.arange(len(kept)) + 1, 6)),
        "day": formatted((_FIRST_DAY + day[kept]) * DAY, "%Y-%m-%d"),
        "platform": decode(PLATFORMS, platform[kept]),
        "release": decode(releases.names, releases.of_day(day[kept])),
        "mean_stars": pa.array(hundredths / 100),
        "ratings": pa.array(count[kept]),
    }
    kinds = {
        "cut_off_json": defects.cut_off,
        "impossible_date": defects.json_value("day", '"2025-02-30"'),
        "too_many_stars": defects.renumbered(defects.json_value("mean_stars", "9.5"), "B"),
    }
    lines = broken.lines("digital__app_ratings", json_lines(columns), kinds)
    write_lines(target / "digital" / "app_ratings.jsonl", None, lines)


def _write_tests(target: Path, seed: int, releases: Releases, broken: defects.Defects) -> None:
    """Success and seconds per release, platform and task, from a test in the release's first days."""
    rng, rates = stream(seed, "task tests"), releases.rates
    release, platform, task = (
        part.ravel()
        for part in np.meshgrid(
            np.arange(len(releases.task_success)), np.arange(len(PLATFORMS)), np.arange(len(TASKS)), indexing="ij"
        )
    )
    size = len(release)
    success = rng.binomial(rates.testers, np.clip(releases.task_success[release] + _TASK_EASE[task], 0, 1))
    seconds = _TASK_SECONDS[task] * (2 - releases.task_success[release]) * np.exp(0.08 * rng.standard_normal(size))
    ends = (release + 1) * rates.release_days
    day = np.minimum(release * rates.release_days + rng.integers(2, 10, size), np.minimum(ends, _DAYS) - 1)
    is_time = np.tile([0, 1], size)
    twice = np.repeat(np.argsort(day, kind="stable"), 2)
    hundredths = np.where(is_time == 1, np.round(100 * seconds[twice]), np.round(100 * success[twice] / rates.testers))
    whole_part, cents = np.divmod(hundredths.astype(np.int64), 100)
    columns = {
        "messung_nr": joined("N", padded(np.arange(2 * size) + 1, 6)),
        "version": decode(releases.names, release[twice]),
        "plattform": decode(PLATFORMS, platform[twice]),
        "aufgabe": decode(TASKS, task[twice]),
        "tag": formatted((_FIRST_DAY + day[twice]) * DAY, "%d.%m.%Y"),
        "kennzahl": decode(["task_success_rate", "time_on_task"], is_time),
        "wert": joined(numbers(whole_part), ",", whole(padded(cents, 2))),
        "teilnehmer": numbers(np.full(2 * size, rates.testers)),
    }
    kinds = {
        "impossible_date": defects.replaced(4, "31.06.2025"),
        "text_in_number": defects.replaced(6, "gut"),
        "surplus_fields": defects.surplus_fields,
    }
    lines = broken.lines("digital__task_tests", csv_lines(columns), kinds)
    write_lines(target / "digital" / "task_tests.csv", ";".join(columns), lines)
