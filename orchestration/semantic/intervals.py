"""Intervals at 95% of rates, from counts: the same formulas as dbt_project/macros/intervals.sql, on whole columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

Z95 = 1.959963984540054


def wilson(hits: pd.Series, of: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Wilson score interval of a share (Wilson 1927; Brown, Cai and DasGupta 2001); null where `of` is 0.

    Args:
        hits: Counts, at most `of`.
        of: Counts.

    Returns:
        Lower and upper bound, 0 to 1.
    """
    n = of.astype("float64").where(of > 0)
    k = hits.astype("float64")
    half = Z95 * np.sqrt(k * (n - k) / n + Z95 * Z95 / 4)
    low = (k + Z95 * Z95 / 2 - half) / (n + Z95 * Z95)
    high = (k + Z95 * Z95 / 2 + half) / (n + Z95 * Z95)
    return low.mask((k == 0) & n.notna(), 0.0), high.mask((k == n) & n.notna(), 1.0)


def nps_adjusted_wald(promoters: pd.Series, detractors: pd.Series, of: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Adjusted Wald interval of an NPS (Rocks 2016); null where `of` is 0.

    Returns:
        Lower and upper bound, in points from -100 to 100.
    """
    n = of.astype("float64").where(of > 0) + 3
    p = (promoters.astype("float64") + 0.75) / n
    d = (detractors.astype("float64") + 0.75) / n
    half = Z95 * np.sqrt((p + d - (p - d) * (p - d)) / n)
    return 100 * (p - d - half).clip(lower=-1), 100 * (p - d + half).clip(upper=1)
