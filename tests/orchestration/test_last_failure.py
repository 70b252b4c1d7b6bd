"""A run that failed is told by `cx status` and `cx doctor` until one succeeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.cli import doctor, report
from orchestration.ground.workspace import Workspace
from orchestration.runs.last_failure import forget_failure, note_failure, read_failure
from tests.companies.documented import write_documented_company

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
WHY = "landing/shop__till: landing_matches_manifest: more rows were refused"


@pytest.fixture
def workspace(tmp_path):
    return Workspace("shop", tmp_path / "shop", tmp_path / "source", tmp_path / "state", NOW)


def test_a_failure_is_told_until_a_run_succeeds(workspace, capsys):
    assert read_failure(workspace) is None
    note_failure(workspace, "run-1", [WHY])
    report.print_status(report.read_status(workspace))
    told = capsys.readouterr().out
    assert f"the last run (run-1, 2026-06-01T06:00:00+00:00) failed: {WHY}" in told
    forget_failure(workspace)
    assert read_failure(workspace) is None


def test_the_newest_failure_counts_and_names_its_first_reasons(workspace):
    note_failure(workspace, "run-1", [WHY])
    note_failure(replace(workspace, clock=NOW + timedelta(hours=1)), "run-2", [f"step {n}" for n in range(9)])
    found = read_failure(workspace)
    assert (found.run_id, found.reasons) == ("run-2", ("step 0", "step 1", "step 2", "step 3", "step 4"))


@pytest.mark.parametrize(("later", "is_told"), [(timedelta(hours=1), False), (timedelta(hours=-1), True)])
def test_what_a_later_run_published_makes_it_good(workspace, monkeypatch, later, is_told):
    note_failure(workspace, "run-1", [WHY])
    monkeypatch.setattr("orchestration.runs.last_failure.last_known_fresh", lambda folder: NOW + later)
    assert (read_failure(workspace) is not None) is is_told


def test_a_damaged_record_is_no_failure(workspace):
    note_failure(workspace, "run-1", [WHY])
    path = workspace.state_dir / "last_failure.json"
    path.write_text(path.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert read_failure(workspace) is None


def test_doctor_says_so(tmp_path, monkeypatch):
    company_dir, source_dir = write_documented_company(tmp_path)
    monkeypatch.setenv("CX_COMPANY_DIR", str(company_dir))
    monkeypatch.setenv("CX_SOURCE_DIR", str(source_dir))
    monkeypatch.setenv("CX_STATE_ROOT", str(tmp_path / "state"))
    note_failure(Workspace.from_environment("bakery"), "run-1", [WHY])
    [found] = [finding for finding in doctor.examine("bakery") if finding.subject == "last run"]
    assert not found.is_ok
    assert WHY in found.message
