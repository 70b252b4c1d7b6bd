"""How customers without a contract buy and leave unseen: BG/NBD and Pareto/NBD on three numbers per customer.

Repeat purchases x, days from the first purchase to the last (t_x) and to the end of observation (T) say all that the
models can know. Both hold that a living customer buys at random at a rate of his own, gamma distributed; they differ in
when he leaves: after a purchase (BG/NBD), or at any time (Pareto/NBD).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, hyp2f1

from cx_assets.lifetime_value.likelihood import Fit, maximise

Floats = NDArray[np.float64]
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_NODES, _NODE_WEIGHTS = (_POINTS + 1) / 2, _WEIGHTS / 2


@dataclass(frozen=True)
class Histories:
    """Customers' purchase histories, in one unit of time throughout.

    Attributes:
        repeats: x, purchases after the first.
        recency: t_x, time from the first purchase to the last; 0 without repeats.
        age: T, time from the first purchase to the end of observation; at least t_x.
        weight: How many customers have exactly this history.
    """

    repeats: Floats
    recency: Floats
    age: Floats
    weight: Floats

    @classmethod
    def of(cls, repeats: Floats, recency: Floats, age: Floats) -> Histories:
        """Equal histories once, with their number.

        Raises:
            ValueError: A history is none: fewer than no purchases, or a last one after the end.
        """
        rows = np.column_stack([repeats, recency, age]).astype(np.float64)
        if not np.isfinite(rows).all() or (rows < 0).any() or (rows[:, 1] > rows[:, 2]).any():
            raise ValueError("a history has negative numbers, or its last purchase lies after its end")
        distinct, counts = np.unique(rows, axis=0, return_counts=True)
        return cls(distinct[:, 0], distinct[:, 1], distinct[:, 2], counts.astype(np.float64))

    def scaled(self, unit: float) -> Histories:
        """The same, times in units of so many of the old ones."""
        return Histories(self.repeats, self.recency / unit, self.age / unit, self.weight)


class PurchaseModel(ABC):
    """A fitted model of purchases.

    Attributes:
        fit: Its parameters.
        unit: Days that its unit of time has.
    """

    name: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    starts: ClassVar[list[list[float]]]

    def __init__(self, fit: Fit, unit: float = 1.0) -> None:
        self.fit = fit
        self.unit = unit

    @classmethod
    def fitted(cls, histories: Histories, unit: float = 1.0) -> PurchaseModel:
        """Fit to histories in days, with times in units of so many days."""
        scaled = histories.scaled(unit)

        def total(parameters: Floats) -> float:
            with np.errstate(all="ignore"):
                return float(scaled.weight @ cls.loglik(parameters, scaled))

        return cls(maximise(total, cls.names, cls.starts), unit)

    @staticmethod
    @abstractmethod
    def loglik(parameters: Floats, histories: Histories) -> Floats:
        """Log-likelihood of each history."""

    def alive(self, histories: Histories) -> Floats:
        """Probability that each customer has not left; 0 to 1."""
        with np.errstate(over="ignore", divide="ignore"):
            return 1 / (1 + np.exp(self._log_odds_of_having_left(histories.scaled(self.unit))))

    def expected(self, histories: Histories, days: float) -> Floats:
        """Purchases expected of each customer in the days after the end of observation."""
        scaled = histories.scaled(self.unit)
        return self._expected_if_alive(scaled, days / self.unit) * self.alive(histories)

    def simulated(
        self, histories: Histories, days: float, parameters: Floats, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Purchases in the days after the end, drawn once for each set of parameters: histories x sets."""
        scaled = histories.scaled(self.unit)
        made = np.empty((len(scaled.repeats), len(parameters)), dtype=np.int64)
        for column, one in enumerate(parameters):
            drawn = type(self)(Fit(self.names, one, self.fit.covariance, np.nan, True))
            alive = rng.random(len(scaled.repeats)) < drawn.alive(scaled)
            made[:, column] = np.where(alive, drawn._bought_if_alive(scaled, days / self.unit, rng), 0)
        return made

    @abstractmethod
    def _log_odds_of_having_left(self, histories: Histories) -> Floats: ...

    @abstractmethod
    def _expected_if_alive(self, histories: Histories, time: float) -> Floats: ...

    @abstractmethod
    def _bought_if_alive(self, histories: Histories, time: float, rng: np.random.Generator) -> NDArray[np.int64]: ...


class BgNbd(PurchaseModel):
    """Beta-geometric/NBD: a customer leaves after a purchase, with a probability of his own.

    Source:
        Fader, Hardie and Lee (2005), "Counting your customers the easy way", Marketing Science 24(2), equations 3, 7
        and 10; P(alive) from their note of 2008.
    """

    name = "bg_nbd"
    names = ("r", "alpha", "a", "b")
    starts: ClassVar[list[list[float]]] = [[1.0, 5.0, 1.0, 2.0], [0.3, 10.0, 0.5, 3.0]]

    @staticmethod
    def loglik(parameters: Floats, histories: Histories) -> Floats:
        """Equation 6, in logarithms."""
        r, alpha, a, b = parameters
        x, recency, age = histories.repeats, histories.recency, histories.age
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        living = -(r + x) * np.log(alpha + age)
        left = np.where(
            x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency), -np.inf
        )
        return np.asarray(common + np.logaddexp(living, left))

    def _log_odds_of_having_left(self, histories: Histories) -> Floats:
        r, alpha, a, b = self.fit.values
        x = histories.repeats
        odds = np.log(a) - np.log(b + np.maximum(x, 1) - 1)
        odds = odds + (r + x) * (np.log(alpha + histories.age) - np.log(alpha + histories.recency))
        return np.asarray(np.where(x > 0, odds, -np.inf))

    def _expected_if_alive(self, histories: Histories, time: float) -> Floats:
        r, alpha, a, b = self.fit.values
        a = 1 + 1e-6 if abs(a - 1) < 1e-6 else a
        x, age = histories.repeats, histories.age
        z = time / (alpha + age + time)
        # Equation 10 after Euler's transformation, whose powers cancel: nothing overflows with hundreds of purchases.
        shrunk = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
        return np.asarray((a + b + x - 1) / (a - 1) * (1 - shrunk))

    def _bought_if_alive(self, histories: Histories, time: float, rng: np.random.Generator) -> NDArray[np.int64]:
        r, alpha, a, b = self.fit.values
        rate = rng.gamma(r + histories.repeats, 1 / (alpha + histories.age))
        leaving = np.clip(rng.beta(a, b + histories.repeats), 1e-12, 1)
        return np.minimum(rng.poisson(rate * time), rng.geometric(leaving))


class ParetoNbd(PurchaseModel):
    """Pareto/NBD: a customer leaves at any time, at a rate of his own.

    Source:
        Schmittlein, Morrison and Colombo (1987), Management Science 33(1); Fader and Hardie (2005), "A note on deriving
        the Pareto/NBD model and related expressions", equations 19, 28 and 41.
    """

    name = "pareto_nbd"
    names = ("r", "alpha", "s", "beta")
    starts: ClassVar[list[list[float]]] = [[1.0, 10.0, 1.0, 10.0], [0.5, 5.0, 0.5, 20.0]]

    @staticmethod
    def _log_gone(parameters: Floats, histories: Histories) -> Floats:
        """Logarithm of A0 / (r + s + x): the likelihood's part of those who left after the last purchase.

        The integral of (alpha + t)^-(r + x) (beta + t)^-(s + 1) from the last purchase to the end, by Gauss-Legendre in
        a variable in which it hardly bends; the paper's hypergeometric functions overflow with hundreds of purchases.
        """
        r, alpha, s, beta = parameters
        x, recency = histories.repeats[:, None], histories.recency[:, None]
        decay = np.maximum(r + x - 1 + (s + 1) * min(1.0, alpha / beta), 0.05)
        length = np.log(alpha + histories.age[:, None]) - np.log(alpha + recency)
        reach = -np.expm1(-decay * length)
        steps = -np.log1p(-_NODES * reach) / decay
        times = (alpha + recency) * np.exp(steps) - alpha
        bent = (decay - r - x + 1) * steps - (s + 1) * (np.log(beta + times) - np.log(beta + recency))
        integral = (np.exp(bent) @ _NODE_WEIGHTS) * (reach / decay)[:, 0]
        first = -(r + x - 1) * np.log(alpha + recency) - (s + 1) * np.log(beta + recency)
        with np.errstate(divide="ignore"):  # nobody has left who bought on the last day
            return np.asarray(first[:, 0] + np.log(integral))

    @staticmethod
    def loglik(parameters: Floats, histories: Histories) -> Floats:
        """Equation 19, in logarithms."""
        r, alpha, s, beta = parameters
        x, age = histories.repeats, histories.age
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        living = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
        left = np.log(s) + ParetoNbd._log_gone(parameters, histories)
        return np.asarray(common + np.logaddexp(living, left))

    def _log_odds_of_having_left(self, histories: Histories) -> Floats:
        r, alpha, s, beta = self.fit.values
        x, age = histories.repeats, histories.age
        gone = self._log_gone(self.fit.values, histories)
        living = (r + x) * np.log(alpha + age) + s * np.log(beta + age)
        return np.asarray(np.log(s) + living + gone)

    def _expected_if_alive(self, histories: Histories, time: float) -> Floats:
        r, alpha, s, beta = self.fit.values
        s = 1 + 1e-6 if abs(s - 1) < 1e-6 else s
        x, age = histories.repeats, histories.age
        staying = (1 - ((beta + age) / (beta + age + time)) ** (s - 1)) / (s - 1)
        return np.asarray((r + x) / (alpha + age) * (beta + age) * staying)

    def _bought_if_alive(self, histories: Histories, time: float, rng: np.random.Generator) -> NDArray[np.int64]:
        r, alpha, s, beta = self.fit.values
        rate = rng.gamma(r + histories.repeats, 1 / (alpha + histories.age))
        leaving = np.maximum(rng.gamma(s, 1 / (beta + histories.age)), 1e-300)
        stays = np.minimum(rng.exponential(1, len(rate)) / leaving, time)
        return rng.poisson(rate * stays)
