"""What moves the impression at a touchpoint beside the occasion itself: morale, a dated improvement, app releases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cx_assets.sample_company.behaviour import Flags
from cx_assets.sample_company.catalogue import CATEGORY_NAMES
from cx_assets.sample_company.interfaces import Releases
from cx_assets.sample_company.morale import Morale
from cx_assets.sample_company.names import CITY_COUNTRY
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS, TOUCHPOINTS, Effects
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.purchases import APP
from cx_assets.sample_company.timeline import DAY, START, Floats, Ints
from cx_assets.sample_company.voice_parameters import IMPROVEMENT_DATE, CellEffects, TouchpointEffects

IMPROVED, _APP = TOUCHPOINTS.index("checkout"), TOUCHPOINTS.index("app")
_PRODUCT, _ADVICE, _SHOES = TOUCHPOINTS.index("product"), TOUCHPOINTS.index("advice"), CATEGORY_NAMES.index("Shoes")
_FIRST_DAY = START // DAY
_IMPROVED_FROM = int(np.datetime64(IMPROVEMENT_DATE, "s").astype(np.int64))


@dataclass(frozen=True)
class TouchpointShifts:
    """Standard deviations added to impressions, by the day on which the customer is asked.

    Attributes:
        by_period: Periods x TOUCHPOINTS.
        by_app_day: Of the app, one per day of the data.
        improvement: Of the checkout, once it is better, for the customers in `is_improved`.
        cells, is_company: Of single channels, products and kinds of customer.
    """

    by_period: Floats
    by_app_day: Floats
    improvement: float
    is_improved: Flags
    cells: CellEffects
    is_company: Flags

    def at(self, customer: Ints, touchpoint: Ints, local: Ints) -> Floats:
        """Shift of each impression that is asked about at a local second; the arguments broadcast."""
        day = np.clip(local // DAY - _FIRST_DAY, 0, PERIOD_COUNT * PERIOD_DAYS - 1)
        better = (touchpoint == IMPROVED) & (local >= _IMPROVED_FROM) & self.is_improved[customer]
        moved = self.by_period[day // PERIOD_DAYS, touchpoint] + self.improvement * better
        return moved + np.where(touchpoint == _APP, self.by_app_day[day], 0.0)

    def of_cell(self, touchpoint: Ints, channel: Ints, category: Ints, customer: Ints) -> Floats:
        """Shift of impressions after orders by a channel whose first article is of a category (-1 for no order)."""
        shoes, advised = (touchpoint == _PRODUCT) & (category == _SHOES), touchpoint == _ADVICE
        shift: Floats = (
            self.cells.app_checkout * ((touchpoint == IMPROVED) & (channel == APP))
            + self.cells.shoes_product * shoes
            + self.cells.company_advice * (advised & self.is_company[customer])
        )
        return shift


def cell_truth(cells: CellEffects) -> pa.Table:
    """What differs where: touchpoint, dimension (channel, category, customer_type), value, quantity, difference."""
    rows = [
        ("checkout", "channel", "app", "impression_shift", cells.app_checkout),
        ("product", "category", "Shoes", "impression_shift", cells.shoes_product),
        ("advice", "customer_type", "company", "impression_shift", cells.company_advice),
        ("checkout", "channel and category", "app, Electronics", "price_share", cells.app_electronics_price),
        ("delivery", "channel", "phone", "promise_hours_earlier", float(cells.phone_promise_hours)),
    ]
    names = ("touchpoint", "dimension", "value", "quantity", "difference")
    return pa.table(dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True)))


def touchpoint_shifts(people: Population, morale: Morale, releases: Releases, all_effects: Effects) -> TouchpointShifts:
    """All that moves the impressions of these customers."""
    effects = all_effects.touchpoints
    is_german = np.array([country == "DE" for country in CITY_COUNTRY])[people.city]
    by_day = releases.shift_by_day(effects.task_success)
    shifts = morale.shifts(effects.morale)
    return TouchpointShifts(shifts, by_day, effects.improvement, is_german, all_effects.cells, people.is_company)


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
