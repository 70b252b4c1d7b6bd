"""Membership in the loyalty programme: who joins, when, and how it moves the purchase rate; points are in `points`."""

from __future__ import annotations

import numpy as np

from cx_assets.sample_company.behaviour import Flags, has_joined
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import EXISTING, Population
from cx_assets.sample_company.records import NEVER
from cx_assets.sample_company.timeline import DAY, Floats, Ints, draw_clock, period_start, stream


class Memberships:
    """Who is a member since when; moved on period by period with `behaviour`.

    Attributes:
        period: Period in which each customer joined the programme, PERIOD_COUNT for not.
        at: Local second of it, NEVER for not.
    """

    def __init__(self, seed: int, people: Population, p: Parameters) -> None:
        self._seed, self._people, self._p = seed, people, p
        self.period: Ints = np.full(people.size, PERIOD_COUNT)
        self.at: Ints = np.full(people.size, NEVER)

    def chances(self, period: int) -> Floats:
        """P(joining in the period | rate class, stays to its end, not a member): customers x classes."""
        habits, people = self._p.loyalty, self._people
        at_once = (people.join_period == period) | ((period == 0) & (people.join_period == EXISTING))
        share = np.where(at_once, 1.0, habits.later_factor)
        share = share * (has_joined(period, people) | (people.join_period == period))
        return share[:, None] * np.array(habits.class_shares)

    def enter(self, period: int, active: Flags) -> None:
        """Let customers join who stay to the period's end; those who first buy in it do so with that purchase."""
        people = self._people
        rng = stream(self._seed, "membership", period)
        chance = self.chances(period)[np.arange(people.size), people.rate_class]
        joins = active & (self.period == PERIOD_COUNT) & (rng.random(people.size) < chance)
        day = rng.integers(0, PERIOD_DAYS, people.size)
        later = period_start(period) + day * DAY + draw_clock(rng, people.size)
        at = np.where(people.join_period == period, people.joined, later)
        self.period = np.where(joins, period, self.period)
        self.at = np.where(joins, at, self.at)

    def growth(self, period: int) -> Floats:
        """Factor on each customer's purchase rate: members buy more from the period after they joined."""
        return np.where(self.period < period, 1 + self._p.effects.loyalty_growth, 1.0)
