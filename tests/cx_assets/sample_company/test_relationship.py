"""The relationship moves leaving, spending, visits and answers by the stated sizes, and nothing in the null company."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from cx_assets.sample_company.parameters import Effects

PERIOD = pd.Timedelta(days=30)


def _orders_after_cuts(company):
    """Customers who were there before a cut and did not leave in the period after it, with the orders in it."""
    who = f"'{company.truth_files}/record_customer.parquet'"
    return duckdb.sql(
        f"""with sold as (
            select who.true_customer_id, cast(ordered_at as date) as ordered_on
            from '{company.files}/shop/orders/*.parquet' as o
            join {who} as who on who.record_id = o.customer_system || ':' || o.customer_no
            where o.status <> 'canceled')
        select cut.cut_date, cut.relationship, customer.purchase_rate, (
            select count(*) from sold
            where sold.true_customer_id = cut.true_customer_id
            and sold.ordered_on > cut.cut_date and sold.ordered_on <= cut.cut_date + interval 30 day) as orders
        from '{company.truth_files}/customer_cut.parquet' as cut
        join '{company.truth_files}/customer.parquet' as customer using (true_customer_id)
        where cut.is_active and not cut.has_left"""
    ).df()


def _rate_slope(rows):
    """Poisson regression of the orders on the relationship, each cut with its own level, rates given; slope and error.

    With the levels profiled out the score is sum(relationship x (orders - expected)); the error is the sandwich's.
    """
    parts = [
        (group["relationship"].to_numpy(), group["orders"].to_numpy(float), group["purchase_rate"].to_numpy())
        for _, group in rows.groupby("cut_date")
    ]

    def fitted(slope):
        for x, orders, rate in parts:
            weight = rate * np.exp(slope * x)
            yield x - (weight @ x) / weight.sum(), orders, orders.sum() * weight / weight.sum()

    slope = brentq(lambda value: sum(x @ (orders - mean) for x, orders, mean in fitted(value)), -2, 2)
    information = sum((mean * x * x).sum() for x, _, mean in fitted(slope))
    spread = sum((((orders - mean) * x) ** 2).sum() for x, orders, mean in fitted(slope))
    return slope, np.sqrt(spread) / information


def test_a_closer_customer_buys_more_by_the_stated_factor(company):
    slope, error = _rate_slope(_orders_after_cuts(company))
    assert error < 0.05
    assert abs(slope - Effects().relationship_rate) < 4 * error


def test_in_the_null_company_a_closer_customer_buys_no_more(null_company):
    slope, error = _rate_slope(_orders_after_cuts(null_company))
    assert abs(slope) < 4 * error


def _spending_after_answers(company):
    """Answers to the NPS question at least half a year before the end: score, and spending in the 182 days after."""
    who = f"'{company.truth_files}/record_customer.parquet'"
    return duckdb.sql(
        f"""with answer as (
            select who.true_customer_id as customer, r.responded_at, r.score
            from '{company.files}/survey/responses/*.parquet' as r
            join {who} as who on who.record_id = r.customer_system || ':' || r.customer_no
            where r.metric = 'nps' and r.score <> 99 and r.responded_at < '2025-12-31'),
        line as (
            select who.true_customer_id as customer, l.booked_at, cast(l.net_amount as double) as amount
            from '{company.files}/shop/lines/*.parquet' as l
            join {who} as who on who.record_id = l.customer_system || ':' || l.customer_no)
        select score, coalesce((
            select sum(amount) from line where line.customer = answer.customer
            and line.booked_at > answer.responded_at
            and line.booked_at < answer.responded_at + interval 182 day), 0) as spending
        from answer"""
    ).df()


def _promoters_over_detractors(rows):
    """Difference of the mean spending and its standard error."""
    groups = [rows.loc[here, "spending"] for here in (rows["score"] >= 9, rows["score"] <= 6)]
    error = np.sqrt(sum(group.var() / len(group) for group in groups))
    return groups[0].mean() - groups[1].mean(), error


def test_promoters_spend_more_than_detractors_in_the_next_half_year(company):
    more, error = _promoters_over_detractors(_spending_after_answers(company))
    assert more > 3 * error


def test_in_the_null_company_promoters_spend_as_detractors_do(null_company):
    more, error = _promoters_over_detractors(_spending_after_answers(null_company))
    assert abs(more) < 4 * error


def test_customers_leave_on_any_day(company):
    left = pd.to_datetime(company.truth("departure")["left_on"])
    # The first period begins on 2023-07-17: 36 x 30 days before 2026-07-01.
    day = (left - pd.Timestamp("2023-07-17")).dt.days % PERIOD.days
    counts = day.value_counts().reindex(range(30), fill_value=0)
    expected = len(left) / 30
    assert expected > 200
    assert ((counts - expected) ** 2 / expected).sum() < 29 + 4.5 * np.sqrt(2 * 29)


def test_nobody_orders_after_leaving_unless_they_return(company):
    rows = duckdb.sql(
        f"""with who as (from '{company.truth_files}/record_customer.parquet'),
        left_once as (
            select true_customer_id, min(left_on) as left_on, count(*) as times
            from '{company.truth_files}/departure.parquet' group by all)
        select o.ordered_at::date - left_once.left_on as days
        from '{company.files}/shop/orders/*.parquet' as o
        join who on who.record_id = o.customer_system || ':' || o.customer_no
        join left_once using (true_customer_id)
        where o.ordered_at::date > left_once.left_on"""
    ).df()["days"]
    # A return begins a period: within the period of leaving there is no order any more, the next may bring them back.
    first = rows[rows <= PERIOD.days]
    assert len(first) < 0.02 * len(rows) + 20


@pytest.mark.parametrize(("late", "expected"), [(True, -0.5), (False, 0.0)])
def test_a_late_delivery_takes_half_a_unit(company, late, expected):
    """Of customers at their class's value before, one period of experience moves the relationship as stated."""
    cuts = company.truth("customer_cut").sort_values(["true_customer_id", "cut_date"])
    before = cuts.groupby("true_customer_id")["relationship"].shift()
    plain = before.isin([-1.2, 0.0, 1.2]) & ~cuts["has_open_complaint"]
    rows = cuts[plain & (cuts["has_late_delivery"] == late)]
    moved = (rows["relationship"] - before[rows.index]).round(6)
    # A complaint that was won back in the same period adds 0.7.
    assert set(moved) <= {expected, round(expected + 0.7, 6)}
    assert (moved == expected).mean() > 0.8
