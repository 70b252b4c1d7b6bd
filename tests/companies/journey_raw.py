"""What the raw files of the grocer say, read with pandas alone.

Nothing here knows the platform. Money is counted in whole cents; times are instants in UTC, cut into days and months on
the east coast; days of redemption and of campaigns are days already.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from tests.conftest import real_data_dir

ZONE = "America/New_York"
MONEY = ["sales_value", "retail_disc", "coupon_disc", "coupon_match_disc"]


@cache
def table(name: str) -> pd.DataFrame:
    """One file as it stands."""
    return pd.read_parquet(real_data_dir("complete_journey") / f"{name}.parquet")


@cache
def lines() -> pd.DataFrame:
    """Transaction lines with money in cents, local time and local month (YYYY-MM) beside their columns."""
    found = table("transactions").copy()
    for column in MONEY:
        cents = (found[column] * 100).round()
        # Some values carry binary noise; none has a third decimal.
        assert ((found[column] * 100 - cents).abs() < 1e-6).all()
        found[column] = cents.astype("int64")
    found["discount"] = found["retail_disc"] + found["coupon_match_disc"]
    found["local"] = found["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert(ZONE)
    found["month"] = found["local"].dt.strftime("%Y-%m")
    return found


def first_months() -> pd.Series:
    """Month of the first basket of every household, as household_id to YYYY-MM."""
    return lines().groupby("household_id")["month"].min()


@cache
def first_redemptions() -> dict[tuple[int, int], str]:
    """First day of redemption by campaign and household."""
    grouped = table("coupon_redemptions").groupby(["campaign_id", "household_id"])["redemption_date"].min()
    return {(int(campaign), int(household)): f"{day:%Y-%m-%d}" for (campaign, household), day in grouped.items()}
