"""The one-tenth sample of CDNOW: purchase days of 2,357 customers from 1997-01-01 on, as the papers count them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

CALIBRATED_UNTIL = pd.Timestamp("1997-09-30")
"""Week 39; weeks 40 to 78 end on 1998-06-30."""
WEEKS_39 = 273
LAST_DAY = pd.Timestamp("1998-06-30")


def purchase_days(folder: Path) -> pd.DataFrame:
    """One row per customer and day with a purchase: customer, date, amount (US dollars)."""
    names = ["customer_of_file", "customer", "date", "units", "amount"]
    rows = pd.read_csv(folder / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names, dtype={"date": str})
    rows["date"] = pd.to_datetime(rows["date"], format="%Y%m%d")
    return rows.groupby(["customer", "date"], as_index=False)["amount"].sum()


def summary(days: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: repeat_count, recency_days, age_days at week 39; later_count; repeat_mean or null."""
    first = days.groupby("customer")["date"].min()
    early = days[days["date"] <= CALIBRATED_UNTIL]
    repeats = early[early["date"] > early["customer"].map(first)]
    by_customer = repeats.groupby("customer")
    later = days[(days["date"] > CALIBRATED_UNTIL) & (days["date"] <= LAST_DAY)].groupby("customer").size()
    made = pd.DataFrame(
        {
            "repeat_count": by_customer.size().reindex(first.index, fill_value=0).astype(np.float64),
            "recency_days": (by_customer["date"].max() - first).dt.days.reindex(first.index).fillna(0.0),
            "age_days": (CALIBRATED_UNTIL - first).dt.days.astype(np.float64),
            "later_count": later.reindex(first.index, fill_value=0).astype(np.float64),
            "repeat_mean": by_customer["amount"].mean().reindex(first.index),
        }
    )
    return made
