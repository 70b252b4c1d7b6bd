"""Cohorts whose truth is known: who answers how, and what it does, are written here."""

from __future__ import annotations

import numpy as np
import pandas as pd


def cohort(size: int, seed: int, *, effect: float = 0.0, confounding: float = 0.0, kind: str = "nps") -> pd.DataFrame:
    """One moment of each customer.

    Args:
        size: Customers.
        seed: Of the randomness.
        effect: Money that a promoter spends more for being one, beside a detractor; a passive spends half of it more.
        confounding: How much likelier big spenders answer low; they go on spending whatever they answer.
        kind: Kind of the moments.
    """
    random = np.random.default_rng(seed)
    prior = random.gamma(2.0, 100.0, size)
    mood = random.normal(size=size) - confounding * (np.log(prior) - 5.0)
    rank = np.searchsorted(np.array([-0.5, 0.5]), mood)
    later = 0.5 * prior + effect / 2 * rank + random.normal(0, 40, size)
    left = random.random(size) < 0.2
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(size)],
            "moment_kind": kind,
            "moment_date": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 180, size), "D"),
            "score_share": np.array([0.4, 0.8, 1.0])[rank],
            "is_bad": rank == 0,
            "had_bad_before": False,
            "channel": random.choice(["email", "app"], size),
            "customer_type": "person",
            "tenure_days": random.integers(30, 900, size),
            "recency_days": random.integers(0, 60, size),
            "median_gap_days": random.gamma(2.0, 15.0, size),
            "purchase_count_90": random.poisson(2, size),
            "purchase_count_365": random.poisson(8, size),
            "net_amount_90": prior / 4,
            "net_amount_365": prior,
            "previous_answer_count": random.poisson(1, size),
            "ticket_count_90": random.poisson(0.2, size),
            "late_count_90": random.poisson(0.2, size),
            "late_order_count": 0,
            "later_net_amount": later,
            "later_order_count": random.poisson(4, size),
            "is_repeat": random.random(size) < 0.6,
            "is_silent": random.random(size) < 0.2,
            "later_referral_count": random.poisson(0.1, size),
            "later_ticket_count": random.poisson(0.3, size),
            "has_left": left,
        }
    )
