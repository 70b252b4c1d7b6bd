"""dbt's own data tests see what they are there to see: each published total, spoilt by hand, is reported."""

import pytest

from tests.dbt.company import Company

ACTIVITY = "marts.mart_finance__activity_by_month"
SETTLEMENT = "marts.mart_finance__order_settlement"
RESPONSES = "marts.mart_experience__response_by_touchpoint_month"


def reported(company: Company, test: str, spoil: str | None = None) -> list[tuple[str, ...]]:
    """Rows that a compiled data test returns after a change that is taken back."""
    query = (company.folder / "target" / "compiled" / "cx" / "tests" / f"{test}.sql").read_text()
    with company.connect() as connection:
        connection.begin()
        if spoil:
            connection.execute(spoil)
        rows = connection.execute(query).fetchall()
        connection.rollback()
    return rows


def test_revenue_reconciles(built: Company) -> None:
    assert reported(built, "revenue_in_marts_equals_facts") == []


@pytest.mark.parametrize(
    ("table", "column", "measure", "fact", "mart"),
    [
        # The sums of the small company's facts, and one more in the months or orders of the reporting currency.
        (ACTIVITY, "net_amount", "net_amount", 105, 106),
        (ACTIVITY, "return_amount", "return_amount", 45, 46),
        (ACTIVITY, "shipping_amount", "shipping_amount", 2, 3),
        (ACTIVITY, "line_count", "line_count", 7, 8),
        (ACTIVITY, "paid_amount", "paid_amount", 101, 102),
        # o1, o2, o3, o4 and the canceled o6 in euros, o7 in dollars.
        (ACTIVITY, "order_count", "order_count", 6, 7),
        (SETTLEMENT, "line_amount", "net_amount", 105, 106),
        (SETTLEMENT, "shipping_amount", "shipping_amount", 2, 3),
        (SETTLEMENT, "line_count", "line_count", 7, 8),
        (SETTLEMENT, "paid_amount", "paid_amount", 101, 102),
    ],
)
def test_a_wrong_total_is_reported(built: Company, table: str, column: str, measure: str, fact: int, mart: int) -> None:
    row = "activity_month = '2026-01-01'" if table == ACTIVITY else "order_id = 'o1'"
    spoil = f"update {table} set {column} = {column} + 1 where {row}"
    name = "activity" if table == ACTIVITY else "settlement"
    currency = None if measure == "order_count" else "EUR"
    assert reported(built, "revenue_in_marts_equals_facts", spoil) == [(name, measure, currency, fact, mart)]


def test_a_month_that_is_gone_is_reported(built: Company) -> None:
    rows = reported(built, "revenue_in_marts_equals_facts", f"delete from {ACTIVITY} where currency_code = 'USD'")
    assert sorted(row[1] for row in rows) == ["line_count", "net_amount", "order_count"]


def test_a_currency_that_no_fact_has_is_reported(built: Company) -> None:
    spoil = f"update {SETTLEMENT} set currency_code = 'CHF' where order_id = 'o7'"
    rows = reported(built, "revenue_in_marts_equals_facts", spoil)
    assert {(row[1], row[2]) for row in rows} >= {("net_amount", "CHF"), ("net_amount", "USD")}


@pytest.mark.parametrize("column", ["invited_count", "answered_count"])
def test_a_wrong_response_count_is_reported(built: Company, column: str) -> None:
    assert reported(built, "invitations_in_marts_equal_facts") == []
    spoil = f"update {RESPONSES} set {column} = {column} - 1 where invited_month = '2026-03-01'"
    # Five asked, four answered.
    found = {"invited_count": (5, 4, 4, 4), "answered_count": (5, 4, 5, 3)}[column]
    assert reported(built, "invitations_in_marts_equal_facts", spoil) == [found]
