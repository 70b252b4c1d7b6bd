"""The raw side of the reconciliation against what is published about the sample of the files."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from tests.companies import olist_raw as raw

pytestmark = pytest.mark.needs_olist


def test_orders_and_persons() -> None:
    orders_of_person = Counter(raw.person_of_order().values())
    assert len(raw.rows("orders")) == 15_000
    assert len({order["order_id"] for order in raw.rows("orders")}) == 15_000
    assert len({row["customer_id"] for row in raw.rows("customers")}) == 15_000
    assert len(orders_of_person) == 14_904
    assert sum(count > 1 for count in orders_of_person.values()) == 93


def test_zip_prefixes_that_lost_their_zero() -> None:
    lengths = Counter(len(row["customer_zip_code_prefix"]) for row in raw.rows("customers"))
    assert lengths == {5: 11_345, 4: 3_655}


def test_reviews_are_distinct_by_review_and_order() -> None:
    reviews = raw.rows("order_reviews")
    assert len(reviews) == 14_944
    assert len({(row["review_id"], row["order_id"]) for row in reviews}) == 14_944
    repeats = Counter(row["review_id"] for row in reviews)
    assert Counter(repeats.values()) == {1: 14_904, 2: 20}


def test_a_repeated_review_is_one_form_of_one_person() -> None:
    forms: dict[str, set[tuple[str, ...]]] = {}
    for row in raw.rows("order_reviews"):
        form = tuple(value for name, value in row.items() if name != "order_id")
        forms.setdefault(row["review_id"], set()).add((*form, raw.person_of_order()[row["order_id"]]))
    assert {len(variants) for variants in forms.values()} == {1}


def test_reviews_asked_and_answered_before_the_delivery() -> None:
    delivered = {row["order_id"]: row["order_delivered_customer_date"] for row in raw.rows("orders")}
    reviews = [row for row in raw.rows("order_reviews") if delivered[row["order_id"]]]
    asked = sum(row["review_creation_date"] < delivered[row["order_id"]] for row in reviews)
    answered = sum(row["review_answer_timestamp"] < delivered[row["order_id"]] for row in reviews)
    # The published 1,232 compares the day of asking, at midnight, with the hour of delivery.
    assert (asked, answered) == (1_232, 695)


def test_payments_against_items_and_freight() -> None:
    differences = raw.settlement_differences()
    assert len(differences) == 89
    assert len(set(differences) - set(raw.paid_sums())) == 1
    assert len(set(raw.paid_sums()) - set(raw.ordered_sums())) == 115


def test_leads_and_deals() -> None:
    sellers = {row["seller_id"] for row in raw.rows("sellers")}
    deals = raw.rows("closed_deals")
    leads = {row["mql_id"] for row in raw.rows("marketing_qualified_leads")}
    assert len(raw.rows("marketing_qualified_leads")) == len(leads) == 8_000
    assert len(deals) == len({deal["mql_id"] for deal in deals}) == 842
    assert {deal["mql_id"] for deal in deals} <= leads
    assert sum(deal["seller_id"] in sellers for deal in deals) == 380


def test_months_add_up_to_the_files() -> None:
    months = raw.activity_by_month().values()
    assert sum(month.order_count for month in months) == 15_000
    assert sum(month.line_count for month in months) == len(raw.rows("order_items"))
    assert sum((month.net_amount for month in months), Decimal(0)) == raw.column_sum("order_items", "price")
    assert sum(answers.count for answers in raw.answers_by_month().values()) == 14_944


def test_the_hour_that_repeats_has_two_instants() -> None:
    # Summer time ended in São Paulo on 2018-02-18 at 00:00, which became 23:00 of the 17th once more.
    assert {str(instant) for instant in raw.local_instants("2018-02-17 23:26:19")} == {
        "2018-02-18 01:26:19",
        "2018-02-18 02:26:19",
    }
    assert {str(instant) for instant in raw.local_instants("2018-06-12 20:07:44")} == {"2018-06-12 23:07:44"}
