"""Metrics on tables small enough to work out by hand, and published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_assets.churn import metrics

LABELS = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
SCORES = np.array([0.9, 0.8, 0.7, 0.3, 0.3, 0.1])


def test_auc_by_counting_pairs():
    # Leavers 0.9, 0.7, 0.3 against stayers 0.8, 0.3, 0.1: wins 3 + 2 + 1, and one tie.
    assert metrics.compare_auc(LABELS, SCORES, SCORES).first.estimate == pytest.approx(6.5 / 9)


def test_auc_variance_by_hand():
    # Shares of stayers below each leaver: 1, 2/3, 1/2; of leavers above each stayer: 1/3, 5/6, 1.
    # Sample variances 7/108 and 13/108; divided by 3 and added: 20/324.
    found = metrics.compare_auc(LABELS, SCORES, SCORES)
    half = 1.959963984540054 * np.sqrt(20 / 324)
    assert found.first.low == pytest.approx(6.5 / 9 - half)
    assert found.first.high == 1.0
    assert (found.difference.low, found.difference.estimate, found.difference.high) == (0.0, 0.0, 0.0)


def test_auc_difference_against_a_constant_is_the_distance_from_one_half():
    found = metrics.compare_auc(LABELS, SCORES, np.full(6, 0.5))
    assert found.second.estimate == 0.5
    assert found.difference.estimate == pytest.approx(6.5 / 9 - 0.5)
    # A constant has no variance, so the difference has the variance of the first alone.
    assert found.difference.high - found.difference.estimate == pytest.approx(1.959963984540054 * np.sqrt(20 / 324))


def test_interval_covers_the_truth_about_as_often_as_it_says():
    # Two unit normals one apart: AUC = Phi(1 / sqrt 2) = 0.7602.
    covered = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        labels = np.repeat([1.0, 0.0], 150)
        area = metrics.compare_auc(labels, *[generator.normal(size=300) + labels] * 2).first
        covered += area.low <= 0.7602 <= area.high
    assert 180 <= covered <= 198  # 0.95 of 200 is 190, three standard errors are 9


def test_auc_needs_both_classes():
    with pytest.raises(ValueError, match="both classes"):
        metrics.compare_auc(np.ones(3), SCORES[:3], SCORES[:3])


def test_average_precision_by_hand():
    # Recall rises to 1/3 at precision 1, to 2/3 at 2/3, to 1 at the tied pair, precision 3/5.
    assert metrics.average_precision(LABELS, SCORES) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)


def test_brier_by_hand():
    assert metrics.brier_score(np.array([1.0, 0.0]), np.array([0.8, 0.4])) == pytest.approx((0.04 + 0.16) / 2)


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_interval_as_published(successes, count, low, high):
    assert metrics.wilson_interval(successes, count) == pytest.approx((low, high), abs=5e-5)


def test_reliability_and_calibration_error_by_hand():
    labels = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    probabilities = np.array([0.1, 0.3, 0.2, 0.9, 0.7])
    # Two bins: (0.1, 0.2) and (0.3, 0.7, 0.9).
    table = metrics.reliability_table(labels, probabilities, bins=2)
    assert [row["customer_count"] for row in table] == [2, 3]
    assert [row["mean_probability"] for row in table] == pytest.approx([0.15, 1.9 / 3])
    assert [row["observed_share"] for row in table] == [0.0, 1.0]
    assert (table[1]["observed_low"], table[1]["observed_high"]) == pytest.approx(metrics.wilson_interval(3, 3))
    expected = (2 * 0.15 + 3 * (1 - 1.9 / 3)) / 5
    assert metrics.expected_calibration_error(labels, probabilities, bins=2) == pytest.approx(expected)


def test_calibration_error_by_chance_by_hand():
    # One bin of one customer at 0.5: the error is 0.5 whatever is drawn.
    assert metrics.calibration_error_by_chance(np.array([0.5]), seed=1, bins=1) == (0.5, 0.5)
    # One bin of two at 0.5: errors 0.5, 0, 0, 0.5, hence 0.25 on average.
    mean, high = metrics.calibration_error_by_chance(np.array([0.5, 0.5]), seed=1, bins=1, repetitions=4000)
    assert mean == pytest.approx(0.25, abs=0.02)
    assert high == 0.5


def test_calibration_line_recovers_what_was_done_to_the_truth():
    generator = np.random.default_rng(3)
    log_odds = generator.normal(size=200_000)
    labels = (generator.random(200_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    slope, intercept = metrics.calibration_line(labels, 1 / (1 + np.exp(-(2 * log_odds + 1))))
    # truth = 0.5 * stated - 0.5
    assert slope == pytest.approx(0.5, abs=0.01)
    assert intercept == pytest.approx(-0.5, abs=0.02)


def test_calibration_line_of_a_constant_is_undefined():
    assert metrics.calibration_line(LABELS, np.full(6, 0.3)) == (None, None)


def test_lift_by_hand():
    labels = np.array([1.0] + [0.0] * 5 + [1.0] + [0.0] * 13)
    probabilities = np.linspace(0.95, 0.0, 20)
    # The top two of twenty hold one of two leavers: share 0.5 over 0.1.
    assert metrics.lift_top_decile(labels, probabilities) == pytest.approx(5.0)
    # All equal: whoever is drawn by lot is average.
    assert metrics.lift_top_decile(labels, np.full(20, 0.4)) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=2, max_size=40))
def test_auc_equals_the_definition(rows):
    labels = np.array([float(label) for label, _ in rows])
    scores = np.array([float(value) for _, value in rows])
    if labels.all() or not labels.any():
        return
    pairs = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    expected = (np.sign(pairs).mean() + 1) / 2
    assert metrics.compare_auc(labels, scores, scores).first.estimate == pytest.approx(expected)
