"""How the explained variance of a target divides over correlated predictors."""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_FOR_SHAPLEY = 12
"""Above so many predictors the 2^p subsets give way to Johnson's weights, which are close and cheap."""

_SMALLEST_PIVOT = 1e-9


def variance_shares(covariance: Floats) -> Floats:
    """Shares of R² by predictor: Shapley's (LMG) up to twelve predictors, Johnson's relative weights above.

    Args:
        covariance: Sets x (1 + p) x (1 + p), positive definite; the target comes first.

    Returns:
        Sets x p, not negative; each set sums to its R².

    Source:
        Lindeman, Merenda and Gold (1980), p. 119; Grömping (2007), The American Statistician 61(2); Johnson (2000),
        Multivariate Behavioral Research 35(1).
    """
    return lmg_shares(covariance) if covariance.shape[1] - 1 <= MOST_FOR_SHAPLEY else johnson_weights(covariance)


def lmg_shares(covariance: Floats) -> Floats:
    """Mean increase of R² by each predictor over all orders of entering; see `variance_shares`."""
    predictors = covariance.shape[1] - 1
    explained = 1 - _left_over(covariance) / covariance[:, 0, [0]]
    subsets = np.arange(2**predictors)
    size = np.array([int(subset).bit_count() for subset in subsets])
    orders = [factorial(k) * factorial(predictors - k - 1) / factorial(predictors) for k in range(predictors)]
    shares = np.empty((len(covariance), predictors))
    for predictor in range(predictors):
        without = subsets[(subsets >> predictor) & 1 == 0]
        gain = explained[:, without + (1 << predictor)] - explained[:, without]
        shares[:, predictor] = gain @ np.array(orders)[size[without]]
    return shares


def _left_over(covariance: Floats) -> Floats:
    """Variance of the target given each subset of predictors: sets x 2^p, bit k for predictor k.

    Breadth first: each predictor is either skipped or swept out, so that what all subsets share is worked out once.
    """
    predictors = covariance.shape[1] - 1
    scale = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    order = [*range(1, predictors + 1), 0]
    state = (covariance / scale[:, :, None] / scale[:, None, :])[:, order][:, :, order][:, None]
    for _ in range(predictors):
        rest, edge, pivot = state[..., 1:, 1:], state[..., 1:, 0], state[..., 0, 0][..., None, None]
        kept = edge[..., :, None] * edge[..., None, :]
        swept = rest - np.where(pivot > _SMALLEST_PIVOT, kept / np.maximum(pivot, _SMALLEST_PIVOT), 0.0)
        state = np.concatenate([rest, swept], axis=1)
    return state[..., 0, 0] * covariance[:, 0, [0]]


def johnson_weights(covariance: Floats) -> Floats:
    """Relative weights: R² by the nearest uncorrelated predictors, handed back; see `variance_shares`."""
    scale = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    correlation = covariance / scale[:, :, None] / scale[:, None, :]
    size, axes = np.linalg.eigh(correlation[:, 1:, 1:])
    root = (axes * np.sqrt(np.maximum(size, _SMALLEST_PIVOT))[:, None, :]) @ axes.transpose(0, 2, 1)
    slopes = np.linalg.solve(root, correlation[:, 1:, [0]])[:, :, 0]
    weights: Floats = ((root**2) @ (slopes**2)[:, :, None])[:, :, 0]
    return weights
