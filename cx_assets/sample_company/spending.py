"""Spending on marketing by day and origin, and the experiment that shows what it brings; the leads are in `leads`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects, names
from cx_assets.sample_company.columns import decode, formatted, joined, numbers, padded, whole
from cx_assets.sample_company.files import csv_lines, write_lines
from cx_assets.sample_company.programmes import Spending
from cx_assets.sample_company.timeline import DAY, END, START, Floats, Ints, daily_season, stream

ORIGINS = ("search", "social", "newsletter", "referral", "fair", "partner")
_CHANNELS = ("web", "web", "email", "app", "store", "web")
_FAIR = ORIGINS.index("fair")


def held_out_days(spending: Spending) -> tuple[int, int]:
    """First day of the experiment and the day after its last, in days since 1970."""
    first, end = (np.datetime64(text, "D").astype(int) for text in (spending.held_out_from, spending.held_out_until))
    return int(first), int(end)


def withheld(seed: int, origin: Ints, city: Ints, created: Ints, shares: tuple[float, ...], s: Spending) -> Ints:
    """Positions of the leads that would not have come about, as nothing was spent there on their origin.

    Args:
        seed: Seed of the company.
        origin: Origin of each lead.
        city: City of each lead's customer.
        created: Local second of each lead.
        shares: Incremental share of each origin.
        s: The experiment.
    """
    first, end = held_out_days(s)
    in_region = (np.array(names.CITY_REGION) == s.held_out_region)[city]
    in_time = (created >= first * DAY) & (created < end * DAY)
    is_incremental = stream(seed, "incremental leads").random(len(origin)) < np.array(shares)[origin]
    return np.flatnonzero(in_region & in_time & is_incremental & (origin == ORIGINS.index(s.held_out_origin)))


def daily_costs(seed: int, scale: float, s: Spending) -> tuple[Ints, Ints]:
    """Days since 1970, and cents by day and origin."""
    day = np.arange(START // DAY, END // DAY)
    season = daily_season(day.astype("M8[D]"))
    noise = np.exp(s.scatter * stream(seed, "spending").standard_normal((len(day), len(ORIGINS))))
    mean: Floats = scale * season[:, None] * np.array(s.daily_cents, float)
    month = day.astype("M8[D]").astype("M8[M]").astype(np.int64) % 12 + 1
    mean[:, _FAIR] *= np.isin(month, s.fair_months)
    first, end = held_out_days(s)
    in_region = np.array(names.CITY_REGION) == s.held_out_region
    sizes = names.CITY_SIZES**0.9
    mean[(day >= first) & (day < end), ORIGINS.index(s.held_out_origin)] *= 1 - sizes[in_region].sum() / sizes.sum()
    return day, np.round(mean * noise).astype(np.int64)


def write_spending(target: Path, seed: int, scale: float, s: Spending, broken: defects.Defects) -> Ints:
    """Write `marketing/spend.csv`, one line per day and origin with a cost; returns the cents of each origin."""
    day, cents = daily_costs(seed, scale, s)
    row, origin = np.nonzero(cents)
    cost = cents[row, origin]
    click_cents, per_mille = np.array(s.click_cents)[origin], np.array(s.clicks_per_mille)[origin]
    clicks = stream(seed, "clicks").poisson(np.where(click_cents > 0, cost / np.maximum(click_cents, 1), 0))
    unseen = click_cents == 0
    first, end = held_out_days(s)
    is_held_out = (day[row] >= first) & (day[row] < end) & (origin == ORIGINS.index(s.held_out_origin))
    campaigns = [f"{name}-always-on" for name in ORIGINS] + [f"{s.held_out_origin}-without-{s.held_out_region}"]
    columns = {
        "datum": formatted(day[row] * DAY, "%d.%m.%Y"),
        "herkunft": decode(ORIGINS, origin),
        "kampagne": decode(campaigns, np.where(is_held_out, len(ORIGINS), origin)),
        "kanal": decode(_CHANNELS, origin),
        "kosten": joined(numbers(cost // 100), ",", padded(cost % 100, 2)),
        "impressionen": numbers(clicks * 1_000 // per_mille, unseen),
        "klicks": numbers(clicks, unseen),
    }
    kinds = {
        "impossible_date": defects.replaced(0, "31.02.2025"),
        "text_in_number": defects.replaced(4, "k. A."),
        "surplus_fields": defects.surplus_fields,
    }
    lines = csv_lines({name: whole(values) for name, values in columns.items()})
    lines = broken.lines("marketing__spend", lines, kinds)
    write_lines(target / "marketing" / "spend.csv", ";".join(columns), lines)
    return cents.sum(0)


def source_truth(costs: Ints, withheld_count: int, shares: tuple[float, ...], s: Spending) -> pa.Table:
    """One row per origin: what was spent, which share of its won leads would not have come without, the experiment."""
    is_held_out = [name == s.held_out_origin for name in ORIGINS]

    def of_experiment(value: str | int) -> list[str | int | None]:
        return [value if flag else None for flag in is_held_out]

    return pa.table(
        {
            "origin": list(ORIGINS),
            "incremental_share": list(shares),
            "cost_amount": (costs / 100).tolist(),
            "held_out_region": of_experiment(s.held_out_region),
            "held_out_from": of_experiment(s.held_out_from),
            "held_out_until": of_experiment(s.held_out_until),
            "withheld_lead_count": of_experiment(withheld_count),
        }
    )
