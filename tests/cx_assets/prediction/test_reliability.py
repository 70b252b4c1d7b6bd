"""Said beside seen: tables worked out by hand, published intervals, and what chance alone gives."""

import numpy as np
import pytest

from cx_assets.prediction import reliability


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
def test_share_interval_as_published(successes, count, low, high):
    assert reliability.share_interval(successes, count) == pytest.approx((low, high), abs=5e-5)


def test_reliability_and_calibration_error_by_hand():
    labels = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    probabilities = np.array([0.1, 0.3, 0.2, 0.9, 0.7])
    # Two bins: (0.1, 0.2) and (0.3, 0.7, 0.9).
    table = reliability.reliability_table(labels, probabilities, bins=2)
    assert [row["row_count"] for row in table] == [2, 3]
    assert [row["mean_probability"] for row in table] == pytest.approx([0.15, 1.9 / 3])
    assert [row["observed_share"] for row in table] == [0.0, 1.0]
    assert (table[1]["observed_low"], table[1]["observed_high"]) == pytest.approx(reliability.share_interval(3, 3))
    expected = (2 * 0.15 + 3 * (1 - 1.9 / 3)) / 5
    assert reliability.expected_calibration_error(labels, probabilities, bins=2) == pytest.approx(expected)


def test_calibration_error_by_chance_by_hand():
    # One bin of one row at 0.5: the error is 0.5 whatever is drawn.
    assert reliability.calibration_error_by_chance(np.array([0.5]), seed=1, bins=1) == (0.5, 0.5)
    # One bin of two at 0.5: errors 0.5, 0, 0, 0.5, hence 0.25 on average.
    mean, high = reliability.calibration_error_by_chance(np.array([0.5, 0.5]), seed=1, bins=1, repetitions=4000)
    assert mean == pytest.approx(0.25, abs=0.02)
    assert high == 0.5


def test_chance_level_of_one_bin_is_de_moivres_mean_deviation():
    # Ten rows at 0.3: E|X - 3| = 2 * 4 * C(10, 4) * 0.3^4 * 0.7^7 = 1.12068 (de Moivre 1730, as in Diaconis and
    # Zabell 1991, Statistical Science 6), over ten rows 0.112068.
    mean, _ = reliability.calibration_error_by_chance(np.full(10, 0.3), seed=2, bins=1, repetitions=20_000)
    # Standard deviation of |X - 3| / 10 is below 0.1: three standard errors are 0.0022.
    assert mean == pytest.approx(0.112068, abs=0.0022)


def test_chance_level_of_many_rows_is_the_mean_of_a_folded_normal():
    # Half of 20,000 rows at 0.2, half at 0.5, in two bins: (sqrt(2 * 1600 / pi) + sqrt(2 * 2500 / pi)) / 20,000
    # = (31.9154 + 39.8942) / 20,000 = 0.00359048.
    probabilities = np.repeat([0.5, 0.2], 10_000)
    mean, high = reliability.calibration_error_by_chance(probabilities, seed=3, bins=2, repetitions=2000)
    # Standard deviation of the sum: sqrt((1 - 2 / pi) * 4100) / 20,000 = 0.00193; three standard errors 0.00013.
    assert mean == pytest.approx(0.00359048, abs=0.00013)
    assert high > mean


def test_true_probabilities_stay_within_chance_as_often_as_it_says():
    within = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        probabilities = generator.random(500)
        labels = (generator.random(500) < probabilities).astype(float)
        within += reliability.calibration_error(labels, probabilities, seed=seed).is_within_chance
    assert 88 <= within <= 100  # 95 of 100, three standard errors are 6.5


def test_what_is_said_too_high_is_not_within_chance():
    generator = np.random.default_rng(4)
    labels = (generator.random(5000) < 0.3).astype(float)
    error = reliability.calibration_error(labels, np.full(5000, 0.5), seed=1)
    assert error.observed == pytest.approx(0.2, abs=0.02)
    # Five hundred rows a bin at 0.5: sqrt(2 * 125 / pi) / 500 = 0.0178.
    assert error.by_chance == pytest.approx(0.0178, abs=0.001)
    assert not error.is_within_chance


def test_a_share_of_no_rows_has_no_interval():
    with pytest.raises(ValueError, match="no rows"):
        reliability.share_interval(0, 0)


def test_calibration_line_recovers_what_was_done_to_the_truth():
    generator = np.random.default_rng(3)
    log_odds = generator.normal(size=200_000)
    labels = (generator.random(200_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    slope, intercept = reliability.calibration_line(labels, 1 / (1 + np.exp(-(2 * log_odds + 1))))
    # truth = 0.5 * stated - 0.5
    assert slope == pytest.approx(0.5, abs=0.01)
    assert intercept == pytest.approx(-0.5, abs=0.02)


def test_calibration_line_of_a_constant_is_undefined():
    assert reliability.calibration_line(np.array([1.0, 0.0]), np.full(2, 0.3)) == (None, None)
