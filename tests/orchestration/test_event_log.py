"""The event log with its connections kept: nothing is lost by closing files for others, or by a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.runs.event_log import KEPT_FILES, EventLog
from tests.conftest import ROOT

KILLED = """
import os, signal
import dagster as dg

@dg.op
def killed():
    os.kill(os.getpid(), signal.SIGKILL)

@dg.job
def dies():
    killed()

with dg.DagsterInstance.get() as instance:
    dies.execute_in_process(instance=instance, run_id="00000000-0000-4000-8000-000000000001")
"""


@dg.op
def counted() -> int:
    return 1


@dg.job(executor_def=dg.in_process_executor)
def counts() -> None:
    counted()


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("CX_DAGSTER_DIR", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(ROOT))
    with dg.DagsterInstance.get() as opened:
        yield opened


def kinds(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    logs = instance.all_logs(run_id)
    return [entry.dagster_event.event_type_value for entry in logs if entry.dagster_event]


def test_every_run_keeps_its_events_though_few_files_stay_open(instance: dg.DagsterInstance) -> None:
    log = instance.event_log_storage
    assert isinstance(log, EventLog)
    runs = [counts.execute_in_process(instance=instance).run_id for _ in range(KEPT_FILES + 2)]
    assert len(log._engines) == KEPT_FILES
    for run_id in runs:
        assert kinds(instance, run_id).count("STEP_SUCCESS") == 1
        assert kinds(instance, run_id)[-1] == "PIPELINE_SUCCESS"
    assert len(log._engines) == KEPT_FILES


def test_what_a_killed_process_wrote_is_there(instance: dg.DagsterInstance) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert done.returncode == -signal.SIGKILL
    assert kinds(instance, "00000000-0000-4000-8000-000000000001")[-1] == "STEP_START"
