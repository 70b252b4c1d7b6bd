"""Weights for non-response: who answers seldom counts for those alike who did not.

They mend what can be told from what was known before the invitation. Whoever is silent because of a mood that nothing
shows stays missed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

LEAST_INVITATIONS = 500
LEAST_OUTCOMES = 100
"""Of answers, and of invitations without one."""
FITTED_ROWS = 300_000
PENALTY = 10.0
"""Inverse strength of the ridge: weak, since the columns are few and the rows many."""
SETTLED_DAYS = 14
"""Days after which a silent invitation counts as a refusal: the youngest would make the silent look many."""
CATEGORIES = ("touchpoint", "channel")
NUMBERS = (
    "purchase_count",
    "days_since_purchase",
    "earlier_invitation_count",
    "earlier_answer_count",
    "earlier_mean_point",
)
BINS = 5


def response_weights(
    invitations: pd.DataFrame, *, largest_weight: float, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weights of answered invitations by the inverse of their probability of an answer, and what was found of it.

    The probability comes from a logistic regression on categories and on fifths of what was known before, missing
    values a class of their own, for each survey type by itself.

    Args:
        invitations: One row per invitation to a known customer: invitation_id, survey_type, is_answered, touchpoint,
            channel, purchase_count, days_since_purchase, earlier_invitation_count, earlier_answer_count,
            earlier_mean_point (numbers may be null), days_open (from the invitation to the observation date). Those
            open for less than two weeks get weights, but nothing is learnt from them.
        largest_weight: Times the median weight at which weights are limited.
        seed: Of the choice of rows to fit on, where there are more than 300,000.

    Returns:
        scores.answer_weight and scores.answer_model. A survey type with few invitations or few on either side has a
        refusal and no weights.

    Source:
        Little (1986), Int. Statistical Review 54, response propensity; Kish (1965) for the spread of weights; limits as
        in Potter (1990).
    """
    weights, models = [], []
    for survey_type, rows in invitations.sort_values("invitation_id").groupby("survey_type"):
        weighted, model = _of_type(rows, largest_weight, seed)
        weights.append(weighted.assign(survey_type=survey_type))
        models.append({"survey_type": survey_type, **model})
    columns = ["invitation_id", "survey_type", "answer_probability", "weight"]
    names = ["survey_type", "status", "reason", "invitation_count", "answered_count"]
    names += ["auc", "design_effect", "largest_weight", "limited_count"]
    made = pd.concat(weights, ignore_index=True) if weights else pd.DataFrame(columns=columns)
    return made[columns], pd.DataFrame(models, columns=names)


def _of_type(rows: pd.DataFrame, largest_weight: float, seed: int) -> tuple[pd.DataFrame, dict[str, object]]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    answered = rows["is_answered"].to_numpy(dtype=bool)
    settled = rows["days_open"].to_numpy() >= SETTLED_DAYS
    outcomes = answered[settled]
    counts = {"invitation_count": len(outcomes), "answered_count": int(outcomes.sum())}
    rarer = int(min(outcomes.sum(), (~outcomes).sum()))
    if len(outcomes) < LEAST_INVITATIONS or rarer < LEAST_OUTCOMES:
        reason = (
            f"{len(outcomes)} invitations of at least {SETTLED_DAYS} days ago, {int(outcomes.sum())} answered: at least"
            f" {LEAST_INVITATIONS} are needed, and {LEAST_OUTCOMES} with and without an answer."
        )
        return pd.DataFrame(columns=["invitation_id", "answer_probability", "weight"]), {
            "status": "refused",
            "reason": reason,
            **counts,
        }
    features = _features(rows)
    fitted = np.flatnonzero(settled)
    if len(fitted) > FITTED_ROWS:
        fitted = np.sort(np.random.default_rng(seed).choice(fitted, FITTED_ROWS, replace=False))
    model = LogisticRegression(C=PENALTY, max_iter=500).fit(features[fitted], answered[fitted])
    probability = model.predict_proba(features)[:, 1]
    raw = 1 / probability[answered]
    limit = largest_weight * float(np.median(raw))
    weight = np.minimum(raw, limit)
    weight /= weight.mean()
    made = pd.DataFrame(
        {
            "invitation_id": rows["invitation_id"].to_numpy()[answered],
            "answer_probability": probability[answered],
            "weight": weight,
        }
    )
    return made, {
        "status": "weighted",
        "reason": None,
        **counts,
        "auc": float(roc_auc_score(outcomes, probability[settled])),
        "design_effect": float(len(weight) * (weight**2).sum() / weight.sum() ** 2),
        "largest_weight": float(weight.max()),
        "limited_count": int((raw > limit).sum()),
    }


def _features(rows: pd.DataFrame) -> np.ndarray:
    """Indicator columns: categories, fifths of the numbers, and their absence."""
    parts = [pd.get_dummies(rows[name].astype("string").fillna("unknown"), prefix=name) for name in CATEGORIES]
    for name in NUMBERS:
        values = rows[name].astype("float64")
        known = values.dropna().to_numpy()
        borders = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else known
        classes = np.digitize(values, borders, right=True).astype("int64")
        parts.append(pd.get_dummies(pd.Series(np.where(values.isna(), -1, classes), index=rows.index), prefix=name))
    return pd.concat(parts, axis=1).to_numpy(dtype="float64")
