"""Changes of level: found where they are, claimed seldom where there is none, whatever months vary by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_assets.feedback.change_points import change_points
from orchestration.defs.feedback.checks import moved_levels, sentence

MONTHS = pd.date_range("2024-07-01", periods=24, freq="MS")


def series(name: str, value: np.ndarray | list[float], error: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame({"series": name, "month": MONTHS[: len(value)], "value": value, "standard_error": error})


def test_a_step_is_found_in_its_month_with_both_levels() -> None:
    noise = np.tile([0.5, -0.5], 12)
    [point] = change_points(series("store", np.where(np.arange(24) < 20, 40.0, 50.0) + noise))
    assert (point.month, point.before, point.after) == (pd.Timestamp("2026-03-01"), 40.0, 50.0)
    assert point.p_value == point.q_value == 1 / 1000


def test_months_count_by_their_precision() -> None:
    """Two months at 10 with errors 1 and 2, weights 1 and 1/4; the level after is the mean of 20 and 30: 22."""
    rows = series("store", [10.0] * 6 + [20.0, 30.0])
    rows.loc[7, "standard_error"] = 2.0
    [point] = change_points(rows)
    assert (point.before, point.after) == (10.0, pytest.approx((20 + 30 / 4) / 1.25))


def test_one_month_out_of_line_is_no_level() -> None:
    value = np.zeros(24)
    value[23] = 12.0
    [point] = change_points(series("store", value))
    assert point.month <= pd.Timestamp("2026-05-01")


@pytest.mark.parametrize("extra", [0.0, 2.0])
def test_no_change_is_claimed_at_its_rate(extra: float) -> None:
    """Of 300 series without a change about one in twenty has p below 0.05: two standard errors are 2.5 points.

    Months that vary three times as much as their answers do alone are no change either.
    """
    rng = np.random.default_rng(20261130)
    rows = pd.concat(
        [series(str(number), rng.normal(0, (1 + extra**2) ** 0.5, 24)) for number in range(300)], ignore_index=True
    )
    claimed = [point.p_value <= 0.05 for point in change_points(rows, seed=1)]
    assert len(claimed) == 300
    assert np.mean(claimed) <= 0.05 + 0.03


def test_short_series_are_left_out_and_wrong_ones_refused() -> None:
    assert change_points(series("store", [1.0] * 7)) == []
    with pytest.raises(ValueError, match="not above 0"):
        change_points(series("store", [1.0] * 8, error=0.0))
    with pytest.raises(ValueError, match="twice"):
        change_points(pd.concat([series("store", [1.0] * 8)] * 2))


def test_false_discoveries_are_controlled_over_the_series() -> None:
    """One of ten series moves, more clearly than ten times 999 draws: 1 in 9991, times ten."""
    rng = np.random.default_rng(3)
    rows = [series(f"still {number}", rng.normal(0, 1, 24)) for number in range(9)]
    points = change_points(pd.concat([*rows, series("moved", np.where(np.arange(24) < 20, 0.0, 9.0))]))
    assert (points[0].series, points[0].q_value) == ("moved", pytest.approx(10 / 9991))
    assert all(point.q_value >= point.p_value for point in points)


def scores(value: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"month": MONTHS, "value": value, "standard_error": 0.02}).assign(
        survey_type="transactional", touchpoint="delivery", metric="csat", scale_min=1.0, scale_max=5.0
    )


def test_the_warning_names_touchpoint_month_and_levels() -> None:
    looked_at, [point] = moved_levels(scores(np.where(np.arange(24) < 20, 0.8, 0.6)), 0.05)
    assert looked_at == 1
    assert sentence(point) == (
        "CSAT of delivery (transactional survey, 1 to 5) fell from about 80% to about 60% in March 2026 and has"
        " stayed there (chance: 0.1%)."
    )


def test_two_scales_with_one_highest_point_are_two_scores() -> None:
    both = pd.concat([scores(np.zeros(24)), scores(np.zeros(24)).assign(scale_min=0.0)])
    assert moved_levels(both, 0.05)[0] == 2


def test_one_of_many_scores_can_still_be_called() -> None:
    """Of a hundred series one jumps: with 999 simulations no p-value could be small enough."""
    rng = np.random.default_rng(8)
    still = [series(f"still {number}", rng.normal(0, 1, 24)) for number in range(99)]
    points = change_points(pd.concat([*still, series("moved", np.where(np.arange(24) < 20, 0.0, 30.0))]))
    assert points[0].series == "moved"
    assert points[0].q_value <= 0.05


def test_a_level_that_is_old_is_no_news() -> None:
    assert moved_levels(scores(np.where(np.arange(24) < 12, 0.8, 0.6)), 0.05) == (1, [])
    assert moved_levels(scores(np.zeros(24)).iloc[:0], 0.05) == (0, [])
