"""Companies that lack entities, and one that has none: empty, typed tables and no error."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from tests.dbt.company import Company
from tests.dbt.small_company import AS_OF_AT, line


def described(company: Company) -> list[tuple[str, ...]]:
    return company.rows(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        "where table_schema in ('core', 'marts') order by table_schema, table_name, ordinal_position"
    )


def test_a_company_with_receipts_only(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["customer_record", "transaction_line"])
    company.land(
        1,
        customer_record=[{"record_id": "crm:a", "customer_type": "person"}],
        transaction_line=[
            line("l1", "receipt 1", "a", "2026-03-05 12:00", 10),
            line("l2", "receipt 1", "a", "2026-03-05 12:00", 5),
            # A number that stands on a return only is no purchase.
            line("l3", "receipt 2", "a", "2026-03-06 12:00", -5),
        ],
    )
    company.snapshot(1, AS_OF_AT.date(), AS_OF_AT)
    company.assign(1, datetime(2026, 4, 1, tzinfo=UTC), a="A")
    company.build()
    assert company.rows(
        "select order_count, net_amount, return_amount, last_purchase_date, recency_days "
        "from marts.mart_customer__customer_360"
    ) == [(1, Decimal("10.00"), Decimal("5.00"), date(2026, 3, 5), 26)]
    assert company.rows("select order_count, line_count, net_amount from marts.mart_finance__activity_by_month") == [
        (1, 3, Decimal("10.00"))
    ]
    assert company.rows("select count(*) from core.fct_survey_response") == [(0,)]
    # Nobody knows what was paid: that is not the same as unpaid.
    assert company.rows(
        "select distinct paid_amount, difference_amount, is_settled, payment_count "
        "from marts.mart_finance__order_settlement"
    ) == [(None, None, None, 0)]
    assert company.rows("select paid_amount from marts.mart_finance__activity_by_month") == [(None,)]


def test_the_first_payment_of_all_says_that_other_orders_are_unpaid(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["customer_record", "transaction_line", "payment"])
    company.land(
        1,
        transaction_line=[
            line("l1", "receipt 1", None, "2026-01-05 12:00", 10),
            line("l2", "receipt 2", None, "2026-03-05 12:00", 5),
        ],
    )
    company.snapshot(1, AS_OF_AT.date(), AS_OF_AT)
    company.dbt("run")
    by_month = "select paid_amount from marts.mart_finance__activity_by_month order by activity_month"
    assert company.rows(by_month) == [(None,), (None,)]
    payment = {"payment_id": "y1", "order_id": "receipt 2", "paid_amount": 5, "currency_code": "EUR"}
    company.land(2, payment=[payment])
    company.snapshot(2, AS_OF_AT.date(), AS_OF_AT)
    company.build()
    # January, which no payment touches, is written again too.
    assert company.rows(by_month) == [(Decimal("0.00"),), (Decimal("5.00"),)]
    assert company.rows(
        "select order_id, paid_amount, difference_amount, is_settled "
        "from marts.mart_finance__order_settlement order by 1"
    ) == [
        ("receipt 1", Decimal("0.00"), Decimal("-10.00"), False),
        ("receipt 2", Decimal("5.00"), Decimal("0.00"), True),
    ]


def test_an_empty_company_has_the_same_columns(tmp_path: Path, built: Company) -> None:
    company = Company(tmp_path / "company", [])
    company.snapshot(1, AS_OF_AT.date(), AS_OF_AT)
    company.build()
    for relation, rows in company.tables("core", "marts").items():
        assert len(rows) == (1 if relation == "core.dim_observation" else 0), relation
    assert described(company) == described(built)
