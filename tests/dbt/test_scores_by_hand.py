"""Effective numbers, intervals, weights and tested changes of scores, worked out by hand on few answers.

The models' compiled SQL runs on rows written here, in a database of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import duckdb
import pytest
from scipy import stats

from tests.dbt.company import Company, Row
from tests.dbt.compiled import CompiledModels

CELL = {
    **{"period": "month", "period_start": date(2026, 3, 1), "cut": "touchpoint", "touchpoint": "store"},
    **{"channel": "all", "product_category": "all", "segment": "all", "survey_type": "transactional"},
    **{"metric": "nps", "scale_min": 0.0, "scale_max": 10.0},
}
Run = Callable[[str, dict[str, Sequence[Row]]], list[dict[str, Any]]]


@pytest.fixture
def run(built: Company) -> Iterator[Run]:
    """Runs a model on the rows of the models that it reads; their other columns are null."""
    with duckdb.connect() as connection:
        models = CompiledModels(connection, built)
        models.fill("core.dim_observation", [{"as_of_date": date(2026, 3, 31), "snapshot_sequence": 1}])
        yield models.rows


def answer(response_id: str, customer: str | None, score: float, **more: Any) -> dict[str, Any]:
    point = 1 if score >= 9 else -1 if score <= 6 else 0
    return {
        **{name: CELL[name] for name in ("touchpoint", "survey_type", "metric", "scale_min", "scale_max")},
        **{"response_id": response_id, "question_id": "q", "record_id": customer, "channel": "email"},
        **{"product_category": "books", "score": score, "answer_point": point, "answer_fate": "counted"},
        **{"responded_date": date(2026, 3, 2)},
        **more,
    }


def bridge(**customers: str) -> list[Row]:
    return [
        {"record_id": record, "customer_id": customer, "is_current": True} for record, customer in customers.items()
    ]


def score_of(run: Run, answers: Sequence[Row], bridged: Sequence[Row], **of: str) -> dict[str, Any]:
    """The score of one cell of the answers: all of March unless told otherwise."""
    tables = {"core.fct_answer": answers, "core.bridge_record_customer": bridged}
    cells = run("int_experience__score_cell", tables)
    chosen = {"period": "month", "cut": "all", **of}
    wanted = [cell for cell in cells if all(cell[name] == value for name, value in chosen.items())]
    [score] = run("mart_experience__score", {"intermediate.int_experience__score_cell": wanted})
    return score


def test_customers_who_answer_twice_tell_less(run: Run) -> None:
    """Two records of customer A say 10 and 10, B says 0, C says 8.

    A point varies by 2/4 + 1/4 - (1/4)^2 = 0.6875. By customers the sums are 2 of two, -1 and 0 of one each: their
    distances from the mean add up to 5 - 2 * 3/4 + 6/16 = 3.875, over 4, times (3/2) / (4/3).
    """
    answers = [answer("1", "r1", 10), answer("2", "r2", 10), answer("3", "r3", 0), answer("4", "r4", 8)]
    score = score_of(run, answers, bridge(r1="A", r2="A", r3="B", r4="C"))
    effect = 3.875 / 4 / 0.6875 * 1.5 * 0.75
    assert (score["response_count"], score["customer_count"], score["score_value"]) == (4, 3, 25)
    assert score["effective_count"] == pytest.approx(4 / effect) == pytest.approx(2.52330, abs=1e-5)
    # Adjusted Wald on 2.5233 answers: (1.26165 + 0.75) and (0.63082 + 0.75) of 5.5233.
    p, d = 2.01165 / 5.52330, 1.38082 / 5.52330
    half = 1.959964 * ((p + d - (p - d) ** 2) / 5.52330) ** 0.5
    assert score["interval_low"] == pytest.approx(100 * (p - d - half), abs=0.01)
    assert score["interval_high"] == pytest.approx(100 * (p - d + half), abs=0.01)


def test_answers_of_as_many_customers_are_a_simple_sample(run: Run) -> None:
    """Anonymous answers are each one of its own, though no customer is known."""
    answers = [answer("1", None, 10), answer("2", None, 10), answer("3", "r3", 0), answer("4", "r4", 8)]
    score = score_of(run, answers, bridge(r3="B", r4="C"))
    assert (score["customer_count"], score["effective_count"]) == (4, pytest.approx(4, abs=1e-12))
    # Student's t with three degrees of freedom around 7, the variance over n - 1.
    deviation = ((9 + 9 + 49 + 1) / 3) ** 0.5 / 2
    assert score["mean_score"] == 7
    assert score["mean_low"] == pytest.approx(7 - stats.t.ppf(0.975, 3) * deviation, abs=0.02)
    assert score["weighted_value"] is score["weighted_low"] is score["weighted_effective_count"] is None


def test_one_customer_is_one_answer(run: Run) -> None:
    answers = [answer(str(number), "r1", score) for number, score in enumerate((10, 10, 0))]
    score = score_of(run, answers, bridge(r1="A"))
    assert (score["customer_count"], score["effective_count"], score["mean_low"]) == (1, 1, None)


def test_customers_who_all_say_the_same_count_once_each(run: Run) -> None:
    """Three answers of A and one of B: nothing varies, so 4^2 / (3^2 + 1^2) answers tell as much."""
    answers = [answer(str(number), record, 10) for number, record in enumerate(("r1", "r1", "r1", "r2"))]
    score = score_of(run, answers, bridge(r1="A", r2="B"))
    assert (score["score_value"], score["effective_count"]) == (100, pytest.approx(1.6))


def test_weights_stand_beside_the_raw_score(run: Run) -> None:
    """Weights 3, 1, 1 and 1 on a promoter, a promoter, a detractor and a passive: (4 - 1) / 6; Kish 6^2 / 12."""
    answers = [
        answer(str(number), None, score, weight=weight)
        for number, (score, weight) in enumerate(((10, 3), (9, 1), (0, 1), (8, 1)))
    ]
    score = score_of(run, answers, [])
    assert (score["score_value"], score["weighted_value"]) == (25, pytest.approx(50))
    assert (score["weighted_response_count"], score["weighted_effective_count"]) == (4, pytest.approx(3))
    assert score["weighted_mean_score"] == pytest.approx((30 + 9 + 0 + 8) / 6)


def test_customers_who_balance_out_take_nothing_from_the_weighted_score(run: Run) -> None:
    """A and B both say 10 and 0, all with weight 1.1: no spread between customers, four answers by Kish."""
    answers = [
        answer(str(number), record, score, weight=1.1)
        for number, (record, score) in enumerate((("r1", 10), ("r1", 0), ("r2", 10), ("r2", 0)))
    ]
    score = score_of(run, answers, bridge(r1="A", r2="B"))
    assert (score["weighted_value"], score["weighted_effective_count"]) == (pytest.approx(0), pytest.approx(4))
    assert score["weighted_low"] < 0 < score["weighted_high"]


@pytest.mark.parametrize(
    ("period", "first_day", "last_day"),
    [
        ("day", date(2026, 3, 2), date(2026, 3, 2)),
        ("week", date(2026, 3, 2), date(2026, 3, 8)),
        ("month", date(2026, 3, 1), date(2026, 3, 31)),
        ("quarter", date(2026, 1, 1), date(2026, 3, 31)),
        # Goes on after the observation date of 31 March.
        ("year", date(2026, 1, 1), date(2026, 3, 31)),
        # 2 March is the first of the thirty days that end on 31 March.
        ("rolling_30", date(2026, 3, 2), date(2026, 3, 31)),
        ("rolling_90", date(2026, 1, 1), date(2026, 3, 31)),
        ("all_time", date(1990, 1, 1), date(2026, 3, 31)),
    ],
)
def test_periods(run: Run, period: str, first_day: date, last_day: date) -> None:
    score = score_of(run, [answer("1", None, 10)], [], period=period)
    assert (score["period_start"], score["counted_until_date"]) == (first_day, last_day)
    assert score["is_complete"] is (period != "year")


def test_the_rolling_window_before(run: Run) -> None:
    """1 March is the last of the thirty days before."""
    score = score_of(run, [answer("1", None, 10, responded_date=date(2026, 3, 1))], [], period="rolling_30")
    assert (score["period_start"], score["counted_until_date"]) == (date(2026, 1, 31), date(2026, 3, 1))


def shown(start: date, touchpoint: str, value: float, half: float, **more: Any) -> Row:
    return {
        **CELL,
        **{"period_start": start, "touchpoint": touchpoint, "metric": "csat", "is_complete": True},
        **{"response_count": 100, "score_value": value, "interval_low": value - half, "interval_high": value + half},
        **{"is_suppressed": False, "snapshot_sequence": 1, **more},
    }


def test_a_change_is_judged_among_all_that_is_shown(run: Run) -> None:
    """Bounds 0.03 and 0.04 away make 0.05 for the difference, so z is 1.96 * difference / 0.05.

    Three differences from the period before: p = 0.0000886, 0.05 and 1. Benjamini and Hochberg multiply them by 3/1,
    3/2 and 3/3.
    """
    rows = [
        shown(date(2025, 3, 1), "store", 0.50, 0.03),
        shown(date(2026, 3, 1), "store", 0.60, 0.04),
        # February cannot be shown: March is compared with January.
        shown(date(2026, 1, 1), "web", 0.50, 0.03),
        shown(date(2026, 2, 1), "web", 0.90, 0.03, is_suppressed=True),
        shown(date(2026, 3, 1), "web", 0.45, 0.04),
        shown(date(2026, 2, 1), "app", 0.50, 0.03),
        shown(date(2026, 3, 1), "app", 0.50, 0.04),
    ]
    found = run("mart_experience__score_change", {"marts.mart_experience__score": rows})
    told = {
        (row["compared_with"], row["touchpoint"]): (
            row["compared_start"],
            round(row["difference_low"], 6),
            round(row["p_value"], 7),
            round(row["q_value"], 7),
            row["tested_count"],
            row["verdict"],
        )
        for row in found
    }
    assert told == {
        ("previous", "store"): (date(2025, 3, 1), 0.05, 0.0000886, 0.0002657, 3, "up"),
        ("previous", "web"): (date(2026, 1, 1), -0.1, 0.05, 0.075, 3, "no clear change"),
        ("previous", "app"): (date(2026, 2, 1), -0.05, 1.0, 1.0, 3, "no clear change"),
        ("year_before", "store"): (date(2025, 3, 1), 0.05, 0.0000886, 0.0000886, 1, "up"),
    }


@pytest.mark.parametrize("z", [0.001, 0.5, 1.0, 1.959964, 3.0, 6.9, 7.2, 12.0])
def test_p_values_are_those_of_the_normal_distribution(run: Run, z: float) -> None:
    """A change with a half-width of 1.96 and a difference of z has that statistic; SciPy's survival function judges."""
    rows = [shown(date(2026, 2, 1), "store", 0.0, 0.0), shown(date(2026, 3, 1), "store", z, 1.959963984540054)]
    [row] = run("mart_experience__score_change", {"marts.mart_experience__score": rows})
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(z), rel=1e-9)
