"""Drivers: hand-worked shares and quadrants, planted weights found again, nothing claimed of noise."""

import numpy as np
import pandas as pd
import pytest

from cx_assets.happiness.drivers import NO_CLEAR_DRIVER, Rules, driver_models

USED = np.array([0.9, 0.6, 0.7, 0.5])


def ratings_of(values: np.ndarray, target: np.ndarray, *, used: np.ndarray | None = None) -> pd.DataFrame:
    """One row per response and used touchpoint a, b, c, ..."""
    row, column = np.nonzero(np.ones(values.shape, bool) if used is None else used)
    return pd.DataFrame(
        {
            "response_id": [f"r{number:05d}" for number in row],
            "cluster_id": [f"c{number:05d}" for number in row],
            "segment": "unknown",
            "touchpoint": [chr(ord("a") + number) for number in column],
            "performance": values[row, column],
            "target": target[row],
        }
    )


def simulated(weights: np.ndarray, *, size: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    feeling = 0.5 * rng.standard_normal((size, 1)) + np.sqrt(0.75) * rng.standard_normal((size, len(weights)))
    target = feeling @ weights + rng.standard_normal(size)
    return ratings_of(50 + 10 * feeling, target, used=rng.random(feeling.shape) < USED)


def test_uncorrelated_touchpoints_by_hand() -> None:
    # Every combination of two touchpoints 60 times; the overall answer is 2 a + b, so that a explains 4 / 5 of it.
    values = np.array([[0, 50], [0, 100], [100, 50], [100, 100]] * 60, float)
    target = 2 * values[:, 0] / 100 + (values[:, 1] - 50) / 50
    rows = driver_models(ratings_of(values, target), Rules()).rows
    assert list(rows["segment"].unique()) == ["all"]
    assert list(rows["r2_share"]) == pytest.approx([0.8, 0.2], abs=1e-5)
    assert list(rows["importance"]) == pytest.approx([0.8, 0.2], abs=1e-5)
    assert list(rows["performance_score"]) == [50.0, 75.0]
    assert list(rows["quadrant"]) == ["improve first", "nice to have"]
    assert list(rows["answers"]) == [240, 240]
    assert list(rows["correlation"]) == pytest.approx([0.8**0.5, 0.2**0.5], abs=1e-6)


def test_planted_weights_come_back_in_their_order_whoever_used_what() -> None:
    rows = driver_models(simulated(np.array([0.1, 0.8, 0.5, 0.3]), size=1500, seed=7), Rules()).rows
    assert list(rows.sort_values("r2_share", ascending=False)["touchpoint"]) == ["b", "c", "d", "a"]
    assert rows["r2_share"].sum() == pytest.approx(rows["r_squared"].iloc[0], abs=1e-9)
    assert ((rows["share_low"] <= rows["r2_share"]) & (rows["r2_share"] <= rows["share_high"])).all()
    assert rows["is_beyond_chance"].all()


def test_noise_has_no_driver() -> None:
    rows = driver_models(simulated(np.zeros(4), size=600, seed=3), Rules()).rows
    assert set(rows["quadrant"]) == {NO_CLEAR_DRIVER}
    assert not rows["is_beyond_chance"].any()


def test_the_same_rows_give_the_same_intervals_in_any_order() -> None:
    ratings = simulated(np.array([0.1, 0.8, 0.5, 0.3]), size=400, seed=8)
    first = driver_models(ratings, Rules()).rows
    pd.testing.assert_frame_equal(driver_models(ratings.sample(frac=1, random_state=1), Rules()).rows, first)


def test_what_has_too_few_answers_is_named_with_the_reason() -> None:
    ratings = simulated(np.array([0.1, 0.8, 0.5, 0.3]), size=400, seed=9)
    rare = ratings[(ratings["touchpoint"] != "d") | (ratings["response_id"] < "r00060")]
    halves = rare.assign(segment=np.where(rare["response_id"] < "r00100", "lost", "champions"))
    rows = driver_models(halves, Rules()).rows.set_index(["segment", "touchpoint"])
    assert rows.loc[("all", "d"), "left_out_reason"] == "fewer than 50 answers"
    assert pd.isna(rows.loc[("all", "d"), "r2_share"])
    assert pd.isna(rows.loc[("all", "a"), "left_out_reason"])
    assert rows.loc[("lost", "a"), "left_out_reason"] == "fewer than 200 responses"
    assert rows.loc[("champions", "a"), "r2_share"] > 0


def test_a_response_that_rates_a_touchpoint_twice_is_refused() -> None:
    ratings = simulated(np.zeros(4), size=10, seed=1)
    with pytest.raises(ValueError, match="twice"):
        driver_models(pd.concat([ratings, ratings]), Rules())


def test_without_overall_answers_there_are_no_rows() -> None:
    ratings = simulated(np.zeros(4), size=10, seed=1).assign(target=np.nan)
    assert driver_models(ratings, Rules()).rows.empty


def test_shares_that_did_not_settle_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round is too few where ratings are missing; an estimate that still moves is no estimate."""
    monkeypatch.setattr("cx_assets.happiness.covariance._ROUNDS", 1)
    rows = driver_models(simulated(np.array([0.8, 0.5, 0.3, 0.2]), size=400, seed=11), Rules()).rows
    assert rows["r2_share"].isna().all()
    assert rows["left_out_reason"].str.contains("still moved by .* after 1 rounds").all()
