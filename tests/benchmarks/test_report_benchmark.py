"""The benchmark of the report says medians and the highest, and says so where there is nothing to measure."""

from pathlib import Path

import pytest

from tests.benchmarks.report import main, summary


def test_median_and_highest() -> None:
    assert summary({"figures": [1.0, 3.0, 1.5, 9.0]}) == {"figures": {"median_seconds": 2.25, "highest_seconds": 9.0}}


def test_without_a_publication_there_are_no_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--state-root", str(tmp_path), "--output", str(tmp_path / "report.json")]) == 1
    assert "sample: nothing is published" in capsys.readouterr().err
    assert not (tmp_path / "report.json").exists()
