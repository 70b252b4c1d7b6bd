"""Metrics of the sample company are the numbers of its marts, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.semantic.layer import MetricLayer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def metrics(sample_publication: Path) -> Iterator[MetricLayer]:
    with MetricLayer.open(sample_publication) as layer:
        yield layer


def mart(publication: Path, query: str) -> pd.DataFrame:
    with duckdb.connect(str(publication), read_only=True) as connection:
        return connection.execute(query).df()


def assert_equal(answer: pd.DataFrame, published: pd.DataFrame, keys: Sequence[str]) -> None:
    """The same keys, and in every column of the published table the same value or the same null."""
    left = answer.sort_values(list(keys), na_position="last").reset_index(drop=True)
    right = published.sort_values(list(keys), na_position="last").reset_index(drop=True)
    assert len(right) > 0
    assert left[list(keys)].astype(str).to_numpy().tolist() == right[list(keys)].astype(str).to_numpy().tolist()
    for name in published.columns.difference(list(keys)):
        found = left[name].astype("float64").to_numpy()
        expected = right[name].astype("float64").to_numpy()
        assert np.array_equal(np.isnan(found), np.isnan(expected)), name
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-9, equal_nan=True), name


@pytest.mark.parametrize("score", ["nps", "csat", "ces"])
def test_scores(metrics: MetricLayer, sample_publication: Path, score: str) -> None:
    hits = {"nps": "nps_promoters", "csat": "csat_satisfied", "ces": "ces_easy"}[score]
    keys = ["month", "touchpoint", "survey_type", "scale_min", "scale_max"]
    answer = metrics.query([score, hits], by=keys[1:], grain="month", where=f"score_type = '{score}'")
    published = mart(
        sample_publication,
        f"""
        select period_start as month, touchpoint, survey_type, scale_min, scale_max,
            response_count as {score}_answers, favourable_count as {hits}, is_suppressed,
            case when not is_suppressed then score_value end as {score},
            case when not is_suppressed then interval_low end as {score}_low,
            case when not is_suppressed then interval_high end as {score}_high,
            effective_count
        from marts.mart_experience__score where metric = '{score}' and period = 'month' and cut = 'touchpoint'
        """,
    )
    assert published["is_suppressed"].any()
    assert not published["is_suppressed"].all()
    # A metric's interval is that of a simple sample; the mart's is wider where customers answered several times.
    left, right = (frame.sort_values(keys).reset_index(drop=True) for frame in (answer, published))
    is_simple = right["effective_count"] > right[f"{score}_answers"] - 1e-9
    right, low, high = right.drop(columns="effective_count"), f"{score}_low", f"{score}_high"
    assert_equal(left, right.drop(columns=[low, high]), keys)
    assert_equal(left[is_simple], right[is_simple], keys)
    wider = (right[high] - right[low] - (left[high] - left[low]).astype("float64"))[
        ~is_simple & ~right["is_suppressed"]
    ]
    assert (wider > 0).all()


@pytest.mark.parametrize("score", ["nps", "csat", "ces", "expectation"])
def test_mean_scores(metrics: MetricLayer, sample_publication: Path, score: str) -> None:
    keys = ["month", "touchpoint", "survey_type", "scale_min", "scale_max"]
    answer = metrics.query([f"{score}_mean_score"], by=keys[1:], grain="month", where=f"score_type = '{score}'")
    published = mart(
        sample_publication,
        f"""
        select score_month as month, touchpoint, survey_type, scale_min, scale_max, response_count as {score}_answers,
            case when not is_suppressed then mean_score end as {score}_mean_score
        from marts.mart_experience__score_by_touchpoint_month where metric = '{score}'
        """,
    )
    assert_equal(answer, published, keys)


def test_response(metrics: MetricLayer, sample_publication: Path) -> None:
    keys = ["month", "touchpoint", "survey_type"]
    answer = metrics.query(["response_rate", "answered_invitations"], by=keys[1:], grain="month")
    published = mart(
        sample_publication,
        """
        select invited_month as month, touchpoint, survey_type, invited_count as invitations,
            answered_count as answered_invitations, is_suppressed,
            case when not is_suppressed then response_share end as response_rate,
            case when not is_suppressed then interval_low end as response_rate_low,
            case when not is_suppressed then interval_high end as response_rate_high
        from marts.mart_experience__response_by_touchpoint_month
        """,
    )
    assert_equal(answer, published, keys)


def test_activity(metrics: MetricLayer, sample_publication: Path) -> None:
    answer = metrics.query(
        [
            *("active_customers", "new_customers", "orders", "anonymous_orders", "canceled_orders", "sales_lines"),
            *("net_revenue", "returns", "shipping_revenue", "payments"),
        ],
        grain="month",
        by=["currency"],
    )
    published = mart(
        sample_publication,
        """
        select activity_month as month, currency_code as currency, active_customer_count as active_customers,
            new_customer_count as new_customers, order_count as orders, anonymous_order_count as anonymous_orders,
            canceled_order_count as canceled_orders, line_count as sales_lines, net_amount as net_revenue,
            return_amount as returns, shipping_amount as shipping_revenue, paid_amount as payments
        from marts.mart_finance__activity_by_month
        """,
    )
    assert_equal(answer, published, ["month", "currency"])


CUSTOMER_COUNTS = {
    "orders": "order_count",
    "purchases": "purchase_count",
    "answers": "response_count",
    "nps_answers": "nps_response_count",
    "csat_answers": "csat_response_count",
    "ces_answers": "ces_response_count",
    "tickets": "ticket_count",
    "complaints": "complaint_count",
    "open_tickets": "open_ticket_count",
    "contacts": "interaction_count",
    "campaign_contacts": "campaign_contact_count",
    "campaign_responses": "campaign_response_count",
}


@pytest.mark.parametrize(("metric", "column"), CUSTOMER_COUNTS.items())
def test_counts_of_customers(metrics: MetricLayer, sample_publication: Path, metric: str, column: str) -> None:
    answer = metrics.query([metric], by=["customer"], where="customer is not null")
    published = mart(
        sample_publication,
        f"select customer_id as customer, {column} as {metric} from marts.mart_customer__customer_360 "
        f"where {column} > 0",
    )
    assert_equal(answer[answer[metric] > 0], published, ["customer"])


def test_money_of_customers(metrics: MetricLayer, sample_publication: Path) -> None:
    published = mart(
        sample_publication,
        """
        select customer_id as customer, currency_code as currency, net_amount as net_revenue, return_amount as returns,
            shipping_amount as shipping_revenue
        from marts.mart_customer__customer_360 where net_amount <> 0 or return_amount <> 0
        """,
    )
    where = f"customer is not null and currency = '{published['currency'][0]}'"
    answer = metrics.query(["net_revenue", "returns", "shipping_revenue"], by=["customer"], where=where)
    told = answer[(answer["net_revenue"] != 0) | (answer["returns"] != 0)]
    assert_equal(told, published, ["customer", "currency"])
    means = mart(
        sample_publication,
        "select customer_id as customer, mean_purchase_amount as average_order_value "
        "from marts.mart_customer__customer_360 where mean_purchase_amount is not null",
    )
    answer = metrics.query(["average_order_value"], by=["customer"], where=where)
    assert_equal(answer.dropna(subset=["average_order_value"]), means, ["customer"])


def test_customers_by_segment(metrics: MetricLayer, sample_publication: Path) -> None:
    answer = metrics.query(["customers"], by=["rfm_segment"])
    published = mart(
        sample_publication,
        "select rfm_segment, count(*) as customers from marts.mart_customer__customer_360 group by rfm_segment",
    )
    assert_equal(answer, published, ["rfm_segment"])
