"""What customers did after an answer, by how they answered: between classes, and per point of score.

Associations: customers were not made satisfied by lot, and what no column knows may stand behind both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_assets.experience_value import cohort as cohorts
from cx_assets.experience_value import comparison
from cx_assets.experience_value.tables import EXPERIENCE_POINT

OUTCOMES = {
    "net_amount": "later_net_amount",
    "order_count": "later_order_count",
    "repeat_share": "is_repeat",
    "silent_share": "is_silent",
    "referral_count": "later_referral_count",
    "ticket_count": "later_ticket_count",
}
ALIKE = "The outcome is the same for everybody: none is recorded, or all have it."
CONTRASTS = {
    "promoter_detractor": ("promoters", "detractors"),
    "promoter_passive": ("promoters", "passives"),
    "passive_detractor": ("passives", "detractors"),
}
POINTS = {"nps": 10.0, "csat": 4.0}
"""Points of the scale: 0 to 10, and 1 to 5."""
_LATER_KNOWN = ["silent_share"]
_ALWAYS_KNOWN = [name for name in OUTCOMES if name not in _LATER_KNOWN]
_CLASSES = ("detractors", "passives", "promoters")
_NOTHING = comparison.Estimate(np.nan, np.nan, np.nan, np.nan)


def answer_classes(score_share: pd.Series, metric: str) -> NDArray[np.str_]:
    """promoters, passives or detractors of scores on 0 to 1.

    NPS: from 9, from 7, below (Reichheld 2003). CSAT by the same words: from 4 of 5, between, up to 2 of 5.
    """
    high, low = (0.9, 0.7) if metric == "nps" else (0.75, 0.25)
    shares = score_share.to_numpy("float64")
    is_low = shares < low - 1e-6 if metric == "nps" else shares <= low + 1e-6
    return np.where(is_low, _CLASSES[0], np.where(shares >= high - 1e-6, _CLASSES[2], _CLASSES[1]))


def experience_points(cohort: pd.DataFrame, *, minimum_customers: int = 50) -> pd.DataFrame:
    """Differences in what followed an answer, raw and between comparable customers.

    Args:
        cohort: One row per customer, moment_kind and moment_date: columns of cohort.REQUIRED and of OUTCOMES; shares
            as booleans, null where not yet known. Kinds other than nps and csat are ignored.
        minimum_customers: Customers on each side below which a comparison is refused.

    Returns:
        Rows of EXPERIENCE_POINT, one per metric, contrast and outcome: with its reason where it is refused. No answers
        of a metric give no rows. The q-value is over all rows that are not refused.

    Raises:
        ValueError: A column is missing, part of the key is null or repeats.
    """
    rows = cohorts.checked(cohort, *OUTCOMES.values())
    found: list[dict[str, Any]] = []
    for metric in POINTS:
        answers = rows[(rows["moment_kind"] == metric) & rows["score_share"].notna()]
        if answers.empty:
            continue
        for names in (_ALWAYS_KNOWN, _LATER_KNOWN):
            known = answers[answers[[OUTCOMES[name] for name in names]].notna().all(axis=1)].reset_index(drop=True)
            groups = answer_classes(known["score_share"], metric)
            for contrast, pair in CONTRASTS.items():
                inside = np.isin(groups, pair)
                compared = known[inside].reset_index(drop=True)
                stated = _contrast(compared, names, groups[inside] == pair[0], pair, minimum_customers)
                found += _named(stated, metric=metric, touchpoint="all", contrast=contrast)
            stated = _per_point(known, names, metric, minimum_customers)
            found += _named(stated, metric=metric, touchpoint="all", contrast="per_point")
    return EXPERIENCE_POINT.typed(with_claims(found))


def _named(stated: dict[str, dict[str, Any]], **fixed: str) -> list[dict[str, Any]]:
    return [{**fixed, "outcome": outcome, **row} for outcome, row in stated.items()]


def with_claims(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their q-value, over all of them that have a p-value."""
    q_values = comparison.q_values(np.array([row["p_value"] for row in found], dtype="float64"))
    return [{**row, "q_value": q, "is_claim": bool(q <= 0.05)} for row, q in zip(found, q_values, strict=True)]


def columns(raw: comparison.Estimate, adjusted: comparison.Estimate, reason: str | None, **more: Any) -> dict[str, Any]:
    """Columns that both tables share; refused where there is a reason."""
    return {
        "status": "refused" if reason else "stated",
        "reason": reason,
        "raw_difference": raw.difference,
        "raw_low": raw.low,
        "raw_high": raw.high,
        "adjusted_difference": adjusted.difference,
        "adjusted_low": adjusted.low,
        "adjusted_high": adjusted.high,
        "p_value": adjusted.p_value,
        **more,
    }


def _contrast(
    rows: pd.DataFrame, names: list[str], is_first: NDArray[np.bool_], pair: tuple[str, str], minimum: int
) -> dict[str, dict[str, Any]]:
    """Columns by outcome; the outcomes share who is compared with whom."""
    counts: dict[str, Any] = {
        "first_customer_count": rows.loc[is_first, "customer_id"].nunique(),
        "second_customer_count": rows.loc[~is_first, "customer_id"].nunique(),
        "answer_count": len(rows),
    }
    reason = cohorts.too_few(rows, is_first, pair, minimum)
    if reason:
        return {name: columns(_NOTHING, _NOTHING, reason, **counts) for name in names}
    clusters, known, outcomes = cohorts.clusters_of(rows), cohorts.covariates_of(rows), _outcomes(rows, names)
    raw = {name: comparison.raw_difference(outcome, is_first, clusters) for name, outcome in outcomes.items()}
    chance = comparison.propensity(known, is_first, clusters)
    inside = (chance >= comparison.OVERLAP[0]) & (chance <= comparison.OVERLAP[1])
    counts["overlap_share"] = float(inside.mean())
    reason = cohorts.too_different(counts["overlap_share"])
    reason = reason or cohorts.too_few(rows[inside], is_first[inside], pair, minimum)
    if reason:
        return {name: columns(raw[name], _NOTHING, reason, **counts) for name in names}
    stated = {}
    for name, outcome in outcomes.items():
        if np.ptp(outcome) == 0:
            stated[name] = columns(raw[name], _NOTHING, ALIKE, **counts)
            continue
        found = comparison.doubly_robust(
            known[inside], outcome[inside], is_first[inside], clusters[inside], chance[inside]
        )
        means = {"first_mean": found.first_mean, "second_mean": found.second_mean}
        stated[name] = columns(raw[name], found, None, **means, **counts)
    return stated


def _per_point(rows: pd.DataFrame, names: list[str], metric: str, minimum: int) -> dict[str, dict[str, Any]]:
    customers = rows["customer_id"].nunique()
    counts = {"first_customer_count": customers, "answer_count": len(rows)}
    if customers < 2 * minimum:
        reason = f"Too few to compare: {customers} customers, at least {2 * minimum} are needed."
        return {name: columns(_NOTHING, _NOTHING, reason, **counts) for name in names}
    score = rows["score_share"].to_numpy("float64") * POINTS[metric]
    known, clusters = cohorts.covariates_of(rows), cohorts.clusters_of(rows)
    stated = {}
    for name, outcome in _outcomes(rows, names).items():
        raw = comparison.slope(known, outcome, score, clusters, is_raw=True)
        adjusted = comparison.slope(known, outcome, score, clusters)
        same = "Every answer has the same score." if np.isnan(adjusted.difference) else None
        if np.ptp(outcome) == 0:
            adjusted, same = _NOTHING, ALIKE
        stated[name] = columns(raw, adjusted, same, **counts)
    return stated


def _outcomes(rows: pd.DataFrame, names: list[str]) -> dict[str, comparison.Floats]:
    return {name: rows[OUTCOMES[name]].astype("float64").to_numpy() for name in names}
