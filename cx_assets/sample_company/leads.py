"""Marketing leads: some became customers, others are open or lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.columns import decode, formatted, joined, padded, whole
from cx_assets.sample_company.files import csv_lines, write_lines
from cx_assets.sample_company.parameters import PERIOD_COUNT
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.records import SYSTEMS, Records
from cx_assets.sample_company.timeline import DAY, END, HOUR, START, stream

_ORIGINS = ("search", "social", "newsletter", "referral", "fair", "partner")
_WON_ORIGINS = np.array([0.30, 0.18, 0.17, 0.22, 0.05, 0.08])
_OTHER_ORIGINS = np.array([0.30, 0.33, 0.17, 0.06, 0.06, 0.08])
_STATUSES = ("open", "qualified", "won", "lost")
_LOCAL = "%d.%m.%Y %H:%M:%S"


def write_leads(target: Path, seed: int, people: Population, records: Records, broken: defects.Defects) -> int:
    """Write `marketing/leads.csv` in the order of creation; returns the number of good leads."""
    rng = stream(seed, "leads")
    joins = (people.join_period >= 0) & (people.join_period < PERIOD_COUNT)
    won = np.flatnonzero(joins & (rng.random(people.size) < 0.18))
    others = int(1.4 * len(won))
    size = len(won) + others
    is_won = np.arange(size) < len(won)
    joined_at = people.joined[won]
    created = np.concatenate(
        [joined_at - rng.integers(DAY, 40 * DAY, len(won)), START + rng.integers(0, END - START - DAY, others)]
    )
    created = created - created % DAY + 8 * HOUR + rng.integers(0, 11 * HOUR, size)
    closed = np.concatenate([joined_at, created[~is_won] + rng.integers(DAY, 60 * DAY, others)])
    created = np.where(is_won, np.minimum(created, closed - HOUR), created)
    qualified = created + ((closed - created) * rng.uniform(0.1, 0.8, size)).astype(np.int64)
    fate = rng.random(size)
    is_lost = ~is_won & (fate < 0.75) & (closed < END)
    is_qualified = (is_won | (fate > 0.45)) & (qualified < END)
    status = np.where(is_won, 2, np.where(is_lost, 3, np.where(is_qualified, 1, 0)))
    ended = is_won | is_lost
    changed = np.where(ended, closed, np.where(is_qualified, qualified, created))
    origin = np.empty(size, np.int64)
    origin[is_won] = rng.choice(len(_ORIGINS), len(won), p=_WON_ORIGINS)
    origin[~is_won] = rng.choice(len(_ORIGINS), others, p=_OTHER_ORIGINS)
    record = np.concatenate([records.main(won, joined_at), np.zeros(others, np.int64)])
    order = np.argsort(created, kind="stable")
    columns = {
        "kunden_system": decode(SYSTEMS, records.system[record], ~is_won),
        "kunden_nr": records.number.take(pa.array(record, mask=~is_won)),
        "erstellt": formatted(created, _LOCAL),
        "geaendert": formatted(changed, _LOCAL),
        "herkunft": decode(_ORIGINS, origin),
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
