"""The benchmark of sources runs, finds equal rows, and writes figures of the stated form. No times are judged."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks import sources
from tests.conftest import POSTGRES_URL


@pytest.mark.needs_postgres
def test_both_sources_give_the_rows_that_their_rivals_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "sources.json"
    arguments = ["--rows", "3000", "--repeats", "1", "--server", POSTGRES_URL, "--output", str(output)]
    assert sources.main(arguments) == 0
    printed = capsys.readouterr().out
    rows = json.loads(output.read_text(encoding="utf-8"))
    assert all(set(row) == {"case", "system", "metric", "value", "unit"} for row in rows)
    found = {(row["case"], row["system"], row["metric"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    for kind, rival in (("csv", "duckdb"), ("postgres", "connectorx")):
        assert found[kind, "this", "row_count"] == found[kind, rival, "row_count"] == 3000
        assert found[kind, rival, "differing_row_count"] == 0
        assert found[kind, "this", "peak_memory_mib"] > 0
        assert f"| {kind} | {rival} |" in printed


def test_a_differing_row_is_found(tmp_path: Path) -> None:
    source = tmp_path / "source" / "order_line.csv"
    sources.generate(20, source)
    load = tmp_path / "state_csv" / "landing" / "order_line" / "load"
    load.mkdir(parents=True)
    read = f"select * from read_csv('{source}')"
    changed = "select * replace (case when line_id = 7 then 'kiosk' else channel end as channel)"
    with duckdb.connect() as engine:
        engine.execute(f"copy ({read}) to '{load}/part-0000.parquet' (format parquet)")
        engine.execute(f"copy ({changed} from ({read}) where line_id <> 3) to '{tmp_path}/rival_csv.parquet'")
    assert sources.differing_rows("csv", tmp_path) == (20, 19, 2)
