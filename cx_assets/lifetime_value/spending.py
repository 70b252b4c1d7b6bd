"""What a purchase of a customer brings: gamma-gamma, few purchases shrunk towards everybody's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from cx_assets.lifetime_value.likelihood import Fit, maximise

Floats = NDArray[np.float64]
NAMES = ("p", "q", "v")


class GammaGamma:
    """Amounts of a customer vary around a mean of his own; the means vary between customers.

    It holds that who buys often spends no more and no less per purchase.

    Attributes:
        fit: p (shape of amounts), q (shape of means), v (scale); the mean is finite where q is above 1.

    Source:
        Fader and Hardie (2013), "The gamma-gamma model of monetary value", equations 1a and 5; Colombo and
        Jiang (1999).
    """

    def __init__(self, fit: Fit) -> None:
        self.fit = fit

    @classmethod
    def fitted(cls, counts: Floats, means: Floats) -> GammaGamma:
        """Fit to each customer's number of purchases and their mean amount, both positive."""
        unit = float(np.median(means))
        scaled = means / unit

        def total(parameters: Floats) -> float:
            p, q, v = parameters
            shape = p * counts
            made = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
            made = made + (shape - 1) * np.log(scaled) + shape * np.log(counts)
            return float((made - (shape + q) * np.log(v + counts * scaled)).sum())

        found = maximise(total, NAMES, [[2.0, 2.0, 2.0], [6.0, 4.0, 0.5]])
        values = found.values * np.array([1.0, 1.0, unit])
        return cls(Fit(NAMES, values, found.covariance, found.loglik - len(means) * np.log(unit), found.is_settled))

    @property
    def has_mean(self) -> bool:
        """Whether the mean over customers is finite."""
        return bool(self.fit.values[1] > 1)

    def expected(self, counts: Floats, means: Floats) -> Floats:
        """Mean amount of each customer's next purchases; a count of 0 gives everybody's mean."""
        p, q, v = self.fit.values
        return np.asarray(p * (v + counts * np.where(counts > 0, means, 0)) / (p * counts + q - 1))

    def simulated(
        self,
        counts: Floats,
        means: Floats,
        bought: NDArray[np.int64],
        parameters: Floats,
        rng: np.random.Generator,
    ) -> Floats:
        """Sums of so many purchases of each customer, once for each set of parameters: customers x sets."""
        p, q, v = parameters.T
        known = np.where(counts > 0, counts * means, 0)[:, None]
        shape = q + p * counts[:, None]
        rate = rng.gamma(shape) / (v + known)
        return np.asarray(np.where(bought > 0, rng.gamma(np.maximum(p * bought, 1e-12)), 0) / rate)
