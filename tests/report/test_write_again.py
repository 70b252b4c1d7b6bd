"""After a rollback the report's file shows what readers see now, or is gone: no withdrawn figure goes on by mail."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from orchestration.cli.report_server import write_again
from orchestration.ground.workspace import Workspace
from orchestration.publication.generations import current_generation
from orchestration.publication.report_file import marked_generation

NOW = dt.datetime(2026, 7, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def workspace(report_state: Path, tmp_path: Path) -> Workspace:
    """A company of its own, whose report is not written yet."""
    shutil.copytree(report_state / "bakery", tmp_path / "state" / "bakery", symlinks=True)
    return Workspace("bakery", tmp_path / "bakery", tmp_path / "source", tmp_path / "state" / "bakery", NOW)


def test_a_report_that_was_never_written_is_not_written(workspace: Workspace) -> None:
    write_again(workspace)
    assert not (workspace.published_dir / "report.html").exists()


def test_an_old_report_is_written_anew(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    file = workspace.published_dir / "report.html"
    file.write_text("the withdrawn figures", encoding="utf-8")
    write_again(workspace)
    made = current_generation(workspace.published_dir)
    assert made is not None
    assert marked_generation(file) == made.generation_id
    assert "the withdrawn figures" not in file.read_text(encoding="utf-8")
    assert f"Written: {file}" in capsys.readouterr().out


def test_a_report_that_cannot_be_written_is_gone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = workspace.published_dir / "report.html"
    file.write_text("the withdrawn figures", encoding="utf-8")
    monkeypatch.setattr("report.static.write_static", refuse)
    write_again(workspace)
    assert not file.exists()
    assert f"{file} was removed, because it cannot be written anew" in capsys.readouterr().err
