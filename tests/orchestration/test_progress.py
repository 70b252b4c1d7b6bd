"""What a run prints: a check without a result is shown, unless its step was skipped and so could give none."""

import logging
from types import SimpleNamespace

import pytest

from orchestration.runs.progress import PLANNER, ProgressHandler, SkippedStepFilter

WARNING = "Blocking asset check 'core/dim_a:unique' emitted no result in step '{}'; downstream step 'b' will proceed"


def skipped(step: str) -> logging.LogRecord:
    record = logging.LogRecord("dagster", logging.DEBUG, "", 0, "", None, None)
    record.dagster_meta = {"dagster_event": SimpleNamespace(event_type_value="STEP_SKIPPED"), "step_key": step}
    return record


@pytest.mark.parametrize(
    ("message", "is_shown"),
    [
        (WARNING.format("dbt_stage_2"), False),
        (WARNING.format("dbt_stage_3"), True),
        ("Something else about dbt_stage_2", True),
    ],
)
def test_only_the_missing_result_of_a_skipped_step_is_kept_back(message: str, is_shown: bool) -> None:
    handler = ProgressHandler(is_verbose=False)
    handler.emit(skipped("dbt_stage_2"))
    record = logging.LogRecord(PLANNER, logging.WARNING, "", 0, message, None, None)
    assert SkippedStepFilter(handler.skipped).filter(record) is is_shown
