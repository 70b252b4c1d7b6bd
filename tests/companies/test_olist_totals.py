"""What the daily job publishes of Olist against the raw files, to the row and the cent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.companies import olist_raw as raw

pytestmark = [pytest.mark.needs_olist, pytest.mark.slow]


@pytest.fixture(scope="module")
def published(olist_publication: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(olist_publication), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def restricted(olist_publication: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = olist_publication.parent / "restricted" / "current.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_nothing_was_set_aside_superseded_or_lost(published: duckdb.DuckDBPyConnection) -> None:
    counted = published.execute(
        "select stage, object_name, input_row_count, quarantined_row_count, superseded_row_count,"
        " output_row_count, difference_row_count from marts.mart_operations__row_conservation where stage <> 'staging'"
    ).fetchall()
    kept = {(stage, name): (rows, aside, older, out, lost) for stage, name, rows, aside, older, out, lost in counted}
    files = {
        "customers": 15_000,
        "orders": 15_000,
        "order_items": 17_071,
        "order_payments": 15_733,
        "order_reviews": 14_944,
        "products": 32_951,
        "category_translation": 71,
        "qualified_leads": 8_000,
        "closed_deals": 842,
    }
    entities = {
        "customer_record": 15_000,
        "sales_order": 15_000,
        "transaction_line": 17_071,
        "payment": 15_733,
        "survey_response": 14_944,
        "product": 32_951,
        "lead": 8_000,
    }
    assert kept == {
        **{("extraction", name): (count, 0, 0, count, 0) for name, count in files.items()},
        **{("contract", name): (count, 0, 0, count, 0) for name, count in entities.items()},
    }


def test_the_observation_date_is_the_end_of_the_data(published: duckdb.DuckDBPyConnection) -> None:
    assert one(published, "select as_of_date from core.dim_observation") == (raw.last_event_date(),)
    assert str(raw.last_event_date()) == "2018-11-14"


def test_every_order_with_status_and_time(published: duckdb.DuckDBPyConnection) -> None:
    orders = published.execute("select order_id, order_status, ordered_at, ordered_date from core.fct_sales_order")
    found = {order_id: rest for order_id, *rest in orders.fetchall()}
    assert len(found) == 15_000
    for order in raw.rows("orders"):
        status, ordered_at, ordered_date = found[f"olist:{order['order_id']}"]
        assert status == order["order_status"]
        assert ordered_at in raw.local_instants(order["order_purchase_timestamp"])
        assert str(ordered_date) == order["order_purchase_timestamp"][:10]
    assert dict(Counter(status for status, _, _ in found.values())) == raw.orders_by_status()


def test_the_promise_is_a_day_and_holds_until_its_end(published: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        published.execute(
            "select order_id, (promised_date, delivered_at > promised_at) from core.fct_sales_order"
        ).fetchall()
    )
    late = 0
    for order in raw.rows("orders"):
        promised_date, is_late = found[f"olist:{order['order_id']}"]
        promised, delivered = order["order_estimated_delivery_date"], order["order_delivered_customer_date"]
        assert str(promised_date) == promised[:10]
        assert is_late == (delivered[:10] > promised[:10] if delivered else None)
        late += bool(is_late)
    assert late == 957


def test_customers_are_the_persons_of_the_file(published: duckdb.DuckDBPyConnection) -> None:
    assert one(published, "select count(*), count(distinct customer_id) from core.dim_customer") == (14_904, 14_904)
    bridge = published.execute("select record_id, customer_id from core.bridge_record_customer where is_current")
    customer_of = dict(bridge.fetchall())
    persons: dict[str, set[str]] = defaultdict(set)
    for row in raw.rows("customers"):
        persons[row["customer_unique_id"]].add(customer_of[f"olist:{row['customer_id']}"])
    assert len(customer_of) == 15_000
    assert {len(customers) for customers in persons.values()} == {1}
    assert len({next(iter(customers)) for customers in persons.values()}) == 14_904


def test_customer_360_holds_every_person_with_all_orders(published: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select count(*), sum(order_count), count(*) filter (where order_count > 1), sum(net_amount),"
        " sum(shipping_amount), sum(csat_response_count), sum(nps_response_count) + sum(ces_response_count),"
        " count(churn_probability) from marts.mart_customer__customer_360"
    )
    assert one(published, query) == (
        14_904,
        15_000,
        93,
        raw.column_sum("order_items", "price"),
        raw.column_sum("order_items", "freight_value"),
        14_944,
        0,
        0,
    )


def test_every_item_to_the_cent(published: duckdb.DuckDBPyConnection) -> None:
    lines = published.execute(
        "select line_id, product_id, net_amount, shipping_amount, currency_code from core.fct_transaction_line"
    )
    assert {line_id: tuple(rest) for line_id, *rest in lines.fetchall()} == {
        f"olist:{item['order_id']}-{item['order_item_id']}": (
            f"olist:{item['product_id']}",
            Decimal(item["price"]),
            Decimal(item["freight_value"]),
            "BRL",
        )
        for item in raw.rows("order_items")
    }
    assert one(published, "select count(*), sum(net_amount), sum(shipping_amount) from core.fct_transaction_line") == (
        17_071,
        raw.column_sum("order_items", "price"),
        raw.column_sum("order_items", "freight_value"),
    )


def test_every_payment_to_the_cent(published: duckdb.DuckDBPyConnection) -> None:
    payments = published.execute("select payment_id, payment_method, paid_amount from core.fct_payment").fetchall()
    assert {payment_id: (method, amount) for payment_id, method, amount in payments} == {
        f"olist:{row['order_id']}-{row['payment_sequential']}": (row["payment_type"], Decimal(row["payment_value"]))
        for row in raw.rows("order_payments")
    }
    assert one(published, "select count(*), sum(paid_amount) from core.fct_payment") == (
        15_733,
        raw.column_sum("order_payments", "payment_value"),
    )


def test_every_review_of_every_order(published: duckdb.DuckDBPyConnection) -> None:
    answers = published.execute(
        "select response_id, score, responded_at, responded_date, has_verbatim from core.fct_survey_response"
    )
    found = {response_id: rest for response_id, *rest in answers.fetchall()}
    spoken = raw.said_something()
    assert len(found) == 14_944
    for review in raw.rows("order_reviews"):
        key = (review["review_id"], review["order_id"])
        score, responded_at, responded_date, has_verbatim = found["olist:" + ":".join(key)]
        assert score == int(review["review_score"])
        assert responded_at in raw.local_instants(review["review_answer_timestamp"])
        assert str(responded_date) == review["review_answer_timestamp"][:10]
        assert has_verbatim == (key in spoken)


def test_nobody_is_said_to_have_been_asked(published: duckdb.DuckDBPyConnection) -> None:
    # The file holds answered reviews only; a response share from it would be 1 by construction.
    assert one(published, "select count(*), count(invitation_id) from core.fct_survey_response") == (14_944, 0)
    assert one(published, "select count(*) from core.fct_survey_invitation") == (0,)
    assert one(published, "select count(*) from marts.mart_experience__response_by_touchpoint_month") == (0,)


def test_mean_score_and_top_two_share_per_month_of_answer(published: duckdb.DuckDBPyConnection) -> None:
    scores = published.execute(
        "select strftime(score_month, '%Y-%m'), touchpoint, metric, response_count, favourable_count, mean_score,"
        " score_value, is_suppressed from marts.mart_experience__score_by_touchpoint_month order by score_month"
    ).fetchall()
    expected = raw.answers_by_month()
    assert [row[:5] for row in scores] == [
        (month, "delivery", "csat", month_answers.count, month_answers.top_two_count)
        for month, month_answers in expected.items()
    ]
    assert sum(row[3] for row in scores) == 14_944
    for month, *_, mean_score, top_two_share, is_suppressed in scores:
        assert mean_score == pytest.approx(expected[month].mean_score, rel=1e-12)
        assert top_two_share == pytest.approx(expected[month].top_two_share, rel=1e-12)
        assert is_suppressed == (expected[month].count < 30)


def test_orders_money_and_customers_per_purchase_month(published: duckdb.DuckDBPyConnection) -> None:
    months = published.execute(
        "select strftime(activity_month, '%Y-%m'), order_count, canceled_order_count, active_customer_count,"
        " new_customer_count, line_count, net_amount, shipping_amount, paid_amount"
        " from marts.mart_finance__activity_by_month"
    ).fetchall()
    assert {month: raw.Month(*measures) for month, *measures in months} == raw.activity_by_month()
    assert one(published, "select distinct currency_code from marts.mart_finance__activity_by_month") == ("BRL",)


def test_settlement_keeps_both_totals_and_names_the_difference(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute(
        "select order_id, line_amount + shipping_amount, paid_amount, difference_amount, is_settled, line_count"
        " from marts.mart_finance__order_settlement"
    ).fetchall()
    due, paid = raw.ordered_sums(), raw.paid_sums()
    assert {order_id.removeprefix("olist:"): (owed, got) for order_id, owed, got, *_ in rows} == {
        order: (due.get(order, Decimal(0)), paid.get(order, Decimal(0))) for order in due.keys() | paid.keys()
    }
    with_items = {
        order_id.removeprefix("olist:"): difference
        for order_id, _, _, difference, is_settled, line_count in rows
        if line_count and not is_settled
    }
    assert with_items == raw.settlement_differences()
    assert len(with_items) == 89
    assert sum(line_count == 0 for *_, line_count in rows) == 115


def test_every_lead_and_its_deal(published: duckdb.DuckDBPyConnection) -> None:
    leads = published.execute(
        "select lead_id, lead_status, created_date, origin, cast(won_at as varchar), account_reference, record_id"
        " from core.fct_lead"
    ).fetchall()
    deals = {deal["mql_id"]: deal for deal in raw.rows("closed_deals")}
    expected = set()
    for lead in raw.rows("marketing_qualified_leads"):
        deal = deals.get(lead["mql_id"])
        won = ("won", deal["won_date"], deal["seller_id"]) if deal else ("open", None, None)
        origin = lead["origin"] or None
        expected.add((f"olist:{lead['mql_id']}", won[0], lead["first_contact_date"], origin, won[1], won[2], None))
    assert {(row[0], row[1], str(row[2]), *row[3:]) for row in leads} == expected
    assert len(leads) == 8_000
    assert sum(row[1] == "won" for row in leads) == 842


def test_product_categories_are_english_where_a_translation_exists(published: duckdb.DuckDBPyConnection) -> None:
    names = dict(published.execute("select product_id, category_name from core.dim_product").fetchall())
    translations = {row["product_category_name"]: row["product_category_name_english"] for row in raw.translations()}
    untranslated: Counter[str] = Counter()
    for product in raw.rows("products"):
        category = product["product_category_name"]
        assert names[f"olist:{product['product_id']}"] == (translations.get(category, category) or None)
        untranslated[category] += category not in translations
    assert +untranslated == {"": 610, "pc_gamer": 3, "portateis_cozinha_e_preparadores_de_alimentos": 10}
    assert names[f"olist:{raw.rows('products')[0]['product_id']}"] == "perfumery"


def test_postal_codes_got_their_zero_back(restricted: duckdb.DuckDBPyConnection) -> None:
    codes = {row[0] for row in restricted.execute("select postal_code from core.dim_customer_identity").fetchall()}
    assert {len(code) for code in codes} == {5}
    assert codes <= {row["customer_zip_code_prefix"].rjust(5, "0") for row in raw.rows("customers")}


def test_churn_says_why_it_was_not_trained(published: duckdb.DuckDBPyConnection) -> None:
    models = published.execute("select status, reason, auc from marts.mart_prediction__churn_model").fetchall()
    assert [(status, auc) for status, _, auc in models] == [("not_trained", None)]
    assert models[0][1]
    assert one(published, "select count(*) from marts.mart_prediction__churn_score") == (0,)


@pytest.mark.parametrize("table", ["fct_interaction", "fct_ticket", "fct_campaign_contact"])
def test_what_olist_lacks_is_empty_and_typed(published: duckdb.DuckDBPyConnection, table: str) -> None:
    assert one(published, f"select count(*) from core.{table}") == (0,)
    types = published.execute(f"select column_name, column_type from (describe core.{table})").fetchall()
    assert ("record_id", "VARCHAR") in types
    assert "TIMESTAMP" in dict(types).values()
