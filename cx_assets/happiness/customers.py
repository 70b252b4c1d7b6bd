"""Happiness of single customers: their own few ratings, drawn towards their segment by how little they tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cx_assets.happiness.index import Weights
from cx_assets.happiness.tables import CUSTOMER_HAPPINESS

MINIMUM_REPEATED = 30
"""Ratings beyond the first of a customer that the spread within customers is read from."""


@dataclass(frozen=True)
class Spread:
    """Variances in squared points: of a customer's ratings, and between customers of a segment."""

    within: float
    between: float


def customer_happiness(ratings: pd.DataFrame, weights: Weights, *, as_of: date, days: int) -> pd.DataFrame:
    """One score per customer who rated a touchpoint in the days up to the observation date.

    Each rating is read beside its touchpoint's mean, so that nobody is unhappy for having met the weakest touchpoint
    only. The mean of a customer's differences counts by between / (between + within / n), the segment's mean by the
    rest; n is the effective number of ratings under the weights.

    Args:
        ratings: As in `drivers.driver_models`, with customer_id (null for the anonymous, who are ignored) and
            responded_date.
        weights: Of `index_weights`.
        as_of: Observation date, inclusive.
        days: Days before it.

    Returns:
        As CUSTOMER_HAPPINESS, ordered by customer_id. No rows where fewer than 30 ratings repeat a customer: what is
        chance and what is the customer cannot be told apart then.

    Source:
        Empirical Bayes: Morris (1983), JASA 78; moments of the one-way random model: Searle, Casella and McCulloch
        (1992), chapter 3.
    """
    dated = pd.to_datetime(ratings["responded_date"])
    recent = (dated > pd.Timestamp(as_of - timedelta(days=days))) & (dated <= pd.Timestamp(as_of))
    is_known = ratings["customer_id"].notna() & ratings["performance"].notna()
    weight_of = dict(zip(weights.rows["touchpoint"], weights.rows["index_weight"], strict=True))
    known = ratings[recent & is_known & ratings["touchpoint"].map(weight_of).gt(0)]
    customer_count = known["customer_id"].nunique()
    if len(known) - customer_count < MINIMUM_REPEATED or customer_count < MINIMUM_REPEATED:
        return CUSTOMER_HAPPINESS.typed([])
    by_touchpoint = known.groupby("touchpoint")["performance"]
    means = by_touchpoint.mean()
    weight = known["touchpoint"].map(weight_of).astype(float)
    base_weight = means.index.map(weight_of).to_numpy(float)
    base = float(means.to_numpy(float) @ base_weight / base_weight.sum())
    rows = pd.DataFrame(
        {
            "customer_id": known["customer_id"],
            "segment": known["segment"],
            "difference": known["performance"] - known["touchpoint"].map(means),
            "weight": weight,
            "weighted": weight * (known["performance"] - known["touchpoint"].map(means)),
            "squared_weight": weight**2,
        }
    )
    customers = rows.groupby("customer_id", sort=True).agg(
        segment=("segment", "first"),
        answers=("difference", "size"),
        weighted=("weighted", "sum"),
        weight=("weight", "sum"),
        squared_weight=("squared_weight", "sum"),
    )
    customers["own"] = customers["weighted"] / customers["weight"]
    customers["effective"] = customers["weight"] ** 2 / customers["squared_weight"]
    spread = _spread(rows, customers)
    return _shrunk(customers, spread, base)


def _spread(rows: pd.DataFrame, customers: pd.DataFrame) -> Spread:
    own = rows.groupby("customer_id")["difference"].transform("mean")
    within = float(((rows["difference"] - own) ** 2).sum() / (len(rows) - len(customers)))
    size = customers["effective"]
    by_segment = size.groupby(customers["segment"])
    total = by_segment.transform("sum")
    middle = (customers["own"] * size).groupby(customers["segment"]).transform("sum") / total
    found = float((size * (customers["own"] - middle) ** 2).sum())
    freedom = len(customers) - by_segment.ngroups
    scale = float(size.sum() - (size**2 / total).sum())
    return Spread(within, max(0.0, (found - freedom * within) / scale) if scale > 0 else 0.0)


def _shrunk(customers: pd.DataFrame, spread: Spread, base: float) -> pd.DataFrame:
    of_own = spread.within / customers["effective"]
    total = (of_own + spread.between).clip(lower=1e-12)
    precision = 1 / total
    by_segment = precision.groupby(customers["segment"])
    segment = (precision * customers["own"]).groupby(customers["segment"]).transform("sum") / by_segment.transform(
        "sum"
    )
    counts = spread.between / total
    variance = (1 - counts) * spread.between + (1 - counts) ** 2 / by_segment.transform("sum")
    frame = pd.DataFrame(
        {
            "customer_id": customers.index,
            "segment": customers["segment"].to_numpy(),
            "answers": customers["answers"].to_numpy(),
            "own_score": (base + customers["own"]).clip(0, 100).to_numpy(),
            "segment_score": (base + segment).clip(0, 100).to_numpy(),
            "own_weight": counts.to_numpy(),
            "happiness_score": (base + segment + counts * (customers["own"] - segment)).clip(0, 100).to_numpy(),
            "standard_error": np.sqrt(variance).to_numpy(),
        }
    )
    return CUSTOMER_HAPPINESS.typed(frame)
