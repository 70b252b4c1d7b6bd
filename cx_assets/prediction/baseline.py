"""The rival that a model has to beat: the outcome by one feature alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cx_assets.prediction.calibration import Calibration, MonotoneCurve, isotonic_curve


@dataclass(frozen=True)
class Baseline:
    """The probability of a positive by one feature.

    Attributes:
        curve: Non-decreasing in the feature, fitted on the training cuts.
        missing: Raw probability where the feature is null: the share of positives in training.
        calibration: Fitted on the calibration cut, like the model's.
    """

    curve: MonotoneCurve
    missing: float
    calibration: Calibration


def fit_curve(values: pd.Series, labels: pd.Series) -> MonotoneCurve:
    """The curve of the labels (1 positive, 0 negative) in the feature; flat where the feature is always null."""
    known = values.notna()
    if not known.any():
        return isotonic_curve(np.zeros(len(values)), labels.to_numpy())
    return isotonic_curve(values[known].to_numpy(), labels[known].to_numpy())


def raw_probability(curve: MonotoneCurve, missing: float, values: pd.Series) -> np.ndarray:
    """The raw probability per row, before calibration."""
    raw = curve(values.to_numpy(dtype="float64"))
    return np.where(np.isnan(raw), missing, raw)
