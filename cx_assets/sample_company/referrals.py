"""Recommendations by customers: those behind the leads that were referred, and those that brought nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.columns import decode, formatted, joined, numbers, padded, whole
from cx_assets.sample_company.files import csv_lines, write_lines
from cx_assets.sample_company.leads import WonLeads
from cx_assets.sample_company.parameters import Parameters
from cx_assets.sample_company.people import PROSPECT, Population
from cx_assets.sample_company.records import SYSTEMS, Records
from cx_assets.sample_company.spending import ORIGINS
from cx_assets.sample_company.timeline import DAY, END, HOUR, START, Ints, stream

_LOCAL = "%d.%m.%Y %H:%M:%S"
_WAYS = ("email", "app", "web", "store")
_STATUSES = ("sent", "converted", "expired")


def recommenders(rng: np.random.Generator, people: Population, at: Ints, mood_weight: float) -> Ints:
    """Who recommends at each time: a customer who had joined by then, the kindlier the more often; -1 for nobody."""
    joined = np.where(people.join_period == PROSPECT, END, people.joined)
    order = np.argsort(joined, kind="stable")
    weight = np.concatenate([[0.0], np.cumsum(np.exp(mood_weight * people.mood[order]))])
    known = np.searchsorted(joined[order], at, side="left")
    drawn = np.searchsorted(weight, rng.random(len(at)) * weight[known], side="right") - 1
    return np.where(known > 0, order[np.minimum(drawn, people.size - 1)], -1)


def write_referrals(
    target: Path, seed: int, people: Population, records: Records, won: WonLeads, p: Parameters, broken: defects.Defects
) -> int:
    """Write `crm/referrals.csv` in order of time; returns the number of good recommendations."""
    rng, each = stream(seed, "recommendations"), p.recommendations
    referred = won.origin == ORIGINS.index("referral")
    new, created = won.customer[referred], won.created[referred]
    others = int(each.unanswered_per_lead * len(new))
    day = START + DAY * rng.integers(0, (END - START) // DAY - 1, others)
    at = np.concatenate([created, day + 8 * HOUR + rng.integers(0, 14 * HOUR, others)])
    brings = np.arange(len(at)) < len(new)
    who = recommenders(rng, people, at, p.effects.recommender_mood)
    kept = np.flatnonzero(who >= 0)
    kept = kept[np.argsort(at[kept], kind="stable")]
    converted = np.concatenate([people.joined[new], np.zeros(others, np.int64)])[kept]
    newcomer = np.concatenate([records.main(new, people.joined[new]), np.zeros(others, np.int64)])[kept]
    at, who, brings = at[kept], who[kept], brings[kept]
    runs_out = at + each.valid_days * DAY
    is_expired = ~brings & (runs_out < END)
    recommender = records.main(who, at)
    columns = {
        "empfehlung_nr": joined("R", padded(np.arange(len(at)) + 1, 7)),
        "kunden_system": decode(SYSTEMS, records.system[recommender]),
        "kunden_nr": records.number.take(pa.array(recommender)),
        "neu_system": decode(SYSTEMS, records.system[newcomer], ~brings),
        "neu_nr": records.number.take(pa.array(newcomer, mask=~brings)),
        "empfohlen_am": formatted(at, _LOCAL),
        "geaendert_am": formatted(np.where(brings, converted, np.where(is_expired, runs_out, at)), _LOCAL),
        "geworben_am": formatted(converted, _LOCAL, ~brings),
        "weg": decode(_WAYS, np.searchsorted([0.4, 0.7, 0.9], rng.random(len(at)), side="right")),
        "praemie": joined(numbers(np.full(len(at), each.reward_cents // 100), ~brings), ",00"),
        "status": decode(_STATUSES, np.where(brings, 1, np.where(is_expired, 2, 0))),
    }
    kinds = {"impossible_date": defects.replaced(5, "30.02.2025 09:00:00"), "cut_off_line": defects.cut_off}
    lines = broken.lines("crm__referrals", csv_lines({name: whole(values) for name, values in columns.items()}), kinds)
    write_lines(target / "crm" / "referrals.csv", ";".join(columns), lines)
    return len(at)
