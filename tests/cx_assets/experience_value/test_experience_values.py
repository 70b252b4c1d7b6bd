"""Tables of points and losses: what was planted is found, what was not is not, too little is refused in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_assets.experience_value.cohort import too_different
from cx_assets.experience_value.losses import experience_losses
from cx_assets.experience_value.points import answer_classes, experience_points
from tests.cx_assets.experience_value.answer_worlds import cohort


def _row(table: pd.DataFrame, **where: str) -> Any:
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_classes_lie_between_the_points_of_the_scale() -> None:
    nps = answer_classes(pd.Series([0.0, 0.6, 0.7, 0.8, 0.9, 1.0]), "nps")
    assert list(nps) == ["detractors"] * 2 + ["passives"] * 2 + ["promoters"] * 2
    csat = answer_classes(pd.Series([0.0, 0.25, 0.5, 0.75, 1.0]), "csat")
    assert list(csat) == ["detractors"] * 2 + ["passives"] + ["promoters"] * 2


def test_a_planted_effect_is_found_where_the_raw_difference_has_the_wrong_sign() -> None:
    # Big spenders answer low and go on spending: raw, promoters spend less. 40 more is what being one does.
    table = experience_points(cohort(1500, 1, effect=40.0, confounding=1.0))
    found = _row(table, contrast="promoter_detractor", outcome="net_amount")
    assert found["raw_high"] < 0
    assert found["adjusted_low"] < 40 < found["adjusted_high"]
    assert found["adjusted_low"] > 0
    assert found["is_claim"]
    # From 0.4 to 1.0 are 6 points; half of the effect comes with the first 4 of them, half with the last 2.
    assert 4 < _row(table, contrast="per_point", outcome="net_amount")["adjusted_difference"] < 10


def test_a_planted_loss_is_found() -> None:
    rows = cohort(1500, 2, kind="csat")
    random = np.random.default_rng(3)
    rows["has_left"] = random.random(len(rows)) < np.where(rows["is_bad"], 0.35, 0.2)
    found = _row(experience_losses(rows), experience="csat")
    assert found["adjusted_low"] < 0.15 < found["adjusted_high"]
    assert found["adjusted_low"] > 0
    assert found["bad_left_share"] - found["comparable_left_share"] == pytest.approx(found["adjusted_difference"])


def test_a_complaint_is_not_told_to_cost_what_the_late_parcel_behind_it_costs() -> None:
    # A late parcel of the purchase makes 30 points more leave, a complaint 10. A quarter of the late ones complain,
    # 2% of the others. Parcels that came late before do nothing.
    rows, random = cohort(6000, 9, kind="complaint"), np.random.default_rng(10)
    is_late = random.random(len(rows)) < 0.1
    rows["late_order_count"], rows["is_bad"] = is_late, random.random(len(rows)) < np.where(is_late, 0.25, 0.02)
    rows["has_left"] = random.random(len(rows)) < 0.1 + 0.3 * is_late + 0.1 * rows["is_bad"]
    found = _row(experience_losses(rows), experience="complaint")
    assert found["raw_low"] > 0.1
    assert found["adjusted_low"] < 0.1 < found["adjusted_high"]


def test_who_had_two_bad_ones_and_whose_end_is_unseen_are_not_followed() -> None:
    rows = cohort(400, 4, kind="complaint")
    rows.loc[:9, "had_bad_before"] = True
    rows["has_left"] = rows["has_left"].astype("object")
    rows.loc[10:29, "has_left"] = None
    found = _row(experience_losses(rows), experience="complaint")
    assert (found["moment_count"], found["followed_count"]) == (400, 370)


# With nothing true a table has a claim in at most 5% of worlds: of 100, more than 10 would have a probability of 1%.
@pytest.mark.slow
def test_without_an_effect_few_tables_of_points_have_a_claim() -> None:
    worlds = [cohort(150, seed, confounding=0.5) for seed in range(100)]
    assert sum(bool(experience_points(world, minimum_customers=25)["is_claim"].any()) for world in worlds) <= 10


def test_without_an_effect_few_tables_of_losses_have_a_claim() -> None:
    worlds = [cohort(200, seed, confounding=0.5) for seed in range(100)]
    assert sum(bool(experience_losses(world)["is_claim"].any()) for world in worlds) <= 10


def test_too_few_are_refused_in_words() -> None:
    table = experience_points(cohort(60, 5))
    assert set(table["status"]) == {"refused"}
    assert table["adjusted_difference"].isna().all()
    assert not table["is_claim"].any()
    assert _row(table, contrast="per_point", outcome="net_amount")["reason"] == (
        "Too few to compare: 60 customers, at least 100 are needed."
    )


def test_who_has_nobody_like_them_is_refused_in_words() -> None:
    rows = cohort(600, 6)
    # Who answers low bought a hundred times as much before: nobody of the others is like them.
    rows.loc[rows["is_bad"], "net_amount_365"] *= 100
    found = _row(experience_points(rows), contrast="promoter_detractor", outcome="net_amount")
    assert found["status"] == "refused"
    assert found["reason"].startswith("Too different to compare: only ")
    assert not np.isnan(found["raw_difference"])


@pytest.mark.parametrize(("share", "told"), [(0.4999, "49.9%"), (0.123, "12.3%"), (0.0, "0.0%")])
def test_a_share_that_falls_short_is_not_told_as_enough(share: float, told: str) -> None:
    reason = too_different(share)
    assert reason is not None
    assert f"only {told} of the rows" in reason
    assert "at least 50% are needed" in reason


def test_half_is_enough_to_compare() -> None:
    assert too_different(0.5) is None


def test_no_moments_give_typed_tables_without_rows() -> None:
    nothing = cohort(10, 7).iloc[:0]
    for table in (experience_points(nothing), experience_losses(nothing)):
        assert table.empty
        assert "q_value" in table.columns


def test_a_repeated_moment_and_a_missing_column_are_errors() -> None:
    rows = cohort(10, 8)
    with pytest.raises(ValueError, match="the grain is one row per customer, kind and day"):
        experience_points(pd.concat([rows, rows.iloc[:1]]))
    with pytest.raises(ValueError, match="columns are missing: has_left"):
        experience_losses(rows.drop(columns="has_left"))
