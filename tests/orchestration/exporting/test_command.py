"""`cx export` as typed, on a company of one table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from orchestration.ground import lock
from tests.orchestration.exporting.made import CALLS, SYNC, make_warehouse, publish_generation
from tests.orchestration.test_company import GOOD

LISTS = {"broken": {**SYNC, "max_rows": 5}, "calls": CALLS, "sync": {**SYNC, "owner": "team:crm"}}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State of the company, with one generation published."""
    folder = tmp_path / "companies" / "shop"
    (folder / "staging").mkdir(parents=True)
    (folder / "company.yml").write_text(f"{GOOD}exports: {json.dumps(LISTS)}\n", encoding="utf-8")
    monkeypatch.setenv("CX_COMPANY", "shop")
    monkeypatch.setenv("CX_COMPANY_DIR", str(folder))
    monkeypatch.setenv("CX_STATE_ROOT", str(tmp_path / "state"))
    publish_generation(make_warehouse(tmp_path), tmp_path / "state" / "shop" / "published")
    return tmp_path / "state" / "shop"


def cx(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["export", *arguments])
    return done.exit_code, done.output


def test_a_list_is_sent_once_and_told(state: Path) -> None:
    said = (
        "Generation 00000001-s1 (2026-06-30): 6 rows selected, 2 left out no consent, 1 left out no contact,"
        " 1 left out unknown customer, 2 delivered."
    )
    assert cx("run", "calls") == (0, f"calls: {said}\n")
    assert cx("run", "calls") == (0, f"calls: delivered before. {said}\n")
    code, shown = cx("show", "calls")
    assert code == 0
    assert shown.splitlines() == [
        "calls: Segments for the CRM.",
        "  Owner: team:customer-data",
        "  From: marts.mart_segment__rfm",
        "  Columns: Customer VARCHAR, Amount DECIMAL(18,2), Phone VARCHAR, Name VARCHAR",
        "  Key: Customer; at most 100 rows",
        "  Consent: to marketing",
        "  To: csv",
        f"  {said}",
        f"  File: {state / 'published' / 'restricted' / 'exports' / 'calls' / 'calls.csv'}",
    ]
    code, shown = cx("show", "calls", "--json")
    assert json.loads(shown)["last_delivery"]["rows_written"] == 2
    code, shown = cx("list")
    assert code == 0
    assert shown.splitlines() == [
        "broken -> csv, owner team:customer-data: Segments for the CRM.",
        "  Nothing delivered yet.",
        "calls -> csv, owner team:customer-data: Segments for the CRM.",
        f"  {said}",
        "sync -> csv, owner team:crm: Segments for the CRM.",
        "  Nothing delivered yet.",
    ]


def test_all_lists_are_sent_and_the_broken_one_is_told(state: Path) -> None:
    code, said = cx("run")
    assert code == 1
    assert "broken: nothing was delivered: 6 rows would leave, max_rows allows 5" in said
    assert sorted(path.name for path in (state / "published").glob("**/exports/*")) == ["calls", "sync"]


def test_nothing_is_sent_while_a_run_is_at_work(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(path: Path, **_: object) -> None:
        raise lock.WarehouseBusyError(path, lock.LockHolder(1, None, None))

    monkeypatch.setattr(lock, "acquire", busy)
    code, said = cx("run")
    assert code == 75
    assert "in use by process 1" in said
    assert not list((state / "published").glob("**/exports/*"))


def test_a_name_that_is_none_is_told(state: Path) -> None:
    code, said = cx("show", "cals")
    assert code == 2
    assert "company.yml declares no export 'cals'. Did you mean calls" in said
    file = state.parents[1] / "companies" / "shop" / "company.yml"
    file.write_text(file.read_text(encoding="utf-8").replace('"max_rows": 5', '"max_rows": "no"'), encoding="utf-8")
    code, said = cx("list")
    assert code == 2
    assert "exports.broken.max_rows" in said
