"""Calibration curves worked out by hand, and recovered from known distortions."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_assets.prediction.calibration import (
    Calibration,
    choose_calibration,
    isotonic_calibration,
    isotonic_curve,
    logistic_calibration,
)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def distorted(distortion, *, count=20_000, seed=5):
    generator = np.random.default_rng(seed)
    log_odds = generator.normal(size=count)
    labels = (generator.random(count) < sigmoid(log_odds)).astype(float)
    return distortion(log_odds), labels, sigmoid(log_odds)


def test_isotonic_curve_by_hand():
    # Shares by value: 1: 0/2, 2: 1/1, 3: 0/1, 4: 1/1. 2 and 3 violate the order and pool to 1/2.
    # The sure ends are drawn in: two rows at 0 to 1/6, one row at 1 to 3/4.
    curve = isotonic_curve(np.array([4.0, 1.0, 3.0, 2.0, 1.0]), np.array([1.0, 0.0, 0.0, 1.0, 0.0]))
    assert curve.x == (1.0, 2.0, 3.0, 4.0)
    assert curve.y == pytest.approx((1 / 6, 0.5, 0.5, 0.75))
    assert curve(np.array([0.0, 1.5, 9.0])) == pytest.approx([1 / 6, 1 / 3, 0.75])
    assert np.isnan(curve(np.array([np.nan]))).all()


def test_logistic_calibration_undoes_a_line():
    raw, labels, truth = distorted(lambda log_odds: sigmoid(2 * log_odds + 1))
    calibration = logistic_calibration(raw, labels)
    assert calibration.slope == pytest.approx(0.5, abs=0.03)
    assert calibration.intercept == pytest.approx(-0.5, abs=0.05)
    assert np.abs(calibration(raw) - truth).max() < 0.03


def test_scores_that_point_the_wrong_way_become_the_overall_share():
    raw, labels, _ = distorted(lambda log_odds: sigmoid(-log_odds))
    calibrated = logistic_calibration(raw, labels)(raw)
    assert calibrated == pytest.approx(np.full(len(raw), labels.mean()), abs=1e-3)


def test_a_bent_distortion_is_given_to_isotonic_and_a_straight_one_to_logistic():
    bent, labels, truth = distorted(lambda log_odds: 0.5 + 0.4 * np.sign(log_odds) * np.abs(log_odds / 5) ** 3)
    chosen = choose_calibration(bent, labels, seed=1)
    assert chosen.calibration.method == "isotonic"
    assert np.abs(chosen.calibration(bent) - truth).mean() < 0.02
    straight, labels, _ = distorted(lambda log_odds: sigmoid(2 * log_odds))
    assert choose_calibration(straight, labels, seed=1).calibration.method == "logistic"


def test_few_rows_are_always_calibrated_by_the_line():
    raw, labels, _ = distorted(lambda log_odds: sigmoid(log_odds), count=1500)
    chosen = choose_calibration(raw, labels, seed=1)
    assert chosen.calibration.method == "logistic"
    rarer = int(min(labels.sum(), len(labels) - labels.sum()))
    assert chosen.reason == f"logistic: {rarer} rows of the rarer outcome, isotonic needs 1,000"
    assert "leads of the rarer" in choose_calibration(raw, labels, seed=1, unit="leads").reason
    assert chosen.told()["method"] == "logistic"


def test_json_round_trip():
    raw, labels, _ = distorted(lambda log_odds: sigmoid(log_odds), count=300)
    for fit in (logistic_calibration, isotonic_calibration):
        calibration = fit(raw, labels)
        assert Calibration.from_json(json.loads(json.dumps(calibration.as_json()))) == calibration


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_calibrated_probabilities_never_fall_and_are_never_certain(rows):
    raw = np.array([value for value, _ in rows])
    labels = np.array([float(label) for _, label in rows])
    grid = np.linspace(0, 1, 101)
    for fit in (logistic_calibration, isotonic_calibration):
        calibrated = fit(raw, labels)(grid)
        assert (np.diff(calibrated) >= -1e-12).all()
        assert ((calibrated > 0) & (calibrated < 1)).all()
