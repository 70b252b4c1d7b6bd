"""Campaigns with a randomised control group: who is contacted, what it does to the rate, what the tool records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Flags
from cx_assets.sample_company.columns import category, decode, joined, money, padded, timestamps, whole
from cx_assets.sample_company.files import write_parquet
from cx_assets.sample_company.parameters import Parameters
from cx_assets.sample_company.people import Population, choose
from cx_assets.sample_company.records import NEVER, SYSTEMS, Records
from cx_assets.sample_company.timeline import DAY, END, HOUR, Floats, Ints, period_start, stream

_THEMES = ("Newcomers' week", "Members' sale", "Season preview", "Free delivery", "Bonus stars", "Thank-you voucher")
CHANNELS = ("email", "sms", "app", "post")
RESPONSE_CLASSES = ("persuadable", "sure_thing", "lost_cause", "sleeping_dog")
_COST_CENTS = np.array([2, 8, 1, 95])


@dataclass(frozen=True)
class Campaign:
    """One campaign: contacts early on the first day of a period, effect on that period's purchase rate.

    Attributes:
        uplift: Relative rise of the rate before the factors of class and channel.
        treated, control: Who was contacted and who was held out at random.
        channel: By which each customer was or would have been contacted, drawn at random.
        growth: Factor on each customer's purchase rate (1 for everybody else).
    """

    campaign_id: str
    name: str
    period: int
    uplift: float
    treated: Flags
    control: Flags
    channel: Ints
    growth: Floats


def answer_factor(people: Population, is_preferred: Flags | bool, p: Parameters) -> Floats:
    """How strongly each customer answers to a contact by the preferred or another channel."""
    effects = p.effects
    by_channel = np.where(is_preferred, effects.preferred_channel, effects.other_channel)
    return np.array(effects.class_factors)[people.response_class] * by_channel


def uplift_of(period: int, p: Parameters) -> float:
    """Planned relative rise of the purchase rate in a period's campaign; 0 where there is none."""
    if period < p.first_campaign_period:
        return 0.0
    return p.effects.campaign_uplift[(period - p.first_campaign_period) % len(p.effects.campaign_uplift)]


def make_campaign(
    seed: int, period: int, people: Population, may_be_contacted: Flags, p: Parameters
) -> Campaign | None:
    """The campaign of a period among those who may be contacted, None before the first one."""
    if period < p.first_campaign_period:
        return None
    rng = stream(seed, "campaign", period)
    targeted = may_be_contacted & (rng.random(people.size) < p.campaign_target_share)
    control = targeted & (rng.random(people.size) < p.campaign_control_share)
    treated = targeted & ~control
    channel = choose(rng, np.array(p.campaign_habits.contact_shares), people.size)
    uplift = uplift_of(period, p)
    number = period - p.first_campaign_period
    return Campaign(
        campaign_id=f"C{number + 1:03d}",
        name=_THEMES[number % len(_THEMES)],
        period=period,
        uplift=uplift,
        treated=treated,
        control=control,
        channel=channel,
        growth=np.where(treated, 1 + uplift * answer_factor(people, channel == people.preferred_channel, p), 1.0),
    )


def write_contacts(
    target: Path,
    campaign: Campaign,
    seed: int,
    people: Population,
    records: Records,
    bought: Flags,
    unsubscribed: Ints,
    broken: defects.Defects,
) -> None:
    """Write `marketing/contacts_<campaign>.parquet`: one row per customer in the target group, shuffled.

    Args:
        target: Folder of the files.
        campaign: The campaign.
        seed: Seed of the company.
        people: Customers.
        records: The customers' records.
        bought: Who bought in the period.
        unsubscribed: Local second at which each customer followed the link that ends the consent, NEVER for not.
        broken: Adds broken rows.
    """
    rng = stream(seed, "contacts file", campaign.period)
    customer = rng.permutation(np.flatnonzero(campaign.treated | campaign.control))
    is_treated = campaign.treated[customer]
    size = len(customer)
    contacted = period_start(campaign.period) + 5 * HOUR + rng.integers(0, 2 * HOUR, size)
    record = records.main(customer, contacted)
    channel = campaign.channel[customer]
    hour, is_preferred = people.preferred_hour[customer], channel == people.preferred_channel[customer]
    response, responded = _responses(
        rng, is_treated, bought[customer], unsubscribed[customer], contacted, hour, is_preferred
    )
    no_answer = response < 0
    rows = pa.table(
        {
            "contact_id": joined(campaign.campaign_id + "-", padded(rng.permutation(size) + 1, 7)),
            "campaign_id": decode([campaign.campaign_id], np.zeros(size, np.int64)),
            "campaign_name": decode([campaign.name], np.zeros(size, np.int64)),
            "customer_system": category(SYSTEMS, records.system[record]),
            "customer_no": records.number.take(pa.array(record)),
            "arm": decode(["control", "treatment"], is_treated.astype(np.int64)),
            "contacted_at": timestamps(contacted),
            "updated_at": timestamps(np.maximum(contacted, responded)),
            "channel": category(CHANNELS, channel),
            "offer": decode([_THEMES[campaign.period % len(_THEMES)]], np.zeros(size, np.int64)),
            "responded_at": timestamps(responded, no_answer),
            "response": decode(_RESPONSES, np.maximum(response, 0), no_answer),
            "cost_amount": money(np.where(is_treated, _COST_CENTS[channel], 0)),
        }
    )
    nobody = pa.scalar(None, pa.string())
    kinds = {"unknown_arm": {"arm": pa.scalar("both")}, "missing_customer": {"customer_no": nobody}}
    rows, _ = broken.rows_of("marketing__contacts", rows, contacted, "contact_id", kinds)
    rows = rows.take(pa.array(rng.permutation(rows.num_rows)))
    rows = rows.set_column(0, "contact_id", whole(rows["contact_id"]))
    write_parquet(target / "marketing" / f"contacts_{campaign.campaign_id}.parquet", rows)


_RESPONSES = ("opened", "clicked", "unsubscribed", "redeemed")


def _responses(
    rng: np.random.Generator,
    is_treated: Flags,
    bought: Flags,
    unsubscribed: Ints,
    contacted: Ints,
    hour: Ints,
    is_preferred: Flags,
) -> tuple[Ints, Ints]:
    """Response code (-1 none) and second; only those who bought redeem, the rest says nothing about the state.

    Contacts by the preferred channel are opened twice as often as by another, and around the preferred hour.
    """
    chance = rng.random(len(is_treated)) / np.where(is_preferred, 1.5, 0.75)
    response = np.where(chance < 0.20, 0, np.where(chance < 0.27, 1, -1))
    response = np.where(bought & (rng.random(len(is_treated)) < 0.3), 3, response)
    response = np.where(unsubscribed < NEVER, 2, response)
    response = np.where(is_treated, response, -1)
    waited = contacted + (rng.exponential(1.5 * DAY, len(is_treated))).astype(np.int64) + 60
    read = waited - waited % DAY + ((hour + rng.normal(0, 0.8, len(hour))) * HOUR).astype(np.int64)
    responded = np.where(read > contacted, read, read + DAY)
    return response, np.minimum(np.where(response == 2, unsubscribed, responded), END - HOUR)
