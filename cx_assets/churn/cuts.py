"""The feature table cut by time: training, calibration, test, each strictly before the next.

What the features are is decided in int_churn__customer_feature, not here.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

KEYS = ["customer_id", "observation_date"]
LABEL = "is_churned"
RECENCY = "recency_days"

# A model learns from the rarer outcome. With fewer than a hundred the 95% interval of a test AUC is wider
# than +-0.05 (Hanley and McNeil 1982 at AUC 0.75), and neither a good model nor a bad one would show.
MINIMUM_OF_EACH_OUTCOME = 100


@dataclass(frozen=True)
class Cuts:
    """Labelled rows in three parts, ordered by observation_date and customer_id.

    Attributes:
        train: Every labelled cut before the last two.
        calibration: The last labelled cut but one.
        test: The last labelled cut.
    """

    train: pd.DataFrame
    calibration: pd.DataFrame
    test: pd.DataFrame

    def parts(self) -> dict[str, pd.DataFrame]:
        """The three parts by name."""
        return {"training": self.train, "calibration": self.calibration, "test": self.test}


@dataclass(frozen=True)
class Refusal:
    """Why the rows cannot teach a model."""

    code: str
    reason: str


def ordered_features(features: pd.DataFrame, *, observation_date: date, horizon_days: int) -> pd.DataFrame:
    """The labelled rows in an order that does not depend on how they came, numbers as float64.

    Args:
        features: One row per customer_id and observation_date, is_churned (null on the scoring date only),
            numeric features, among them recency_days; may have no rows.
        observation_date: The scoring date.
        horizon_days: Length of the label's window after a cut.

    Returns:
        customer_id, observation_date, is_churned (float64), then the features by name.

    Raises:
        ValueError: A column is missing or not numeric, a key is null or repeats, a value is infinite, a row
            lies after the scoring date, a label is missing before it or given on it, or a label's window
            reaches into the next cut or beyond the scoring date.
    """
    missing = [name for name in [*KEYS, LABEL] if name not in features.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    features = features.reset_index(drop=True)
    frame = features[KEYS].copy()
    frame["observation_date"] = pd.to_datetime(frame["observation_date"]).astype("datetime64[us]").dt.normalize()
    frame[LABEL] = features[LABEL].astype("boolean").astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    frame = pd.concat([frame, feature_values(features, feature_names(features))], axis=1)
    if frame[KEYS].isna().any(axis=None) or frame.duplicated(KEYS).any():
        raise ValueError("customer_id and observation_date must be given and unique together")
    _check_time(frame, pd.Timestamp(observation_date), pd.Timedelta(days=horizon_days))
    labelled = frame[frame[LABEL].notna()]
    return labelled.sort_values(["observation_date", "customer_id"], ignore_index=True)


def feature_names(features: pd.DataFrame) -> list[str]:
    """Every column that is neither key nor label, by name."""
    return sorted(name for name in features.columns if name not in [*KEYS, LABEL])


def feature_values(features: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The named features as float64, nulls as NaN.

    Raises:
        ValueError: A column is missing, not numeric, or holds an infinite value.
    """
    missing = [name for name in names if name not in features.columns]
    if missing:
        raise ValueError(f"features are missing: {', '.join(missing)}")
    values = pd.DataFrame(index=features.index)
    for name in names:
        column = features[name]
        if pd.api.types.is_datetime64_any_dtype(column) or isinstance(column.dtype, pd.StringDtype):
            raise ValueError(f"feature {name} is not numeric but {column.dtype}")
        try:
            values[name] = pd.to_numeric(column).to_numpy(dtype="float64", na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise ValueError(f"feature {name} is not numeric") from error
        if np.isinf(values[name]).any():
            raise ValueError(f"feature {name} holds an infinite value")
    return values


def _check_time(frame: pd.DataFrame, scoring: pd.Timestamp, horizon: pd.Timedelta) -> None:
    if (frame["observation_date"] > scoring).any():
        raise ValueError(f"a feature row lies after the scoring date {scoring.date()}")
    on_scoring_date = frame["observation_date"] == scoring
    if frame.loc[~on_scoring_date, LABEL].isna().any():
        raise ValueError(f"{LABEL} is null before the scoring date {scoring.date()}")
    if frame.loc[on_scoring_date, LABEL].notna().any():
        raise ValueError(f"{LABEL} is given on the scoring date {scoring.date()}, whose window has not passed")
    used = [*sorted(frame.loc[~on_scoring_date, "observation_date"].unique()), scoring]
    for cut, following in itertools.pairwise(used):
        if cut + horizon > following:
            raise ValueError(f"the label's window of cut {cut.date()} reaches beyond {following.date()}")


def cut_by_time(labelled: pd.DataFrame) -> Cuts | Refusal:
    """Training, calibration and test rows, or why they do not suffice.

    Args:
        labelled: As ordered_features returns it.
    """
    dates = sorted(labelled["observation_date"].unique())
    if labelled.empty:
        return Refusal("no_rows", "No customer was eligible on any cut whose horizon has passed: 0 labelled rows.")
    if len(dates) < 3:
        return Refusal(
            "too_few_cuts",
            f"Training, calibration and test need three cuts; the history has {len(dates)} whose horizon has "
            f"passed, with {len(labelled):,} labelled rows.",
        )
    cuts = Cuts(
        train=labelled[labelled["observation_date"] < dates[-2]].reset_index(drop=True),
        calibration=labelled[labelled["observation_date"] == dates[-2]].reset_index(drop=True),
        test=labelled[labelled["observation_date"] == dates[-1]].reset_index(drop=True),
    )
    return _refuse_outcomes(cuts) or _refuse_features(cuts) or cuts


def _refuse_outcomes(cuts: Cuts) -> Refusal | None:
    found = {name: (int(part[LABEL].sum()), int((1 - part[LABEL]).sum())) for name, part in cuts.parts().items()}
    told = "; ".join(f"{name} {left:,} left and {stayed:,} stayed" for name, (left, stayed) in found.items())
    all_left, all_stayed = (sum(counts) for counts in zip(*found.values(), strict=True))
    if not all_left or not all_stayed:
        return Refusal(
            "one_class", f"Every customer {'stayed' if all_stayed else 'left'}, nothing tells them apart: {told}."
        )
    if min(min(counts) for counts in found.values()) < MINIMUM_OF_EACH_OUTCOME:
        return Refusal(
            "too_few_outcomes",
            f"At least {MINIMUM_OF_EACH_OUTCOME} customers must have left and {MINIMUM_OF_EACH_OUTCOME} must "
            f"have stayed in each part; found: {told}.",
        )
    return None


def _refuse_features(cuts: Cuts) -> Refusal | None:
    names = feature_names(cuts.train)
    if not names:
        return Refusal("no_features", "The feature table has no feature columns.")
    if RECENCY not in names:
        return Refusal("no_features", f"The feature table has no {RECENCY}, on which the baseline rests.")
    if not varying_features(cuts.train):
        return Refusal(
            "constant_features",
            f"None of the {len(names)} features varies over the {len(cuts.train):,} training rows.",
        )
    return None


def varying_features(train: pd.DataFrame) -> list[str]:
    """Features with at least two values, null counted as one."""
    return [name for name in feature_names(train) if train[name].nunique(dropna=False) > 1]


def describe(cuts: Cuts) -> dict[str, dict[str, Any]]:
    """Dates, rows and churn share of each part, for the card."""
    return {
        name: {
            "cut_dates": [pd.Timestamp(cut).date().isoformat() for cut in sorted(part["observation_date"].unique())],
            "row_count": len(part),
            "churn_share": float(part[LABEL].mean()),
        }
        for name, part in cuts.parts().items()
    }


def content_id(labelled: pd.DataFrame, parameters: dict[str, Any]) -> str:
    """The model_id: what the same rows, parameters and code always give."""
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    digest.update("\x1f".join(labelled.columns).encode())
    digest.update("\x1f".join(labelled["customer_id"].astype("str")).encode())
    digest.update(labelled["observation_date"].to_numpy().astype("datetime64[s]").astype("<i8").tobytes())
    for name in [LABEL, *feature_names(labelled)]:
        digest.update(labelled[name].to_numpy().astype("<f8").tobytes())
    return "churn_" + digest.hexdigest()[:12]
