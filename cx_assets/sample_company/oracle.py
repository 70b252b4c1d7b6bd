"""The best possible churn forecast: an exact filter over the hidden states of `behaviour`.

For each customer the probabilities of (rate class, active or gone) given all recorded purchases, visits, late
deliveries, complaints, answered service surveys and campaign contacts are carried from period to period: a hidden
Markov model with one emission per period, so the forecast is Bayes' rule with the true parameters and no estimate.
What is integrated out: the rate class, the state, the circumstance of the period, silent disappointments, the
handling of tickets whose survey was not answered, and campaigns of the future.
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
)
from cx_assets.sample_company.campaigns import Campaign, age_factor, may_be_contacted, uplift_of
from cx_assets.sample_company.parameters import PERIOD_COUNT, Parameters
from cx_assets.sample_company.people import EXISTING, Population
from cx_assets.sample_company.timeline import Floats, Ints, season_factor


@dataclass(frozen=True)
class Forecast:
    """Forecast for one period at the cut before it (one entry per customer).

    Attributes:
        hazard_observable: Probability that an active customer leaves at the cut, given what the files show.
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
    """Filter over all customers; memory is customers x rate classes x 2 doubles."""

    def __init__(self, people: Population, p: Parameters) -> None:
        self._people, self._p = people, p
        self._rates = np.array(p.purchase_rates)
        self._factors = np.array(p.circumstance_factors)
        self._factor_shares = np.array(p.circumstance_shares)
        self._factors = self._factors / (self._factors @ self._factor_shares)
        self._active = np.zeros((people.size, len(self._rates)))
        self._gone = np.zeros((people.size, len(self._rates)))

    def _prior(self) -> Floats:
        person, company = np.array(self._p.person_class_shares), np.array(self._p.company_class_shares)
        shares = np.where(self._people.is_company[:, None], company / company.sum(), person / person.sum())
        return shares

    def leave_probability(self, period: int, lived: Experience) -> Floats:
        """P(leaving just before the period | active, what the files show), hidden reasons integrated out."""
        p = self._p
        odds = observable_leave_odds(period, self._people, lived, p)
        low = np.where(lived.low_answered, 0.0, 1 - (1 - p.low_service_share) ** lived.unanswered)
        result = np.zeros(self._people.size)
        for is_silent, share in ((0, 1 - p.silent_share), (1, p.silent_share)):
            shifted = odds + p.effects.silent_disappointment * is_silent
            result += share * ((1 - low) * logistic(shifted) + low * logistic(shifted + p.effects.low_service))
        return result

    def _silence_by_class(self, period: int) -> Floats:
        """P(no order | active), customers x classes, campaigns of the period integrated out."""
        p, people = self._p, self._people
        share = p.campaign_target_share * (1 - p.campaign_control_share)
        growth = 1 + uplift_of(period, p) * age_factor(people, p)
        rate = self._rates[:, None] * self._factors * season_factor(period)
        usual = np.exp(-rate) @ self._factor_shares
        contacted = may_be_contacted(period, people)
        result = np.broadcast_to(usual, (people.size, len(usual))).copy()
        for value in np.unique(growth[contacted]) if period < PERIOD_COUNT else ():
            here = contacted & (growth == value)
            result[here] = (1 - share) * usual + share * (np.exp(-rate * value) @ self._factor_shares)
        return result

    def forecast(self, period: int, lived: Experience, behaviour: Behaviour, campaign: Campaign | None) -> Forecast:
        """Forecast at the cut before a period; `behaviour` is prepared for it and not yet entered.

        At the data's end no campaign is planned, so both oracles assume none.
        """
        p = self._p
        leaves = self.leave_probability(period, lived)
        stays = self._active * (1 - leaves)[:, None] + self._gone * p.return_share
        silence = (stays * self._silence_by_class(period)).sum(1)
        silence += (self._active * leaves[:, None] + self._gone * (1 - p.return_share)).sum(1)
        growth = 1.0 if campaign is None else campaign.growth
        rate = self._rates[self._people.rate_class] * season_factor(period) * behaviour.circumstance * growth
        nothing = np.exp(-rate)
        leaves_full = behaviour.leave_probability
        full = np.where(
            behaviour.active,
            leaves_full + (1 - leaves_full) * nothing,
            (1 - p.return_share) + p.return_share * nothing,
        )
        return Forecast(
            hazard_observable=leaves,
            hazard_full=np.where(behaviour.active, leaves_full, 0.0),
            active_observable=self._active.sum(1),
            silence_observable=silence,
            silence_full=full,
        )

    def enter(self, period: int, lived: Experience) -> None:
        """Move the state over the cut: leave, return, join."""
        people, p = self._people, self._p
        leaves = self.leave_probability(period, lived)[:, None]
        self._active, self._gone = (
            self._active * (1 - leaves) + self._gone * p.return_share,
            self._active * leaves + self._gone * (1 - p.return_share),
        )
        joins = people.join_period == period
        active_share = np.ones(people.size)
        if period == 0:
            joins = joins | (people.join_period == EXISTING)
            active_share = np.where(people.join_period == EXISTING, p.active_at_start_share, 1.0)
        prior = self._prior()
        self._active[joins] = (prior * active_share[:, None])[joins]
        self._gone[joins] = (prior * (1 - active_share)[:, None])[joins]

    def observe(self, period: int, orders: Ints, visits: Ints, campaign: Campaign | None) -> None:
        """Bayes' rule with the period's orders (without the joining one) and visits.

        Factors that all states share (factorials) cancel.
        """
        people, p = self._people, self._p
        open_share = exposure(period, people)
        known = has_joined(period, people) | (people.join_period == period)
        growth = 1.0 if campaign is None else campaign.growth
        scale = season_factor(period) * growth * open_share
        likelihood = np.zeros_like(self._active)
        for factor, share in zip(self._factors, self._factor_shares, strict=True):
            mean = self._rates * (scale * factor)[:, None]
            with np.errstate(divide="ignore", invalid="ignore"):
                log_power = np.where(orders[:, None] > 0, orders[:, None] * np.log(mean), 0.0)
            likelihood += share * np.exp(log_power - mean)
        active_visits = np.exp(-p.visit_rate_active * open_share + visits * np.log(p.visit_rate_active))
        gone_visits = np.exp(-p.visit_rate_gone * open_share + visits * np.log(p.visit_rate_gone))
        active = self._active * likelihood * active_visits[:, None]
        gone = self._gone * ((orders == 0) * gone_visits)[:, None]
        total = (active + gone).sum(1)
        total = np.where(known & (total > 0), total, 1.0)[:, None]
        self._active, self._gone = active / total, gone / total
