"""The benchmark of the daily job runs, finds equal rows, and writes figures of the stated form. No times are judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.ground.workspace import REPOSITORY

STAGES = {"extract", "stage_1", "identity", "stage_2", "scores", "stage_3", "stage_4", "checks", "publish", "total"}
COMPARED = {
    "core.bridge_record_customer",
    "core.dim_customer",
    "core.dim_product",
    "core.fct_interaction",
    "core.fct_sales_order",
    "core.fct_survey_response",
    "core.fct_transaction_line",
    "intermediate.int_churn__customer_feature",
    "marts.mart_customer__customer_360",
    "marts.mart_experience__response_by_touchpoint_month",
    "marts.mart_experience__score",
    "marts.mart_experience__score_by_touchpoint_month",
    "marts.mart_finance__activity_by_month",
    "marts.mart_finance__order_settlement",
    "marts.mart_segment__rfm",
}


@pytest.mark.slow
def test_the_benchmark_measures_three_systems_that_build_the_same_rows(tmp_path: Path) -> None:
    output = tmp_path / "figures" / "daily_job.json"
    command = [sys.executable, "-m", "tests.benchmarks.daily_job", "--scale", "0.0005"]
    done = subprocess.run(
        [*command, "--work-dir", str(tmp_path / "work"), "--output", str(output)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    rows = json.loads(output.read_text(encoding="utf-8"))
    assert all(set(row) == {"case", "system", "metric", "value", "unit"} for row in rows)
    assert {row["system"] for row in rows} == {"this", "hand_written_duckdb", "plain_calls"}
    assert all(row["case"].startswith("scale_0.0005/") for row in rows)
    found = {(row["case"].removeprefix("scale_0.0005/"), row["system"], row["metric"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    for system in ("this", "plain_calls"):
        assert {stage for stage, of, metric in found if of == system and metric == "wall_seconds"} >= STAGES
        assert found["total", system, "peak_memory_mib"] > 0
    nodes = found["total", "this", "dbt_node_count"]
    assert found["total", "this", "allowed_excess_seconds"] == pytest.approx(20 + 0.1 * nodes)
    assert found["total", "this", "excess_seconds"] == pytest.approx(
        found["total", "this", "wall_seconds"] - found["total", "plain_calls", "wall_seconds"], abs=0.002
    )
    _rows_are_equal(found)
    assert "| **total** |" in done.stdout
    assert "cores" in done.stdout


def _rows_are_equal(found: dict[tuple[str, str, str], float]) -> None:
    tables = {case.removeprefix("rows/") for case, _, metric in found if metric == "differing_row_count"}
    assert tables >= COMPARED
    for table in tables:
        case = f"rows/{table}"
        assert found[case, "hand_written_duckdb", "differing_row_count"] == 0
        assert found[case, "this", "row_count"] == found[case, "hand_written_duckdb", "row_count"]
    assert found["rows/core.fct_transaction_line", "this", "row_count"] > 1000
