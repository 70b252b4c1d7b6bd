"""Maximum likelihood of a few positive parameters, with what they may be off by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
_STEP = 1e-3
_IMPOSSIBLE = 1e300
_SMALLEST_GAIN = 0.01
"""Of log-likelihood: less is far below what a parameter can be known to."""
_LEAST_CURVATURE = 0.25
"""Below it the logarithm of a parameter has a standard error above 2: taken as 2."""
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
        is_flat: Whether some combination of the parameters is not known, even to a factor: what they say together still
            is.
    """

    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    loglik: float
    is_settled: bool
    is_flat: bool = False

    def intervals(self) -> tuple[Floats, Floats]:
        """Bounds at 95% of each parameter."""
        half = 1.959963984540054 * np.sqrt(np.maximum(np.diag(self.covariance), 0))
        return self.values * np.exp(-half), self.values * np.exp(half)

    def drawn(self, count: int, rng: np.random.Generator) -> Floats:
        """Parameters as they may be: count x parameters."""
        return np.exp(rng.multivariate_normal(np.log(self.values), self.covariance, size=count, method="eigh"))


def maximise(loglik: Callable[[Floats], float], names: tuple[str, ...], starts: list[list[float]]) -> Fit:
    """The first maximum found, or the best that was reached.

    Args:
        loglik: Log-likelihood of positive parameters; -inf or nan where there is none.
        names: One per parameter.
        starts: Parameters to start from, one after the other until a search settles.
    """

    def cost(logs: Floats) -> float:
        found = loglik(np.exp(logs))
        return -found if np.isfinite(found) else _IMPOSSIBLE

    bounds = [(-_BOUND, _BOUND)] * len(names)
    found = []
    for start in starts:
        search = minimize(
            cost, np.log(start), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-6, "maxiter": 500}
        )
        found.append(_judged(cost, names, search.x, float(search.fun)))
        if found[-1].is_settled:
            break
    return max(found, key=lambda fit: (fit.is_settled, fit.loglik))


def _judged(cost: Callable[[Floats], float], names: tuple[str, ...], at: Floats, lowest: float) -> Fit:
    """A search's end with its curvature; settled where a Newton step from there would gain next to nothing."""
    curvature, slope = _curvature(cost, at)
    size, axes = np.linalg.eigh(curvature)
    inside = np.abs(at).max() < _BOUND - 0.01 and lowest < _IMPOSSIBLE
    covariance = (axes / np.maximum(size, _LEAST_CURVATURE)) @ axes.T
    gain = float(slope @ covariance @ slope) / 2
    is_settled = bool(inside and size.min() > 0 and size.max() < 1e15 and gain < _SMALLEST_GAIN)
    return Fit(names, np.exp(at), covariance, -lowest, is_settled, bool(size.min() < _LEAST_CURVATURE))


def _curvature(cost: Callable[[Floats], float], at: Floats) -> tuple[Floats, Floats]:
    """Second and first derivatives by central differences."""
    count = len(at)
    made, slope = np.empty((count, count)), np.empty(count)
    step = np.eye(count) * _STEP
    for row in range(count):
        slope[row] = (cost(at + step[row]) - cost(at - step[row])) / (2 * _STEP)
        for column in range(row + 1):
            corners = [cost(at + one * step[row] + other * step[column]) for one in (1, -1) for other in (1, -1)]
            made[row, column] = made[column, row] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * _STEP**2)
    return made, slope
