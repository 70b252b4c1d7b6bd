"""The baseline by one feature, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from cx_assets.prediction.baseline import fit_curve, raw_probability


def test_curve_over_known_values_and_the_share_where_null():
    values = pd.Series([1.0, 1.0, 2.0, 2.0, np.nan])
    labels = pd.Series([0.0, 0.0, 1.0, 0.0, 1.0])
    curve = fit_curve(values, labels)
    # Two negatives at 1 are drawn in to 1/6; one of two is positive at 2; half way between lies their mean.
    raw = raw_probability(curve, 0.4, pd.Series([0.0, 1.5, 9.0, np.nan]))
    assert raw == pytest.approx([1 / 6, 1 / 3, 1 / 2, 0.4])


def test_a_feature_that_is_always_null_gives_the_share():
    curve = fit_curve(pd.Series([np.nan] * 4), pd.Series([1.0, 0.0, 0.0, 0.0]))
    assert raw_probability(curve, 0.25, pd.Series([np.nan, 7.0])) == pytest.approx([0.25, 0.25])
