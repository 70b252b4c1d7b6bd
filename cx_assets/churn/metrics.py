"""How good probabilities are: discrimination, calibration, lift, each as published.

All functions take labels (1 left, 0 stayed) and probabilities of equal length, without nulls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Z_95 = 1.959963984540054
BINS = 10
_CHANCE_REPETITIONS = 200
_LOGIT_LIMIT = 1e-6


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
    """Areas under two ROC curves on the same customers, with paired intervals.

    Rows must be independent: one per customer. Ties count one half.

    Args:
        labels: 1 left, 0 stayed; both must occur.
        first: Scores, higher means more likely to leave.
        second: Scores of the rival.

    Returns:
        Normal intervals, those of the areas cut to 0-1.

    Raises:
        ValueError: One of the classes does not occur.

    Source:
        DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44(3); computed by mid-ranks as in Sun and
        Xu (2014), IEEE Signal Processing Letters 21(11).
    """
    is_left = labels == 1
    if is_left.all() or not is_left.any():
        raise ValueError("an AUC needs both classes")
    left_parts, stayed_parts = zip(
        *(_structural_components(is_left, scores) for scores in (first, second)), strict=True
    )
    areas = [float(part.mean()) for part in left_parts]
    covariance = _covariance(np.vstack(left_parts)) + _covariance(np.vstack(stayed_parts))
    spread = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return AucComparison(
        first=_interval(areas[0], covariance[0, 0], is_share=True),
        second=_interval(areas[1], covariance[1, 1], is_share=True),
        difference=_interval(areas[0] - areas[1], spread, is_share=False),
    )


def _structural_components(is_left: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each leaver the share of stayers below, for each stayer the share of leavers above."""
    from scipy.stats import rankdata

    left, stayed = scores[is_left], scores[~is_left]
    ranks = rankdata(np.concatenate([left, stayed]))
    below = (ranks[: len(left)] - rankdata(left)) / len(stayed)
    above = 1 - (ranks[len(left) :] - rankdata(stayed)) / len(left)
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
    """Mean of precision over the steps of recall; equal probabilities are one step.

    Raises:
        ValueError: Nobody left.

    Source:
        As scikit-learn's average_precision_score: sum of (R_n - R_(n-1)) * P_n, without interpolation.
    """
    if not labels.any():
        raise ValueError("average precision needs someone who left")
    order = np.argsort(-probabilities, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(probabilities[order]) != 0, True))
    found = np.cumsum(labels[order])[ends]
    precision = found / (ends + 1)
    return float(np.sum(np.diff(found, prepend=0) * precision) / labels.sum())


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean squared difference between probability and outcome (Brier 1950); smaller is better."""
    return float(np.mean((probabilities - labels) ** 2))


def wilson_interval(successes: int, count: int) -> tuple[float, float]:
    """95% interval of a share.

    Raises:
        ValueError: count is below 1.

    Source:
        Wilson (1927), Journal of the American Statistical Association 22, without continuity correction.
    """
    if count < 1:
        raise ValueError("a share of nobody has no interval")
    share = successes / count
    denominator = 1 + Z_95**2 / count
    centre = (share + Z_95**2 / (2 * count)) / denominator
    half = Z_95 * np.sqrt(share * (1 - share) / count + Z_95**2 / (4 * count**2)) / denominator
    return max(float(centre - half), 0.0), min(float(centre + half), 1.0)


def _bin_starts(count: int, bins: int) -> np.ndarray:
    """First positions of at most `bins` runs whose lengths differ by one at most."""
    return np.unique(np.arange(bins) * count // bins)


def reliability_table(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = BINS) -> list[dict[str, float]]:
    """Mean probability beside the observed share, in bins of equal count by probability.

    Equal probabilities keep the order of the rows, so give rows in an order that means nothing, such as
    that of hashed ids.

    Returns:
        One entry per bin, 1 lowest: bin, customer_count, mean_probability, observed_share, observed_low,
        observed_high (95% Wilson). Fewer rows than bins give a bin per row.
    """
    order = np.argsort(probabilities, kind="stable")
    starts = _bin_starts(len(labels), bins)
    counts = np.diff(np.append(starts, len(labels)))
    left = np.add.reduceat(labels[order].astype(np.int64), starts)
    means = np.add.reduceat(probabilities[order], starts) / counts
    table = []
    for number, (count, gone, mean) in enumerate(zip(counts.tolist(), left.tolist(), means.tolist(), strict=True)):
        low, high = wilson_interval(gone, count)
        table.append(
            {
                "bin": number + 1,
                "customer_count": count,
                "mean_probability": mean,
                "observed_share": gone / count,
                "observed_low": low,
                "observed_high": high,
            }
        )
    return table


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = BINS) -> float:
    """Mean distance between probability and observed share over bins of equal count, weighted by count."""
    table = reliability_table(labels, probabilities, bins=bins)
    distances = [row["customer_count"] * abs(row["mean_probability"] - row["observed_share"]) for row in table]
    return float(sum(distances) / len(labels))


def calibration_error_by_chance(
    probabilities: np.ndarray, *, seed: int, bins: int = BINS, repetitions: int = _CHANCE_REPETITIONS
) -> tuple[float, float]:
    """The calibration error that these probabilities would show if every one of them were true.

    Outcomes are drawn from the probabilities themselves. An observed error within the second number is
    no evidence of miscalibration.

    Returns:
        Mean and 95th percentile over the repetitions.
    """
    ordered = np.sort(probabilities, kind="stable")
    starts = _bin_starts(len(ordered), bins)
    expected = np.add.reduceat(ordered, starts)
    generator = np.random.default_rng(seed)
    errors = np.empty(repetitions)
    for repetition in range(repetitions):
        drawn = np.add.reduceat((generator.random(len(ordered)) < ordered).astype(np.float64), starts)
        errors[repetition] = np.abs(drawn - expected).sum() / len(ordered)
    return float(errors.mean()), float(np.quantile(errors, 0.95))


def logit(probabilities: np.ndarray) -> np.ndarray:
    """Log odds; probabilities are kept a millionth away from 0 and 1."""
    kept = np.clip(probabilities, _LOGIT_LIMIT, 1 - _LOGIT_LIMIT)
    return np.asarray(np.log(kept / (1 - kept)))


def logistic_line(targets: np.ndarray, log_odds: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of targets (0-1, fractions allowed) on log odds, by maximum likelihood.

    Newton's method on two parameters with a ridge of a millionth, which keeps separable data finite.
    Log odds that do not vary give slope 0.
    """
    centre, scale = float(log_odds.mean()), float(log_odds.std())
    if scale < 1e-12:
        return 0.0, float(logit(np.array([targets.mean()]))[0])
    design = np.column_stack([(log_odds - centre) / scale, np.ones(len(log_odds))])
    weights = np.zeros(2)
    for _ in range(100):
        fitted = 1 / (1 + np.exp(-np.clip(design @ weights, -35, 35)))
        gradient = design.T @ (targets - fitted) - 1e-6 * weights
        curvature = (design * (fitted * (1 - fitted))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    slope = float(weights[0] / scale)
    return slope, float(weights[1] - slope * centre)


def calibration_line(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float | None, float | None]:
    """Slope and intercept of the outcomes on the log odds; 1 and 0 when calibrated.

    A slope below 1 says that the probabilities are too extreme. Both are null where the probabilities
    do not vary.

    Source:
        Cox (1958), Biometrika 45: logistic regression of the outcome on the predicted log odds.
    """
    log_odds = logit(probabilities)
    if log_odds.std() < 1e-12:
        return None, None
    return logistic_line(labels.astype(np.float64), log_odds)


def lift_top_decile(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Share of leavers in the tenth with the highest probabilities over their share in all.

    The tenth is rounded up; where equal probabilities cross its border they count in proportion, as if
    drawn by lot.

    Raises:
        ValueError: Nobody left.
    """
    if not labels.any():
        raise ValueError("lift needs someone who left")
    size = -(-len(labels) // 10)
    border = np.sort(probabilities)[::-1][size - 1]
    above, tied = probabilities > border, probabilities == border
    caught = labels[above].sum() + (size - above.sum()) * labels[tied].mean()
    return float((caught / size) / labels.mean())
