"""How many more customers leave after one bad experience than comparable ones whose experience was not bad."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cx_assets.experience_value import cohort as cohorts
from cx_assets.experience_value import comparison
from cx_assets.experience_value.points import columns, with_claims
from cx_assets.experience_value.tables import EXPERIENCE_LOSS

KINDS = ("nps", "csat", "late_delivery", "complaint")
_NOTHING = comparison.Estimate(np.nan, np.nan, np.nan, np.nan)


def experience_losses(cohort: pd.DataFrame, *, minimum_customers: int = 50) -> pd.DataFrame:
    """Share that left after a bad experience, beside comparable customers without one at the same time.

    Args:
        cohort: One row per customer, moment_kind and moment_date: columns of cohort.REQUIRED, had_bad_before and
            has_left (boolean; null where the end is not seen yet). Moments with a bad one of the kind shortly before
            are left out: what follows them follows two.
        minimum_customers: Customers on each side below which a comparison is refused.

    Returns:
        Rows of EXPERIENCE_LOSS, one per kind that has moments, with its reason where it is refused.

    Raises:
        ValueError: A column is missing, part of the key is null or repeats.
    """
    rows = cohorts.checked(cohort, "had_bad_before", "has_left")
    found = []
    for kind in KINDS:
        moments = rows[rows["moment_kind"] == kind]
        if not moments.empty:
            found.append({"experience": kind, **_loss(moments, minimum_customers)})
    return EXPERIENCE_LOSS.typed(with_claims(found))


def _loss(moments: pd.DataFrame, minimum: int) -> dict[str, Any]:
    followed = moments[~moments["had_bad_before"].astype(bool) & moments["has_left"].notna()].reset_index(drop=True)
    is_bad = followed["is_bad"].astype(bool).to_numpy()
    counts: dict[str, Any] = {
        "bad_customer_count": followed.loc[is_bad, "customer_id"].nunique(),
        "other_customer_count": followed.loc[~is_bad, "customer_id"].nunique(),
        "moment_count": len(moments),
        "followed_count": len(followed),
    }
    groups = ("after a bad experience", "without one")
    reason = cohorts.too_few(followed, is_bad, groups, minimum)
    if reason:
        return columns(_NOTHING, _NOTHING, reason, **counts)
    outcome = followed["has_left"].astype("float64").to_numpy()
    clusters = cohorts.clusters_of(followed)
    raw = comparison.raw_difference(outcome, is_bad, clusters)
    known = cohorts.covariates_of(followed)
    chance = comparison.propensity(known, is_bad, clusters)
    # Only who had a bad experience must find others like them, not the other way round.
    inside = chance <= comparison.OVERLAP[1]
    counts["overlap_share"] = float(inside[is_bad].mean())
    reason = cohorts.too_different(counts["overlap_share"])
    reason = reason or cohorts.too_few(followed[inside], is_bad[inside], groups, minimum)
    if reason:
        return columns(raw, _NOTHING, reason, **counts)
    adjusted = comparison.doubly_robust_treated(
        known[inside], outcome[inside], is_bad[inside], clusters[inside], chance[inside]
    )
    shares = {"bad_left_share": adjusted.first_mean, "comparable_left_share": adjusted.second_mean}
    return columns(raw, adjusted, None, **shares, **counts)
