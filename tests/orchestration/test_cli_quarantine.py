"""cx quarantine: what it prints does no harm, and every id that it prints can be given back to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from orchestration.cli.quarantine import printable
from orchestration.cli.report import read_status
from tests.orchestration.landing.conftest import TABLE, Shop


def cx(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["quarantine", *arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop(tmp_path, {**TABLE, "key": ["contact_id"]})
    shop.write("contacts.csv", "contact_id,amount\n1,10.00\n2,\x1b[2J3.6O\n")
    shop.land()
    for name, value in {
        "CX_COMPANY": "shop",
        "CX_COMPANY_DIR": shop.root / "shop",
        "CX_SOURCE_DIR": shop.source,
        "CX_STATE_ROOT": shop.workspace.state_dir.parent,
    }.items():
        monkeypatch.setenv(name, str(value))
    return shop


def test_listed_shown_released(shop: Shop) -> None:
    [group] = json.loads(cx("list", "--json"))["landing"]
    found = (group["table"], group["rule"], group["row_count"], group["newest_load"])
    assert found == ("crm.contacts", "amount_type", 1, 1)
    assert "amount_type: 1 row(s)" in cx("list")
    [row] = json.loads(cx("show", "1", "--key", "2", "--json"))
    assert (row["id"], row["line"], row["key"], row["text"]) == ("1-0-2", 3, "contact_id=2", "2,\\x1b[2J3.6O")
    assert "\x1b" not in cx("show", "1-0-2")
    assert "0 of 0" in cx("show", "1", "--key", "3")
    assert "amount_type" in cx("release", "1-0-2", code=1)
    assert "1 row(s) released as load 2" in cx("release", "1-0-2", "--set", "amount=3.60", "--by", "anna")
    assert "released before, in load 2 by anna" in cx("release", "1-0-2", "--set", "amount=3.60")
    assert "Nothing is in quarantine" in cx("list")


def test_mistakes_are_told(shop: Shop) -> None:
    assert "declares no column 'sum'" in cx("release", "1-0-2", "--set", "sum=3", code=2)
    assert "write --set column=value" in cx("release", "1-0-2", "--set", "amount", code=2)
    assert "checks again" in cx("release", "sales_order", code=2)
    assert "nothing has been built yet" in cx("show", "sales_order", code=2)


def test_secrets_and_signs_that_turn_text_around_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_CRM_URL", "postgresql://u:hunter22@db/x")
    assert printable("a\u202eb\x07 hunter22 жука 🙂") == "a\\u202eb\\x07 *** жука 🙂"
    assert printable("x" * 600).endswith("... (600 characters)")


def test_status_counts_a_released_row_where_it_is_now(shop: Shop) -> None:
    def table() -> tuple[int, int, int]:
        [landed] = read_status(shop.workspace).landings
        return landed.loads, landed.landed_rows, landed.quarantined_rows

    assert table() == (1, 1, 1)
    cx("release", "1-0-2", "--set", "amount=3.60")
    assert table() == (2, 2, 0)
