"""The best forecast of churn from what the files show: a filter over the hidden states of `behaviour`.

For each customer the probabilities of (rate class, relationship class, active or gone) given all recorded purchases,
visits, late deliveries, complaints, answered service surveys, campaign contacts and the start of a loyalty membership
(the favourite category and how somebody answers to campaigns are given to it) are carried from period to period: a
hidden Markov model, so the forecast is Bayes' rule with the true parameters and no estimate. What is integrated out:
both classes, the state, the day of leaving, the circumstance of the period, silent disappointments, the handling of
tickets whose survey was not answered, and campaigns of the future. Scores in surveys are not used, although they tell a
little of the relationship, nor is the end of a delivery pass; days of leaving are summed in blocks of six.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cx_assets.sample_company.behaviour import (
    Behaviour,
    Experience,
    exposure,
    has_joined,
    logistic,
    observable_leave_odds,
    rate_factor,
    share_until,
)
from cx_assets.sample_company.campaigns import Campaign, answer_factor, uplift_of
from cx_assets.sample_company.catalogue import favourite_season
from cx_assets.sample_company.consents import Consents
from cx_assets.sample_company.loyalty import Memberships
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import EXISTING, Population
from cx_assets.sample_company.timeline import Floats, Ints, season_factor

_BLOCK_DAYS = 6
_BLOCK_STARTS = np.arange(1, PERIOD_DAYS + 1, _BLOCK_DAYS)


@dataclass(frozen=True)
class Forecast:
    """Forecast for one period at the cut before it (one entry per customer).

    Attributes:
        hazard_observable: Probability that an active customer leaves in the period, given what the files show.
        hazard_full: The same given everything, hidden events included; 0 for those who are gone.
        active_observable: Probability of being active before the cut, given what the files show.
        silence_observable: P(no sale in the 30 days after the cut | what the files show).
        silence_full: P(no sale in the 30 days after the cut | everything: class, state, circumstance, contact).
    """

    hazard_observable: Floats
    hazard_full: Floats
    active_observable: Floats
    silence_observable: Floats
    silence_full: Floats


class Oracle:
    """Filter over all customers; memory is customers x (rate classes x relationship classes) x 3 doubles."""

    def __init__(self, people: Population, consents: Consents, memberships: Memberships, p: Parameters) -> None:
        self._people, self._consents, self._memberships, self._p = people, consents, memberships, p
        kinds = np.array(p.relationship.classes)
        self._kind = np.tile(np.arange(len(kinds)), len(p.purchase_rates))
        self._kinds = kinds
        self._rates = np.repeat(np.array(p.purchase_rates), len(kinds))
        self._factors = np.array(p.circumstance_factors)
        self._factor_shares = np.array(p.circumstance_shares)
        self._factors = self._factors / (self._factors @ self._factor_shares)
        self._active = np.zeros((people.size, len(self._rates)))
        self._leaving = np.zeros_like(self._active)
        self._gone = np.zeros_like(self._active)

    def _prior(self) -> Floats:
        person, company = np.array(self._p.person_class_shares), np.array(self._p.company_class_shares)
        shares = np.where(self._people.is_company[:, None], company / company.sum(), person / person.sum())
        kinds = np.array(self._p.relationship.shares)
        return np.repeat(shares, len(kinds), axis=1) * kinds[self._kind]

    def _bond(self, experience: Floats) -> Floats:
        """Relationship by class of it, customers x relationship classes."""
        return self._kinds + experience[:, None]

    def _mean_orders(self, period: int, experience: Floats, growth: Floats | float) -> Floats:
        """Expected orders of a whole period at a usual circumstance, customers x classes."""
        factor = rate_factor(self._bond(experience), self._p)[:, self._kind]
        season = season_factor(period) * favourite_season(period, self._people.affinity, self._p.favourite_season)
        return self._rates * factor * (season * growth)[:, None]

    def leave_probability(self, period: int, lived: Experience, experience: Floats) -> Floats:
        """P(leaving in the period | active, the files), customers x classes, hidden reasons integrated out."""
        p = self._p
        odds = observable_leave_odds(period, self._people, lived, p)[:, None]
        odds = odds + p.effects.relationship_leaving * self._bond(experience)
        low = np.where(lived.low_answered, 0.0, 1 - (1 - p.low_service_share) ** lived.unanswered)[:, None]
        result = np.zeros_like(odds)
        for is_silent, share in ((0, 1 - p.silent_share), (1, p.silent_share)):
            shifted = odds + p.effects.silent_disappointment * is_silent
            result += share * ((1 - low) * logistic(shifted) + low * logistic(shifted + p.effects.low_service))
        return result[:, self._kind]

    def _blocks(self, period: int, lift: Floats | float, since: Ints | int = 0) -> list[tuple[Floats, Floats, float]]:
        """Blocks of days of leaving, none before day `since`: chance, share of purchases until then, share of days.

        `lift` is the campaign's factor on the purchase rate.
        """
        found = []
        for start in _BLOCK_STARTS:
            days = np.arange(start, start + _BLOCK_DAYS)
            until = np.mean([share_until(period, self._people, int(day), lift) for day in days], axis=0)
            possible = np.clip(start + _BLOCK_DAYS - np.maximum(start, since), 0, _BLOCK_DAYS)
            found.append((possible / PERIOD_DAYS * np.ones(self._people.size), until, days.mean() / PERIOD_DAYS))
        return found

    def _no_order(self, mean: Floats, until: Floats | float) -> Floats:
        """P(no order) over the circumstances, customers x classes."""
        until = np.broadcast_to(until, len(mean))[:, None]
        return sum(
            share * np.exp(-mean * until * factor)
            for factor, share in zip(self._factors, self._factor_shares, strict=True)
        )

    def _silence(self, period: int, experience: Floats) -> tuple[Floats, Floats]:
        """P(no order | stays) and P(no order | leaves in the period), campaigns of the period integrated out."""
        p, people = self._p, self._people
        share = p.campaign_target_share * (1 - p.campaign_control_share) * np.ones(people.size)
        share *= self._consents.may_be_contacted(period, people) & (period < PERIOD_COUNT)
        stays, leaves = np.zeros_like(self._active), np.zeros_like(self._active)
        usual = self._memberships.growth(period)
        preferred = np.array(p.campaign_habits.contact_shares)[people.preferred_channel]
        ways: list[tuple[Floats, Floats | float]] = [(1 - share, 1.0)]
        for is_preferred, chosen in ((True, preferred), (False, 1 - preferred)):
            ways.append((share * chosen, 1 + uplift_of(period, p) * answer_factor(people, is_preferred, p)))
        for weight, lift in ways:
            mean = self._mean_orders(period, experience, usual * lift)
            stays += weight[:, None] * self._no_order(mean, 1.0)
            for chance, until, _ in self._blocks(period, lift):
                leaves += (weight * chance)[:, None] * self._no_order(mean, until)
        return stays, leaves

    def forecast(self, period: int, lived: Experience, behaviour: Behaviour, campaign: Campaign | None) -> Forecast:
        """Forecast at the cut before a period; `behaviour` is prepared for it and not yet entered.

        At the data's end no campaign is planned, so both oracles assume none.
        """
        p = self._p
        leaves = self.leave_probability(period, lived, behaviour.experience)
        if_stays, if_leaves = self._silence(period, behaviour.experience)
        silence = (self._active * ((1 - leaves) * if_stays + leaves * if_leaves)).sum(1)
        silence += (self._gone * (1 - p.return_share * (1 - if_stays))).sum(1)
        active = self._active.sum(1)
        weights = np.where(active[:, None] > 0, self._active, self._prior())
        lift: Floats | float = 1.0 if campaign is None else campaign.growth
        mean = behaviour.rates(period, self._memberships.growth(period) * lift)
        leaves_full = behaviour.leave_probability
        nothing = np.exp(-mean)
        nothing_if_leaves = sum(chance * np.exp(-mean * until) for chance, until, _ in self._blocks(period, lift))
        full = np.where(
            behaviour.active,
            leaves_full * nothing_if_leaves + (1 - leaves_full) * nothing,
            (1 - p.return_share) + p.return_share * nothing,
        )
        return Forecast(
            hazard_observable=(weights * leaves).sum(1) / weights.sum(1),
            hazard_full=np.where(behaviour.active, leaves_full, 0.0),
            active_observable=active,
            silence_observable=silence,
            silence_full=full,
        )

    def enter(self, period: int, lived: Experience, experience: Floats) -> None:
        """Move the state into the period: some leave in it, return or join."""
        people, p = self._people, self._p
        leaves = self.leave_probability(period, lived, experience)
        self._leaving = self._active * leaves
        self._active, self._gone = (
            self._active * (1 - leaves) + self._gone * p.return_share,
            self._gone * (1 - p.return_share),
        )
        joins = people.join_period == period
        active_share = np.ones(people.size)
        if period == 0:
            joins = joins | (people.join_period == EXISTING)
            active_share = np.where(people.join_period == EXISTING, p.active_at_start_share, 1.0)
        prior = self._prior()
        self._active[joins] = (prior * active_share[:, None])[joins]
        self._gone[joins] = (prior * (1 - active_share)[:, None])[joins]

    def observe(
        self, period: int, experience: Floats, orders: Ints, last_day: Ints, visits: Ints, campaign: Campaign | None
    ) -> None:
        """Bayes' rule with the period's orders (without the joining one), the day of the last one and the visits.

        Factors that all states share (factorials, the days' own weights) cancel.
        """
        people, p = self._people, self._p
        open_share = exposure(period, people)
        known = has_joined(period, people) | (people.join_period == period)
        lift: Floats | float = 1.0 if campaign is None else campaign.growth
        mean = self._mean_orders(period, experience, self._memberships.growth(period) * lift * open_share)
        there = p.visit_rate_active * np.exp(p.effects.relationship_visits * self._bond(experience))
        active = self._active * self._order_times(mean, orders, 1.0) * self._visits(there, visits, open_share, 1.0)
        active *= self._membership(period)
        leaving = np.zeros_like(active)
        for chance, until, day_share in self._blocks(period, lift, last_day + 1):
            likelihood = self._order_times(mean, orders, until) * self._visits(there, visits, open_share, day_share)
            leaving += self._leaving * chance[:, None] * likelihood
        gone = self._gone * (orders == 0)[:, None] * self._visits(there, visits, open_share, 0.0) + leaving
        # Only those who stay to the period's end join the programme in it.
        gone[self._memberships.period == period] = 0.0
        total = (active + gone).sum(1)
        total = np.where(known & (total > 0), total, 1.0)[:, None]
        self._active, self._gone = active / total, gone / total

    def _membership(self, period: int) -> Floats:
        """P(joining the loyalty programme in the period or not, as it was | stays), customers x classes."""
        since = self._memberships.period
        chance = self._memberships.chances(period) * (since >= period)[:, None]
        chance = np.repeat(chance, len(self._kinds), axis=1)
        return np.where((since == period)[:, None], chance, 1 - chance)

    def _order_times(self, mean: Floats, orders: Ints, until: Floats | float) -> Floats:
        """Density of so many orders on their days, customers x classes."""
        until = np.broadcast_to(until, len(mean))[:, None]
        count = orders[:, None]
        result = np.zeros_like(mean)
        for factor, share in zip(self._factors, self._factor_shares, strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                log_power = np.where(count > 0, count * np.log(mean * factor), 0.0)
            result += share * np.exp(log_power - mean * factor * until)
        return result

    def _visits(self, there: Floats, visits: Ints, open_share: Floats, day_share: float) -> Floats:
        """Likelihood of so many visits of somebody who is there for a share of the period, customers x classes."""
        interest = 1.0 if day_share == 1.0 else 1 - self._p.effects.turn_down
        rate = there * day_share * interest + self._p.visit_rate_gone * (1 - day_share)
        return np.exp(visits[:, None] * np.log(rate) - rate * open_share[:, None])[:, self._kind]
