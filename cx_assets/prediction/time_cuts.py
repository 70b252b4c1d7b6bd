"""Which dates train, which calibrates, which tests: each strictly after the one before, windows and embargo apart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

# A model learns from the rarer outcome. With fewer than a hundred the 95% interval of a test AUC is wider
# than +-0.05 (Hanley and McNeil 1982 at AUC 0.75), and neither a good model nor a bad one would show.
MINIMUM_OF_EACH_OUTCOME = 100


@dataclass(frozen=True)
class Cuts:
    """Labelled rows in three parts, in the order in which they came.

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
    """Why the rows cannot teach a model.

    Attributes:
        code: no_rows, too_few_cuts, one_class, too_few_outcomes, no_features or constant_features.
        reason: In words, with numbers.
        outcomes: Positive and negative rows by part, where the outcomes are the reason; for a caller who has
            words of its own for them.
    """

    code: str
    reason: str
    outcomes: dict[str, tuple[int, int]] | None = None


def check_separation(
    dates: pd.Series, labels: pd.Series, *, scoring_date: date, horizon_days: int, embargo_days: int = 0
) -> None:
    """No label may look into the next cut, whose features would then know it.

    Args:
        dates: The cut of each row, at midnight.
        labels: The label of each row; null where its window has not passed.
        scoring_date: The day for which scores are wanted, the last cut.
        horizon_days: Length of the label's window after a cut.
        embargo_days: Days that must pass between a label's window and the next cut, where features lag.

    Raises:
        ValueError: A row lies after the scoring date, a label is missing before it or given on it, or a
            label's window with its embargo reaches into the next cut or beyond the scoring date.
    """
    scoring = pd.Timestamp(scoring_date)
    if (dates > scoring).any():
        raise ValueError(f"a feature row lies after the scoring date {scoring.date()}")
    on_scoring_date = dates == scoring
    if labels[~on_scoring_date].isna().any():
        raise ValueError(f"{labels.name} is null before the scoring date {scoring.date()}")
    if labels[on_scoring_date].notna().any():
        raise ValueError(f"{labels.name} is given on the scoring date {scoring.date()}, whose window has not passed")
    apart = pd.Timedelta(days=horizon_days + embargo_days)
    window = "the label's window" if not embargo_days else f"the label's window with {embargo_days} days of embargo"
    for cut, following in itertools.pairwise([*sorted(dates[~on_scoring_date].unique()), scoring]):
        if cut + apart > following:
            raise ValueError(f"{window} of cut {cut.date()} reaches beyond {following.date()}")


def cut_by_time(labelled: pd.DataFrame, date_column: str) -> Cuts | Refusal:
    """Training, calibration and test rows: all labelled cuts but the last two, the last but one, the last.

    Args:
        labelled: As feature_rows.labelled_rows returns it.
        date_column: Its column of cuts.
    """
    dates = sorted(labelled[date_column].unique())
    if labelled.empty:
        return Refusal("no_rows", "No cut whose horizon has passed has a row: 0 labelled rows.")
    if len(dates) < 3:
        return Refusal(
            "too_few_cuts",
            f"Training, calibration and test need three cuts; the history has {len(dates)} whose horizon has "
            f"passed, with {len(labelled):,} labelled rows.",
        )
    return Cuts(
        train=labelled[labelled[date_column] < dates[-2]].reset_index(drop=True),
        calibration=labelled[labelled[date_column] == dates[-2]].reset_index(drop=True),
        test=labelled[labelled[date_column] == dates[-1]].reset_index(drop=True),
    )


def refuse_outcomes(cuts: Cuts, label: str) -> Refusal | None:
    """Why the outcomes cannot teach a yes or no, with the counts; null where they can.

    Args:
        cuts: As cut_by_time returns them.
        label: Column of the outcome, 1 positive, 0 negative.
    """
    found = {name: (int(part[label].sum()), int((1 - part[label]).sum())) for name, part in cuts.parts().items()}
    told = "; ".join(f"{name} {positive:,} and {negative:,}" for name, (positive, negative) in found.items())
    positives, negatives = (sum(counts) for counts in zip(*found.values(), strict=True))
    if not positives or not negatives:
        reason = f"Every row is {'negative' if negatives else 'positive'}; positive and negative rows: {told}."
        return Refusal("one_class", reason, found)
    if min(min(counts) for counts in found.values()) < MINIMUM_OF_EACH_OUTCOME:
        reason = f"Each part needs {MINIMUM_OF_EACH_OUTCOME} positive and as many negative rows; found: {told}."
        return Refusal("too_few_outcomes", reason, found)
    return None


def refuse_features(train: pd.DataFrame, features: Sequence[str], *, baseline_feature: str) -> Refusal | None:
    """Why the features cannot teach anything; null where they can.

    Args:
        train: Rows of the training cuts.
        features: The columns to learn from.
        baseline_feature: The one of them that the baseline knows.
    """
    if not features:
        return Refusal("no_features", "The feature table has no feature columns.")
    if baseline_feature not in features:
        return Refusal("no_features", f"The feature table has no {baseline_feature}, on which the baseline rests.")
    if not varying_features(train, features):
        return Refusal(
            "constant_features",
            f"None of the {len(features)} features varies over the {len(train):,} training rows.",
        )
    return None


def varying_features(train: pd.DataFrame, features: Sequence[str]) -> list[str]:
    """Features with at least two values in the rows, null counted as one."""
    return [name for name in features if train[name].nunique(dropna=False) > 1]


def windows(cuts: Cuts, *, date_column: str, label: str) -> dict[str, dict[str, Any]]:
    """Dates (ISO), rows and mean label of each part, for the card: cut_dates, row_count, positive_share."""
    return {
        name: {
            "cut_dates": [pd.Timestamp(cut).date().isoformat() for cut in sorted(part[date_column].unique())],
            "row_count": len(part),
            "positive_share": float(part[label].mean()),
        }
        for name, part in cuts.parts().items()
    }
