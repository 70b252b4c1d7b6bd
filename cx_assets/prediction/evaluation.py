"""The test cut: what a published probability is worth beside the baseline. Decides nothing, only tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cx_assets.prediction import metrics, reliability

BEATS_BASELINE = "beats_baseline"
DOES_NOT_BEAT_BASELINE = "does_not_beat_baseline"


@dataclass(frozen=True)
class Evaluation:
    """What the test cut says.

    Attributes:
        row_count: Rows on the test cut.
        positive_share: Share of them that turned out positive.
        published: AUC of the published probability and of the baseline; where the baseline is published, its
            difference to itself is 0.
        challenge: The same of the model and the baseline, whichever is published.
        candidates: Metrics of both, by name, for the card.
        verdict: beats_baseline when the challenge's difference lies above 0 with its whole interval, else
            does_not_beat_baseline.
        bins: Reliability of the published probability.
    """

    row_count: int
    positive_share: float
    published: metrics.AucComparison
    challenge: metrics.AucComparison
    candidates: dict[str, dict[str, Any]]
    verdict: str
    bins: list[dict[str, float]]


def evaluate(
    labels: np.ndarray,
    probabilities: dict[str, np.ndarray],
    *,
    model: str,
    baseline: str,
    published: str,
    seed: int,
) -> Evaluation:
    """Judge two calibrated probabilities on the test cut.

    Args:
        labels: 1 positive, 0 negative; independent rows, such as one per person.
        probabilities: Of the model and of the baseline, aligned with labels.
        model: Name of the model among them.
        baseline: Name of the baseline among them.
        published: Which of the two is published.
        seed: For the simulated calibration error.

    Returns:
        Metrics, verdict and reliability.

    Raises:
        ValueError: One of the classes does not occur.
    """
    challenge = metrics.compare_auc(labels, probabilities[model], probabilities[baseline])
    return Evaluation(
        row_count=len(labels),
        positive_share=float(labels.mean()),
        published=metrics.compare_auc(labels, probabilities[published], probabilities[baseline]),
        challenge=challenge,
        candidates={name: _judged(labels, values, seed) for name, values in probabilities.items()},
        verdict=BEATS_BASELINE if challenge.difference.low > 0 else DOES_NOT_BEAT_BASELINE,
        bins=reliability.reliability_table(labels, probabilities[published]),
    )


def _judged(labels: np.ndarray, probabilities: np.ndarray, seed: int) -> dict[str, Any]:
    area = metrics.compare_auc(labels, probabilities, probabilities).first
    error = reliability.calibration_error(labels, probabilities, seed=seed)
    slope, intercept = reliability.calibration_line(labels, probabilities)
    return {
        "auc": area.estimate,
        "auc_low": area.low,
        "auc_high": area.high,
        "average_precision": metrics.average_precision(labels, probabilities),
        "brier_score": metrics.brier_score(labels, probabilities),
        "expected_calibration_error": error.observed,
        "expected_calibration_error_by_chance": error.by_chance,
        "expected_calibration_error_by_chance_95": error.by_chance_95,
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "mean_probability": float(probabilities.mean()),
        "lift_top_decile": metrics.lift_top_decile(labels, probabilities),
    }
