"""Gradient-boosted trees against days of silence: fitted, calibrated and tested on three separate times.

Scores for today's customers are made in scoring, files in model_files; the steps are those of cx_assets.prediction.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cx_assets.churn.card import model_card, refusal_card
from cx_assets.churn.cuts import COLUMNS, LABEL, RECENCY, churn_cuts
from cx_assets.churn.outcome import GRADIENT_BOOSTING, RECENCY_BASELINE, NotTrained, TrainedChurn
from cx_assets.churn.tables import judged_columns, reliability_columns
from cx_assets.prediction import trees
from cx_assets.prediction.baseline import Baseline, fit_curve, raw_probability
from cx_assets.prediction.calibration import choose_calibration
from cx_assets.prediction.evaluation import evaluate
from cx_assets.prediction.feature_rows import content_id, labelled_rows
from cx_assets.prediction.time_cuts import Cuts, Refusal, varying_features

# Raise when the same data and parameters would give another model: model_id depends on it.
CODE_VERSION = 1

# Shallow trees and a slow rate: churn signals are weak and few, deeper trees gain nothing that a later cut confirms.
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "lambda_l2": 1.0,
    **trees.REPRODUCIBLE,
}


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
        ValueError: The table breaks its contract in form or in time (see prediction.feature_rows.labelled_rows).
    """
    names = COLUMNS.features_of(features)
    labelled = labelled_rows(features, COLUMNS, names, scoring_date=observation_date, horizon_days=horizon_days)
    settings = {"horizon_days": horizon_days, "eligible_days": eligible_days}
    identity = {**settings, "seed": seed, "parameters": PARAMETERS, "code_version": CODE_VERSION}
    model_id = content_id(labelled, COLUMNS, names, identity, prefix="churn")
    cuts = churn_cuts(labelled)
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
    all_features = COLUMNS.features_of(cuts.train)
    features = varying_features(cuts.train, all_features)
    booster, rounds = trees.fit(cuts.train, COLUMNS, features, {**PARAMETERS, "seed": seed})
    curve = fit_curve(cuts.train[RECENCY], cuts.train[LABEL])
    missing = float(cuts.train[LABEL].mean())

    def raw(rows: pd.DataFrame) -> dict[str, np.ndarray]:
        return {
            GRADIENT_BOOSTING: trees.raw_predictions(booster, rows, features),
            RECENCY_BASELINE: raw_probability(curve, missing, rows[RECENCY]),
        }

    labels = cuts.calibration[LABEL].to_numpy()
    chosen = {
        name: choose_calibration(values, labels, seed=seed, unit="customers")
        for name, values in raw(cuts.calibration).items()
    }
    is_better = chosen[GRADIENT_BOOSTING].brier_score < chosen[RECENCY_BASELINE].brier_score
    published = GRADIENT_BOOSTING if is_better else RECENCY_BASELINE
    found = evaluate(
        cuts.test[LABEL].to_numpy(),
        {name: chosen[name].calibration(values) for name, values in raw(cuts.test).items()},
        model=GRADIENT_BOOSTING,
        baseline=RECENCY_BASELINE,
        published=published,
        seed=seed,
    )
    card = model_card(
        model_id=model_id,
        settings=settings,
        cuts=cuts,
        published=published,
        calibrations=chosen,
        evaluation=found,
        features=trees.gain_shares(booster, features),
        constant_features=sorted(set(all_features) - set(features)),
        parameters={**PARAMETERS, "rounds": rounds, "seed": seed, "code_version": CODE_VERSION},
    )
    return TrainedChurn(
        model_id=model_id,
        **settings,
        test_cut_date=pd.Timestamp(cuts.test["observation_date"].iloc[0]).date(),
        features=tuple(features),
        booster_text=booster.model_to_string(),
        calibration=chosen[GRADIENT_BOOSTING].calibration,
        baseline=Baseline(curve, missing, chosen[RECENCY_BASELINE].calibration),
        published=published,
        metrics={"train_count": len(cuts.train), **judged_columns(found, published)},
        reliability=reliability_columns(found),
        card=card,
    )
