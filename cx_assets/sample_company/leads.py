"""Marketing leads: some became customers, others are open or lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.columns import decode, formatted, joined, padded, whole
from cx_assets.sample_company.files import csv_lines, write_lines
from cx_assets.sample_company.parameters import PERIOD_COUNT, Parameters
from cx_assets.sample_company.people import PROSPECT, Population
from cx_assets.sample_company.records import SYSTEMS, Records
from cx_assets.sample_company.spending import ORIGINS, withheld
from cx_assets.sample_company.timeline import DAY, END, HOUR, START, Ints, stream

_WON_ORIGINS = np.array([0.30, 0.18, 0.17, 0.22, 0.05, 0.08])
_OTHER_ORIGINS = np.array([0.30, 0.33, 0.17, 0.06, 0.06, 0.08])
_STATUSES = ("open", "qualified", "won", "lost")
_LOCAL = "%d.%m.%Y %H:%M:%S"


@dataclass(frozen=True)
class WonLeads:
    """Leads that became customers: position of the customer, origin, local second of the first contact."""

    customer: Ints
    origin: Ints
    created: Ints


def won_leads(seed: int, people: Population, p: Parameters) -> tuple[Population, WonLeads, int]:
    """Who of those who joined had been a lead, without those whom nothing drew for want of spending.

    Returns:
        The customers, of whom the withheld ones registered and never buy; the leads that were won; the number of
        those withheld.
    """
    rng = stream(seed, "leads")
    joins = (people.join_period >= 0) & (people.join_period < PERIOD_COUNT)
    customer = np.flatnonzero(joins & (rng.random(people.size) < 0.18))
    joined_at = people.joined[customer]
    created = _in_office_hours(rng, joined_at - rng.integers(DAY, 40 * DAY, len(customer)))
    created = np.minimum(created, joined_at - HOUR)
    origin = rng.choice(len(ORIGINS), len(customer), p=_WON_ORIGINS)
    lost = withheld(seed, origin, people.city[customer], created, p.effects.incremental_shares, p.spending)
    join_period = people.join_period.copy()
    join_period[customer[lost]] = PROSPECT
    won = WonLeads(np.delete(customer, lost), np.delete(origin, lost), np.delete(created, lost))
    return replace(people, join_period=join_period), won, len(lost)


def _in_office_hours(rng: np.random.Generator, at: Ints) -> Ints:
    return at - at % DAY + 8 * HOUR + rng.integers(0, 11 * HOUR, len(at))


def write_leads(
    target: Path, seed: int, people: Population, records: Records, won: WonLeads, broken: defects.Defects
) -> int:
    """Write `marketing/leads.csv` in the order of creation; returns the number of good leads."""
    rng = stream(seed, "other leads")
    others = int(1.4 * len(won.customer))
    size = len(won.customer) + others
    is_won = np.arange(size) < len(won.customer)
    joined_at = people.joined[won.customer]
    created = _in_office_hours(rng, START + rng.integers(0, END - START - DAY, others))
    closed = np.concatenate([joined_at, created + rng.integers(DAY, 60 * DAY, others)])
    created = np.concatenate([won.created, created])
    qualified = created + ((closed - created) * rng.uniform(0.1, 0.8, size)).astype(np.int64)
    fate = rng.random(size)
    is_lost = ~is_won & (fate < 0.75) & (closed < END)
    is_qualified = (is_won | (fate > 0.45)) & (qualified < END)
    status = np.where(is_won, 2, np.where(is_lost, 3, np.where(is_qualified, 1, 0)))
    ended = is_won | is_lost
    changed = np.where(ended, closed, np.where(is_qualified, qualified, created))
    origin = np.concatenate([won.origin, rng.choice(len(ORIGINS), others, p=_OTHER_ORIGINS)])
    record = np.concatenate([records.main(won.customer, joined_at), np.zeros(others, np.int64)])
    order = np.argsort(created, kind="stable")
    columns = {
        "kunden_system": decode(SYSTEMS, records.system[record], ~is_won),
        "kunden_nr": records.number.take(pa.array(record, mask=~is_won)),
        "erstellt": formatted(created, _LOCAL),
        "geaendert": formatted(changed, _LOCAL),
        "herkunft": decode(ORIGINS, origin),
        "status": decode(_STATUSES, status),
        "qualifiziert": formatted(qualified, _LOCAL, ~is_qualified),
        "gewonnen": formatted(closed, _LOCAL, ~is_won),
        "verloren": formatted(closed, _LOCAL, ~is_lost),
    }
    sorted_columns = {name: whole(values).take(pa.array(order)) for name, values in columns.items()}
    named = {"lead_nr": joined("D", padded(np.arange(size) + 1, 7))} | sorted_columns
    kinds = {
        "impossible_date": defects.replaced(3, "30.02.2025 09:00:00"),
        "cut_off_line": defects.cut_off,
        "surplus_fields": defects.surplus_fields,
    }
    lines = broken.lines("marketing__leads", csv_lines(named), kinds)
    write_lines(target / "marketing" / "leads.csv", ";".join(named), lines)
    return size
