"""`cx doctor` finds a wrong mapping and a wrong file before a run does."""

import shutil

import pytest
from typer.testing import CliRunner

from orchestration.cli import doctor, main
from orchestration.cli.state_findings import Finding
from tests.companies.documented import write_documented_company


@pytest.fixture
def bakery(tmp_path, monkeypatch):
    """The documented company with its files; findings by subject."""
    company_dir, source_dir = write_documented_company(tmp_path)
    monkeypatch.setenv("CX_COMPANY_DIR", str(company_dir))
    monkeypatch.setenv("CX_SOURCE_DIR", str(source_dir))
    monkeypatch.setenv("CX_STATE_ROOT", str(tmp_path / "state"))
    return company_dir, source_dir


def findings():
    return {finding.subject: (finding.is_ok, finding.message) for finding in doctor.examine("bakery")}


def replace_in(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_line_begins_with_ok_or_fix(monkeypatch):
    found = [
        Finding("landings", True, "3 loads"),
        Finding("free disk", False, "1 GiB beside /data; free some space: a run needs 2 GiB"),
    ]
    monkeypatch.setattr(doctor, "examine", lambda company: found)
    printed = CliRunner().invoke(main.app, ["doctor"])
    assert printed.exit_code == 1
    assert printed.stdout.splitlines() == [
        "OK   landings: 3 loads",
        "FIX  free disk: 1 GiB beside /data; free some space: a run needs 2 GiB",
    ]
    monkeypatch.setattr(doctor, "examine", lambda company: found[:1])
    assert CliRunner().invoke(main.app, ["doctor"]).exit_code == 0


def test_a_company_that_is_right(bakery, tmp_path):
    found = findings()
    assert found["staging SQL"] == (True, "dbt reads it, and every contract column is mapped or missing")
    assert found["source shop.till"] == (True, "1 file matches till*.csv, with every declared column")
    assert not (tmp_path / "state").exists()


def test_headers_are_compared_with_the_declared_columns(bakery):
    _, source_dir = bakery
    shutil.copy(source_dir / "till.csv", source_dir / "till_may.csv")
    replace_in(source_dir / "till_may.csv", "amount", "sum")
    is_ok, message = findings()["source shop.till"]
    assert not is_ok
    assert message.startswith("shop__till: till_may.csv lacks the declared column(s) amount; it has 9 column(s).")
    replace_in(source_dir / "till_may.csv", "sum", "amount;till_number")
    assert findings()["source shop.till"] == (
        True,
        "2 files match till*.csv, with every declared column; 1 columns more than declared, which land as text",
    )


def test_a_wrong_column_in_the_mapping(bakery):
    company_dir, _ = bakery
    replace_in(company_dir / "staging" / "stg_shop__product.sql", "as product_name", "as productname")
    is_ok, message = findings()["staging SQL"]
    assert not is_ok
    assert "neither in mapped nor in missing: product_name" in message


def test_what_only_dbt_can_tell(bakery):
    company_dir, _ = bakery
    replace_in(company_dir / "staging" / "stg_shop__product.sql", "where line_rank = 1", "{{ ref('nothing') }}")
    is_ok, message = findings()["staging SQL"]
    assert not is_ok
    assert "stg_shop__product" in message
    assert "nothing" in message
