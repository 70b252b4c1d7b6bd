"""The real customers: who they are and when they came; what they do is in `behaviour`, their records in `records`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cx_assets.sample_company import names
from cx_assets.sample_company.parameters import CUSTOMERS_AT_SCALE_ONE, PERIOD_COUNT, Parameters
from cx_assets.sample_company.programmes import CampaignHabits
from cx_assets.sample_company.timeline import (
    DAY,
    START,
    Ints,
    day_weights,
    draw_clock,
    draw_days,
    period_start,
    season_factor,
    stream,
)

EXISTING = -1
PROSPECT = PERIOD_COUNT + 1


@dataclass(frozen=True)
class Population:
    """One entry per real customer in every array; the position is internal and appears in no file.

    Attributes:
        household: Number of the household, -1 for those who live alone and for companies.
        given, family: Index into the names; of Cyrillic names, into their first spelling.
        is_namesake: Bears the given and family name of somebody else in the same city.
        has_consent: Agreed to marketing: as `population` draws it when they joined, at the data's end once `consents`
            has followed it.
        join_period: Period of the first purchase; EXISTING before the data begin, PROSPECT for never.
        joined: Local second of the first purchase or registration.
        rate_class: Index into `purchase_rates`.
        affinity: Favourite product category.
        online_share: Probability that an order is made online.
        mood: How kindly the person answers surveys, standard normal.
        attachment: Index into the classes of the relationship.
        is_onboarded: Whether the customer took the tour for newcomers, which is offered at random.
        response_class: What campaigns do to the customer, index into `campaigns.RESPONSE_CLASSES`.
        preferred_channel: Index into `campaigns.CHANNELS`.
        preferred_hour: Hour of the day around which the customer reads.
    """

    is_company: NDArray[np.bool_]
    household: Ints
    given: Ints
    family: Ints
    trade: Ints
    legal_form: Ints
    birth_day: Ints
    city: Ints
    street: Ints
    house_number: Ints
    postal_tail: Ints
    language: Ints
    has_consent: NDArray[np.bool_]
    join_period: Ints
    joined: Ints
    rate_class: Ints
    affinity: Ints
    online_share: NDArray[np.float64]
    mood: NDArray[np.float64]
    attachment: Ints
    is_onboarded: NDArray[np.bool_]
    response_class: Ints
    preferred_channel: Ints
    preferred_hour: Ints
    is_namesake: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of real customers."""
        return len(self.joined)

    def is_cyrillic(self) -> NDArray[np.bool_]:
        """Persons who write their name in Cyrillic."""
        return self.given >= names.LATIN_GIVEN_COUNT

    def is_under_40(self) -> NDArray[np.bool_]:
        """Persons born after the data's end less 40 years."""
        return is_under_40(self.is_company, self.birth_day)


def is_under_40(is_company: NDArray[np.bool_], birth_day: Ints) -> NDArray[np.bool_]:
    """Persons born after the data's end less 40 years, from days since 1970."""
    limit = np.datetime64("1986-06-30", "D").astype(np.int64)
    return ~is_company & (birth_day > limit)


def choose(rng: np.random.Generator, shares: NDArray[np.float64], count: int) -> Ints:
    """Draw positions in `shares`, each as often as its share of their sum."""
    edges = np.cumsum(shares / shares.sum())
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(shares) - 1).astype(np.int64)


def _households(rng: np.random.Generator, count: int, share: float) -> Ints:
    """Household of each person: the first part of the population in groups of two to four, then -1."""
    in_household = int(count * share)
    sizes = 2 + choose(rng, np.array([0.62, 0.24, 0.14]), in_household // 2 + 1)
    household = np.repeat(np.arange(len(sizes)), sizes)[:in_household]
    return np.concatenate([household, np.full(count - in_household, -1)])


def _share_home(values: Ints, household: Ints, keep: NDArray[np.bool_] | None = None) -> Ints:
    """Give every member the value of the household's first member, except where `keep` is set."""
    together = household >= 0
    first = np.zeros(household.max() + 1 if together.any() else 1, np.int64)
    first[household[together][::-1]] = np.flatnonzero(together)[::-1]
    shared = values.copy()
    shared[together] = values[first[household[together]]]
    return shared if keep is None else np.where(keep, values, shared)


def _with_cyrillic_names(
    seed: int, given: Ints, family: Ints, household: Ints, is_company: NDArray[np.bool_], share: float
) -> tuple[Ints, Ints]:
    """Given and family names of which a share is Cyrillic, those of a household together."""
    rng, size = stream(seed, "cyrillic names"), len(given)
    is_cyrillic = (_share_home((rng.random(size) < share).astype(np.int64), household) > 0) & ~is_company
    first_given, first_family = names.LATIN_GIVEN_COUNT, names.LATIN_FAMILY_COUNT
    cyrillic_given = first_given + rng.integers(0, names.CYRILLIC_GIVEN_COUNT, size)
    cyrillic_family = first_family + _share_home(rng.integers(0, names.CYRILLIC_FAMILY_COUNT, size), household)
    return np.where(is_cyrillic, cyrillic_given, given), np.where(is_cyrillic, cyrillic_family, family)


def _name_alike(
    seed: int, given: Ints, family: Ints, city: Ints, is_alone: NDArray[np.bool_], share: float
) -> NDArray[np.bool_]:
    """Give a share of the persons who live alone another one's names and city, in place; who they are."""
    rng = stream(seed, "namesakes")
    is_namesake = is_alone & (rng.random(len(given)) < share)
    models = np.flatnonzero(is_alone & ~is_namesake)
    if not len(models):
        return np.zeros(len(given), bool)
    model = models[rng.integers(0, len(models), int(is_namesake.sum()))]
    for values in (given, family, city):
        values[is_namesake] = values[model]
    return is_namesake


def _habits(seed: int, is_young: NDArray[np.bool_], rate_class: Ints, h: CampaignHabits) -> tuple[Ints, Ints, Ints]:
    """Response class, preferred channel and preferred hour of each customer."""
    rng, size = stream(seed, "campaign habits"), len(is_young)
    kind = np.where(is_young, 0, 2) + (rate_class >= h.heavy_from)
    response, channel = np.empty(size, np.int64), np.empty(size, np.int64)
    for number, shares in enumerate(h.class_shares):
        here = np.flatnonzero(kind == number)
        response[here] = choose(rng, np.array(shares), len(here))
        channel[here] = choose(rng, np.array(h.preferred_shares[number // 2]), len(here))
    return response, channel, np.array(h.hours)[rng.integers(0, len(h.hours), size)]


def _joining(rng: np.random.Generator, size: int, p: Parameters) -> tuple[Ints, Ints]:
    """Join period and second: cohorts grow over the years and swell before Christmas."""
    growth = np.array([(1 + 0.012 * k) * season_factor(k) ** 1.5 for k in range(PERIOD_COUNT)])
    period = choose(rng, growth, size)
    joined = np.zeros(size, np.int64)
    for k in range(PERIOD_COUNT):
        here = np.flatnonzero(period == k)
        weights = 0.6 * day_weights(k, is_online=True) + 0.4 * day_weights(k, is_online=False)
        joined[here] = period_start(k) + DAY * draw_days(rng, weights, np.zeros(len(here), np.int64))
    kind = choose(rng, np.array([p.existing_share, p.prospect_share, 1 - p.existing_share - p.prospect_share]), size)
    earlier = START - DAY * rng.integers(1, 4 * 365, size)
    joined = np.where(kind == 0, earlier, joined) + draw_clock(rng, size)
    return np.where(kind == 0, EXISTING, np.where(kind == 1, PROSPECT, period)), joined


def population(seed: int, scale: float, p: Parameters, category_count: int) -> Population:
    """Draw the real customers.

    Args:
        seed: Seed of the whole company.
        scale: 1 is 1,000,000 customers; at least one customer is made.
        p: Parameters.
        category_count: Number of product categories.
    """
    size = max(1, round(CUSTOMERS_AT_SCALE_ONE * scale))
    rng = stream(seed, "people")
    company_count = round(size * p.company_share)
    is_company = np.arange(size) >= size - company_count
    household = _households(rng, size, p.household_share)
    household[is_company] = -1
    city = _share_home(choose(rng, names.CITY_SIZES**0.9, size), household)
    join_period, joined = _joining(rng, size, p)
    person_class = choose(rng, np.array(p.person_class_shares), size)
    company_class = choose(rng, np.array(p.company_class_shares), size)
    birth_year = 1936 + 72 * rng.beta(2.2, 2.0, size)
    given = choose(rng, names.zipf_shares(names.LATIN_GIVEN_COUNT, 0.5), size)
    family = choose(rng, names.zipf_shares(names.LATIN_FAMILY_COUNT, 0.75), size)
    family = _share_home(family, household, rng.random(size) < 0.1)
    given, family = _with_cyrillic_names(seed, given, family, household, is_company, p.cyrillic_share)
    is_namesake = _name_alike(seed, given, family, city, ~is_company & (household < 0), p.namesake_share)
    rate_class = np.where(is_company, company_class, person_class)
    birth_day = ((birth_year - 1970) * 365.2425).astype(np.int64)
    response, channel, hour = _habits(seed, is_under_40(is_company, birth_day), rate_class, p.campaign_habits)
    return Population(
        is_company=is_company,
        household=household,
        given=given,
        family=family,
        trade=rng.integers(0, len(names.COMPANY_BODIES), size),
        legal_form=choose(rng, np.array([0.55, 0.08, 0.2, 0.07, 0.06, 0.04]), size),
        birth_day=birth_day,
        city=city,
        street=_share_home(rng.integers(0, len(names.STREETS), size), household),
        house_number=_share_home(1 + (rng.exponential(28, size)).astype(np.int64), household),
        postal_tail=_share_home(rng.integers(0, 60, size), household),
        language=choose(rng, names.LANGUAGE_SHARES, size),
        has_consent=rng.random(size) < p.consent_share,
        join_period=join_period,
        joined=joined,
        rate_class=rate_class,
        affinity=rng.integers(0, category_count, size),
        online_share=rng.beta(1.1, 0.9, size),
        mood=rng.standard_normal(size),
        is_onboarded=stream(seed, "onboarding").random(size) < p.onboarded_share,
        attachment=choose(stream(seed, "attachment"), np.array(p.relationship.shares), size),
        response_class=response,
        preferred_channel=channel,
        preferred_hour=hour,
        is_namesake=is_namesake,
    )
