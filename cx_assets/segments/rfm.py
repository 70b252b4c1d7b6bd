"""Recency, frequency and monetary scores with named segments.

Which sales count as purchases is decided in int_value__customer_purchase, not here.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cx_assets.segments.tables import CUSTOMER_RFM

_REQUIRED = ["customer_id", "last_purchase_date", "purchase_count", "purchase_amount"]

# Rows: recency fifth 5 (latest) to 1. Columns: the mean of the frequency and monetary fifths, halves
# rounded up, 1 to 5. The names are those common in practice; no evidence ranks one grid above another,
# so the grid is a convention to talk about customers and not a model.
SEGMENTS: dict[int, tuple[str, str, str, str, str]] = {
    5: ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
    4: ("promising", "potential_loyalists", "potential_loyalists", "loyal_customers", "champions"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal_customers", "loyal_customers"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    1: ("lost", "lost", "hibernating", "at_risk", "cannot_lose"),
}


def rfm_scores(purchases: pd.DataFrame, *, as_of: date, bins: int = 5) -> pd.DataFrame:
    """Recency, frequency and monetary scores per customer.

    A score is the quantile bin of the customer's mid-rank: with n customers and average rank r,
    bin = floor(bins * (r - 1/2) / n) + 1. Equal values have the same average rank and so share a bin,
    whatever the order of the rows; the price is that bins differ in size where values repeat. A
    population of equals, or of one, gets the middle bin: nothing is known that sets anyone apart.

    Args:
        purchases: One row per customer with at least one purchase: customer_id (unique),
            last_purchase_date (in the company's zone), purchase_count (>= 1), purchase_amount (reporting currency,
            net of returns, hence possibly negative). Other columns are ignored.
        as_of: Observation date, inclusive.
        bins: Quantile bins per score. Segments are read off fifths, whatever the number of bins.

    Returns:
        One row per customer, ordered by customer_id, with the columns of CUSTOMER_RFM; recency_days is
        as_of minus last_purchase_date in days, scores run from 1 (worst) to bins (best). The monetary
        score compares whole cents. No rows in, a typed frame without rows out. The input is unchanged.

    Raises:
        ValueError: A column is missing, a value is null, a customer_id repeats, a purchase_count is below 1,
            a purchase lies after as_of, or bins < 2.

    Source:
        Hughes, A. M. (1994), Strategic Database Marketing: ranking customers into equal fifths by each
        measure. Bult, J. R. and Wansbeek, T. (1995), Optimal Selection for Direct Mail, Marketing Science
        14(4), for recency, frequency and monetary value as predictors. Both cut ties arbitrarily to keep
        fifths equal in size; here equal customers are equal instead.
    """
    _validate(purchases, as_of, bins)
    if purchases.empty:
        return CUSTOMER_RFM.typed([])
    ordered = purchases.sort_values("customer_id", ignore_index=True)
    recency_days = (pd.Timestamp(as_of) - _dates(ordered)).dt.days
    purchase_amount = ordered["purchase_amount"].astype("float64")
    scores = pd.DataFrame(
        {
            "customer_id": ordered["customer_id"],
            "observation_date": pd.Timestamp(as_of),
            "recency_days": recency_days,
            "purchase_count": ordered["purchase_count"],
            "purchase_amount": purchase_amount,
            "recency_score": _quantile_bin(-recency_days, bins),
            "frequency_score": _quantile_bin(ordered["purchase_count"].astype("int64"), bins),
            "monetary_score": _quantile_bin((purchase_amount * 100).round().astype("int64"), bins),
        }
    )
    scores["rfm_segment"] = _segment(scores, bins)
    return CUSTOMER_RFM.typed(scores)


def _dates(purchases: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(purchases["last_purchase_date"]).dt.normalize()


def _validate(purchases: pd.DataFrame, as_of: date, bins: int) -> None:
    if bins < 2:
        raise ValueError(f"bins must be at least 2, not {bins}")
    missing = [name for name in _REQUIRED if name not in purchases.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    for name in _REQUIRED:
        if purchases[name].isna().any():
            raise ValueError(f"{name} is null in {int(purchases[name].isna().sum())} rows")
    if purchases["customer_id"].duplicated().any():
        raise ValueError("customer_id repeats: the grain is one row per customer")
    if purchases.empty:
        return
    if (purchases["purchase_count"] < 1).any():
        raise ValueError("purchase_count is below 1: a customer without purchases has no scores")
    if (_dates(purchases) > pd.Timestamp(as_of)).any():
        raise ValueError(f"a purchase lies after the observation date {as_of}")


def _quantile_bin(values: pd.Series, bins: int) -> pd.Series:
    """Bins 1 (lowest) to bins; in integers, so that no rounding decides at a border."""
    twice_rank = (values.rank(method="average") * 2).round().astype("int64")
    return (twice_rank - 1) * bins // (2 * len(values)) + 1


def _segment(scores: pd.DataFrame, bins: int) -> np.ndarray:
    fifths = {
        name: -(-scores[name].to_numpy() * 5 // bins) for name in ("recency_score", "frequency_score", "monetary_score")
    }
    worth = (fifths["frequency_score"] + fifths["monetary_score"] + 1) // 2
    grid = np.array([SEGMENTS[recency] for recency in range(1, 6)], dtype=object)
    return grid[fifths["recency_score"] - 1, worth - 1]
