"""Gradient-boosted trees on rows cut by time, the same to the bit for the same rows, parameters and seed.

LightGBM is imported inside the functions that need it: it costs more than a second.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cx_assets.prediction.feature_rows import Columns

# The thread is fixed and rows are read in order, so that the trees are the same to the bit; more threads would
# wait for each other twenty times as long wherever another program keeps a core busy.
REPRODUCIBLE: dict[str, Any] = {
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
MAXIMUM_ROUNDS = 400
PATIENCE_ROUNDS = 25
# With a single training cut nothing earlier is left to stop on.
ROUNDS_WITHOUT_VALIDATION = 100


def fit(train: pd.DataFrame, columns: Columns, features: list[str], parameters: dict[str, Any]) -> tuple[Any, int]:
    """The trees fitted on all training cuts, and their number.

    The number of trees is settled on the last training cut with the earlier ones, then all are used.

    Args:
        train: Rows of the training cuts, as feature_rows.labelled_rows orders them.
        columns: Which of them are key, date and label.
        features: The columns to learn from.
        parameters: LightGBM's, with REPRODUCIBLE and the seed among them.
    """
    import lightgbm

    def dataset(part: pd.DataFrame, reference: Any = None) -> Any:
        return lightgbm.Dataset(
            part[features].to_numpy(), part[columns.label].to_numpy(), feature_name=features, reference=reference
        )

    last = train[columns.date].max()
    earlier, later = train[train[columns.date] < last], train[train[columns.date] == last]
    rounds = ROUNDS_WITHOUT_VALIDATION
    if len(earlier):
        data = dataset(earlier)
        stopped = lightgbm.train(
            parameters,
            data,
            num_boost_round=MAXIMUM_ROUNDS,
            valid_sets=[dataset(later, data)],
            callbacks=[lightgbm.early_stopping(PATIENCE_ROUNDS, verbose=False)],
        )
        rounds = max(stopped.best_iteration, 1)
    return lightgbm.train(parameters, dataset(train), num_boost_round=rounds), rounds


def from_text(text: str) -> Any:
    """The trees that LightGBM wrote as text."""
    import lightgbm

    return lightgbm.Booster(model_str=text)


def raw_predictions(booster: Any, rows: pd.DataFrame, features: list[str]) -> np.ndarray:
    """What the trees say per row, before calibration."""
    values = rows[features].to_numpy(dtype="float64")
    return np.asarray(booster.predict(values, num_threads=REPRODUCIBLE["num_threads"]), dtype="float64")


def gain_shares(booster: Any, features: list[str]) -> dict[str, float]:
    """Share of the trees' total gain by feature, the largest first."""
    gain = booster.feature_importance(importance_type="gain")
    total = float(gain.sum()) or 1.0
    shares = sorted(zip(features, (gain / total).tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return dict(shares)
