"""How long contracts last: the shifted beta-geometric, which knows that those who stay are the loyal ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from cx_assets.lifetime_value.likelihood import Fit, maximise

Floats = NDArray[np.float64]
NAMES = ("alpha", "beta")
_TELLING_GAIN = 2.0
"""About the 5% point of twice as much under a chi-squared distribution with one degree of freedom (3.84)."""


class ShiftedBetaGeometric:
    """A contract is not renewed with a probability of its own; the probabilities are beta distributed.

    Source:
        Fader and Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21(1), equations
        5 to 8.
    """

    name = "shifted_beta_geometric"

    def __init__(self, fit: Fit) -> None:
        self.fit = fit

    @classmethod
    def fitted(cls, periods: Floats, is_ended: NDArray[np.bool_], weight: Floats | None = None) -> ShiftedBetaGeometric:
        """Fit to contracts.

        Args:
            periods: Billing periods: those that an ended contract was paid for, at least 1; those that a running one
                has been renewed after, which may be 0.
            is_ended: Whether it ended.
            weight: Contracts of each row; one each if not given.
        """
        rows = np.ones(len(periods)) if weight is None else weight

        def total(parameters: Floats) -> float:
            a, b = parameters
            ended = betaln(a + 1, b + np.maximum(periods, 1) - 1) - betaln(a, b)
            return float(rows @ np.where(is_ended, ended, betaln(a, b + periods) - betaln(a, b)))

        return cls(maximise(total, NAMES, [[1.0, 1.0], [0.5, 5.0]]))

    def surviving(self, periods: Floats) -> Floats:
        """Share of contracts that are renewed after so many periods."""
        a, b = self.fit.values
        return np.asarray(np.exp(betaln(a, b + periods) - betaln(a, b)))

    def renewals(self, age: Floats, count: int) -> Floats:
        """Probability of each of the next renewals of contracts that were renewed so many times: contracts x count."""
        ahead = age[:, None] + np.arange(1, count + 1)
        return np.asarray(self.surviving(ahead) / self.surviving(age[:, None] + np.zeros(count)))


class Geometric:
    """All contracts end with the same probability: what the shifted beta-geometric becomes where they are all alike."""

    name = "geometric"

    def __init__(self, fit: Fit) -> None:
        self.fit = fit

    @classmethod
    def fitted(cls, periods: Floats, is_ended: NDArray[np.bool_]) -> Geometric:
        """Ends over the renewals that were due: an ended contract was renewed once less than it lasted."""
        ended, due = float(is_ended.sum()), float(periods.sum())
        ending = ended / due
        # Of the logarithm: the share's variance over its square.
        covariance = np.array([[(1 - ending) / ended]])
        loglik = ended * np.log(ending) + (due - ended) * np.log1p(-ending) if ending < 1 else 0.0
        return cls(Fit(("ending",), np.array([ending]), covariance, float(loglik), ending < 1))

    def renewals(self, age: Floats, count: int) -> Floats:
        """Probability of each of the next renewals: contracts x count."""
        return np.tile((1 - self.fit.values[0]) ** np.arange(1, count + 1), (len(age), 1))


def contract_model(periods: Floats, is_ended: NDArray[np.bool_]) -> ShiftedBetaGeometric | Geometric:
    """The shifted beta-geometric, or the geometric where it tells nothing more: less than 2 of log-likelihood."""
    made, alike = ShiftedBetaGeometric.fitted(periods, is_ended), Geometric.fitted(periods, is_ended)
    return made if made.fit.loglik > alike.fit.loglik + _TELLING_GAIN else alike
