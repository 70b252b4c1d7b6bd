"""The happiness index: ratings weighted by what drives the overall answer, with the uncertainty of both.

The weights come from `drivers`; they are fixed for all periods, so that a change of the index is one of the ratings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as t_distribution

from cx_assets.happiness.covariance import Floats
from cx_assets.happiness.drivers import ALL, Drivers
from cx_assets.happiness.tables import HAPPINESS_INDEX, HAPPINESS_WEIGHT

PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class Weights:
    """Weights of touchpoints.

    Attributes:
        rows: As HAPPINESS_WEIGHT.
        samples: Weights of bootstrap samples, sample x touchpoint in the order of rows; one row for equal weights.
    """

    rows: pd.DataFrame
    samples: Floats

    @property
    def touchpoints(self) -> list[str]:
        """In the order of the samples' columns."""
        return list(self.rows["touchpoint"])


def index_weights(drivers: Drivers, ratings: pd.DataFrame) -> Weights:
    """Importance of each touchpoint for all customers; equal weights where no driver is known beyond chance.

    Args:
        drivers: Of the same ratings.
        ratings: See `drivers.driver_models`; its touchpoints get equal weights where drivers give none.
    """
    rows = drivers.rows[(drivers.rows["segment"] == ALL) & drivers.rows["importance"].notna()]
    rows = rows[rows["is_beyond_chance"].fillna(False).astype(bool)].sort_values("touchpoint")
    if rows.empty:
        names = sorted(ratings.loc[ratings["performance"].notna(), "touchpoint"].unique())
        equal = np.full(len(names), 1 / max(len(names), 1))
        frame = pd.DataFrame({"touchpoint": names, "index_weight": equal})
        frame = frame.assign(weight_standard_error=0.0, weight_basis="equal")
        return Weights(HAPPINESS_WEIGHT.typed(frame), equal[None])
    shares = drivers.samples[list(rows["touchpoint"])].to_numpy(float)
    samples = shares / shares.sum(axis=1, keepdims=True)
    frame = pd.DataFrame(
        {
            "touchpoint": list(rows["touchpoint"]),
            "index_weight": rows["importance"].to_numpy(float),
            "weight_standard_error": samples.std(axis=0, ddof=1),
            "weight_basis": "drivers",
        }
    )
    return Weights(HAPPINESS_WEIGHT.typed(frame), samples)


def happiness_index(ratings: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """The index per month, quarter and year, of all customers and of each segment.

    The index is the weighted mean of the touchpoints' mean ratings. What was not rated in a period hands its weight to
    the rest, and `covered_weight` says how much was left. Its variance is that of the means, from sums by customer, and
    that of the weights over bootstrap samples (Kish 1965, 6.6 for the first).

    Args:
        ratings: As in `drivers.driver_models`, with responded_date.
        weights: Of `index_weights`.

    Returns:
        As HAPPINESS_INDEX; a period without ratings has no row. Points from 0 to 100.
    """
    known = ratings[ratings["performance"].notna() & ratings["touchpoint"].isin(weights.touchpoints)]
    if known.empty:
        return HAPPINESS_INDEX.typed([])
    dated = pd.to_datetime(known["responded_date"])
    places = {name: place for place, name in enumerate(weights.touchpoints)}
    touchpoint = np.array([places[name] for name in known["touchpoint"]], np.int64)
    cluster = np.asarray(pd.factorize(known["cluster_id"])[0], np.int64)
    score = known["performance"].to_numpy(float)
    found = []
    for period, code in PERIODS.items():
        starts = dated.dt.to_period(code).dt.start_time
        for cut, segment in ((ALL, pd.Series(ALL, index=known.index)), ("segment", known["segment"])):
            keys = pd.DataFrame({"period_start": starts.to_numpy(), "segment": segment.to_numpy()})
            for place in keys.groupby(["period_start", "segment"], sort=True).indices.values():
                rows = np.array(place, dtype=np.int64)
                start, name = keys.iloc[int(rows[0])]
                cell = _cell(touchpoint[rows], cluster[rows], score[rows], weights)
                found.append({"period": period, "period_start": start, "cut": cut, "segment": name, **cell})
    return HAPPINESS_INDEX.typed(pd.DataFrame(found))


def _cell(
    touchpoint: NDArray[np.int64], cluster: NDArray[np.int64], score: Floats, weights: Weights
) -> dict[str, float | int | None]:
    size = len(weights.rows)
    count = np.bincount(touchpoint, minlength=size)
    present = count > 0
    mean = np.bincount(touchpoint, score, size) / np.maximum(count, 1)
    weight = weights.rows["index_weight"].to_numpy(float) * present
    covered = float(weight.sum())
    # A weight can be 0 where a touchpoint explains nothing: the mean of those is not defined.
    weight = weight / covered if covered > 0 else present / present.sum()
    index = float(weight @ mean)
    customers = len(np.unique(cluster))
    row: dict[str, float | int | None] = {
        "answers": len(score),
        "customers": customers,
        "touchpoints": int(present.sum()),
        "covered_weight": min(covered, 1.0),
        # A mean of shares of a hundred can miss its end by the last bit.
        "happiness_index": min(100.0, max(0.0, index)),
        "standard_error": None,
        "index_low": None,
        "index_high": None,
    }
    if customers < 2 or len(score) == present.sum():
        return row
    of_weights = weights.samples * present
    totals = of_weights.sum(axis=1, keepdims=True)
    over_samples = (of_weights / np.where(totals > 0, totals, 1)) @ mean
    moved = float(over_samples.var(ddof=1)) if len(over_samples) > 1 else 0.0
    error = float(np.sqrt(_mean_variance(touchpoint, cluster, score - mean[touchpoint], weight, count) + moved))
    reach = float(t_distribution.ppf(0.975, customers - 1)) * error
    row |= {"standard_error": error, "index_low": max(0.0, index - reach), "index_high": min(100.0, index + reach)}
    return row


def _mean_variance(
    touchpoint: NDArray[np.int64],
    cluster: NDArray[np.int64],
    residual: Floats,
    weight: Floats,
    count: NDArray[np.int64],
) -> float:
    """Variance of the weighted mean of means; a touchpoint that was rated once has the spread of the others."""
    several = count > 1
    grown = np.sqrt(count / np.maximum(count - 1, 1))
    of_row = weight[touchpoint] / count[touchpoint] * residual * grown[touchpoint]
    sums = np.bincount(np.unique(cluster, return_inverse=True)[1], of_row)
    pooled = float(residual @ residual) / max(int((count[several] - 1).sum()), 1)
    return float(sums @ sums + pooled * (weight[count == 1] ** 2).sum())
