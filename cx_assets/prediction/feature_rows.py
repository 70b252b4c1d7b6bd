"""Rows to learn from and rows to score, checked in form and put in an order that does not depend on how they came.

Which column is what is the caller's to say. How the rows are cut by time is in time_cuts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cx_assets.prediction.time_cuts import check_separation


@dataclass(frozen=True)
class Columns:
    """Names of the columns that are no features.

    Attributes:
        unit: Id of what is predicted for, unique with the date.
        date: The cut: features know what was known then, the label's window begins after it.
        label: The outcome; null where its window has not passed.
    """

    unit: str
    date: str
    label: str

    @property
    def keys(self) -> list[str]:
        """Unit and date, which are unique together."""
        return [self.unit, self.date]

    def features_of(self, rows: pd.DataFrame) -> list[str]:
        """Every column that is neither key nor label, by name."""
        return sorted(name for name in rows.columns if name not in [*self.keys, self.label])


def labelled_rows(
    rows: pd.DataFrame,
    columns: Columns,
    features: Sequence[str],
    *,
    scoring_date: date,
    horizon_days: int,
    embargo_days: int = 0,
) -> pd.DataFrame:
    """The labelled rows, ordered by date and unit, numbers as float64.

    Args:
        rows: One row per unit and date, a label that is true or false, or 1 or 0, and null on the scoring date
            only, and numeric features; may have no rows.
        columns: Which of them are key, date and label.
        features: The columns to learn from.
        scoring_date: The day for which scores are wanted.
        horizon_days: Length of the label's window after a cut.
        embargo_days: Days that must pass between a label's window and the next cut.

    Returns:
        Unit, date, label (1 positive, 0 negative), then the features in their order. The input is unchanged.

    Raises:
        ValueError: A column is missing or not numeric, a key is null or repeats, a value is infinite, or the
            rows break time (see time_cuts.check_separation).
    """
    missing = [name for name in [*columns.keys, columns.label] if name not in rows.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    rows = rows.reset_index(drop=True)
    frame = rows[columns.keys].copy()
    frame[columns.date] = pd.to_datetime(frame[columns.date]).astype("datetime64[us]").dt.normalize()
    label = rows[columns.label].astype("boolean").astype("Float64")
    frame[columns.label] = label.to_numpy(dtype="float64", na_value=np.nan)
    frame = pd.concat([frame, feature_values(rows, features)], axis=1)
    if frame[columns.keys].isna().any(axis=None) or frame.duplicated(columns.keys).any():
        raise ValueError(f"{columns.unit} and {columns.date} must be given and unique together")
    check_separation(
        frame[columns.date],
        frame[columns.label],
        scoring_date=scoring_date,
        horizon_days=horizon_days,
        embargo_days=embargo_days,
    )
    labelled = frame[frame[columns.label].notna()]
    return labelled.sort_values([columns.date, columns.unit], ignore_index=True)


def rows_to_score(rows: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """The rows of one scoring date, ordered by unit.

    Args:
        rows: One row per unit, all of one date; may have no rows.
        columns: Which of them are key and date; the label is not looked at.

    Raises:
        ValueError: A column is missing, a unit is null or repeats, or there is more than one date.
    """
    missing = [name for name in columns.keys if name not in rows.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    if rows[columns.unit].isna().any() or rows[columns.unit].duplicated().any():
        raise ValueError(f"{columns.unit} must be given and unique")
    if rows[columns.date].nunique(dropna=False) > 1:
        raise ValueError(f"scoring takes one {columns.date}")
    return rows.sort_values(columns.unit, ignore_index=True)


def feature_values(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The named features as float64, nulls as NaN.

    Raises:
        ValueError: A column is missing, not numeric, or holds an infinite value.
    """
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise ValueError(f"features are missing: {', '.join(missing)}")
    values = pd.DataFrame(index=rows.index)
    for name in names:
        column = rows[name]
        if pd.api.types.is_datetime64_any_dtype(column) or isinstance(column.dtype, pd.StringDtype):
            raise ValueError(f"feature {name} is not numeric but {column.dtype}")
        try:
            values[name] = pd.to_numeric(column).to_numpy(dtype="float64", na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise ValueError(f"feature {name} is not numeric") from error
        if np.isinf(values[name]).any():
            raise ValueError(f"feature {name} holds an infinite value")
    return values


def content_id(
    labelled: pd.DataFrame, columns: Columns, features: Sequence[str], parameters: dict[str, Any], *, prefix: str
) -> str:
    """What the same rows, parameters and code always give: the prefix and twelve hexadecimal digits.

    Args:
        labelled: As labelled_rows returns it.
        columns: Which of them are key, date and label.
        features: The columns learnt from.
        parameters: All else that the model depends on, the version of its code included; plain JSON values.
        prefix: What the model is for.
    """
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    digest.update("\x1f".join(labelled.columns).encode())
    digest.update("\x1f".join(labelled[columns.unit].astype("str")).encode())
    digest.update(labelled[columns.date].to_numpy().astype("datetime64[s]").astype("<i8").tobytes())
    for name in [columns.label, *features]:
        digest.update(labelled[name].to_numpy().astype("<f8").tobytes())
    return f"{prefix}_{digest.hexdigest()[:12]}"
