"""Raw scores become probabilities that can be taken at their word, by two methods chosen between by evidence.

How calibrated they turn out to be on later data is measured in reliability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cx_assets.prediction.metrics import brier_score

# Below this many of the rarer class, isotonic regression fits noise and two parameters do better:
# Niculescu-Mizil and Caruana (2005), Predicting Good Probabilities with Supervised Learning, figure 5.
MINIMUM_FOR_ISOTONIC = 1000
_FOLDS = 5
_EDGE = 1e-6
_LOGIT_LIMIT = 1e-6


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


@dataclass(frozen=True)
class MonotoneCurve:
    """A non-decreasing function given by knots, linear between them and flat beyond; strictly within 0-1."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The curve at the values; null stays null."""
        return np.asarray(np.interp(values, self.x, self.y))


def isotonic_curve(values: np.ndarray, labels: np.ndarray) -> MonotoneCurve:
    """The non-decreasing curve nearest to the labels.

    A block at either end without positives (or negatives) says less than certainty: with n rows it is
    drawn half a row in, to 1 / (2n + 2) from 0 (or 1).

    Args:
        values: Scores without nulls, at least one.
        labels: 1 positive, 0 negative.

    Returns:
        Knots at the first and the last value of every block.

    Source:
        Zadrozny and Elkan (2002), KDD, for isotonic calibration; pool-adjacent-violators as in scipy.
    """
    from scipy.optimize import isotonic_regression

    distinct, position = np.unique(values, return_inverse=True)
    counts = np.bincount(position).astype(np.float64)
    shares = np.bincount(position, weights=labels) / counts
    result = isotonic_regression(shares, weights=counts)
    starts = np.asarray(result.blocks[:-1])
    ends = np.asarray(result.blocks[1:]) - 1
    sizes = np.add.reduceat(counts, starts)
    margin = 1 / (2 * sizes + 2)
    levels = np.clip(result.x[starts], margin, 1 - margin)
    levels = np.maximum.accumulate(levels)
    x = np.column_stack([distinct[starts], distinct[ends]]).ravel()
    y = np.repeat(levels, 2)
    kept = np.append(True, np.diff(x) > 0)
    return MonotoneCurve(tuple(x[kept].tolist()), tuple(y[kept].tolist()))


@dataclass(frozen=True)
class Calibration:
    """From raw probability to calibrated probability, never decreasing, strictly within 0-1.

    Attributes:
        method: logistic (slope and intercept on the log odds) or isotonic (curve).
        slope: At least 0; null for isotonic.
        intercept: On the log-odds scale; null for isotonic.
        curve: Null for logistic.
    """

    method: str
    slope: float | None = None
    intercept: float | None = None
    curve: MonotoneCurve | None = None

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of raw ones."""
        if self.curve is not None:
            return self.curve(raw)
        log_odds = (self.intercept or 0.0) + (self.slope or 0.0) * logit(raw)
        return np.asarray(np.clip(1 / (1 + np.exp(-np.clip(log_odds, -35, 35))), _EDGE, 1 - _EDGE))

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which from_json makes the same calibration."""
        curve = None if self.curve is None else {"x": list(self.curve.x), "y": list(self.curve.y)}
        return {"method": self.method, "slope": self.slope, "intercept": self.intercept, "curve": curve}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Calibration:
        """The calibration that as_json wrote."""
        curve = plain["curve"]
        return cls(
            method=plain["method"],
            slope=plain["slope"],
            intercept=plain["intercept"],
            curve=None if curve is None else MonotoneCurve(tuple(curve["x"]), tuple(curve["y"])),
        )


def logistic_calibration(raw: np.ndarray, labels: np.ndarray) -> Calibration:
    """A line on the log-odds scale; a falling one is replaced by the overall share.

    Source:
        Platt (1999), Probabilistic Outputs for Support Vector Machines: targets (n1 + 1) / (n1 + 2) and
        1 / (n0 + 2) instead of 1 and 0, which keeps small samples from certainty.
    """
    positive = float(labels.sum())
    negative = len(labels) - positive
    targets = np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    slope, intercept = logistic_line(targets, logit(raw))
    if slope < 0:
        slope, intercept = 0.0, float(logit(np.array([targets.mean()]))[0])
    return Calibration("logistic", slope=slope, intercept=intercept)


def isotonic_calibration(raw: np.ndarray, labels: np.ndarray) -> Calibration:
    """A free non-decreasing curve."""
    return Calibration("isotonic", curve=isotonic_curve(raw, labels))


@dataclass(frozen=True)
class ChosenCalibration:
    """The calibration, why this method, and its Brier score on rows that it was not fitted on."""

    calibration: Calibration
    reason: str
    brier_score: float

    def told(self) -> dict[str, Any]:
        """Method, reason and score as plain values, for the card."""
        return {
            "method": self.calibration.method,
            "reason": self.reason,
            "calibration_cut_brier_score": self.brier_score,
        }


def choose_calibration(raw: np.ndarray, labels: np.ndarray, *, seed: int, unit: str = "rows") -> ChosenCalibration:
    """Logistic, unless there are enough rows for isotonic and it does better out of fold.

    Args:
        raw: Raw probabilities on the calibration cut; rows independent.
        labels: 1 positive, 0 negative.
        seed: Deals the rows into five folds.
        unit: What the rows are, in the plural, for the reason in words.

    Returns:
        The chosen method fitted on all rows; its Brier score is out of fold.
    """
    folds = np.random.default_rng(seed).permutation(len(raw)) % _FOLDS
    logistic = _out_of_fold_brier(logistic_calibration, raw, labels, folds)
    rarer = int(min(labels.sum(), len(labels) - labels.sum()))
    if rarer < MINIMUM_FOR_ISOTONIC:
        reason = f"logistic: {rarer:,} {unit} of the rarer outcome, isotonic needs {MINIMUM_FOR_ISOTONIC:,}"
        return ChosenCalibration(logistic_calibration(raw, labels), reason, logistic)
    isotonic = _out_of_fold_brier(isotonic_calibration, raw, labels, folds)
    reason = f"out-of-fold Brier score: logistic {logistic:.6f}, isotonic {isotonic:.6f}"
    if isotonic < logistic:
        return ChosenCalibration(isotonic_calibration(raw, labels), reason, isotonic)
    return ChosenCalibration(logistic_calibration(raw, labels), reason, logistic)


def _out_of_fold_brier(fit: Any, raw: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> float:
    predicted = np.empty(len(raw))
    for fold in range(_FOLDS):
        held_out = folds == fold
        predicted[held_out] = fit(raw[~held_out], labels[~held_out])(raw[held_out])
    return brier_score(labels, predicted)
