"""What a source says against what stands in the marts: every category by hand, then a loss that nothing explains."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.defs.reconciliation.checks import reconciliation_check
from orchestration.warehouse.database import Warehouse
from tests.dbt.company import Company, Row

DAY = date(2026, 1, 10)
PAYMENTS = {
    "source": "crm",
    "table": "payment",
    "landing": "crm__payment",
    "is_pulled": True,
    "is_flagged": False,
    "key": ["payment_id"],
    "day": "paid_at",
    "day_is_date": False,
    "amount": "paid_amount",
    "entity": "payment",
    "entity_amount": "paid_amount",
    "filtered": None,
}


def payment(payment_id: str, amount: int, **more: Any) -> Row:
    given = {"payment_id": payment_id, "order_id": "o1", "paid_at": "2026-01-10 12:00", "paid_amount": amount}
    return given | {"currency_code": "EUR"} | more


def said(kind: str, row_count: int, amount: int, **more: Any) -> Row:
    given = {"source_name": "crm", "table_name": "payment", "load_id": "load-0002-payment", "is_of_table": True}
    return given | {"kind": kind, "day": DAY, "row_count": row_count, "amount": amount} | more


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """The source has y1 (32), y2 (10), y3 (5), y5 (3) and y6 (20): five payments, 70 in all. y4 (7) was deleted."""
    made = Company(tmp_path / "company", ["payment"], reconciled=[PAYMENTS])
    # Without its currency y3 breaks the contract.
    made.land(1, payment=[payment("y1", 32), payment("y2", 10), payment("y3", 5, currency_code=""), payment("y4", 7)])
    # y2 came again, y4 is gone.
    made.land(2, payment=[payment("y2", 10), payment("y4", 7, _is_deleted=True)])
    made.snapshot(1, date(2026, 3, 31), datetime.fromisoformat("2026-03-31T22:00"))
    made.insert(
        "run.source_statement",
        said("total", 5, 70),
        # Refused by the landing, and older than the window of any pull.
        said("refused", 1, 3, row_key="y5", reason="paid_at is no valid timestamp."),
        said("late", 1, 20, row_key="y6"),
    )
    return made


def reconciled(company: Company) -> list[tuple[Any, ...]]:
    company.dbt("run", "--select", "+mart_operations__reconciliation", "+mart_operations__reconciliation_row")
    return company.rows(
        "select local_day, source_count, landing_count, staging_count, mart_count, late_count, duplicate_count,"
        " quarantined_count, deleted_count, merged_count, filtered_count, unknown_count, unexplained_count,"
        " source_amount::int, landing_amount::int, staging_amount::int, mart_amount::int, quarantined_amount::int,"
        " unexplained_amount::int from marts.mart_operations__reconciliation order by all"
    )


def checked(company: Company) -> Any:
    site = SimpleNamespace(company=SimpleNamespace(tables=list))
    warehouse = Warehouse(company.warehouse, company.folder / "lock", memory_limit="1GB")
    return reconciliation_check()(site=site, warehouse=warehouse)


def test_every_difference_has_its_category(company: Company) -> None:
    # Landed were y1, y2 twice, y3, y4 and its mark: six rows, 71. In the core are y1 and y2: 42.
    [day] = reconciled(company)
    assert day[:5] == (DAY, 5, 6, 6, 2)
    # An earlier version is one row more in the landing and one less in the mart; so is what was deleted.
    assert day[5:13] == (-1, 0, -2, 0, 0, 0, 0, 0)
    assert day[13:] == (70, 71, 71, 42, -8, 0)
    assert company.rows(
        "select stage, category, row_key, count_effect, amount_effect from marts.mart_operations__reconciliation_row"
        " where category in ('late', 'quarantined', 'deleted') order by all"
    ) == [
        ("landing", "deleted", "y4", 1, Decimal(7)),
        ("landing", "late", "y6", -1, Decimal(-20)),
        ("landing", "quarantined", "y5", -1, Decimal(-3)),
        ("mart", "deleted", "y4", -1, Decimal(-7)),
        ("mart", "quarantined", "y3", -1, Decimal(-5)),
    ]
    assert checked(company).passed


def test_a_row_lost_after_landing_is_unexplained(company: Company) -> None:
    with company.connect() as connection:
        connection.execute("delete from landing.crm__payment where payment_id = 'y1'")
    [day] = reconciled(company)
    assert (day[2], day[4], day[12], day[18]) == (5, 1, 1, 32)
    result = checked(company)
    assert not result.passed
    assert result.description == (
        "crm.payment, 2026-01-10: 1 rows unexplained (rows: source 5, landing 5, staging 5, mart 1;"
        " amounts: source 70, landing 39, staging 39, mart 10). See docs/reconciliation.md for what to do."
    )


def mapped(company: Company, old: str, new: str) -> None:
    staging = company.project / "staging" / "stg_crm__payment.sql"
    text = staging.read_text()
    assert old in text
    staging.write_text(text.replace(old, new))


SOURCE = "from {{ source('landing', 'crm__payment') }}"


def test_a_mapping_that_loses_rows_is_unexplained_and_names_them(company: Company) -> None:
    mapped(company, SOURCE, SOURCE + " where payment_id <> 'y1'")
    [day] = reconciled(company)
    assert (day[2], day[3], day[4], day[12], day[18]) == (6, 5, 1, 1, 32)
    assert "The staging SQL leaves the row out. First keys: y1." in checked(company).description


def test_a_mapping_that_multiplies_rows_is_unexplained(company: Company) -> None:
    mapped(company, SOURCE, SOURCE + " cross join (values (1), (2)) as twice (n)")
    [day] = reconciled(company)
    # Six rows too many in staging; the core keeps one of each key.
    assert (day[3], day[4], day[12]) == (12, 2, 6)
    assert not checked(company).passed


def test_a_reason_for_filtered_rows_explains_them(company: Company) -> None:
    mapped(company, SOURCE, SOURCE + " where payment_id <> 'y1'")
    company.reconciled = [PAYMENTS | {"filtered": "y1 is a test of the till."}]
    [day] = reconciled(company)
    assert (day[10], day[12], day[18]) == (-1, 0, 0)


FILES = PAYMENTS | {"is_pulled": False}


def rewritten(company: Company, *departed: Row) -> None:
    """A file of y1 (100), y2 (50) and y3 (7), written again with y1 as it was, y2 (60), no y3, and y4 (10)."""
    company.land(1, payment=[payment("y1", 100), payment("y2", 50), payment("y3", 7)])
    company.land(2, payment=[payment("y1", 100), payment("y2", 60), payment("y4", 10)])
    with company.connect() as connection:
        for row in departed:
            columns = ", ".join(row)
            connection.execute(
                f"insert into landing.crm__payment ({columns}) values ({', '.join('?' for _ in row)})",
                list(row.values()),
            )
    company.snapshot(1, date(2026, 3, 31), datetime.fromisoformat("2026-03-31T22:00"))
    # Said of the newest version alone: three rows, 170.
    company.insert("run.source_statement", said("total", 3, 170, source_file="payment.csv", is_of_table=False))


def categories(company: Company) -> list[tuple[Any, ...]]:
    [_] = reconciled(company)
    return company.rows(
        "select source_count, landing_count, mart_count, duplicate_count, changed_count, deleted_count,"
        " unexplained_count, source_amount::int, mart_amount::int, changed_amount::int, deleted_amount::int,"
        " unexplained_amount::int from marts.mart_operations__reconciliation"
    )


def test_a_file_that_was_written_again_says_what_it_holds_now(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["payment"], reconciled=[FILES])
    rewritten(company)
    # y3 stays, since files are appended: one row and 7 more than the file.
    assert categories(company) == [(3, 6, 4, 0, 0, 1, 0, 170, 177, 0, 7, 0)]
    assert company.rows(
        "select stage, category, row_key, count_effect, amount_effect::int"
        " from marts.mart_operations__reconciliation_row order by all"
    ) == [
        ("landing", "changed", "y2", 1, 50),
        ("landing", "deleted", "y3", 1, 7),
        ("landing", "duplicate", "y1", 1, 100),
        ("mart", "changed", "y2", -1, -50),
        ("mart", "duplicate", "y1", -1, -100),
    ]
    assert checked(company).passed


def test_of_a_full_export_the_mart_is_what_the_file_holds(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["payment"], reconciled=[FILES])
    lineage = {"_load_id": "load-0002-payment", "_load_sequence": 2, "_source_row": 1, "source_system": "crm"}
    rewritten(
        company, payment("y3", 7) | lineage | {"_source_file": "payment.csv (rows that left)", "_is_deleted": True}
    )
    assert categories(company) == [(3, 7, 3, 0, 0, 0, 0, 170, 170, 0, 0, 0)]
    assert checked(company).passed


def test_a_row_of_the_newest_version_that_was_lost_is_unexplained(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["payment"], reconciled=[FILES])
    rewritten(company)
    with company.connect() as connection:
        connection.execute("delete from landing.crm__payment where payment_id = 'y4'")
    [counts] = categories(company)
    assert (counts[6], counts[11]) == (1, 10)
    assert not checked(company).passed
