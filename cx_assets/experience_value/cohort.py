"""The cohort as the comparisons read it: which columns are known before, and when there are too few to compare."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_assets.experience_value import comparison

NUMBERS = [
    "tenure_days",
    "recency_days",
    "median_gap_days",
    "purchase_count_90",
    "purchase_count_365",
    "net_amount_90",
    "net_amount_365",
    "previous_answer_count",
    "ticket_count_90",
    "late_count_90",
    "late_order_count",
]
NAMES = ["channel", "customer_type", "quarter"]
REQUIRED = ["customer_id", "moment_kind", "moment_date", "score_share", "is_bad", *NUMBERS, *NAMES[:2]]
LEAST_OVERLAP_SHARE = 0.5
"""Below this share of comparable rows the rest is another population than the one asked about."""


def checked(cohort: pd.DataFrame, *outcomes: str) -> pd.DataFrame:
    """The cohort in a fixed order, with the quarter of the moment.

    Raises:
        ValueError: A column is missing, a customer_id, moment_kind or moment_date is null, or the three repeat.
    """
    missing = [name for name in [*REQUIRED, *outcomes] if name not in cohort.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    key = ["customer_id", "moment_kind", "moment_date"]
    for name in key:
        if cohort[name].isna().any():
            raise ValueError(f"{name} is null in {int(cohort[name].isna().sum())} rows")
    if cohort.duplicated(key).any():
        raise ValueError("the grain is one row per customer, kind and day of a moment")
    ordered = cohort.sort_values(key, ignore_index=True)
    dates = pd.to_datetime(ordered["moment_date"])
    return ordered.assign(quarter=dates.dt.year.astype(str) + "Q" + dates.dt.quarter.astype(str))


def covariates_of(rows: pd.DataFrame) -> comparison.Floats:
    """Design of the covariates of these rows."""
    return comparison.design(rows, NUMBERS, NAMES)


def clusters_of(rows: pd.DataFrame) -> NDArray[np.int64]:
    """A number for each customer."""
    return np.asarray(pd.factorize(rows["customer_id"])[0], dtype=np.int64)


def too_few(rows: pd.DataFrame, is_first: NDArray[np.bool_], names: tuple[str, str], minimum: int) -> str | None:
    """Why the groups cannot be compared for their numbers; null when they can."""
    for name, group in zip(names, (is_first, ~is_first), strict=True):
        customers = rows.loc[group, "customer_id"].nunique()
        if customers < minimum:
            return f"Too few to compare: {customers} {name}, at least {minimum} customers are needed."
    return None


def _short_of(share: float) -> str:
    """Per cent, rounded down: 49.97% must not be told as the 50% that it falls short of."""
    return f"{math.floor(1000 * share) / 10:.1f}%"


def too_different(share: float) -> str | None:
    """Why the groups cannot be compared for what they are; null when they can."""
    if share >= LEAST_OVERLAP_SHARE:
        return None
    return (
        f"Too different to compare: only {_short_of(share)} of the rows have customers of the other group like "
        f"them, at least {100 * LEAST_OVERLAP_SHARE:.0f}% are needed."
    )
