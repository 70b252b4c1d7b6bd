"""What the report reads: one generation, nothing personal, nothing of a person in the cache of all readers."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from report.data import (
    DIRECT_COLUMNS,
    NothingPublishedError,
    PersonalColumnError,
    companies,
    open_publication,
)
from tests.conftest import ROOT
from tests.report.publishing import ROWS, write_publication


def _open(root: Path, company: str = "bakery"):
    return open_publication(root / company / "published", company)


def test_rows_of_single_customers_are_not_kept_for_all_readers(report_state: Path) -> None:
    query = "select customer_id from marts.mart_customer__customer_360"
    assert len(_open(report_state).rows(query)) == 3
    with pytest.raises(PersonalColumnError, match="customer_id"):
        _open(report_state).figures(query)


def test_a_column_that_names_a_person_is_refused(report_state: Path) -> None:
    with pytest.raises(PersonalColumnError, match="email"):
        _open(report_state).rows("select 'a@b.example' as email")


def test_the_refused_columns_are_those_that_dbt_marks() -> None:
    marked = set()
    for path in (ROOT / "dbt_project" / "models").rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models") or []:
            for column in model.get("columns") or []:
                if ((column.get("config") or {}).get("meta") or column.get("meta") or {}).get("personal_data"):
                    marked.add(column["name"])
    assert marked == DIRECT_COLUMNS


def test_a_query_reaches_no_other_file(report_state: Path, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(duckdb.PermissionException):
        _open(report_state).rows(f"select * from read_csv('{tmp_path / 'other.csv'}')")


def test_a_query_writes_nothing(report_state: Path) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        _open(report_state).rows("delete from marts.mart_segment__rfm")


def test_figures_of_a_new_generation_are_not_those_of_the_old(tmp_path: Path) -> None:
    query = "select count(*) as customers from marts.mart_customer__customer_360"
    write_publication(tmp_path, "bakery", ROWS)
    old = _open(tmp_path)
    assert old.figures(query)["customers"].tolist() == [3]
    write_publication(tmp_path, "bakery", {})
    assert _open(tmp_path).figures(query)["customers"].tolist() == [0]
    assert old.figures(query)["customers"].tolist() == [3]


def test_what_a_page_does_to_figures_stays_on_that_page(report_state: Path) -> None:
    query = "select rfm_segment from marts.mart_segment__rfm order by 1"
    frame = _open(report_state).figures(query)
    frame["rfm_segment"] = "changed"
    assert _open(report_state).figures(query)["rfm_segment"].tolist() == ["champions", "lost"]


def test_a_run_that_found_nothing_new_keeps_a_publication_fresh(tmp_path: Path) -> None:
    write_publication(tmp_path, "bakery", {})
    now = dt.datetime(2026, 7, 9, 6, tzinfo=dt.UTC)
    assert _open(tmp_path).is_stale(now)
    looked = {"at": "2026-07-09T05:00:00+00:00"}
    from orchestration.ground.durable import write_document

    write_document(tmp_path / "bakery" / "published" / "last_looked", looked)
    assert not _open(tmp_path).is_stale(now)


def test_a_damaged_record_is_told_of(tmp_path: Path) -> None:
    made = write_publication(tmp_path, "bakery", {})
    record = tmp_path / "bakery" / "published" / "generations" / made.generation_id / "generation.json"
    record.write_text(json.dumps({"generation_id": "x"}), encoding="utf-8")
    with pytest.raises(NothingPublishedError, match="damaged"):
        _open(tmp_path)


def test_companies_are_those_with_a_publication(report_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_STATE_ROOT", str(report_state))
    assert companies() == ["bakery", "empty"]


def test_the_report_knows_neither_the_job_nor_the_warehouse() -> None:
    code = (
        "import sys, report.app, report.static; report.app.collected_pages(); "
        "print([name for name in sys.modules if name.split('.')[0] in ('dagster', 'dbt') "
        "or name.startswith(('orchestration.warehouse', 'orchestration.dbt', 'orchestration.defs'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
