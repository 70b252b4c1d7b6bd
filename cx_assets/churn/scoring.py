"""Probabilities for the customers who are eligible on the scoring date."""

from __future__ import annotations

import pandas as pd

from cx_assets.churn.cuts import COLUMNS, RECENCY
from cx_assets.churn.outcome import GRADIENT_BOOSTING, TrainedChurn
from cx_assets.churn.tables import CUSTOMER_CHURN
from cx_assets.prediction import trees
from cx_assets.prediction.baseline import raw_probability
from cx_assets.prediction.feature_rows import feature_values, rows_to_score


def score(model: TrainedChurn, features: pd.DataFrame, *, snapshot_id: str, snapshot_sequence: int) -> pd.DataFrame:
    """The probability that each customer makes no purchase within the horizon.

    Args:
        model: As trained or loaded.
        features: One row per eligible customer on one scoring date: customer_id, observation_date and the
            model's features; other columns, such as is_churned, are ignored. May have no rows.
        snapshot_id: The snapshot that the features come from.
        snapshot_sequence: Its position: the later of two scores of one day is the one that counts.

    Returns:
        One row per row of features, ordered by customer_id, with the columns of CUSTOMER_CHURN; both
        probabilities lie strictly between 0 and 1. The input is unchanged.

    Raises:
        ValueError: A column is missing or not numeric, a customer_id is null or repeats, or there is more
            than one observation_date.
    """
    ordered = rows_to_score(features, COLUMNS)
    if ordered.empty:
        return CUSTOMER_CHURN.typed([])
    values = feature_values(ordered, sorted({*model.features, RECENCY}))
    raw = raw_probability(model.baseline.curve, model.baseline.missing, values[RECENCY])
    baseline = model.baseline.calibration(raw)
    scores = pd.DataFrame(
        {
            "customer_id": ordered["customer_id"],
            "observation_date": pd.to_datetime(ordered["observation_date"]),
            "horizon_days": model.horizon_days,
            "model_id": model.model_id,
            "churn_probability": _tree_scores(model, values) if model.published == GRADIENT_BOOSTING else baseline,
            "baseline_probability": baseline,
            "snapshot_sequence": snapshot_sequence,
            "snapshot_id": snapshot_id,
        }
    )
    return CUSTOMER_CHURN.typed(scores)


def _tree_scores(model: TrainedChurn, values: pd.DataFrame) -> object:
    booster = trees.from_text(model.booster_text)
    return model.calibration(trees.raw_predictions(booster, values, list(model.features)))
