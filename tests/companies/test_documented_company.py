"""The bakery on the page about adding a company, run from the page; its totals were worked out by hand there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def published(documented_publication: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(documented_publication), read_only=True) as connection:
        yield connection


def test_the_line_with_a_letter_in_its_amount_is_set_aside(published: duckdb.DuckDBPyConnection) -> None:
    conserved = published.execute(
        "select object_name, input_row_count, quarantined_row_count, output_row_count, difference_row_count"
        " from marts.mart_operations__row_conservation where stage = 'extraction' order by object_name"
    )
    assert conserved.fetchall() == [("members", 3, 0, 3, 0), ("till", 7, 1, 6, 0)]
    reasons = published.execute("select stage, object_name, row_count from marts.mart_operations__quarantine_reason")
    assert reasons.fetchall() == [("extraction", "till", 1)]


def test_two_cards_with_one_address_are_one_customer(published: duckdb.DuckDBPyConnection) -> None:
    cards = published.execute(
        "select customer_id, list(record_id order by record_id) from core.bridge_record_customer"
        " where is_current group by customer_id order by 2"
    )
    assert [records for _, records in cards.fetchall()] == [["shop:101", "shop:103"], ["shop:102"]]


def test_each_customer_has_all_purchases_and_answers(published: duckdb.DuckDBPyConnection) -> None:
    customers = published.execute(
        "select record_count, order_count, net_amount, return_amount, last_purchase_date, csat_response_count,"
        " last_csat_score, observation_date from marts.mart_customer__customer_360 order by record_count desc"
    )
    as_of = date(2026, 3, 2)
    assert customers.fetchall() == [
        # 4.20 + 3.60 + 28.00; the cake was bought after midnight in Berlin.
        (2, 2, Decimal("35.80"), Decimal("0.00"), date(2026, 3, 1), 2, 4.0, as_of),
        # 5.40 - 1.80: receipt 6 is a return and no purchase.
        (1, 1, Decimal("3.60"), Decimal("1.80"), date(2026, 1, 14), 1, 3.0, as_of),
    ]


def test_activity_by_month(published: duckdb.DuckDBPyConnection) -> None:
    months = published.execute(
        "select activity_month, currency_code, order_count, anonymous_order_count, active_customer_count, line_count,"
        " net_amount, return_amount from marts.mart_finance__activity_by_month order by activity_month"
    )
    assert months.fetchall() == [
        (date(2026, 1, 1), "EUR", 3, 1, 2, 4, Decimal("17.40"), Decimal("0.00")),
        (date(2026, 3, 1), "EUR", 1, 0, 1, 2, Decimal("26.20"), Decimal("1.80")),
    ]


def test_scores_by_month(published: duckdb.DuckDBPyConnection) -> None:
    scores = published.execute(
        "select score_month, touchpoint, metric, response_count, mean_score, score_value, is_suppressed"
        " from marts.mart_experience__score_by_touchpoint_month order by score_month"
    )
    assert scores.fetchall() == [
        (date(2026, 1, 1), "checkout", "csat", 2, 4.0, 0.5, False),
        (date(2026, 3, 1), "checkout", "csat", 1, 4.0, 1.0, False),
    ]


def test_churn_is_refused_with_a_reason(published: duckdb.DuckDBPyConnection) -> None:
    models = published.execute("select status, length(reason) > 0 from marts.mart_prediction__churn_model")
    assert models.fetchall() == [("not_trained", True)]
