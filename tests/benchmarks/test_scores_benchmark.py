"""The benchmark of scores runs on few answers and seeds; what it finds is judged where it runs whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.scores import change_figures, compiled_company, coverage, speed


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
