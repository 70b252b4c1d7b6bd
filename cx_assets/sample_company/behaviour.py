"""The process behind purchases: customers are active or gone, and may leave on any day.

An active customer buys at a Poisson rate: rate class x relationship x season x season of the favourite category x
circumstance of the period x campaign; what a campaign adds falls on the first days after its contact.
In each period of 30 days the customer leaves, with a log-odds to which the relationship and bad experiences of the
period before add, at the end of a day drawn evenly; those who are gone buy nothing and return with a small probability
at a period's start.

The relationship is a class for life plus an experience that late deliveries and complaints move and that fades.
Rate class, relationship class, state, circumstance and the day of leaving are in no file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cx_assets.sample_company.catalogue import favourite_season
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import EXISTING, PROSPECT, Population
from cx_assets.sample_company.timeline import (
    DAY,
    Floats,
    Ints,
    is_discount_season,
    period_start,
    season_factor,
    shares_until,
    stream,
)

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Experience:
    """What each customer lived through in one period (one entry per customer).

    Attributes:
        late: A delivery arrived after its promise.
        complaint: A complaint was unresolved when the period ended.
        recovered: A complaint was resolved quickly.
        low_service: A ticket was badly handled.
        low_answered: Its survey was answered, so that the files show it.
        unanswered: Tickets closed in the period whose handling no answer shows.
    """

    late: Flags
    complaint: Flags
    recovered: Flags
    low_service: Flags
    low_answered: Flags
    unanswered: Ints

    @staticmethod
    def empty(size: int) -> Experience:
        """A period in which nothing happened."""
        none = np.zeros(size, bool)
        return Experience(none, none, none, none, none, np.zeros(size, np.int64))


def logistic(log_odds: Floats) -> Floats:
    """Probability of log-odds."""
    return 1.0 / (1.0 + np.exp(-log_odds))


def observable_leave_odds(period: int, people: Population, lived: Experience, p: Parameters) -> Floats:
    """Log-odds of leaving in `period` after what was lived through before it, without the relationship."""
    tenure = period - people.join_period
    is_new = (people.join_period != EXISTING) & (tenure <= p.first_periods)
    is_young = (people.join_period >= 0) & (tenure > 1) & (tenure <= p.onboarding_periods)
    cohorts = [k for k in range(PERIOD_COUNT) if is_discount_season(k)]
    return (
        p.leave_base
        + p.leave_first_periods * is_new
        + p.leave_discount_cohort * np.isin(people.join_period, cohorts)
        + p.effects.late_delivery * lived.late
        + p.effects.open_complaint * lived.complaint
        + p.effects.low_service * lived.low_answered
        + p.effects.onboarding * (people.is_onboarded & is_young)
    )


def exposure(period: int, people: Population) -> Floats:
    """Share of a period in which a customer may buy again: all of it, what follows the first day, or nothing."""
    joins = people.join_period == period
    day = np.where(joins, (people.joined - period_start(period)) // DAY, 0)
    rest = (PERIOD_DAYS - 1 - day) / PERIOD_DAYS
    return np.where(people.join_period < period, 1.0, np.where(joins, rest, 0.0))


def _share_until(period: int, people: Population, end_day: Ints | int, *, is_drawn: bool) -> Floats:
    store, online = (
        shares_until(period, is_online=is_online, is_drawn=is_drawn)[end_day] for is_online in (False, True)
    )
    return store + people.online_share * (online - store)


def share_until(period: int, people: Population, end_day: Ints | int, lift: Floats | float = 1.0) -> Floats:
    """Share of each customer's purchases of the period that falls on its first `end_day` days.

    `lift` is the campaign's factor on the rate; what it adds comes sooner than the rest, what it takes away does not.
    """
    usual = _share_until(period, people, end_day, is_drawn=False)
    more = np.maximum(np.asarray(lift) - 1.0, 0.0)
    if not more.any():
        return usual
    return (usual + more * _share_until(period, people, end_day, is_drawn=True)) / (1.0 + more)


def rate_factor(bond: Floats, p: Parameters) -> Floats:
    """Factor of a relationship on the purchase rate, 1 on average over the classes."""
    strength, r = p.effects.relationship_rate, p.relationship
    return np.exp(strength * bond) / (np.exp(strength * np.array(r.classes)) @ np.array(r.shares))


class Behaviour:
    """State of all customers, moved on period by period.

    Attributes:
        active: Who has not left; in a period entered, by its end.
        end_day: Days of the period entered on which the customer was still there, 1-30; 30 for all who did not leave.
        experience: Part of the relationship that events move; the files show it.
        silent, leave_probability, circumstance: For the period prepared last, before it is entered.
    """

    def __init__(self, seed: int, people: Population, p: Parameters) -> None:
        self._seed, self._people, self._p = seed, people, p
        self._present: Flags = np.zeros(people.size, bool)
        self._class = np.array(p.relationship.classes)[people.attachment]
        self.active: Flags = np.zeros(people.size, bool)
        self.end_day: Ints = np.full(people.size, PERIOD_DAYS)
        self.experience: Floats = np.zeros(people.size)
        self.silent: Flags = np.zeros(people.size, bool)
        self.leave_probability: Floats = np.zeros(people.size)
        self.circumstance: Floats = np.ones(people.size)

    @property
    def relationship(self) -> Floats:
        """How close each customer is to the company (about -2 to 2)."""
        return self._class + self.experience

    def prepare(self, period: int, lived: Experience) -> None:
        """Draw what no file shows: the silent disappointment before the period and its circumstance."""
        p, people, r = self._p, self._people, self._p.relationship
        rng = stream(self._seed, "hidden", period)
        self.experience = r.memory * self.experience + (
            r.late * lived.late + r.open_complaint * lived.complaint + r.recovered * lived.recovered
        )
        self.silent = rng.random(people.size) < p.silent_share
        hidden = p.effects.low_service * (lived.low_service & ~lived.low_answered)
        hidden = hidden + p.effects.silent_disappointment * self.silent
        hidden = hidden + p.effects.relationship_leaving * self.relationship
        self.leave_probability = logistic(observable_leave_odds(period, people, lived, p) + hidden)
        factors = np.array(p.circumstance_factors)
        kind = np.searchsorted(np.cumsum(p.circumstance_shares)[:-1], rng.random(people.size), side="right")
        self.circumstance = factors[kind] / (factors @ np.array(p.circumstance_shares))

    def enter(self, period: int) -> Flags:
        """Let customers leave, return and join; returns who leaves in the period."""
        p, people = self._p, self._people
        rng = stream(self._seed, "leaving", period)
        known = people.join_period < period
        leaves = self.active & (rng.random(people.size) < self.leave_probability)
        returns = known & ~self.active & (rng.random(people.size) < p.return_share)
        joins = people.join_period == period
        if period == 0:
            existing = people.join_period == EXISTING
            returns = existing & (rng.random(people.size) < p.active_at_start_share)
        self.end_day = np.where(leaves, rng.integers(1, PERIOD_DAYS + 1, people.size), PERIOD_DAYS)
        self._present = self.active | returns | joins
        self.active = self._present & ~leaves
        return leaves

    def rates(self, period: int, growth: Floats) -> Floats:
        """Expected further orders of each customer in the period, were they there to its end."""
        rate = np.array(self._p.purchase_rates)[self._people.rate_class] * rate_factor(self.relationship, self._p)
        rate *= season_factor(period) * favourite_season(period, self._people.affinity, self._p.favourite_season)
        return rate * self.circumstance * growth * exposure(period, self._people)

    def order_counts(self, period: int, growth: Floats, lift: Floats | float = 1.0) -> tuple[Ints, Ints]:
        """Orders of each customer in the period, without the first one of those who join.

        Args:
            period: The period entered.
            growth: Factor on each rate, the campaign's apart.
            lift: The campaign's factor.

        Returns:
            All orders, and those of them that the campaign drew.
        """
        rng = stream(self._seed, "orders", period)
        counts = rng.poisson(self.rates(period, growth * lift) * self.presence(period, lift))
        more = np.broadcast_to(np.maximum(np.asarray(lift) - 1.0, 0.0), counts.shape)
        drawn = np.zeros_like(counts)
        bought = np.flatnonzero((more > 0) & (counts > 0))
        usual, early = (
            _share_until(period, self._people, self.end_day, is_drawn=is_drawn)[bought] for is_drawn in (False, True)
        )
        drawn[bought] = rng.binomial(counts[bought], more[bought] * early / (usual + more[bought] * early))
        return counts, drawn

    def presence(self, period: int, lift: Floats | float = 1.0) -> Floats:
        """Share of each customer's purchases of the period entered that falls on the days on which they were there."""
        return self._present * share_until(period, self._people, self.end_day, lift)

    def visit_counts(self, period: int) -> tuple[Ints, Ints]:
        """Recognised visits of website and app of each customer in the period (after the day of joining).

        Returns:
            All visits, and those of them on the days on which the customer was there.
        """
        p = self._p
        there = self._present * self.end_day / PERIOD_DAYS
        interest = np.where(self.active, 1.0, 1 - p.effects.turn_down)
        rate = p.visit_rate_active * np.exp(p.effects.relationship_visits * self.relationship) * there * interest
        rng = stream(self._seed, "visit counts", period)
        before = rng.poisson(rate * exposure(period, self._people))
        after = rng.poisson(p.visit_rate_gone * (1 - there) * exposure(period, self._people))
        return before + after, np.where(self._present, before, before + after)


def has_joined(period: int, people: Population) -> Flags:
    """Customers whose first purchase lies before the period; prospects never have one."""
    return (people.join_period < period) & (people.join_period != PROSPECT)
