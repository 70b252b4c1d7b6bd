"""How well probabilities tell positives from negatives, and how far off they are row by row.

All functions take labels (1 positive, 0 negative) and probabilities of equal length, without nulls. Whether
probabilities can be taken at their word is judged in reliability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95% interval; low and high are null where the variance is unknown."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class AucComparison:
    """Two AUCs on the same rows, and the first minus the second, paired."""

    first: Interval
    second: Interval
    difference: Interval


def compare_auc(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> AucComparison:
    """Areas under two ROC curves on the same rows, with paired intervals.

    Rows must be independent, such as one per person. Ties count one half.

    Args:
        labels: 1 positive, 0 negative; both must occur.
        first: Scores, higher means more likely positive.
        second: Scores of the rival.

    Returns:
        Normal intervals, those of the areas cut to 0-1.

    Raises:
        ValueError: One of the classes does not occur.

    Source:
        DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44(3); computed by mid-ranks as in Sun and
        Xu (2014), IEEE Signal Processing Letters 21(11).
    """
    is_positive = labels == 1
    if is_positive.all() or not is_positive.any():
        raise ValueError("an AUC needs both classes")
    positive_parts, negative_parts = zip(
        *(_structural_components(is_positive, scores) for scores in (first, second)), strict=True
    )
    areas = [float(part.mean()) for part in positive_parts]
    covariance = _covariance(np.vstack(positive_parts)) + _covariance(np.vstack(negative_parts))
    spread = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return AucComparison(
        first=_interval(areas[0], covariance[0, 0], is_share=True),
        second=_interval(areas[1], covariance[1, 1], is_share=True),
        difference=_interval(areas[0] - areas[1], spread, is_share=False),
    )


def _structural_components(is_positive: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each positive the share of negatives below, for each negative the share of positives above."""
    from scipy.stats import rankdata

    positive, negative = scores[is_positive], scores[~is_positive]
    ranks = rankdata(np.concatenate([positive, negative]))
    below = (ranks[: len(positive)] - rankdata(positive)) / len(negative)
    above = 1 - (ranks[len(positive) :] - rankdata(negative)) / len(positive)
    return below, above


def _covariance(parts: np.ndarray) -> np.ndarray:
    if parts.shape[1] < 2:
        return np.full((2, 2), np.nan)
    return np.asarray(np.cov(parts) / parts.shape[1])


def _interval(estimate: float, variance: float, *, is_share: bool) -> Interval:
    half = Z_95 * float(np.sqrt(max(variance, 0.0)))
    low, high = estimate - half, estimate + half
    return Interval(estimate, max(low, 0.0), min(high, 1.0)) if is_share else Interval(estimate, low, high)


def average_precision(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of precision over the steps of recall, without interpolation; equal probabilities are one step.

    Raises:
        ValueError: No row is positive, for which scikit-learn would only warn.
    """
    from sklearn.metrics import average_precision_score

    if not labels.any():
        raise ValueError("average precision needs a positive row")
    return float(average_precision_score(labels, probabilities, pos_label=1))


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean squared difference between probability and outcome (Brier 1950); smaller is better."""
    from sklearn.metrics import brier_score_loss

    return float(brier_score_loss(labels, probabilities, pos_label=1))


def lift_top_decile(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Share of positives in the tenth with the highest probabilities over their share in all.

    The tenth is rounded up; where equal probabilities cross its border they count in proportion, as if
    drawn by lot.

    Raises:
        ValueError: No row is positive.
    """
    if not labels.any():
        raise ValueError("lift needs a positive row")
    size = -(-len(labels) // 10)
    border = np.sort(probabilities)[::-1][size - 1]
    above, tied = probabilities > border, probabilities == border
    caught = labels[above].sum() + (size - above.sum()) * labels[tied].mean()
    return float((caught / size) / labels.mean())
