"""The rows that churn hands to the warehouse; the tables are declared in tables.yml."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd

from cx_assets.churn.outcome import RECENCY_BASELINE, NotTrained, TrainedChurn
from cx_assets.contracts.python_tables import tables_of
from cx_assets.prediction.evaluation import Evaluation

TABLES = tables_of("cx_assets.churn")
CHURN_MODEL = TABLES["scores.churn_model"]
CHURN_RELIABILITY = TABLES["scores.churn_reliability"]
CUSTOMER_CHURN = TABLES["scores.customer_churn"]


def judged_columns(found: Evaluation, published: str) -> dict[str, Any]:
    """Columns of CHURN_MODEL that the test cut gives, of the published probability."""
    area, judged = found.published, found.candidates[published]
    return {
        "test_count": found.row_count,
        "churn_share": found.positive_share,
        "auc": area.first.estimate,
        "auc_low": area.first.low,
        "auc_high": area.first.high,
        "baseline_auc": area.second.estimate,
        "auc_difference": area.difference.estimate,
        "auc_difference_low": area.difference.low,
        "auc_difference_high": area.difference.high,
        "average_precision": judged["average_precision"],
        "brier_score": judged["brier_score"],
        "baseline_brier_score": found.candidates[RECENCY_BASELINE]["brier_score"],
        "expected_calibration_error": judged["expected_calibration_error"],
        "lift_top_decile": judged["lift_top_decile"],
    }


def reliability_columns(found: Evaluation) -> list[dict[str, float]]:
    """Columns of CHURN_RELIABILITY but model_id, a row per bin."""
    return [
        {("customer_count" if name == "row_count" else name): value for name, value in row.items()}
        for row in found.bins
    ]


def churn_model_row(
    outcome: TrainedChurn | NotTrained, *, observation_date: date, is_current: bool = True
) -> pd.DataFrame:
    """One row of scores.churn_model.

    Args:
        outcome: A model or a refusal.
        observation_date: The scoring date of the run that trained it.
        is_current: Whether this is the outcome that counts now.

    Returns:
        The columns of CHURN_MODEL. Metrics are those of the published probability on the test cut; they are
        null for a refusal, whose churn_share is that of all labelled rows.
    """
    row: dict[str, Any] = {
        "model_id": outcome.model_id,
        "observation_date": pd.Timestamp(observation_date),
        "status": outcome.status,
        "horizon_days": outcome.horizon_days,
        "eligible_days": outcome.eligible_days,
        "test_cut_date": pd.NaT if outcome.test_cut_date is None else pd.Timestamp(outcome.test_cut_date),
        "card": json.dumps(outcome.card, sort_keys=True),
        "is_current": is_current,
    }
    if isinstance(outcome, TrainedChurn):
        return CHURN_MODEL.typed([row | outcome.metrics])
    names = ("reason", "train_count", "test_count", "churn_share")
    return CHURN_MODEL.typed([row | {name: getattr(outcome, name) for name in names}])


def reliability_rows(outcome: TrainedChurn | NotTrained) -> pd.DataFrame:
    """Rows of scores.churn_reliability, ten for a model and none for a refusal."""
    if isinstance(outcome, NotTrained):
        return CHURN_RELIABILITY.typed([])
    return CHURN_RELIABILITY.typed([{"model_id": outcome.model_id, **row} for row in outcome.reliability])
