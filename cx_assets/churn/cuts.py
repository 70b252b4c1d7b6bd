"""Churn's rows: which columns they have, and why they cannot teach a model, in churn's words.

What the features are is decided in int_churn__customer_feature; how rows are checked and cut by time in
cx_assets.prediction.
"""

from __future__ import annotations

import pandas as pd

from cx_assets.prediction.feature_rows import Columns
from cx_assets.prediction.time_cuts import (
    MINIMUM_OF_EACH_OUTCOME,
    Cuts,
    Refusal,
    cut_by_time,
    refuse_features,
    refuse_outcomes,
)

LABEL = "is_churned"
RECENCY = "recency_days"
COLUMNS = Columns(unit="customer_id", date="observation_date", label=LABEL)


def churn_cuts(labelled: pd.DataFrame) -> Cuts | Refusal:
    """Training, calibration and test rows, or why they do not suffice.

    Args:
        labelled: customer_id, observation_date, is_churned (1 left, 0 stayed) and features, as
            feature_rows.labelled_rows orders them.
    """
    cuts = cut_by_time(labelled, COLUMNS.date)
    if isinstance(cuts, Refusal):
        return _in_words(cuts)
    refusal = refuse_outcomes(cuts, LABEL)
    if refusal is not None:
        return _in_words(refusal)
    return refuse_features(cuts.train, COLUMNS.features_of(cuts.train), baseline_feature=RECENCY) or cuts


def _in_words(refusal: Refusal) -> Refusal:
    """The refusal as people who know customers would say it."""
    if refusal.code == "no_rows":
        return Refusal(refusal.code, "No customer was eligible on any cut whose horizon has passed: 0 labelled rows.")
    if refusal.outcomes is None:
        return refusal
    told = "; ".join(f"{name} {left:,} left and {stayed:,} stayed" for name, (left, stayed) in refusal.outcomes.items())
    if refusal.code == "one_class":
        is_stayed = not any(left for left, _ in refusal.outcomes.values())
        reason = f"Every customer {'stayed' if is_stayed else 'left'}, nothing tells them apart: {told}."
    else:
        reason = (
            f"At least {MINIMUM_OF_EACH_OUTCOME} customers must have left and {MINIMUM_OF_EACH_OUTCOME} must "
            f"have stayed in each part; found: {told}."
        )
    return Refusal(refusal.code, reason, refusal.outcomes)
