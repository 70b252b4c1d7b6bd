"""What moves the impression at a touchpoint beside the occasion itself: morale, a dated improvement, app releases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cx_assets.sample_company.behaviour import Flags
from cx_assets.sample_company.interfaces import Releases
from cx_assets.sample_company.morale import Morale
from cx_assets.sample_company.names import CITY_COUNTRY
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS, TOUCHPOINTS
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.timeline import DAY, START, Floats, Ints
from cx_assets.sample_company.voice_parameters import IMPROVEMENT_DATE, TouchpointEffects

IMPROVED, _APP = TOUCHPOINTS.index("checkout"), TOUCHPOINTS.index("app")
_FIRST_DAY = START // DAY
_IMPROVED_FROM = int(np.datetime64(IMPROVEMENT_DATE, "s").astype(np.int64))


@dataclass(frozen=True)
class TouchpointShifts:
    """Standard deviations added to impressions, by the day on which the customer is asked.

    Attributes:
        by_period: Periods x TOUCHPOINTS.
        by_app_day: Of the app, one per day of the data.
        improvement: Of the checkout, once it is better, for the customers in `is_improved`.
    """

    by_period: Floats
    by_app_day: Floats
    improvement: float
    is_improved: Flags

    def at(self, customer: Ints, touchpoint: Ints, local: Ints) -> Floats:
        """Shift of each impression that is asked about at a local second; the arguments broadcast."""
        day = np.clip(local // DAY - _FIRST_DAY, 0, PERIOD_COUNT * PERIOD_DAYS - 1)
        better = (touchpoint == IMPROVED) & (local >= _IMPROVED_FROM) & self.is_improved[customer]
        moved = self.by_period[day // PERIOD_DAYS, touchpoint] + self.improvement * better
        return moved + np.where(touchpoint == _APP, self.by_app_day[day], 0.0)


def touchpoint_shifts(
    people: Population, morale: Morale, releases: Releases, effects: TouchpointEffects
) -> TouchpointShifts:
    """All that moves the impressions of these customers."""
    is_german = np.array([country == "DE" for country in CITY_COUNTRY])[people.city]
    by_day = releases.shift_by_day(effects.task_success)
    return TouchpointShifts(morale.shifts(effects.morale), by_day, effects.improvement, is_german)


def improvement_truth(effects: TouchpointEffects) -> pa.Table:
    """One row: touchpoint, start_date, population, control (country codes of customers), impression_shift."""
    return pa.table(
        {
            "touchpoint": [TOUCHPOINTS[IMPROVED]],
            "start_date": [IMPROVEMENT_DATE],
            "population": ["DE"],
            "control": ["AT"],
            "impression_shift": [effects.improvement],
        }
    )
