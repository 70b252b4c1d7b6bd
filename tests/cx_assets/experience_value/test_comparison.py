"""Differences, slopes and false discovery, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from cx_assets.experience_value import comparison


def test_a_raw_difference_with_its_interval() -> None:
    # Means 15 and 5. What each row adds: -10 and 10, 2 and -2; the sum of squares is 208, of 4 customers. The standard
    # error is sqrt(208 * 4 / 3) / 4 = 4.1633, and 3.1824 of them, Student's with 3 degrees of freedom, are 13.2496.
    outcome, is_first = np.array([10.0, 20.0, 4.0, 6.0]), np.array([True, True, False, False])
    found = comparison.raw_difference(outcome, is_first, np.arange(4))
    assert (found.difference, found.first_mean, found.second_mean) == (10.0, 15.0, 5.0)
    assert (found.low, found.high) == pytest.approx((-3.2496, 23.2496), abs=1e-4)


def test_rows_of_one_customer_count_as_one() -> None:
    # Each customer twice: the sums double, so do the rows, and the interval stays what it was.
    outcome = np.repeat([10.0, 20.0, 4.0, 6.0], 2)
    is_first = np.repeat([True, True, False, False], 2)
    found = comparison.raw_difference(outcome, is_first, np.repeat(np.arange(4), 2))
    assert (found.low, found.high) == pytest.approx((-3.2496, 23.2496), abs=1e-4)


def test_the_share_among_those_it_happened_to() -> None:
    # Without covariates: 2 of 3 left after it, of the others the mean of the other folds.
    outcome = np.array([1.0, 1.0, 0.0] + [0.0, 1.0, 0.0, 1.0] * 5)
    is_first = np.array([True] * 3 + [False] * 20)
    nothing, clusters = np.empty((23, 0)), np.arange(23)
    found = comparison.doubly_robust_treated(nothing, outcome, is_first, clusters, np.full(23, 3 / 23))
    assert found.first_mean == pytest.approx(2 / 3)
    assert found.difference == pytest.approx(2 / 3 - 1 / 2)


def test_a_rare_column_that_tells_much_keeps_the_probability_it_has() -> None:
    # Of 700 rows with it 175 belong to the first group, of 9,300 without it 155: a quarter and one in 60. Newton's
    # whole steps overshoot here, and end at a probability of 1.
    has_it = np.arange(10_000) < 700
    is_first = np.where(has_it, np.arange(10_000) % 4 == 0, np.arange(10_000) % 60 == 20)
    assert (is_first[has_it].sum(), is_first[~has_it].sum()) == (175, 155)
    known = comparison.design(pd.DataFrame({"late": has_it.astype(float)}), ["late"], [])
    chance = comparison.propensity(known, is_first, np.random.default_rng(1).permutation(10_000))
    assert chance[has_it].mean() == pytest.approx(1 / 4, abs=0.01)
    assert chance[~has_it].mean() == pytest.approx(1 / 60, abs=0.001)


def test_a_slope_per_point() -> None:
    score, outcome = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 3.0, 5.0, 7.0])
    found = comparison.slope(np.empty((4, 0)), outcome, score, np.arange(4))
    assert (found.difference, found.low, found.high) == pytest.approx((2.0, 2.0, 2.0))


def test_equal_scores_have_no_slope() -> None:
    found = comparison.slope(np.empty((3, 0)), np.array([1.0, 2.0, 3.0]), np.ones(3), np.arange(3))
    assert np.isnan(found.difference)


def test_q_values_of_benjamini_and_hochberg() -> None:
    # 4 p-values: 0.01 * 4/1, 0.03 * 4/2 = 0.06 above 0.04 * 4/3, which it takes; 0.5 * 4/4. Null stays null.
    found = comparison.q_values(np.array([0.01, 0.04, np.nan, 0.03, 0.5]))
    np.testing.assert_allclose(found, [0.04, 0.16 / 3, np.nan, 0.16 / 3, 0.5])


def test_an_unknown_number_is_no_zero() -> None:
    rows = pd.DataFrame({"gap": [4.0, np.nan, 4.0, np.nan]})
    # As it is, as logarithm, and whether it is known: each varies, standardised to 1 and -1.
    np.testing.assert_allclose(comparison.design(rows, ["gap"], []), [[1, 1, 1], [-1, -1, -1]] * 2)
