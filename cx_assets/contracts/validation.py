"""Runs Great Expectations on one row of aggregates, so that nothing passes that was not looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
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
    """Judge a frame by expectations; what cannot be judged has failed.

    Great Expectations by itself reports success for a batch without rows, and can do so for an expectation that it
    does not know or that throws. Here each of these is a failure with its reason.

    Args:
        frame: One row of aggregates (more rows are judged row by row).
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

    built, failures = _built(gx, expectations)
    try:
        suite = gx.ExpectationSuite(name="border", expectations=built)
        results = _batch(gx, _plain(frame)).validate(suite).results
    except Exception as error:  # noqa: BLE001  whatever the validator throws, the gate must not open
        return ValidationOutcome(declared, 0, [*failures, f"The validation threw {type(error).__name__}: {error}"])
    failures += [
        f"{wanted.column} is null: {wanted.reason}"
        for wanted in expectations
        if not wanted.allows_null and wanted.column in frame and frame[wanted.column].isna().any()
    ]
    executed = 0
    for result in results:
        threw = _exception(result)
        if threw is None:
            executed += 1
        if threw is not None or not result.success:
            failures.append(_sentence(result, expectations, threw))
    return ValidationOutcome(declared, executed, failures)


def _built(gx: Any, expectations: Sequence[Expectation]) -> tuple[list[Any], list[str]]:
    built, failures = [], []
    for wanted in expectations:
        kind = getattr(gx.expectations, wanted.type, None)
        if kind is None:
            failures.append(f"Unknown expectation {wanted.type} on {wanted.column}.")
            continue
        limits = {"min_value": wanted.min_value, "max_value": wanted.max_value}
        given = {key: value for key, value in limits.items() if value is not None}
        try:
            built.append(kind(column=wanted.column, **given))
        except Exception as error:  # noqa: BLE001  an expectation that cannot be built has failed
            failures.append(f"{wanted.type} on {wanted.column} cannot be built ({type(error).__name__}).")
    return built, failures


def _batch(gx: Any, frame: pd.DataFrame) -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("border").add_dataframe_asset("aggregates")
    return asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals and engine integers as float64, which is exact up to 2**53. Text throws: as null it would pass."""
    return frame.apply(pd.to_numeric).astype("float64")


def _exception(result: Any) -> str | None:
    info = result.exception_info or {}
    if "raised_exception" in info:
        info = {"": info}
    messages = [found.get("exception_message") for found in info.values() if found.get("raised_exception")]
    return str(messages[0]) if messages else None


def _sentence(result: Any, expectations: Sequence[Expectation], threw: str | None) -> str:
    column = result.expectation_config.kwargs.get("column")
    reason = next((wanted.reason for wanted in expectations if wanted.column == column and wanted.reason), "")
    if threw is not None:
        return f"{column}: the expectation threw: {threw.splitlines()[0]}"
    unexpected = result.result.get("partial_unexpected_list") or ["out of bounds"]
    return f"{column} is {unexpected[0]}: {reason}"
