"""Morale of the units that own touchpoints: a slow series per period, declining in one unit and rising in another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cx_assets.sample_company.parameters import PERIOD_COUNT, TOUCHPOINTS
from cx_assets.sample_company.timeline import DAY, Floats, period_start, stream
from cx_assets.sample_company.voice_parameters import WorkforceRates

# Units and the touchpoints that they own, as the company's catalogue says.
UNITS = {
    "logistics": ("delivery", "returns"),
    "service": ("service_desk", "complaint"),
    "stores": ("store", "advice"),
    "digital": ("website", "app"),
    "sales": ("checkout",),
    "marketing": ("advertising", "loyalty_programme"),
    "assortment": ("product",),
}
DECLINING, RISING = "service", "digital"
LAG = 2
"""Periods until customers feel a unit's morale."""


@dataclass(frozen=True)
class Morale:
    """Morale in standard units: `values` is units x periods, from `LAG` periods before the data to the last one."""

    values: Floats

    def in_period(self, period: int) -> Floats:
        """Each unit's morale in a period (from -LAG on)."""
        return self.values[:, period + LAG]

    def shifts(self, weight: float) -> Floats:
        """What the morale `LAG` periods before adds to impressions (standard deviations), periods x TOUCHPOINTS."""
        felt = np.zeros((PERIOD_COUNT, len(TOUCHPOINTS)))
        for unit, owned in enumerate(UNITS.values()):
            for touchpoint in owned:
                felt[:, TOUCHPOINTS.index(touchpoint)] = weight * self.values[unit, :PERIOD_COUNT]
        return felt

    def truth(self, weight: float) -> pa.Table:
        """One row per unit and period; `impression_shift` is felt LAG periods later."""
        names = [f"team:{unit}" for unit in UNITS]
        periods = range(-LAG, PERIOD_COUNT)
        starts = np.array([period_start(period) // DAY for period in periods]).astype("M8[D]")
        return pa.table(
            {
                "unit_name": np.repeat(names, len(periods)),
                "period_start_date": pa.array(np.tile(starts, len(names))),
                "morale": self.values.ravel(),
                "impression_shift": (weight * self.values).ravel(),
            }
        )


def make_morale(seed: int, rates: WorkforceRates) -> Morale:
    """Draw all units' morale: a stationary first-order autoregression, in the two planted units around a bent line."""
    rng = stream(seed, "morale")
    noise = rng.standard_normal((len(UNITS), PERIOD_COUNT + LAG))
    values = noise.copy()
    for period in range(1, values.shape[1]):
        fresh = np.sqrt(1 - rates.persistence**2) * noise[:, period]
        values[:, period] = rates.persistence * values[:, period - 1] + fresh
    periods = np.arange(-LAG, PERIOD_COUNT)
    knots = (rates.planted_period, PERIOD_COUNT - 1)
    course = np.interp(periods, knots, (rates.planted_from, rates.planted_to))
    for name, sign in ((DECLINING, -1), (RISING, 1)):
        unit = list(UNITS).index(name)
        values[unit] = rates.planted_noise * values[unit] + sign * course
    return Morale(values)
