"""From which match probability on a pair is a link, chosen from the model's own probabilities."""

from __future__ import annotations

import numpy as np

_STEPS = 50
# However few matches there are to expect, a pair that is probably none is no link.
_LOWEST = 0.2
MOST_SHIFT = 4.0
"""Bits that the prior may move, either way."""


def expected_f1_threshold(probabilities: np.ndarray, *, rest: float = 0.0) -> float:
    """The probability at which the expected F1 over the scored pairs is highest.

    With pairs sorted by probability, taking the first k gives an expected F1 of about 2 * (p_1 + ... + p_k) /
    (k + sum of all p): the ratio of expectations, which for many pairs is the expectation of the ratio.

    Args:
        probabilities: Match probabilities of scored pairs, in any order.
        rest: Sum of the probabilities of pairs too weak to be listed.

    Returns:
        A threshold from 0.2 to 1; pairs at or above it are links. 1 where there is no pair. Where hardly any match is
        to be expected, half the best F1 would link what is nearly always wrong, so it is never below 0.2.

    Source:
        Lipton, Elkan and Naryanaswamy (2014), "Optimal thresholding of classifiers to maximize F1 measure",
        theorem 1: the best threshold is half the best F1. No label is used, so the choice is as good as the model's
        calibration.
    """
    if not len(probabilities):
        return 1.0
    ordered = np.sort(probabilities)[::-1]
    f1 = 2 * np.cumsum(ordered) / (np.arange(1, len(ordered) + 1) + ordered.sum() + rest)
    return float(max(f1.max() / 2, _LOWEST))


def prior_shift(weights: np.ndarray, *, prior: float, pair_count: float, most: float = MOST_SHIFT) -> float:
    """Bits to add to every match weight, so that the prior is what the scored pairs themselves say.

    Expectation maximisation of the prior odds alone: the expected number of matches under the new prior is the one
    that the new odds stand for, relative to the old.

    Args:
        weights: Match weights (log2 posterior odds) of scored pairs under the old prior.
        prior: The old prior.
        pair_count: All pairs that could be made, blocked or not.
        most: Bits that the prior may move, either way.

    Source:
        Saerens, Latinne and Decaestecker (2002), "Adjusting the outputs of a classifier to new a priori
        probabilities", for the step; the sum is over blocked pairs, as the others can hardly match.
    """
    old = np.log2(prior / (1 - prior))
    shift = 0.0
    for _ in range(_STEPS):
        expected = float((1 / (1 + np.exp2(-(weights + shift)))).sum())
        new = min(max(expected / pair_count, 1e-12), 0.5)
        shift = float(np.clip(np.log2(new / (1 - new)) - old, -most, most))
    return shift
