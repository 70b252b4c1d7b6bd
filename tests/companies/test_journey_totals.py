"""What the daily job publishes of the grocer's year against the raw files, to the row and the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.companies import journey_raw as raw

pytestmark = [pytest.mark.needs_complete_journey, pytest.mark.slow]


@pytest.fixture(scope="module")
def published(complete_journey_publication: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(complete_journey_publication), read_only=True) as connection:
        yield connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_the_files_are_the_known_ones() -> None:
    lines = raw.lines()
    assert len(lines) == 1_469_307
    assert not lines.duplicated(["basket_id", "product_id"]).any()
    assert lines["basket_id"].nunique() == 155_848
    assert lines["household_id"].nunique() == 2_469
    # A basket is of one household, one store, one time, so its first line can stand for it.
    assert (lines.groupby("basket_id")[["household_id", "store_id", "transaction_timestamp"]].nunique() == 1).all(
        axis=None
    )
    assert (lines[[*raw.MONEY, "quantity"]] >= 0).all(axis=None)
    assert int((lines["quantity"] == 0).sum()) == 8_869


def test_weeks_of_the_file_turn_at_local_midnight() -> None:
    """What says that times are UTC and the shops are on the east coast: winter and summer weeks turn at midnight."""
    lines = raw.lines()
    monday = lines["local"].dt.tz_localize(None).dt.to_period("W-SUN").dt.start_time
    assert monday.groupby(lines["week"]).nunique().eq(1).all()
    utc = lines["transaction_timestamp"].dt.to_period("W-SUN").dt.start_time
    assert not utc.groupby(lines["week"]).nunique().eq(1).all()


def test_nothing_was_set_aside_superseded_or_lost(published: duckdb.DuckDBPyConnection) -> None:
    counted = published.execute(
        "select stage, object_name, input_row_count, output_row_count, quarantined_row_count + superseded_row_count"
        " + abs(difference_row_count) from marts.mart_operations__row_conservation"
        " where input_row_count > 0 and stage <> 'staging'"
    ).fetchall()
    files = {
        "transactions": 1_469_307,
        "products": 92_331,
        "demographics": 801,
        "campaign_descriptions": 27,
        "campaigns": 6_589,
        "coupon_redemptions": 2_102,
    }
    entities = {
        "customer_record": 2_469,
        "product": 92_331,
        "sales_order": 155_848,
        "transaction_line": 1_469_307,
        "campaign_contact": 6_589,
        "interaction": 2_102,
    }
    kept = {(stage, name): (rows, out, lost) for stage, name, rows, out, lost in counted}
    assert {name: kept["extraction", name] for name in files} == {name: (rows, rows, 0) for name, rows in files.items()}
    contract = {name: found for (stage, name), found in kept.items() if stage != "extraction"}
    assert contract == {name: (rows, rows, 0) for name, rows in entities.items()}


def test_every_line_to_the_cent(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        "select line_id, order_id, record_id, product_id, occurred_at, line_type, quantity,"
        " cast(net_amount * 100 as bigint) as net, cast(discount_amount * 100 as bigint) as discount, currency_code"
        " from core.fct_transaction_line"
    ).df()
    lines = raw.lines()
    text = {name: "journey:" + lines[name].astype(str) for name in ("basket_id", "household_id", "product_id")}
    expected = pd.DataFrame(
        {
            "line_id": text["basket_id"] + "-" + lines["product_id"].astype(str),
            "order_id": text["basket_id"],
            "record_id": text["household_id"],
            "product_id": text["product_id"],
            "occurred_at": lines["transaction_timestamp"],
            "line_type": "sale",
            "quantity": lines["quantity"],
            "net": lines["sales_value"],
            "discount": lines["discount"],
            "currency_code": "USD",
        }
    )
    frames = [frame.sort_values("line_id", ignore_index=True) for frame in (found, expected)]
    pd.testing.assert_frame_equal(*frames, check_dtype=False)


def test_baskets_households_and_money_per_local_month(published: duckdb.DuckDBPyConnection) -> None:
    months = published.execute(
        "select strftime(activity_month, '%Y-%m') as month, order_count, active_customer_count, new_customer_count,"
        " line_count, cast(net_amount * 100 as bigint) as net, currency_code"
        " from marts.mart_finance__activity_by_month order by month"
    ).fetchall()
    grouped = raw.lines().groupby("month")
    news = raw.first_months().value_counts()
    expected = [
        (
            month,
            lines["basket_id"].nunique(),
            lines["household_id"].nunique(),
            int(news.get(month, 0)),
            len(lines),
            int(lines["sales_value"].sum()),
            "USD",
        )
        for month, lines in grouped
    ]
    assert months == expected
    assert len(months) == 12
    assert sum(row[1] for row in months) == 155_848
    assert sum(row[5] for row in months) == raw.lines()["sales_value"].sum()


def test_discounts_are_the_shops_own_and_the_manufacturers_coupons_stay_in_the_revenue(
    published: duckdb.DuckDBPyConnection,
) -> None:
    lines = raw.lines()
    totals = one(
        published,
        "select cast(sum(net_amount) * 100 as bigint), cast(sum(discount_amount) * 100 as bigint)"
        " from core.fct_transaction_line",
    )
    assert totals == (lines["sales_value"].sum(), lines["retail_disc"].sum() + lines["coupon_match_disc"].sum())
    # Where a coupon is worth more than the line brought in, taking it off would have made revenue negative.
    assert int((lines["coupon_disc"] > lines["sales_value"]).sum()) == 3_507


def test_a_household_is_a_customer(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        "select bridge.record_id, customer.order_count, cast(customer.net_amount * 100 as bigint)"
        " from marts.mart_customer__customer_360 as customer"
        " inner join core.bridge_record_customer as bridge"
        " on customer.customer_id = bridge.customer_id and bridge.is_current"
    ).fetchall()
    grouped = raw.lines().groupby("household_id").agg(orders=("basket_id", "nunique"), net=("sales_value", "sum"))
    assert {record: (orders, net) for record, orders, net in found} == {
        f"journey:{household}": (int(row.orders), int(row.net)) for household, row in grouped.iterrows()
    }
    assert len(found) == 2_469


def test_products_and_the_lines_of_unknown_ones(published: duckdb.DuckDBPyConnection) -> None:
    names = published.execute("select product_id, product_name, category_name from core.dim_product").fetchall()
    products = raw.table("products").astype(object).where(lambda frame: frame.notna(), None)
    expected = {}
    for row in products.itertuples():
        package = f", {row.package_size}" if row.package_size else ""
        name = f"{row.product_type}{package}" if row.product_type else None
        expected[f"journey:{row.product_id}"] = (name, row.product_category or row.department)
    assert {product: (name, category) for product, name, category in names} == expected
    unknown = one(
        published,
        "select count(*), count(distinct product_id) from core.fct_transaction_line"
        " where product_id not in (select product_id from core.dim_product)",
    )
    assert unknown == (4_836, 17)


def test_every_mailing_and_its_first_redemption(published: duckdb.DuckDBPyConnection) -> None:
    contacts = published.execute(
        "select contact_id, campaign_id, record_id, arm, cast(contacted_date as varchar),"
        " cast(responded_date as varchar), response_type from core.fct_campaign_contact"
    ).fetchall()
    starts = {row.campaign_id: f"{row.start_date:%Y-%m-%d}" for row in raw.table("campaign_descriptions").itertuples()}
    expected = set()
    for row in raw.table("campaigns").itertuples():
        day = raw.first_redemptions().get((row.campaign_id, row.household_id))
        expected.add(
            (
                f"journey:{row.campaign_id}-{row.household_id}",
                f"journey:{row.campaign_id}",
                f"journey:{row.household_id}",
                "treatment",
                starts[row.campaign_id],
                day,
                "redeemed" if day else None,
            )
        )
    assert set(contacts) == expected
    assert len(contacts) == 6_589
    assert sum(row[5] is not None for row in contacts) == 792


def test_every_redemption(published: duckdb.DuckDBPyConnection) -> None:
    redeemed = published.execute(
        "select split_part(interaction_id, '-', 3), record_id, cast(occurred_date as varchar), interaction_type,"
        " channel from core.fct_interaction"
    ).fetchall()
    expected = [
        (
            str(row.coupon_upc),
            f"journey:{row.household_id}",
            f"{row.redemption_date:%Y-%m-%d}",
            "coupon_redemption",
            "store",
        )
        for row in raw.table("coupon_redemptions").itertuples()
    ]
    assert sorted(redeemed) == sorted(expected)
    assert len(redeemed) == 2_102


def test_the_observation_date_is_the_last_local_day(published: duckdb.DuckDBPyConnection) -> None:
    assert one(published, "select as_of_date from core.dim_observation") == (date(2017, 12, 31),)
    assert raw.lines()["local"].max().date() == date(2017, 12, 31)


def test_the_last_labelled_cut_counts_who_stayed_away(published: duckdb.DuckDBPyConnection) -> None:
    """Households with a basket in the 84 days up to 3 December; churned: none in the 28 days after."""
    days = raw.lines()["local"].dt.tz_localize(None).dt.normalize()
    cut, start = pd.Timestamp("2017-12-03"), pd.Timestamp("2017-12-03") - pd.Timedelta(days=84)
    households = raw.lines()["household_id"]
    eligible = set(households[(days > start) & (days <= cut)])
    stayed = set(households[(days > cut) & (days <= pd.Timestamp("2017-12-31"))])
    model = "select status, test_count, round(churn_share * test_count) from marts.mart_prediction__churn_model"
    assert one(published, model) == ("trained", len(eligible), len(eligible - stayed))


def test_churn_is_learned_and_beats_recency(published: duckdb.DuckDBPyConnection) -> None:
    model = one(
        published,
        "select auc, auc_difference_low, expected_calibration_error from marts.mart_prediction__churn_model",
    )
    auc, difference_low, calibration_error = (float(str(value)) for value in model)
    # Measured: 0.855 against 0.769 by recency alone (difference 0.063 to 0.109), calibration error 0.010. The bounds
    # leave room for other library versions.
    assert auc > 0.83
    assert difference_low > 0.03
    assert calibration_error < 0.03


def test_settlement_is_unknown_without_payments(published: duckdb.DuckDBPyConnection) -> None:
    settlement = one(
        published,
        "select count(*), cast(sum(line_amount) * 100 as bigint), count(paid_amount), count(difference_amount),"
        " count(is_settled) from marts.mart_finance__order_settlement",
    )
    assert settlement == (155_848, raw.lines()["sales_value"].sum(), 0, 0, 0)
