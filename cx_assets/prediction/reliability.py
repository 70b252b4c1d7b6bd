"""Whether probabilities can be taken at their word: said beside seen, and what chance alone would show.

All functions take labels (1 positive, 0 negative) and probabilities of equal length, without nulls. How
probabilities are made so is in calibration.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cx_assets.prediction.calibration import logistic_line, logit

BINS = 10
_CHANCE_REPETITIONS = 200


@dataclass(frozen=True)
class CalibrationError:
    """A calibration error beside the one that chance alone would show.

    Attributes:
        observed: Mean distance between probability and observed share, 0-1.
        by_chance: Its mean if every probability were true.
        by_chance_95: Its 95th percentile if every probability were true.
    """

    observed: float
    by_chance: float
    by_chance_95: float

    @property
    def is_within_chance(self) -> bool:
        """Whether the observed error is no evidence of miscalibration."""
        return self.observed <= self.by_chance_95


def share_interval(successes: int, count: int) -> tuple[float, float]:
    """95% interval of a share by Wilson's score method, without continuity correction.

    Raises:
        ValueError: count is below 1.

    Source:
        Wilson (1927), Journal of the American Statistical Association 22; computed by scipy.
    """
    from scipy.stats import binomtest

    if count < 1:
        raise ValueError("a share of no rows has no interval")
    interval = binomtest(successes, count).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def _bin_starts(count: int, bins: int) -> np.ndarray:
    """First positions of at most `bins` runs whose lengths differ by one at most."""
    return np.unique(np.arange(bins) * count // bins)


def reliability_table(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = BINS) -> list[dict[str, float]]:
    """Mean probability beside the observed share, in bins of equal count by probability.

    Equal probabilities keep the order of the rows, so give rows in an order that means nothing, such as
    that of hashed ids.

    Returns:
        One entry per bin, 1 lowest: bin, row_count, mean_probability, observed_share, observed_low,
        observed_high (95% Wilson). Fewer rows than bins give a bin per row.
    """
    order = np.argsort(probabilities, kind="stable")
    starts = _bin_starts(len(labels), bins)
    counts = np.diff(np.append(starts, len(labels)))
    positives = np.add.reduceat(labels[order].astype(np.int64), starts)
    means = np.add.reduceat(probabilities[order], starts) / counts
    table = []
    for number, (count, found, mean) in enumerate(
        zip(counts.tolist(), positives.tolist(), means.tolist(), strict=True)
    ):
        low, high = share_interval(found, count)
        table.append(
            {
                "bin": number + 1,
                "row_count": count,
                "mean_probability": mean,
                "observed_share": found / count,
                "observed_low": low,
                "observed_high": high,
            }
        )
    return table


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = BINS) -> float:
    """Mean distance between probability and observed share over bins of equal count, weighted by count."""
    table = reliability_table(labels, probabilities, bins=bins)
    distances = [row["row_count"] * abs(row["mean_probability"] - row["observed_share"]) for row in table]
    return float(sum(distances) / len(labels))


def calibration_error(
    labels: np.ndarray, probabilities: np.ndarray, *, seed: int, bins: int = BINS
) -> CalibrationError:
    """The expected calibration error, and what it would be if every probability were true."""
    by_chance, by_chance_95 = calibration_error_by_chance(probabilities, seed=seed, bins=bins)
    return CalibrationError(expected_calibration_error(labels, probabilities, bins=bins), by_chance, by_chance_95)


def calibration_error_by_chance(
    probabilities: np.ndarray, *, seed: int, bins: int = BINS, repetitions: int = _CHANCE_REPETITIONS
) -> tuple[float, float]:
    """The calibration error that these probabilities would show if every one of them were true.

    Outcomes are drawn from the probabilities themselves. An observed error within the second number is
    no evidence of miscalibration.

    Returns:
        Mean and 95th percentile over the repetitions. In bins of many rows the mean comes near to the sum over
        bins of sqrt(2 v / pi) over all rows, v being the bin's sum of p (1 - p): the mean of a folded normal.

    Source:
        Bröcker and Smith (2007), Increasing the Reliability of Reliability Diagrams, Weather and Forecasting
        22(3): consistency resampling, here with the probabilities as they are instead of drawn anew.
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
