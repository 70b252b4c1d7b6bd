"""Every command as typed, on a company of two tables and five entities: the bakery on the page, from nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.companies.documented import write_documented_company
from tests.conftest import company_environment
from tests.warm import run_cx

pytestmark = pytest.mark.slow


def test_every_command_of_a_company_with_several_tables(tmp_path: Path) -> None:
    company_dir, source_dir = write_documented_company(tmp_path)
    environment = company_environment(company_dir, source_dir, tmp_path / "state")

    def cx(*arguments: str) -> tuple[int, str]:
        done = run_cx(*arguments, environment=environment)
        return done.returncode, done.stdout if done.returncode == 0 else done.stderr

    assert cx("load", "shop.till") == (0, "shop__till: 6 rows landed, 1 quarantined, from 1 file(s), load 1\n")
    # One table was asked for; the other has not landed.
    assert not list((tmp_path / "state" / "bakery" / "landing").glob("shop__members/*/part-*.parquet"))
    assert cx("load", "shop.members") == (0, "shop__members: 3 rows landed, 0 quarantined, from 1 file(s), load 2\n")
    assert cx("load", "shop.till") == (0, "shop__till: nothing new\n")
    assert cx("load", "shop.tills")[0] == 2
    assert cx("doctor")[0] == 0
    code, said = cx("run")
    assert code == 0, said
    code, said = cx("status", "--json")
    assert (code, json.loads(said)["company"]) == (0, "bakery")
    code, said = cx("quarantine", "list")
    assert (code, "shop.till" in said) == (0, True), said
    code, said = cx("run")
    assert (code, "up to date" in said.lower()) == (0, True), said
    code, said = cx("rollback", "no-such-generation")
    assert code == 1, said
