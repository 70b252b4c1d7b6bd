"""Maximum likelihood of a few positive parameters, with what they may be off by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
_STEP = 1e-3
_BOUND = 12.0
"""Largest logarithm of a parameter: beyond it customers are all alike, and the likelihood is flat."""


@dataclass(frozen=True)
class Fit:
    """Parameters at the likelihood's maximum.

    Attributes:
        names: Names as in the paper.
        values: Parameters, all positive.
        covariance: Of their logarithms, from the curvature at the maximum.
        loglik: Log-likelihood there.
        is_settled: Whether the search ended at a maximum inside its bounds.
    """

    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    loglik: float
    is_settled: bool

    def intervals(self) -> tuple[Floats, Floats]:
        """Bounds at 95% of each parameter."""
        half = 1.959963984540054 * np.sqrt(np.maximum(np.diag(self.covariance), 0))
        return self.values * np.exp(-half), self.values * np.exp(half)

    def drawn(self, count: int, rng: np.random.Generator) -> Floats:
        """Parameters as they may be: count x parameters."""
        return np.exp(rng.multivariate_normal(np.log(self.values), self.covariance, size=count, method="eigh"))


def maximise(loglik: Callable[[Floats], float], names: tuple[str, ...], starts: list[list[float]]) -> Fit:
    """The highest maximum found from several starts.

    Args:
        loglik: Log-likelihood of positive parameters; -inf or nan where there is none.
        names: One per parameter.
        starts: Parameters to start from.
    """

    def cost(logs: Floats) -> float:
        found = loglik(np.exp(logs))
        return -found if np.isfinite(found) else 1e300

    bounds = [(-_BOUND, _BOUND)] * len(names)
    found = [minimize(cost, np.log(start), method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min(found, key=lambda one: float(one.fun))
    # Finite differences stop the search early on a flat ridge; the simplex goes on from there.
    best = minimize(cost, best.x, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-7, "maxiter": 2000})
    inside = bool(np.abs(best.x).max() < _BOUND - 0.01)
    curvature = _curvature(cost, best.x)
    size, axes = np.linalg.eigh(curvature)
    is_settled = bool(best.success and inside and size.min() > 0 and np.isfinite(best.fun))
    covariance = (axes / np.maximum(size, 1e-4)) @ axes.T
    return Fit(names, np.exp(best.x), covariance, -float(best.fun), is_settled)


def _curvature(cost: Callable[[Floats], float], at: Floats) -> Floats:
    """Second derivatives by central differences."""
    count = len(at)
    made = np.empty((count, count))
    step = np.eye(count) * _STEP
    for row in range(count):
        for column in range(row + 1):
            corners = [cost(at + one * step[row] + other * step[column]) for one in (1, -1) for other in (1, -1)]
            made[row, column] = made[column, row] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * _STEP**2)
    return made
