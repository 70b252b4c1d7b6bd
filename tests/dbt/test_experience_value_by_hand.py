"""The cohort of answers, revenue at risk and profit, worked out by hand on few rows.

The models' compiled SQL runs on rows written here, in a database of its own. Outcomes are followed for 20 days, silence
is 10 days or three medians, a complaint belongs to a purchase for 5 days.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt.company import Company, Row

Run = Callable[..., list[dict[str, Any]]]
READ = {
    "core": [
        *("bridge_record_customer", "dim_customer", "dim_observation", "fct_answer", "fct_campaign_contact"),
        *("fct_interaction", "fct_referral", "fct_subscription", "fct_ticket", "fct_transaction_line"),
    ],
    "intermediate": [
        *("int_sales__order", "int_experience_value__answer", "int_experience_value__cohort"),
        "int_experience_value__happening",
        *("int_experience_value__customer_cost", "int_experience_value__customer_day"),
        *("int_experience_value__kept_moment", "int_experience_value__known_before", "int_experience_value__moment"),
        "int_experience_value__weak_touchpoint",
    ],
    "marts": ["mart_value__bad_experience"],
}
FIRST = date(2026, 1, 1)


def day(number: int) -> date:
    """Days are counted from the first of January; the observation date is day 89, the last of March."""
    return FIRST + timedelta(days=number)


@pytest.fixture
def run(built: Company) -> Iterator[Run]:
    """Fills tables and models in order; returns the rows of the last model."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.warehouse}' as built (read_only)")
        connection.execute("attach ':memory:' as cx; use cx")
        for schema, tables in READ.items():
            connection.execute(f"create schema {schema}")
            for table in tables:
                connection.execute(f"create table {schema}.{table} as from built.{schema}.{table} limit 0")

        def insert(table: str, rows: Sequence[Row]) -> None:
            for row in rows:
                places = ", ".join("?" * len(row))
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({places})", list(row.values()))

        def run_models(tables: dict[str, Sequence[Row]], *models: str) -> list[dict[str, Any]]:
            insert("core.dim_observation", [{"as_of_date": day(89), "snapshot_sequence": 1}])
            insert(
                "core.bridge_record_customer",
                [{"record_id": f"r{c}", "customer_id": c, "is_current": True} for c in "AB"],
            )
            insert("core.dim_customer", [{"customer_id": c, "customer_type": "person"} for c in "AB"])
            for table, rows in tables.items():
                insert(table, rows)
            for model in models[:-1]:
                connection.execute(f"insert into intermediate.{model} {sql(model)}")
            found = connection.execute(sql(models[-1]))
            columns = [column[0] for column in found.description or []]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

        def sql(model: str) -> str:
            [compiled] = (built.folder / "target" / "compiled").rglob(f"{model}.sql")
            return compiled.read_text()

        yield run_models


def answer(number: int, score: float, *, metric: str = "nps", customer: str = "A", **more: Any) -> dict[str, Any]:
    top = {"nps": (0, 10), "csat": (1, 5)}[metric]
    return {
        **{"response_id": f"{customer}{number}{metric}", "question_id": "q", "record_id": f"r{customer}"},
        **{"metric": metric, "scale_min": top[0], "scale_max": top[1], "score": score, "answer_fate": "counted"},
        **{"channel": "email", "touchpoint": "store", "responded_date": day(number), "responded_at": day(number)},
        **more,
    }


def order(number: int, customer: str = "A", **more: Any) -> dict[str, Any]:
    return {
        **{"order_id": f"{customer}{number}", "record_id": f"r{customer}", "purchase_date": day(number)},
        **{"is_order": True, "is_purchase": True, "has_promise": False, "is_late": False, "currency_code": "EUR"},
        **more,
    }


def line(number: int, amount: float, customer: str = "A", **more: Any) -> dict[str, Any]:
    return {
        **{"line_id": f"{customer}{number}{amount}", "order_id": f"{customer}{number}", "record_id": f"r{customer}"},
        **{"occurred_date": day(number), "net_amount": amount, "currency_code": "EUR", "line_type": "sale"},
        **more,
    }


CHAIN = [
    f"int_experience_value__{name}"
    for name in ("customer_day", "answer", "moment", "kept_moment", "known_before", "happening", "cohort")
]


def test_an_answer_with_what_was_known_before_and_what_came_after(run: Run) -> None:
    tables: dict[str, Sequence[Row]] = {
        # Bought on days 10, 14, 20 (gaps 4 and 6), on that of the answer, which is on neither side, on 30 and 60.
        "intermediate.int_sales__order": [order(n) for n in (10, 14, 20, 25, 30, 60)],
        "core.fct_transaction_line": [
            *(line(10, 10), line(14, 20), line(20, 30), line(25, 999), line(30, 40), line(60, 50)),
            # A dollar is added to nothing.
            line(30, 7, currency_code="USD", line_id="usd"),
        ],
        # Day 40 lies 15 after day 25: not kept. Day 45 lies 20 after it, and 44 before the observation date.
        # Day 70 has only 19 days to the end.
        "core.fct_answer": [answer(25, 9), answer(40, 2), answer(45, 3), answer(70, 10)],
        "core.fct_ticket": [
            {"ticket_id": f"t{n}", "record_id": "rA", "opened_date": day(n), "is_complaint": False}
            for n in (24, 25, 45, 46)
        ],
        "core.fct_referral": [{"referral_id": "f", "record_id": "rA", "referred_date": day(45)}],
    }
    rows = sorted(run(tables, *CHAIN), key=lambda row: row["moment_date"])
    assert [row["moment_date"] for row in rows] == [day(25), day(45)]
    first, second = rows
    known = {
        **{"tenure_days": 14, "recency_days": 4, "median_gap_days": 5.0, "purchase_count_90": 3},
        **{"net_amount_90": 60.0, "net_amount_365": 60.0, "previous_answer_count": 0, "ticket_count_90": 1},
    }
    assert {name: first[name] for name in known} == known
    # Days 26 to 45: 40 EUR on day 30, the ticket and the referral of day 45. Silence is 15 days, three medians.
    later = {
        **{"later_net_amount": 40.0, "later_order_count": 1, "is_repeat": True, "later_ticket_count": 1},
        **{"later_referral_count": 1, "is_silent": False, "is_bad": False, "had_bad_before": False},
    }
    assert {name: first[name] for name in later} == later
    # Bought again on day 60, after day 40: has not left.
    assert first["has_left"] is False
    # Day 40 was bad, 5 days before. Gaps until day 44 are 4, 6, 5, 5: the median is 5 again, silence ends on day 60.
    assert (second["had_bad_before"], second["is_bad"], second["previous_answer_count"]) == (True, True, 2)
    assert (second["recency_days"], second["later_net_amount"], second["is_silent"]) == (14, 50.0, False)
    # Nothing after day 60, the last of the silence; as many days again end on day 75.
    assert second["has_left"] is True


def test_csat_answers_of_a_day_are_one_moment_and_bad_if_any_is(run: Run) -> None:
    answers = [answer(25, 5, metric="csat"), answer(25, 2, metric="csat", question_id="other")]
    [row] = run({"core.fct_answer": answers}, *CHAIN[1:3])
    # 5 of 1 to 5 is 1, 2 is 0.25.
    assert (row["moment_kind"], row["score_share"], row["is_bad"]) == ("csat", 0.625, True)


def test_parcels_and_purchases_are_moments_good_or_bad(run: Run) -> None:
    promised = {"has_promise": True, "promised_date": day(15)}
    tables: dict[str, Sequence[Row]] = {
        "intermediate.int_sales__order": [
            order(10, **promised, delivered_date=day(16), is_late=True),
            order(10, "B", **promised, delivered_date=day(15), is_late=True),
        ],
        # On the fifth day after the purchase; that of B comes a day too late.
        "core.fct_ticket": [
            {"ticket_id": "t1", "record_id": "rA", "opened_date": day(15), "is_complaint": True},
            {"ticket_id": "t2", "record_id": "rB", "opened_date": day(16), "is_complaint": True},
        ],
    }
    found = {(row["moment_kind"], row["customer_id"]): row for row in run(tables, "int_experience_value__moment")}
    assert {key: (row["moment_date"], row["known_until_date"], row["is_bad"]) for key, row in found.items()} == {
        ("late_delivery", "A"): (day(15), day(9), True),
        # Later than promised, on the promised day itself: not more than 0 days late.
        ("late_delivery", "B"): (day(15), day(9), False),
        ("complaint", "A"): (day(15), day(9), True),
        ("complaint", "B"): (day(15), day(9), False),
    }


def test_the_late_parcel_of_a_purchase_is_told_apart_from_those_before_it(run: Run) -> None:
    late = {"has_promise": True, "is_late": True}
    tables: dict[str, Sequence[Row]] = {
        "intermediate.int_sales__order": [
            order(10, **late, promised_date=day(12), delivered_date=day(13)),
            order(25, **late, promised_date=day(27), delivered_date=day(28)),
        ],
        "core.fct_ticket": [{"ticket_id": "t", "record_id": "rA", "opened_date": day(29), "is_complaint": True}],
    }
    rows = {row["moment_date"]: row for row in run(tables, *CHAIN) if row["moment_kind"] == "complaint"}
    told = {date: (row["is_bad"], row["late_count_90"], row["late_order_count"]) for date, row in rows.items()}
    # Five days after each purchase; what came late by the day before the second one is the first parcel alone.
    assert told == {day(15): (False, 0, 1), day(30): (True, 1, 1)}


def test_revenue_at_risk_by_the_last_answer(run: Run) -> None:
    tables: dict[str, Sequence[Row]] = {
        "core.fct_answer": [
            # A was content, then not; B the other way round.
            *(answer(20, 5, metric="csat"), answer(50, 1, metric="csat")),
            *(answer(20, 1, metric="csat", customer="B"), answer(50, 5, metric="csat", customer="B")),
            # The same of NPS, after which no more are claimed to leave.
            *(answer(20, 10), answer(50, 1)),
        ],
        "intermediate.int_sales__order": [order(10)],
        "core.fct_transaction_line": [line(10, 200), line(-400, 1000, order_id="old")],
        "marts.mart_value__bad_experience": [
            {"experience": "csat", "status": "stated", "adjusted_difference": 0.1, "adjusted_low": 0.02}
            | {"adjusted_high": 0.25, "is_claim": True},
            {"experience": "nps", "status": "stated", "adjusted_difference": 0.1, "adjusted_low": -0.02}
            | {"adjusted_high": 0.25, "is_claim": False},
        ],
    }
    names = [
        "int_experience_value__answer",
        "int_experience_value__customer_day",
        "int_experience_value__weak_touchpoint",
    ]
    found = {row["metric"]: row for row in run(tables, *names, "mart_value__touchpoint_risk")}
    row = found["csat"]
    assert (row["touchpoint"], row["answered_customer_count"], row["weak_customer_count"]) == ("store", 2, 1)
    # 200 EUR in the last year times 10%, 2% and 25%.
    amounts = ("weak_net_amount", "at_risk_amount", "at_risk_low", "at_risk_high")
    assert (row["status"], row["reason"]) == ("stated", None)
    assert [row[name] for name in amounts] == [Decimal(200), Decimal(20), Decimal(4), Decimal(50)]
    row = found["nps"]
    assert (row["status"], row["extra_loss_share"], row["extra_loss_low"]) == ("not_claimed", 0.1, -0.02)
    assert row["reason"].startswith("Not claimed: chance alone could make the difference")
    assert [row[name] for name in amounts] == [Decimal(200), None, None, None]


def test_no_revenue_is_at_risk_where_fewer_leave_or_nothing_is_known(run: Run) -> None:
    tables: dict[str, Sequence[Row]] = {
        "core.fct_answer": [answer(50, 1, metric="csat"), answer(50, 1)],
        "intermediate.int_sales__order": [order(10)],
        "core.fct_transaction_line": [line(10, 200)],
        "marts.mart_value__bad_experience": [
            {"experience": "csat", "status": "stated", "adjusted_difference": -0.1, "adjusted_low": -0.15}
            | {"adjusted_high": -0.05, "is_claim": True}
        ],
    }
    names = [
        "int_experience_value__answer",
        "int_experience_value__customer_day",
        "int_experience_value__weak_touchpoint",
    ]
    found = {row["metric"]: row for row in run(tables, *names, "mart_value__touchpoint_risk")}
    assert {metric: (row["status"], row["at_risk_amount"]) for metric, row in found.items()} == {
        "csat": ("not_claimed", None),
        "nps": ("refused", None),
    }


def test_profit_by_hand_and_unknown_where_a_cost_is(run: Run) -> None:
    cost = {"currency_code": "EUR"}
    tables: dict[str, Sequence[Row]] = {
        "core.fct_transaction_line": [
            line(10, 100, cost_amount=60, shipping_amount=5),
            line(12, -30, cost_amount=-18, line_type="return"),
            line(-400, 50, cost_amount=20, order_id="old"),
            *(line(10, 80, "B", cost_amount=50), line(11, 20, "B")),
        ],
        "core.fct_ticket": [{"ticket_id": "t", "record_id": "rA", "opened_date": day(11), "cost_amount": 8, **cost}],
        "core.fct_interaction": [
            {"interaction_id": "i", "record_id": "rA", "occurred_date": day(11), "interaction_type": "call"}
            | {"cost_amount": 3, **cost},
            # Of a visit no cost is ever known.
            {"interaction_id": "j", "record_id": "rA", "occurred_date": day(11), "interaction_type": "visit"},
        ],
        "core.fct_campaign_contact": [
            {
                "contact_id": "k",
                "record_id": "rA",
                "contacted_date": day(11),
                "arm": "treatment",
                "cost_amount": 1,
                **cost,
            },
            {
                "contact_id": "l",
                "record_id": "rA",
                "contacted_date": day(11),
                "arm": "control",
                "cost_amount": 9,
                **cost,
            },
        ],
    }
    rows = run(tables, "int_experience_value__customer_cost", "int_experience_value__customer_profit")
    found = {(row["customer_id"], row["period"]): row for row in rows}
    # 100 - 60 - 30 + 18 = 28 in the year and 30 before it; less 8, 3 and 1.
    assert found["A", "last_365_days"]["gross_margin_amount"] == 28
    assert found["A", "last_365_days"]["profit_amount"] == 16
    assert found["A", "life"]["profit_amount"] == 46
    assert (found["A", "life"]["net_amount"], found["A", "life"]["contact_count"]) == (120, 1)
    # One line of two has a cost: the margin is that of the one, and the profit is not known. Tickets: none, so 0.
    assert found["B", "life"]["gross_margin_amount"] == 30
    assert (found["B", "life"]["costed_line_share"], found["B", "life"]["profit_amount"]) == (0.5, None)
    assert found["B", "life"]["ticket_cost_amount"] == 0
