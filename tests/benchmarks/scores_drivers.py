"""Case `drivers` of the benchmark of scores: how often a driver's interval holds its share in the population.

Small simulated surveys whose weights are planted; a part of the touchpoints is not used by everyone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cx_assets.happiness.drivers import ALL, Rules, driver_models
from cx_assets.happiness.shares import lmg_shares
from tests.benchmarks.figures import THIS, Figure

WEIGHTS = np.array([0.6, 0.4, 0.3, 0.2])
USED_SHARE = np.array([0.9, 0.7, 0.5, 0.6])
MOOD = 0.25
"""Correlation of any two impressions of a customer."""


def population_shares() -> np.ndarray:
    """Shares of R² in the population that `survey` draws from, which everyone would show who used everything."""
    impressions = (1 - MOOD) * np.eye(len(WEIGHTS)) + MOOD
    with_target = impressions @ WEIGHTS
    variance = WEIGHTS @ with_target + 1.0
    covariance = np.block([[np.array([[variance]]), with_target[None]], [with_target[:, None], impressions]])
    shares: np.ndarray = lmg_shares(covariance[None])[0]
    return shares


def survey(seed: int, respondents: int) -> pd.DataFrame:
    """Ratings of one survey, as `driver_models` reads them."""
    rng = np.random.default_rng(seed)
    mood = rng.standard_normal((respondents, 1))
    own = rng.standard_normal((respondents, len(WEIGHTS)))
    impression = np.sqrt(MOOD) * mood + np.sqrt(1 - MOOD) * own
    target = impression @ WEIGHTS + rng.standard_normal(respondents)
    row, column = np.nonzero(rng.random(impression.shape) < USED_SHARE)
    names = [f"r{number:05d}" for number in row]
    return pd.DataFrame(
        {
            "response_id": names,
            "cluster_id": names,
            "segment": "unknown",
            "touchpoint": [f"t{number}" for number in column],
            "performance": 50 + 10 * impression[row, column],
            "target": target[row],
        }
    )


def coverage(*, seeds: int = 200, respondents: int = 600) -> dict[str, float]:
    """Share of 95% intervals that hold the population's share, over all touchpoints and per touchpoint.

    Args:
        seeds: Surveys that are drawn.
        respondents: Responses of each.
    """
    truth = population_shares()
    inside = np.zeros((seeds, len(truth)), bool)
    for seed in range(seeds):
        rows = driver_models(survey(seed, respondents), Rules(seed=seed)).rows
        rows = rows[rows["segment"] == ALL].sort_values("touchpoint")
        inside[seed] = (rows["share_low"].to_numpy() <= truth) & (truth <= rows["share_high"].to_numpy())
    figures = {"coverage": float(inside.mean())}
    return figures | {f"coverage_t{place}": float(share) for place, share in enumerate(inside.mean(axis=0))}


def driver_figures(seeds: int, respondents: int = 600) -> list[Figure]:
    """Case `drivers`: shares from 0 to 1; metric `coverage` is the mean over all touchpoints."""
    found = coverage(seeds=seeds, respondents=respondents)
    return [Figure("drivers", THIS, metric, round(value, 4), "share") for metric, value in found.items()]
