"""What training ends in: a model that can score, or a refusal in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cx_assets.prediction.baseline import Baseline
from cx_assets.prediction.calibration import Calibration

GRADIENT_BOOSTING = "gradient_boosting"
RECENCY_BASELINE = "recency_baseline"


@dataclass(frozen=True)
class TrainedChurn:
    """A trained, calibrated and tested churn model.

    Attributes:
        model_id: Same training data, parameters and code give the same id.
        horizon_days: A customer without a sale for this many days after the cut has churned.
        eligible_days: Customers with a purchase in this many days up to the cut are scored.
        test_cut_date: The labelled cut that neither fitting nor calibration saw.
        features: Columns the model reads, in its order.
        booster_text: The gradient-boosted trees in LightGBM's text format.
        calibration: From the trees' raw probability to the calibrated one.
        baseline: The rival that knows recency_days only.
        published: gradient_boosting or recency_baseline: whose probability is churn_probability.
        metrics: Columns of scores.churn_model on the test cut, of the published probability.
        reliability: Rows of scores.churn_reliability without model_id.
        card: The model card, plain JSON values.
    """

    model_id: str
    horizon_days: int
    eligible_days: int
    test_cut_date: date
    features: tuple[str, ...]
    booster_text: str
    calibration: Calibration
    baseline: Baseline
    published: str
    metrics: dict[str, Any]
    reliability: list[dict[str, float]]
    card: dict[str, Any]
    status: str = field(default="trained", init=False)


@dataclass(frozen=True)
class NotTrained:
    """A company whose history cannot teach a model, and why.

    Attributes:
        model_id: Same data, parameters and code give the same id.
        horizon_days: As asked for.
        eligible_days: As asked for.
        code: no_rows, too_few_cuts, no_features, one_class, too_few_outcomes or constant_features.
        reason: In words, with numbers.
        train_count: Rows on training cuts, 0 when there are too few cuts to tell.
        test_count: Rows on the test cut.
        test_cut_date: Null when there are too few cuts to tell.
        churn_share: Of all labelled rows; null without any.
        card: What was looked at, plain JSON values.
    """

    model_id: str
    horizon_days: int
    eligible_days: int
    code: str
    reason: str
    train_count: int
    test_count: int
    test_cut_date: date | None
    churn_share: float | None
    card: dict[str, Any]
    status: str = field(default="not_trained", init=False)
