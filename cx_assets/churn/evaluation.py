"""The test cut: what the published probability is worth, beside the recency baseline."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from cx_assets.churn import metrics
from cx_assets.churn.cuts import LABEL
from cx_assets.churn.outcome import GRADIENT_BOOSTING, RECENCY_BASELINE


@dataclass(frozen=True)
class Evaluation:
    """What the test cut says.

    Attributes:
        metrics: Columns of scores.churn_model, of the published probability; where the baseline is
            published, its difference to itself is 0.
        candidates: Metrics of both, by name, for the card.
        trees_against_baseline: AUC difference with interval, whichever is published.
        verdict: beats_baseline when that interval lies above 0, else does_not_beat_baseline.
        reliability: Ten bins of the published probability.
    """

    metrics: dict[str, Any]
    candidates: dict[str, dict[str, Any]]
    trees_against_baseline: dict[str, float]
    verdict: str
    reliability: list[dict[str, float]]


def evaluate(test: pd.DataFrame, probabilities: dict[str, np.ndarray], *, published: str, seed: int) -> Evaluation:
    """Judge both calibrated probabilities on the test cut.

    Args:
        test: The test cut, one row per customer.
        probabilities: Of gradient_boosting and of recency_baseline, aligned with test.
        published: Which of them is published.
        seed: For the simulated calibration error.

    Returns:
        Metrics, verdict and reliability.
    """
    labels = test[LABEL].to_numpy()
    baseline = probabilities[RECENCY_BASELINE]
    candidates = {name: _judge(labels, values, seed) for name, values in probabilities.items()}
    rivals = metrics.compare_auc(labels, probabilities[GRADIENT_BOOSTING], baseline)
    shown = metrics.compare_auc(labels, probabilities[published], baseline)
    return Evaluation(
        metrics={
            "test_count": len(labels),
            "churn_share": float(labels.mean()),
            "auc": shown.first.estimate,
            "auc_low": shown.first.low,
            "auc_high": shown.first.high,
            "baseline_auc": shown.second.estimate,
            "auc_difference": shown.difference.estimate,
            "auc_difference_low": shown.difference.low,
            "auc_difference_high": shown.difference.high,
            "average_precision": candidates[published]["average_precision"],
            "brier_score": candidates[published]["brier_score"],
            "baseline_brier_score": candidates[RECENCY_BASELINE]["brier_score"],
            "expected_calibration_error": candidates[published]["expected_calibration_error"],
            "lift_top_decile": candidates[published]["lift_top_decile"],
        },
        candidates=candidates,
        trees_against_baseline=asdict(rivals.difference),
        verdict="beats_baseline" if rivals.difference.low > 0 else "does_not_beat_baseline",
        reliability=metrics.reliability_table(labels, probabilities[published]),
    )


def _judge(labels: np.ndarray, probabilities: np.ndarray, seed: int) -> dict[str, Any]:
    area = metrics.compare_auc(labels, probabilities, probabilities).first
    by_chance, by_chance_high = metrics.calibration_error_by_chance(probabilities, seed=seed)
    slope, intercept = metrics.calibration_line(labels, probabilities)
    return {
        "auc": area.estimate,
        "auc_low": area.low,
        "auc_high": area.high,
        "average_precision": metrics.average_precision(labels, probabilities),
        "brier_score": metrics.brier_score(labels, probabilities),
        "expected_calibration_error": metrics.expected_calibration_error(labels, probabilities),
        "expected_calibration_error_by_chance": by_chance,
        "expected_calibration_error_by_chance_95": by_chance_high,
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "mean_probability": float(probabilities.mean()),
        "lift_top_decile": metrics.lift_top_decile(labels, probabilities),
    }
