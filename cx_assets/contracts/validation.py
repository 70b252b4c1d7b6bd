"""Runs Great Expectations on one row of aggregates, so that nothing passes that was not looked at."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from cx_assets.contracts.expectations import Expectation


@dataclass(frozen=True)
class ValidationOutcome:
    """What a validation found.

    Attributes:
        declared_count: Expectations that should have been executed.
        executed_count: Expectations that were executed without throwing.
        failures: One sentence per failed, unknown or throwing expectation.
    """

    declared_count: int
    executed_count: int
    failures: list[str]

    @property
    def is_passed(self) -> bool:
        """True only if something was declared, all of it was executed, and all of it held."""
        return self.declared_count > 0 and self.executed_count == self.declared_count and not self.failures

    @property
    def summary(self) -> str:
        """One line for people."""
        if self.is_passed:
            return f"{self.executed_count} expectations hold."
        executed = f"{self.executed_count} of {self.declared_count} expectations executed"
        return f"{executed}; {' '.join(self.failures) or 'not every declared expectation was executed.'}"


def validate_frame(frame: pd.DataFrame, expectations: Sequence[Expectation]) -> ValidationOutcome:
    """Judge a row of aggregates by expectations; what cannot be judged has failed.

    Great Expectations by itself reports success for a batch without rows, and can do so for an expectation that it
    does not know or that throws. Here each of these is a failure with its reason. The aggregates are judged together,
    one row each with its bounds: four expectations on forty rows cost a tenth of forty expectations on one row.

    Args:
        frame: One row of aggregates, one column each.
        expectations: What must hold; an empty list fails.

    Returns:
        The outcome; never raises for what the frame or an expectation does.
    """
    declared = len(expectations)
    if frame.empty:
        return ValidationOutcome(declared, 0, ["No row was there to look at."])
    if not declared:
        return ValidationOutcome(0, 0, ["No expectation is declared."])
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    try:
        rows = _rows(frame, expectations)
        results, thrown = _judged(gx, rows)
    except Exception as error:  # noqa: BLE001  whatever the validator throws, the gate must not open
        return ValidationOutcome(declared, 0, [f"The validation threw {type(error).__name__}: {error}"])
    if thrown or not results:
        return ValidationOutcome(declared, 0, [f"The validation threw: {message}" for message in thrown])
    if all(result.success for result in results):
        return ValidationOutcome(declared, declared, [])
    return ValidationOutcome(declared, declared, _sentences(rows, expectations) or ["An expectation does not hold."])


def validate_frames(borders: Sequence[tuple[pd.DataFrame, Sequence[Expectation]]]) -> list[ValidationOutcome]:
    """Judge several rows of aggregates, each by its own expectations; one outcome each, as of `validate_frame`.

    A call of the validator costs a tenth of a second whatever it judges. What holds is therefore judged in one call;
    as soon as anything does not, every row is judged by itself, so that each outcome says what is its own.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    if all(len(expectations) and not frame.empty for frame, expectations in borders):
        with suppress(Exception):
            together = pd.concat([_rows(frame, expectations) for frame, expectations in borders], ignore_index=True)
            results, thrown = _judged(gx, together)
            if results and not thrown and all(result.success for result in results):
                counts = [len(expectations) for _, expectations in borders]
                return [ValidationOutcome(declared, declared, []) for declared in counts]
    return [validate_frame(frame, expectations) for frame, expectations in borders]


def _judged(gx: Any, rows: pd.DataFrame) -> tuple[list[Any], list[str]]:
    """Results, none where the validator left any out, and what was thrown."""
    suite = gx.ExpectationSuite(name="border", expectations=_suite(gx, len(rows)))
    results = list(_batch(gx, rows).validate(suite).results)
    thrown = [message for result in results if (message := _exception(result)) is not None]
    return (results if len(results) == len(suite.expectations) else []), thrown


def _rows(frame: pd.DataFrame, expectations: Sequence[Expectation]) -> pd.DataFrame:
    """One row per expectation: value (null where the aggregate is absent), bounds, and value where null is allowed.

    Decimals and engine integers become float64, exact up to 2**53. Text throws: as null it could pass.
    """
    numbers = frame.head(1).apply(pd.to_numeric).astype("float64")
    rows = pd.DataFrame(
        {
            "aggregate": [wanted.column for wanted in expectations],
            "value": [numbers[wanted.column].iloc[0] if wanted.column in numbers else None for wanted in expectations],
            "low": [-math.inf if wanted.min_value is None else wanted.min_value for wanted in expectations],
            "high": [math.inf if wanted.max_value is None else wanted.max_value for wanted in expectations],
        }
    ).astype({"value": "float64", "low": "float64", "high": "float64"})
    may_be_null = pd.Series([wanted.allows_null and wanted.column in numbers for wanted in expectations])
    return rows.assign(required_value=rows["value"].mask(may_be_null & rows["value"].isna(), 0.0))


def _suite(gx: Any, declared: int) -> list[Any]:
    known = gx.expectations
    pair = {"or_equal": True, "ignore_row_if": "either_value_is_missing"}
    return [
        known.ExpectTableRowCountToEqual(value=declared),
        known.ExpectColumnValuesToNotBeNull(column="required_value"),
        known.ExpectColumnPairValuesAToBeGreaterThanB(column_A="value", column_B="low", **pair),
        known.ExpectColumnPairValuesAToBeGreaterThanB(column_A="high", column_B="value", **pair),
    ]


def _batch(gx: Any, frame: pd.DataFrame) -> Any:
    return _batch_definition(gx).get_batch({"dataframe": frame})


@cache
def _batch_definition(gx: Any) -> Any:
    """Where Great Expectations takes frames from; making it costs as much as judging a frame, and it holds none."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("border").add_dataframe_asset("aggregates")
    return asset.add_batch_definition_whole_dataframe("all")


def _exception(result: Any) -> str | None:
    info = result.exception_info or {}
    if "raised_exception" in info:
        info = {"": info}
    messages = [found.get("exception_message") for found in info.values() if found.get("raised_exception")]
    return str(messages[0]).splitlines()[0] if messages else None


def _sentences(rows: pd.DataFrame, expectations: Sequence[Expectation]) -> list[str]:
    """Which aggregates are at fault, for people; that something is at fault was found by the validator."""
    found = []
    for (_, row), wanted in zip(rows.iterrows(), expectations, strict=True):
        if pd.isna(row["required_value"]):
            found.append(f"{wanted.column} is null: {wanted.reason}")
        elif row["value"] < row["low"] or row["value"] > row["high"]:
            found.append(f"{wanted.column} is {row['value']}: {wanted.reason}")
    return found
