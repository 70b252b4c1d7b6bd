"""Invented customers whose true probability of churning is known."""

from datetime import date

import numpy as np
import pandas as pd

OBSERVATION_DATE = date(2026, 6, 30)
HORIZON_DAYS = 30
SETTINGS = {"observation_date": OBSERVATION_DATE, "horizon_days": HORIZON_DAYS, "eligible_days": 180}


def world(*, customers: int = 3000, cuts: int = 5, seed: int = 1, effect: float = 1.0, recency: float = 0.015):
    """Features of `cuts` labelled cuts and of the scoring date, with the true probability beside them.

    The log odds are -0.6 + recency * (recency_days - 60) + effect * complaint_score, the score standard
    normal; order_count means nothing.
    """
    generator = np.random.default_rng(seed)
    frames = []
    for back in range(cuts, -1, -1):
        recency_days = generator.integers(0, 180, customers)
        complaint_score = generator.normal(size=customers)
        log_odds = -0.6 + recency * (recency_days - 60) + effect * complaint_score
        truth = 1 / (1 + np.exp(-log_odds))
        churned = pd.array(generator.random(customers) < truth, dtype="boolean")
        frames.append(
            pd.DataFrame(
                {
                    "customer_id": [f"c{number:06}" for number in generator.permutation(customers)],
                    "observation_date": pd.Timestamp(OBSERVATION_DATE) - pd.Timedelta(days=HORIZON_DAYS * back),
                    "is_churned": churned if back else pd.array([pd.NA] * customers, dtype="boolean"),
                    "recency_days": recency_days,
                    "complaint_score": np.where(generator.random(customers) < 0.05, np.nan, complaint_score),
                    "order_count": generator.poisson(3, customers),
                    "truth": truth,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def without_truth(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="truth")


def at_scoring_date(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["observation_date"] == pd.Timestamp(OBSERVATION_DATE)]
