"""A staging model that gives values of another type than its contract: those rows go to quarantine, the others on."""

from __future__ import annotations

import subprocess
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import company_environment, run_company
from tests.warm import run_cx

pytestmark = pytest.mark.slow

COMPANY_YML = """
name: kiosk
title: Kiosk
description: A kiosk whose file declares every column as text.
currency_code: EUR
time_zone: UTC
country_code: DE
owner: team:kiosk
as_of: 2026-03-31
minimum_answers: 1
max_quarantined_share: 0.8
sources:
  till:
    description: The till.
    tables:
      receipts:
        description: One payment.
        path: receipts.csv
        format: csv
        columns: {receipt: text, paid: text, amount: text}
"""
PAYMENT_SQL = """
with mapped as (
    select
        receipt as payment_id,
        'till' as source_system,
        receipt as order_id,
        paid as paid_at,
        'cash' as payment_method,
        amount as paid_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'till__receipts') }}
)

{{ conform('payment') }}
"""
# Blank is no value: optional as a time, required as an amount.
RECEIPTS = """receipt,paid,amount
r1,2026-03-01 10:00:00,12.50
r2,2026-03-01 10:00:00,abc
r3,2026-13-45,3.00
r4,2026-13-45,abc
r5," ",4.00
r6,2026-03-02 10:00:00,
"""


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kiosk")
    staging = folder / "kiosk" / "staging"
    staging.mkdir(parents=True)
    (folder / "kiosk" / "company.yml").write_text(COMPANY_YML)
    (staging / "stg_till__payment.sql").write_text(PAYMENT_SQL)
    (folder / "files").mkdir()
    (folder / "files" / "receipts.csv").write_text(RECEIPTS)
    return run_company(folder / "kiosk", folder / "files", folder / "state")


def test_the_other_rows_are_in_core(publication: Path) -> None:
    with duckdb.connect(str(publication), read_only=True) as connection:
        found = connection.execute("select payment_id, paid_amount, paid_at is null from core.fct_payment order by 1")
        assert found.fetchall() == [("r1", Decimal("12.50"), False), ("r5", Decimal("4.00"), True)]


def test_each_refused_row_is_counted_with_its_reason(publication: Path) -> None:
    with duckdb.connect(str(publication), read_only=True) as connection:
        reasons = connection.execute(
            "select stage, source_name, object_name, rule, reason, row_count"
            " from marts.mart_operations__quarantine_reason order by rule"
        ).fetchall()
        conserved = connection.execute(
            "select input_row_count, quarantined_row_count, output_row_count, difference_row_count"
            " from marts.mart_operations__row_conservation where stage = 'contract'"
        ).fetchall()
    border = ("contract", "till", "payment")
    assert reasons == [
        (*border, "paid_amount_required", "paid_amount is missing.", 1),
        (*border, "paid_amount_type", "paid_amount is no valid decimal(18,2).", 2),
        (*border, "paid_at_type", "paid_at is no valid timestamp.", 2),
    ]
    assert conserved == [(6, 4, 2, 0)]


def run_again(publication: Path) -> subprocess.CompletedProcess[str]:
    folder = publication.parents[3]
    environment = company_environment(folder / "kiosk", folder / "files", folder / "state")
    return run_cx("run", environment=environment | {"COLUMNS": "200"})


def test_the_run_prints_what_the_contracts_refused(publication: Path) -> None:
    printed = run_again(publication).stdout
    table = printed.split("Refused by the contracts")[1].split("All reasons:")[0]
    assert [line.split() for line in table.strip().splitlines()] == [
        ["entity", "source", "reason", "rows"],
        ["payment", "till", "paid_amount", "is", "no", "valid", "decimal(18,2).", "2"],
        ["payment", "till", "paid_at", "is", "no", "valid", "timestamp.", "2"],
        ["payment", "till", "paid_amount", "is", "missing.", "1"],
    ]
    assert "intermediate.int_contract__quarantined_row in" in printed


def test_too_many_refused_rows_stop_the_run_and_say_why(publication: Path) -> None:
    settings = publication.parents[3] / "kiosk" / "company.yml"
    settings.write_text(COMPANY_YML.replace("0.8", "0.5"))
    done = run_again(publication)
    assert done.returncode == 1
    # 4 of 6 rows.
    assert "quarantined_share is 0.6666666666666666: More rows break the contract" in done.stderr
    assert "paid_amount is no valid decimal(18,2). x2, paid_at is no valid timestamp. x2" in done.stderr
