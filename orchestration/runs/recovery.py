"""Runs that died without saying so: recognised and closed by the next run that gets the warehouse."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.runs.event_log import EventLog
from orchestration.runs.event_store import database_damage, put_away

WRITES_WAREHOUSE = "cx/writes_warehouse"


def _put_damaged_log_away(instance: dg.DagsterInstance, run_id: str) -> None:
    """A dead run whose log is damaged could never be closed: its last word goes into a new one."""
    if isinstance(instance.event_log_storage, EventLog):
        path = Path(instance.event_log_storage.path_for_shard(run_id))
        if path.exists() and database_damage(path):
            put_away(path)


def recover_dead_runs(instance: dg.DagsterInstance, *, alive_run_id: str | None) -> list[str]:
    """Close runs that Dagster still believes to be running although the warehouse's lock was free.

    Call it only while holding the lock: whoever holds it is the one live writer, so every other started run that
    writes the warehouse is dead. Its slot in the run queue and in the pools becomes free.

    Args:
        instance: The company's Dagster instance.
        alive_run_id: The run that holds the lock.

    Returns:
        Ids of the runs that were closed as failed.
    """
    started = instance.get_runs(
        dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING],
            tags={WRITES_WAREHOUSE: "true"},
        )
    )
    closed = []
    for run in started:
        if run.run_id == alive_run_id:
            continue
        _put_damaged_log_away(instance, run.run_id)
        instance.report_run_failed(run, "The process of this run ended without a word; closed by the next run.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        closed.append(run.run_id)
    return closed
