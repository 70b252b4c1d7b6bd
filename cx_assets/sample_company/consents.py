"""Consent to marketing: given at joining, withdrawn later, sooner by those who are contacted often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Flags, has_joined, logistic
from cx_assets.sample_company.campaigns import make_campaign
from cx_assets.sample_company.columns import decode, formatted, joined, padded, whole
from cx_assets.sample_company.files import json_lines, write_lines
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.records import NEVER, SYSTEMS, Records
from cx_assets.sample_company.timeline import DAY, Ints, draw_clock, period_start, stream, to_utc

_EVIDENCE = ("registration form", "till form", "unsubscribe link", "call", "letter")


@dataclass(frozen=True)
class Consents:
    """Who agreed to marketing (one entry per customer).

    Attributes:
        given: Agreed when they joined or registered.
        withdrawn: Local second at which they took it back, NEVER for not.
        by_link: Took it back by the link in a campaign's message.
    """

    given: Flags
    withdrawn: Ints
    by_link: Flags

    def in_force(self, period: int) -> Flags:
        """Whose consent holds when a period begins, that is when its campaign is sent."""
        return self.given & (self.withdrawn >= period_start(period))

    def may_be_contacted(self, period: int, people: Population) -> Flags:
        """Known customers whose consent holds at that time; the files show it."""
        return self.in_force(period) & has_joined(period, people)

    def withdrawn_in(self, period: int) -> Flags:
        """Who takes it back in a period."""
        return (self.withdrawn >= period_start(period)) & (self.withdrawn < period_start(period + 1))


def draw_consents(seed: int, people: Population, p: Parameters) -> tuple[Population, Consents]:
    """Draw when consents end; who is contacted depends on chance and consent alone, so all periods are drawn ahead.

    Args:
        seed: Seed of the company.
        people: Customers; `has_consent` says who agreed when they joined.
        p: Parameters.

    Returns:
        The customers with `has_consent` as of the data's end, as the CRM shows it, and the consents.
    """
    none = np.zeros(people.size, bool)
    consents = Consents(people.has_consent, np.full(people.size, NEVER), none)
    before = none
    for period in range(PERIOD_COUNT):
        campaign = make_campaign(seed, period, people, consents.may_be_contacted(period, people), p)
        contacted = none if campaign is None else campaign.treated
        # A contact on a period's first day lies in the last 60 days until the end of the next period.
        contacts = contacted.astype(np.float64) + before
        log_odds = p.consent_habits.withdrawal_log_odds + p.effects.contact_fatigue * contacts
        chance = logistic(log_odds)
        rng = stream(seed, "withdrawals", period)
        is_known = people.joined < period_start(period)
        leaves = consents.in_force(period) & is_known & (rng.random(people.size) < chance)
        day = 1 + rng.integers(0, PERIOD_DAYS - 1, people.size)
        at = period_start(period) + day * DAY + draw_clock(rng, people.size)
        by_link = leaves & contacted & (rng.random(people.size) < p.consent_habits.link_share)
        consents = Consents(people.has_consent, np.where(leaves, at, consents.withdrawn), consents.by_link | by_link)
        before = contacted
    return replace(people, has_consent=consents.in_force(PERIOD_COUNT)), consents


def write_consents(
    target: Path, seed: int, people: Population, records: Records, consents: Consents, broken: defects.Defects
) -> int:
    """Write `marketing/consents.jsonl` (UTC) in order of time; returns the number of good entries."""
    gave, took = np.flatnonzero(consents.given), np.flatnonzero(consents.given & (consents.withdrawn < NEVER))
    rng = stream(seed, "consents file")
    customer = np.concatenate([gave, took])
    at = np.concatenate([people.joined[gave], consents.withdrawn[took]])
    at_till = (rng.random(len(gave)) >= people.online_share[gave]).astype(np.int64)
    how = np.concatenate([at_till, np.where(consents.by_link[took], 2, 3 + (rng.random(len(took)) < 0.25))])
    order = np.argsort(at, kind="stable")
    record = records.main(customer, at)[order]
    action = (np.arange(len(customer)) >= len(gave)).astype(np.int64)[order]
    columns = {
        "entry_no": joined("E", padded(np.arange(len(order)) + 1, 8)),
        "customer_system": decode(SYSTEMS, records.system[record]),
        "customer_no": whole(records.number.take(pa.array(record))),
        "occurred": formatted(to_utc(at[order]), "%Y-%m-%dT%H:%M:%S"),
        "purpose": decode(["marketing"], np.zeros(len(order), np.int64)),
        "action": decode(["given", "withdrawn"], action),
        "evidence": decode(_EVIDENCE, how[order]),
    }
    kinds = {
        "cut_off_json": defects.cut_off,
        "impossible_date": defects.json_value("occurred", '"2025-02-30T10:00:00"'),
    }
    lines = broken.lines("marketing__consents", json_lines(columns), kinds)
    write_lines(target / "marketing" / "consents.jsonl", None, lines)
    return len(order)
