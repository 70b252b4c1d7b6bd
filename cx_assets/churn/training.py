"""Gradient-boosted trees against days of silence: fitted, calibrated and tested on three separate times.

Scores for today's customers are made in scoring, files in model_files.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cx_assets.churn.calibration import ChosenCalibration, choose_calibration, isotonic_curve
from cx_assets.churn.card import model_card, refusal_card
from cx_assets.churn.cuts import LABEL, RECENCY, Cuts, Refusal, content_id, cut_by_time, ordered_features
from cx_assets.churn.cuts import varying_features as varying
from cx_assets.churn.evaluation import evaluate
from cx_assets.churn.outcome import GRADIENT_BOOSTING, RECENCY_BASELINE, Baseline, NotTrained, TrainedChurn

# Raise when the same data and parameters would give another model: model_id depends on it.
CODE_VERSION = 1

# Shallow trees and a slow rate: churn signals are weak and few, deeper trees gain nothing that a later cut
# confirms. The thread is fixed and rows are read in order, so that the trees are the same to the bit; more
# threads would wait for each other twenty times as long wherever another program keeps a core busy.
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "lambda_l2": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
MAXIMUM_ROUNDS = 400
PATIENCE_ROUNDS = 25
# With a single training cut nothing earlier is left to stop on.
ROUNDS_WITHOUT_VALIDATION = 100


def train(
    features: pd.DataFrame,
    *,
    observation_date: date,
    horizon_days: int,
    eligible_days: int,
    seed: int = 20260101,
) -> TrainedChurn | NotTrained:
    """Train, calibrate and test a churn model, or say why the history cannot teach one.

    Training cuts are all labelled cuts but the last two, the last but one calibrates, the last tests. The
    number of trees is settled on the last training cut with the earlier ones, then all are used. Which of
    the two calibrated probabilities is published is settled on the calibration cut by the out-of-fold
    Brier score: the test cut decides nothing, it only tells.

    Args:
        features: One row per customer_id and observation_date as in int_churn__customer_feature:
            is_churned (null on the scoring date), then numeric features, among them recency_days; nulls
            allowed. Order of rows and columns does not matter.
        observation_date: The scoring date.
        horizon_days: Length of the label's window after a cut.
        eligible_days: Days up to the cut within which a customer must have bought to be in the table.
        seed: For folds and simulations.

    Returns:
        A model with its metrics on the test cut and its card, or the refusal.

    Raises:
        ValueError: The table breaks its contract in form or in time (see cuts.ordered_features).
    """
    labelled = ordered_features(features, observation_date=observation_date, horizon_days=horizon_days)
    settings = {"horizon_days": horizon_days, "eligible_days": eligible_days}
    identity = {**settings, "seed": seed, "parameters": PARAMETERS, "code_version": CODE_VERSION}
    model_id = content_id(labelled, identity)
    cuts = cut_by_time(labelled)
    if isinstance(cuts, Refusal):
        return _not_trained(model_id, settings, labelled, cuts)
    return _trained(model_id, settings, cuts, seed)


def _not_trained(model_id: str, settings: dict[str, int], labelled: pd.DataFrame, refusal: Refusal) -> NotTrained:
    dates = sorted(labelled["observation_date"].unique())
    has_parts = len(dates) >= 3
    return NotTrained(
        model_id=model_id,
        **settings,
        code=refusal.code,
        reason=refusal.reason,
        train_count=int((labelled["observation_date"] < dates[-2]).sum()) if has_parts else 0,
        test_count=int((labelled["observation_date"] == dates[-1]).sum()) if has_parts else 0,
        test_cut_date=pd.Timestamp(dates[-1]).date() if has_parts else None,
        churn_share=float(labelled[LABEL].mean()) if len(labelled) else None,
        card=refusal_card(model_id, settings, refusal, labelled),
    )


def _trained(model_id: str, settings: dict[str, int], cuts: Cuts, seed: int) -> TrainedChurn:
    features = varying(cuts.train)
    booster, rounds = _fit_trees(cuts.train, features, seed)
    curve = _recency_curve(cuts.train)
    missing = float(cuts.train[LABEL].mean())
    held_out = cuts.calibration
    labels = held_out[LABEL].to_numpy()
    trees = choose_calibration(tree_probability(booster, held_out, features), labels, seed=seed)
    recency = choose_calibration(recency_probability(curve, missing, held_out), labels, seed=seed)
    published = GRADIENT_BOOSTING if trees.brier_score < recency.brier_score else RECENCY_BASELINE
    found = evaluate(
        cuts.test,
        {
            GRADIENT_BOOSTING: trees.calibration(tree_probability(booster, cuts.test, features)),
            RECENCY_BASELINE: recency.calibration(recency_probability(curve, missing, cuts.test)),
        },
        published=published,
        seed=seed,
    )
    card = model_card(
        model_id=model_id,
        settings=settings,
        cuts=cuts,
        features=_importance(booster, features),
        calibrations=_told({GRADIENT_BOOSTING: trees, RECENCY_BASELINE: recency}),
        published=published,
        evaluation=found,
        parameters={**PARAMETERS, "rounds": rounds, "seed": seed, "code_version": CODE_VERSION},
    )
    return TrainedChurn(
        model_id=model_id,
        **settings,
        test_cut_date=pd.Timestamp(cuts.test["observation_date"].iloc[0]).date(),
        features=tuple(features),
        booster_text=booster.model_to_string(),
        calibration=trees.calibration,
        baseline=Baseline(curve, missing, recency.calibration),
        published=published,
        metrics={"train_count": len(cuts.train), **found.metrics},
        reliability=found.reliability,
        card=card,
    )


def _fit_trees(rows: pd.DataFrame, features: list[str], seed: int) -> tuple[Any, int]:
    """The trees fitted on all training cuts, and their number."""
    import lightgbm

    parameters = {**PARAMETERS, "seed": seed}

    def dataset(part: pd.DataFrame, reference: Any = None) -> Any:
        return lightgbm.Dataset(
            part[features].to_numpy(), part[LABEL].to_numpy(), feature_name=features, reference=reference
        )

    last = rows["observation_date"].max()
    earlier, later = rows[rows["observation_date"] < last], rows[rows["observation_date"] == last]
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
    return lightgbm.train(parameters, dataset(rows), num_boost_round=rounds), rounds


def tree_probability(booster: Any, rows: pd.DataFrame, features: list[str]) -> np.ndarray:
    """The trees' raw probability per row."""
    values = rows[features].to_numpy(dtype="float64")
    return np.asarray(booster.predict(values, num_threads=PARAMETERS["num_threads"]), dtype="float64")


def _recency_curve(rows: pd.DataFrame) -> Any:
    known = rows[rows[RECENCY].notna()]
    if known.empty:
        known = rows.assign(**{RECENCY: 0.0})
    return isotonic_curve(known[RECENCY].to_numpy(), known[LABEL].to_numpy())


def recency_probability(curve: Any, missing: float, rows: pd.DataFrame) -> np.ndarray:
    """The baseline's raw probability per row."""
    raw = curve(rows[RECENCY].to_numpy(dtype="float64"))
    return np.where(np.isnan(raw), missing, raw)


def _importance(booster: Any, features: list[str]) -> dict[str, float]:
    """Share of the trees' total gain by feature, the largest first."""
    gain = booster.feature_importance(importance_type="gain")
    total = float(gain.sum()) or 1.0
    shares = sorted(zip(features, (gain / total).tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return dict(shares)


def _told(chosen: dict[str, ChosenCalibration]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "method": choice.calibration.method,
            "reason": choice.reason,
            "calibration_cut_brier_score": choice.brier_score,
        }
        for name, choice in chosen.items()
    }
