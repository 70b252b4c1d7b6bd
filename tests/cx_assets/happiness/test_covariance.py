"""Covariances with missing values beside closed forms."""

import numpy as np
import pytest

from cx_assets.happiness.covariance import estimate


def test_one_column_with_a_missing_value_has_andersons_closed_form() -> None:
    # Anderson (1957): regression of x on y over the complete rows (slope 5 / 2, residual variance 0.5), applied to the
    # mean 3 and variance 3.5 of all y.
    values = np.array([[1, 2], [2, 3], [3, 7], [6, np.nan]], float)
    fitted = estimate(values)
    assert fitted.moments[:2] == pytest.approx([3.0, 6.5], abs=1e-5)
    assert fitted.covariance == pytest.approx(np.array([[3.5, 8.75], [8.75, 22.375]]), abs=1e-4)


def test_complete_rows_have_their_own_covariance_and_resamples_are_exact() -> None:
    rng = np.random.default_rng(4)
    values = rng.standard_normal((40, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.2], [0, 0, 1]])
    fitted = estimate(values)
    assert fitted.covariance == pytest.approx(np.cov(values.T, ddof=0), abs=1e-9)
    times = rng.multinomial(40, np.full(40, 1 / 40), size=2).astype(float)
    again = [np.cov(values.T, ddof=0, fweights=drawn.astype(int)) for drawn in times]
    assert fitted.resampled(times) == pytest.approx(np.array(again), abs=1e-9)


def test_a_resample_of_incomplete_rows_is_close_to_a_fit_of_its_own() -> None:
    rng = np.random.default_rng(5)
    values = rng.standard_normal((2000, 1)) + rng.standard_normal((2000, 4))
    values[:, 1:][rng.random((2000, 3)) < 0.3] = np.nan
    times = rng.multinomial(2000, np.full(2000, 1 / 2000)).astype(float)
    fitted = estimate(values)
    own = estimate(np.repeat(values, times.astype(int), axis=0)).covariance
    assert np.abs(own - fitted.covariance).max() > 0.03
    assert fitted.resampled(times[None])[0] == pytest.approx(own, abs=0.01)


def test_a_row_without_any_value_is_refused() -> None:
    with pytest.raises(ValueError, match="no value"):
        estimate(np.array([[1.0, 2.0], [np.nan, np.nan]]))
