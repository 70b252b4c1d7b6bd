"""The benchmark of scores runs on few answers and seeds; what it finds is judged where it runs whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.scores import change_figures, compiled_company, coverage, main, speed
from tests.benchmarks.scores_drivers import population_shares


@pytest.mark.slow
def test_the_benchmark_compares_equal_rows_and_judges_every_seed(tmp_path: Path) -> None:
    company = compiled_company(tmp_path)
    found = {
        (figure.case, figure.system, figure.metric): figure.value
        for figure in [*speed(company, tmp_path, 3000), *coverage(company, 10), *change_figures(company, 1)]
    }
    assert found["marts", "this", "rows"] > 3000
    assert found["marts", "this", "differing_rows"] == 0
    assert 0 < found["intervals", "this", "cells"] <= 10
    # Ten cells of which one or two may miss; answers of one customer taken for those of several miss more.
    assert found["intervals", "this", "coverage"] >= found["intervals", "answers_as_independent", "coverage"]
    assert {metric for case, _, metric in found if case == "changes"} == {
        "false_discovery",
        "false_discovery_beside_true_changes",
        "allowed_false_discovery",
        "power",
    }


def test_a_chosen_case_is_written_beside_the_figures_of_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "scores.json"
    of_other = {"case": "changes", "system": "this", "metric": "power", "value": 0.5, "unit": "share"}
    stale = {"case": "drivers", "system": "this", "metric": "coverage", "value": 7.0, "unit": "share"}
    output.write_text(json.dumps([of_other, stale]), encoding="utf-8")
    main(["--case", "drivers", "--seeds", "5", "--output", str(output)])
    rows = json.loads(output.read_text(encoding="utf-8"))
    assert rows[0] == of_other
    found = {row["metric"]: row["value"] for row in rows if row["case"] == "drivers"}
    # Five surveys of four touchpoints: twenty intervals at 95%, of which some may miss.
    assert found.keys() == {"coverage", "coverage_t0", "coverage_t1", "coverage_t2", "coverage_t3"}
    assert 0.75 <= found["coverage"] <= 1
    assert f"| drivers | this | coverage | {found['coverage']} | share |" in capsys.readouterr().out


def test_an_unknown_case_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--case", "drivers,speed", "--output", str(tmp_path / "scores.json")])
    assert "no case speed; there are marts, intervals, changes, weights, drivers" in capsys.readouterr().err


def test_the_planted_shares_are_r_squared_of_the_population() -> None:
    # Correlation 0.25 between impressions of variance 1, weights 0.6, 0.4, 0.3, 0.2, noise of variance 1. Explained:
    # 0.75 * (0.36 + 0.16 + 0.09 + 0.04) + 0.25 * 1.5² = 1.05, of 2.05 in all.
    shares = population_shares()
    assert shares.sum() == pytest.approx(1.05 / 2.05, abs=1e-12)
    assert list(shares) == sorted(shares, reverse=True)
