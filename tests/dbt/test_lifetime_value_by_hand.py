"""Histories, contracts, cohorts and margins, worked out by hand on a few customers.

The models' compiled SQL runs on rows written here. The observation date is 2026-06-30; models are judged on the 365
days before it, so that the earlier cut is 2025-06-30.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.dbt.company import Company, Row
from tests.dbt.compiled import CompiledModels

READ = {
    "core": ["bridge_record_customer", "dim_observation", "fct_subscription"],
    "intermediate": [
        *("int_experience_value__customer_day", "int_experience_value__customer_profit"),
        "int_lifetime_value__customer",
    ],
    "scores": ["customer_lifetime"],
}
Run = Callable[[str, dict[str, Sequence[Row]]], list[dict[str, Any]]]


@pytest.fixture
def run(built: Company) -> Iterator[Run]:
    """Runs a model on the rows of the tables that it reads; their other columns are null."""
    with duckdb.connect() as connection:
        models = CompiledModels(connection, built, read=READ)
        models.fill("core.dim_observation", [{"as_of_date": date(2026, 6, 30)}])
        yield models.rows


def bought(customer: str, day: date, amount: float | None, purchases: int = 1) -> Row:
    return {"customer_id": customer, "day_date": day, "purchase_count": purchases, "net_amount": amount}


DAYS = [
    # Two orders of one day are one purchase; a return in March is no purchase and takes its amount off.
    bought("A", date(2025, 1, 1), 100, purchases=2),
    bought("A", date(2025, 3, 1), -30, purchases=0),
    bought("A", date(2025, 6, 30), 50),
    bought("A", date(2025, 7, 1), 20),
    bought("A", date(2026, 6, 30), 10),
    # Bought once, after the earlier cut.
    bought("B", date(2026, 4, 1), 40),
    # Never bought; gave something back only.
    bought("C", date(2026, 4, 1), -5, purchases=0),
]


def test_histories_of_both_cuts(run: Run) -> None:
    rows = run("int_lifetime_value__customer", {"intermediate.int_experience_value__customer_day": DAYS})
    found = {(row["customer_id"], row["is_judged"]): row for row in rows}
    assert set(found) == {("A", False), ("A", True), ("B", False)}
    now = found["A", False]
    assert (now["repeat_count"], now["recency_days"], now["age_days"], now["purchase_count"]) == (3, 545, 545, 4)
    assert (now["net_amount"], now["later_purchase_count"], now["later_net_amount"]) == (150, None, None)
    then = found["A", True]
    assert then["cut_date"] == date(2025, 6, 30)
    assert (then["repeat_count"], then["recency_days"], then["age_days"], then["purchase_count"]) == (1, 180, 180, 2)
    assert (then["net_amount"], then["later_purchase_count"], then["later_net_amount"]) == (120, 2, 30)
    once = found["B", False]
    assert (once["repeat_count"], once["recency_days"], once["age_days"], once["net_amount"]) == (0, 0, 90, 40)


def contract(number: str, started: date, ended: date | None, interval: str = "month", currency: str = "EUR") -> Row:
    return {
        **{"subscription_id": number, "record_id": "r", "billing_interval": interval, "started_date": started},
        **{"ended_date": ended, "recurring_amount": 5, "currency_code": currency},
    }


def test_periods_of_contracts(run: Run) -> None:
    rows = run(
        "int_lifetime_value__contract",
        {
            "core.bridge_record_customer": [{"record_id": "r", "customer_id": "A", "is_current": True}],
            "core.fct_subscription": [
                contract("two_years", date(2023, 8, 2), date(2025, 8, 2)),
                contract("days", date(2026, 1, 1), date(2026, 1, 5)),
                contract("running", date(2026, 3, 31), None),
                contract("new", date(2026, 6, 29), None),
                contract("ends_later", date(2025, 6, 30), date(2026, 7, 30), "year"),
                contract("dollars", date(2025, 6, 30), None, "quarter", "USD"),
                contract("not_begun", date(2026, 7, 1), None),
                contract("for_life", date(2020, 1, 1), None, "once"),
            ],
        },
    )
    notice = {row["subscription_id"]: row["open_days"] for row in rows if row["is_canceled"]}
    # Its end in July is known, so that no renewal comes.
    assert notice == {"ends_later": pytest.approx(0)}
    assert {row["subscription_id"]: row["open_days"] for row in rows if not row["is_ended"]} == {
        "running": pytest.approx(0),
        "new": 1,
        "ends_later": pytest.approx(0),
        "dollars": pytest.approx(0),
    }
    found = {row["subscription_id"]: (row["is_ended"], row["period_count"], row["recurring_amount"]) for row in rows}
    assert found == {
        "two_years": (True, 24, 5),
        "days": (True, 1, 5),
        # 91 days: two full months and all but a third of a day of the third.
        "running": (False, 3, 5),
        "new": (False, 0, 5),
        "ends_later": (False, 1, 5),
        "dollars": (False, 4, None),
    }


def test_a_cohort_is_followed_quarter_by_quarter(run: Run) -> None:
    customers = [
        {"customer_id": customer, "first_date": first, "is_judged": False, "cut_date": date(2026, 6, 30)}
        for customer, first in (("A", date(2025, 1, 1)), ("B", date(2026, 4, 1)))
    ]
    rows = run(
        "mart_value__cohort",
        {
            "intermediate.int_experience_value__customer_day": DAYS,
            "intermediate.int_lifetime_value__customer": customers,
        },
    )
    found = {
        (row["cohort_start"], row["quarter_number"]): (
            row["buyer_count"],
            row["net_amount"],
            row["amount_per_customer"],
        )
        for row in rows
    }
    assert found == {
        (date(2025, 1, 1), 0): (1, 70, 70),
        (date(2025, 1, 1), 1): (1, 50, 120),
        (date(2025, 1, 1), 2): (1, 20, 140),
        # The quarters that somebody bought in, and the last: 2025-10 and 2026-01 had nobody.
        (date(2025, 1, 1), 5): (1, 10, 150),
        (date(2026, 4, 1), 0): (1, 40, 40),
    }


def test_the_margin_of_few_purchases_is_everybodys(run: Run) -> None:
    """A earned 60 on 100, B 0 on 300: 60 / 400 = 0.15 in all, 200 on average. The weight of one average customer added,
    A has (60 + 30) / (100 + 200) = 0.3, B 30 / 500 = 0.06; C has no profit that is known, so 0.15.
    """
    lifetimes = [
        {"customer_id": customer, "model": "pareto_nbd", "expected_amount": amount, "discounted_amount": amount}
        for customer, amount in (("A", 100.0), ("B", 50.0), ("C", 10.0))
    ]
    profits = [
        {"customer_id": customer, "period": "life", "profit_amount": profit, "net_amount": amount}
        for customer, profit, amount in (("A", 60, 100), ("B", 0, 300), ("C", None, 80))
    ]
    contract_only = [{"customer_id": "D", "contract_amount": 20.0}, {"customer_id": "E"}]
    rows = run(
        "mart_value__lifetime",
        {
            "scores.customer_lifetime": [*lifetimes, *contract_only],
            "intermediate.int_experience_value__customer_profit": profits,
        },
    )
    found = {row["customer_id"]: row for row in rows}
    margins = {customer: row["discounted_margin_amount"] for customer, row in found.items()}
    assert margins == {
        "A": pytest.approx(30),
        "B": pytest.approx(3),
        "C": pytest.approx(1.5),
        "D": None,
        "E": None,
    }
    # Ranks 0, 1/4, 2/4, 3/4, 1 by 100, 50, 20, 10 and nothing: below 0.1 high, below 0.4 middle.
    assert {customer: row["value_tier"] for customer, row in found.items()} == {
        "A": "high",
        "B": "middle",
        "C": "low",
        "D": "low",
        "E": "unknown",
    }
