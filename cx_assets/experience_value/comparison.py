"""Adjusted differences between groups of customers, with intervals that hold for repeated rows of a customer.

Knows arrays and frames of covariates, not what the groups or outcomes are; those are in points and losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import t as student

Floats = NDArray[np.floating[Any]]
FOLDS = 5
PENALTY = 10.0
"""Ridge penalty of both regressions on standardised columns: as if ten rows said that a column says nothing."""
OVERLAP = (0.1, 0.9)
"""Probabilities of the first group between which customers of both groups are found (Crump et al. 2009)."""


@dataclass(frozen=True)
class Estimate:
    """A difference with its 95% interval.

    Attributes:
        difference, low, high: In the unit of the outcome.
        p_value: Two-sided, of no difference.
        first_mean, second_mean: Means of the groups; their difference is `difference`. Null for a slope.
    """

    difference: float
    low: float
    high: float
    p_value: float
    first_mean: float = np.nan
    second_mean: float = np.nan


def design(rows: pd.DataFrame, numbers: list[str], names: list[str]) -> Floats:
    """Covariates as standardised columns.

    Args:
        rows: One row per unit.
        numbers: Columns of numbers; a null is 0 beside a column that says so. Amounts and counts come twice, as they
            are and as logarithm of 1 + x (0 for negative ones), since spending follows neither alone.
        names: Columns of texts: a column for each value of at least 2% of the rows.

    Returns:
        One row per unit; columns without any variation are left out.
    """
    columns = []
    for name in numbers:
        values = rows[name].astype("float64").to_numpy()
        known = ~np.isnan(values)
        filled = np.where(known, values, 0.0)
        columns += [filled, np.log1p(np.maximum(filled, 0.0)), known.astype("float64")]
    for name in names:
        texts = rows[name].astype("object").fillna("none")
        shares = texts.value_counts(normalize=True).sort_index()
        columns += [(texts == value).to_numpy("float64") for value in shares[shares >= 0.02].index]
    if not columns:
        return np.empty((len(rows), 0))
    matrix = np.column_stack(columns)
    spread = matrix.std(axis=0)
    varied = spread > 1e-9
    return np.asarray((matrix[:, varied] - matrix[:, varied].mean(axis=0)) / spread[varied], dtype="float64")


def folds_of(clusters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fold of each row; a customer's rows share one. The order of ids, by which they are numbered, says nothing."""
    return np.asarray(clusters % FOLDS, dtype=np.int64)


def propensity(covariates: Floats, is_first: NDArray[np.bool_], clusters: NDArray[np.int64]) -> Floats:
    """Probability of belonging to the first group, each row's learnt from other customers."""
    if covariates.shape[1] == 0:
        return np.full(len(is_first), is_first.mean())
    fold, told = folds_of(clusters), np.full(len(is_first), is_first.mean())
    for number in np.unique(fold):
        held, learnt = fold == number, fold != number
        if len(np.unique(is_first[learnt])) == 2:
            told[held] = _logistic(covariates[learnt], is_first[learnt], covariates[held])
    return told


def _logistic(known: Floats, is_first: NDArray[np.bool_], asked: Floats) -> Floats:
    """Logistic regression with a ridge penalty, the intercept free (le Cessie and van Houwelingen 1992).

    Newton's steps are halved until the penalised likelihood rises: where a rare column tells much, the whole step
    overshoots and never returns.
    """
    left = np.column_stack([np.ones(len(known)), known])
    penalty = np.full(left.shape[1], PENALTY)
    penalty[0] = 1e-9
    weights = np.zeros(left.shape[1])
    weights[0] = np.log(is_first.mean() / (1 - is_first.mean()))

    def objective(trial: Floats) -> float:
        told = left @ trial
        return float((is_first * told - np.logaddexp(0.0, told)).sum() - (penalty * trial**2).sum() / 2)

    reached = objective(weights)
    for _ in range(50):
        chance = expit(left @ weights)
        pull = left.T @ (is_first - chance) - penalty * weights
        step = np.linalg.solve((left.T * (chance * (1 - chance))) @ left + np.diag(penalty), pull)
        share = 1.0
        while objective(weights + share * step) < reached and share > 1e-6:
            share /= 2
        weights = weights + share * step
        reached = objective(weights)
        if np.abs(share * step).max() < 1e-6:
            break
    return np.asarray(expit(weights[0] + asked @ weights[1:]), dtype="float64")


def expected(covariates: Floats, outcome: Floats, learn: NDArray[np.bool_], clusters: NDArray[np.int64]) -> Floats:
    """Outcome that rows like this one have among `learn`, each row's learnt from other customers."""
    fold, told = folds_of(clusters), np.full(len(outcome), outcome[learn].mean())
    if covariates.shape[1] == 0:
        return told
    for number in np.unique(fold):
        held, learnt = fold == number, (fold != number) & learn
        if learnt.sum() > 1:
            told[held] = _ridge(covariates[learnt], outcome[learnt], covariates[held])
    return told


def _ridge(known: Floats, outcome: Floats, asked: Floats) -> Floats:
    """Ridge regression, the intercept free (Hoerl and Kennard 1970)."""
    centre, mean = known.mean(axis=0), outcome.mean()
    moved = known - centre
    weights = np.linalg.solve(moved.T @ moved + PENALTY * np.eye(known.shape[1]), moved.T @ (outcome - mean))
    return np.asarray(mean + (asked - centre) @ weights, dtype="float64")


def from_influence(
    difference: float, influence: Floats, clusters: NDArray[np.int64], first: float = np.nan, second: float = np.nan
) -> Estimate:
    """An estimate from what each row adds to it (mean 0); rows of a customer are summed before they are squared."""
    sums = np.bincount(np.unique(clusters, return_inverse=True)[1], weights=influence)
    count = len(sums)
    error = float(np.sqrt(np.sum(sums**2) * count / max(count - 1, 1)) / len(influence))
    freedom = max(count - 1, 1)
    reach = float(student.ppf(0.975, freedom)) * error
    p_value = float(2 * student.sf(abs(difference) / error, freedom)) if error > 0 else float(difference == 0)
    return Estimate(difference, difference - reach, difference + reach, p_value, first, second)


def raw_difference(outcome: Floats, is_first: NDArray[np.bool_], clusters: NDArray[np.int64]) -> Estimate:
    """Mean of the first group less that of the second, nothing adjusted."""
    first, second, share = outcome[is_first].mean(), outcome[~is_first].mean(), is_first.mean()
    influence = np.where(is_first, (outcome - first) / share, -(outcome - second) / (1 - share))
    return from_influence(float(first - second), influence, clusters, float(first), float(second))


def doubly_robust(
    covariates: Floats, outcome: Floats, is_first: NDArray[np.bool_], clusters: NDArray[np.int64], chance: Floats
) -> Estimate:
    """Difference of the groups among all rows, adjusted for covariates; rows must lie within OVERLAP.

    Right when either the outcome's regression or the probability of the group is (augmented inverse probability
    weighting; Robins, Rotnitzky and Zhao 1994), both cross-fitted (Chernozhukov et al. 2018).
    """
    first = expected(covariates, outcome, is_first, clusters)
    second = expected(covariates, outcome, ~is_first, clusters)
    high = first + np.where(is_first, (outcome - first) / chance, 0.0)
    low = second + np.where(~is_first, (outcome - second) / (1 - chance), 0.0)
    difference = float((high - low).mean())
    return from_influence(difference, high - low - difference, clusters, float(high.mean()), float(low.mean()))


def doubly_robust_treated(
    covariates: Floats, outcome: Floats, is_first: NDArray[np.bool_], clusters: NDArray[np.int64], chance: Floats
) -> Estimate:
    """Difference among those of the first group, beside what comparable rows of the second had.

    Source: Hahn (1998), Econometrica 66(2), for the influence function of the effect on the treated.
    """
    second = expected(covariates, outcome, ~is_first, clusters)
    share = float(is_first.mean())
    weight = np.where(is_first, 1.0, -chance / (1 - chance)) / share
    part = weight * (outcome - second)
    difference, mean = float(part.mean()), float(outcome[is_first].mean())
    return from_influence(difference, part - is_first * difference / share, clusters, mean, mean - difference)


def slope(
    covariates: Floats, outcome: Floats, score: Floats, clusters: NDArray[np.int64], *, is_raw: bool = False
) -> Estimate:
    """Difference of the outcome per unit of score.

    What covariates tell of either is taken off both (Robinson 1988, Econometrica 56(4)), unless raw.
    """
    everyone = np.ones(len(outcome), bool)
    known = np.empty((len(outcome), 0)) if is_raw else covariates
    score_left = score - expected(known, score, everyone, clusters)
    outcome_left = outcome - expected(known, outcome, everyone, clusters)
    score_left, outcome_left = score_left - score_left.mean(), outcome_left - outcome_left.mean()
    spread = float((score_left**2).mean())
    if spread == 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    per_unit = float((score_left * outcome_left).mean() / spread)
    return from_influence(per_unit, score_left * (outcome_left - per_unit * score_left) / spread, clusters)


def q_values(p_values: Floats) -> Floats:
    """Smallest false discovery rate at which each is a discovery; null where the p-value is.

    Source: Benjamini and Hochberg (1995), J. R. Statist. Soc. B 57(1).
    """
    found = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    scaled = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
