"""When each stage of a Dagster run was at work, from the run's event log."""

from __future__ import annotations

import os
from pathlib import Path

from orchestration.ground.workspace import REPOSITORY
from tests.benchmarks.measuring import Window

STAGE_OF_STEP = {
    "run__snapshot": "extract",
    "identity": "identity",
    "customer_rfm": "scores",
    "churn_model": "scores",
    "customer_churn": "scores",
    "landing_border": "checks",
    "contract_border": "checks",
    "mart_border": "checks",
    "table_border": "checks",
    "marts__mart_operations__reconciliation_every_difference_is_explained": "checks",
    "published__generation": "publish",
}


def stage_of(step: str) -> str:
    """Stage of a step of the daily job; a step of Python that is not named above makes scores."""
    if step.startswith("dbt_"):
        return step.removeprefix("dbt_")
    return "extract" if step.startswith("landing__") else STAGE_OF_STEP.get(step, "scores")


def newest_run_windows(dagster_dir: Path) -> list[Window]:
    """Windows of the executed steps of the newest run.

    Args:
        dagster_dir: Folder of the company's Dagster instance.
    """
    os.environ.update(DAGSTER_HOME=str(REPOSITORY), CX_DAGSTER_DIR=str(dagster_dir), DAGSTER_DISABLE_TELEMETRY="yes")
    import dagster as dg

    kinds = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS}
    windows = []
    began: dict[str, float] = {}
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_records(limit=1)[0].dagster_run
        for entry in instance.all_logs(run.run_id, of_type=kinds):
            event = entry.dagster_event
            if event is None or event.step_key is None:
                continue
            if event.event_type == dg.DagsterEventType.STEP_START:
                began[event.step_key] = entry.timestamp
            else:
                windows.append(Window(stage_of(event.step_key), began[event.step_key], entry.timestamp))
    return windows
