"""Metrics on tables small enough to work out by hand, and published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_assets.prediction import metrics

LABELS = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
SCORES = np.array([0.9, 0.8, 0.7, 0.3, 0.3, 0.1])


def test_auc_by_counting_pairs():
    # Positives 0.9, 0.7, 0.3 against negatives 0.8, 0.3, 0.1: wins 3 + 2 + 1, and one tie.
    assert metrics.compare_auc(LABELS, SCORES, SCORES).first.estimate == pytest.approx(6.5 / 9)


def test_auc_variance_by_hand():
    # Shares of negatives below each positive: 1, 2/3, 1/2; of positives above each negative: 1/3, 5/6, 1.
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


def test_without_a_positive_row_there_is_nothing_to_find():
    nobody = np.zeros(6)
    with pytest.raises(ValueError, match="positive row"):
        metrics.average_precision(nobody, SCORES)
    with pytest.raises(ValueError, match="positive row"):
        metrics.lift_top_decile(nobody, SCORES)
    # Still right about everyone: the mean of the squared probabilities.
    assert metrics.brier_score(nobody, np.full(6, 0.2)) == pytest.approx(0.04)


def test_lift_by_hand():
    labels = np.array([1.0] + [0.0] * 5 + [1.0] + [0.0] * 13)
    probabilities = np.linspace(0.95, 0.0, 20)
    # The top two of twenty hold one of two positives: share 0.5 over 0.1.
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
