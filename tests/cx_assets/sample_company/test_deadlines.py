"""Tickets: priority agrees with urgency, and each unit keeps its deadlines with the stated share, on five seeds."""

import json

import numpy as np
import pandas as pd
import pytest

from cx_assets.sample_company.deadlines import handled
from cx_assets.sample_company.experience import CATEGORIES
from cx_assets.sample_company.voice_parameters import DeskRates

ORDER = ["low", "normal", "high", "urgent"]
HOURS = {"low": 48, "normal": 24, "high": 8, "urgent": 2}
SHARES = {"logistics": 0.72, "service": 0.90, "stores": 0.65, "sales": 0.80, "assortment": 0.85}


def _tickets(company):
    """Good tickets with their truth."""
    rows = []
    for line in (company.files / "desk" / "tickets.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if row["opened"] != "2025-02-30T10:00:00" and isinstance(row["complaint"], bool):
            rows.append(row)
    tickets = pd.DataFrame(rows)
    for name in ("opened", "first_reply"):
        tickets[name] = pd.to_datetime(tickets[name])
    return tickets.assign(ticket_id="desk:" + tickets["ticket_no"]).merge(company.truth("ticket"), on="ticket_id")


def test_every_ticket_has_a_truth(voice_company):
    tickets = _tickets(voice_company)
    assert len(tickets) == len(voice_company.truth("ticket")) == voice_company.summary.counts["tickets"]
    assert tickets["ticket_id"].is_unique


def test_priority_agrees_with_urgency(voice_company):
    tickets = _tickets(voice_company)
    agrees = tickets["priority"] == tickets["urgency"]
    assert abs(agrees.mean() - 0.9) < 4 * np.sqrt(0.9 * 0.1 / len(tickets))
    step = tickets["priority"].map(ORDER.index) - tickets["urgency"].map(ORDER.index)
    assert set(step) == {-1, 0, 1}
    assert (tickets.loc[step == 1, "urgency"] == "low").all()
    assert (tickets.loc[tickets["complaint"], "urgency"] != "low").all()


def test_units_answer_in_time_with_the_stated_share(voice_company):
    tickets = _tickets(voice_company)
    # Opened early enough that each is answered within the data.
    tickets = tickets[tickets["opened"] < "2026-06-20"]
    assert tickets["first_reply"].notna().all()
    hours = (tickets["first_reply"] - tickets["opened"]).dt.total_seconds() / 3600
    # Times are read as UTC from local ones; a clock change in between adds or takes an hour.
    shifted = tickets["opened"].dt.month.isin([3, 10]) & (tickets["opened"].dt.day > 20)
    in_time = hours <= tickets["priority"].map(HOURS)
    assert (in_time == tickets["is_in_time"])[~shifted].all()
    for unit, share in SHARES.items():
        mine = tickets.loc[tickets["unit_name"] == f"team:{unit}", "is_in_time"]
        assert abs(mine.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(mine)), unit


@pytest.mark.parametrize(
    ("rank", "hours"),
    # A high priority of service (0.90 in time, 8 hours): 0.45 lies at 5% + half of 95%, 0.95 half-way to three times.
    [(0.0, 0.4), (0.45, 4.2), (0.95, 16.0)],
)
def test_an_answer_s_time_follows_from_its_rank(rank, hours):
    rates = DeskRates(more_urgent=1.0, much_more_urgent=0.0, priority_agrees=1.0)
    category = np.array([CATEGORIES.index("account")])
    made = handled(np.random.default_rng(1), np.array([True]), category, np.array([rank]), rates)
    assert made.priority.tolist() == [2]
    assert made.is_in_time.tolist() == [rank < 0.9]
    assert made.answer_seconds[0] / 3600 == pytest.approx(hours, abs=0.001)
