"""Delivery passes: notice by those who have left and by few others, passes forgotten, dates that follow the bills."""

import json

import numpy as np
import pandas as pd
import pytest

from cx_assets.sample_company.behaviour import Behaviour, Experience, has_joined
from cx_assets.sample_company.parameters import PERIOD_COUNT, parameters
from cx_assets.sample_company.people import population
from cx_assets.sample_company.records import NEVER
from cx_assets.sample_company.subscriptions import DeliveryPasses, next_bill

SEEDS = (1, 2, 3, 4, 5)


def _seconds(*texts):
    return np.array(texts, "M8[s]").astype(np.int64)


def test_bills_come_on_the_day_of_the_start():
    started = _seconds("2025-01-31T10:00", "2025-01-31T10:00", "2024-02-10T08:00", "2024-02-10T08:00")
    at = _seconds("2025-01-31T10:00", "2025-02-28T10:00", "2026-02-09T08:00", "2026-02-10T08:00")
    is_yearly = np.array([False, False, True, True])
    assert (
        next_bill(started, at, is_yearly)
        == _seconds("2025-02-28T10:00", "2025-03-28T10:00", "2026-02-10T08:00", "2027-02-10T08:00")
    ).all()


def _shares():
    """Share that takes a pass, that gives notice while active and gone; each with its number of cases."""
    p = parameters()
    found = {"takes": [0, 0], "active": [0, 0], "gone": [0, 0]}
    for seed in SEEDS:
        people = population(seed, 0.02, p, 12)
        behaviour, passes = Behaviour(seed, people, p), DeliveryPasses(seed, people, p)
        for period in range(PERIOD_COUNT):
            behaviour.prepare(period, Experience.empty(people.size))
            behaviour.enter(period)
            free = passes.started == NEVER
            holds = ~free & (passes.cancelled == NEVER)
            passes.enter(period, behaviour.active)
            for name, at_risk, changed in (
                ("takes", free & behaviour.active & has_joined(period, people), passes.started < NEVER),
                ("active", holds & behaviour.active & ~passes.never_cancels, passes.cancelled < NEVER),
                ("gone", holds & ~behaviour.active & ~passes.never_cancels, passes.cancelled < NEVER),
            ):
                found[name][0] += int((at_risk & changed).sum())
                found[name][1] += int(at_risk.sum())
        assert (passes.cancelled[passes.never_cancels] == NEVER).all()
    return found


def test_passes_are_taken_and_ended_at_the_stated_rates():
    found = _shares()
    for name, stated in (("takes", 0.004), ("active", 0.01), ("gone", 0.30)):
        changed, cases = found[name]
        assert changed / cases == pytest.approx(stated, abs=4 * np.sqrt(stated * (1 - stated) / cases)), name


def _rows(company):
    rows = []
    for line in (company.files / "shop" / "subscriptions.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    table = pd.DataFrame(rows)
    table = table[table["started"] != "2025-02-30T10:00:00"]
    for name in ("started", "changed", "notice", "ended", "renews"):
        table[name] = pd.to_datetime(table[name])
    return table


def test_the_file_agrees_with_itself_and_with_the_truth(company):
    rows = _rows(company)
    assert len(rows) == company.summary.counts["subscriptions"] > 500
    is_cancelled = rows["status"] == "canceled"
    for name in ("notice", "ended", "reason"):
        assert (rows[name].notna() == is_cancelled).all(), name
    assert (rows["renews"].isna() == is_cancelled).all()
    assert (rows.loc[is_cancelled, "ended"] > rows.loc[is_cancelled, "notice"]).all()
    assert (rows.loc[~is_cancelled, "renews"] >= pd.Timestamp("2026-06-30 22:00")).all()
    assert (rows["amount"] == rows["billed_every"].map({"month": 4.99, "year": 39.0})).all()
    truth = company.truth("subscription").set_index("subscription_no").loc[rows["pass_no"]]
    assert truth["is_never_cancelled"].mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / len(rows)))
    assert not truth["is_never_cancelled"][is_cancelled.to_numpy()].any()
    forgotten = truth["has_left"] & ~is_cancelled.to_numpy()
    assert forgotten.sum() > 50
    # Who left and did not forget has mostly given notice.
    left = truth["has_left"].to_numpy()
    assert is_cancelled[left & ~truth["is_never_cancelled"].to_numpy()].mean() > 0.7


def test_reasons_of_those_who_left_differ_from_the_price(company):
    rows = _rows(company)
    shares = rows["reason"].value_counts(normalize=True)
    assert set(shares.index) == {"no longer needed", "another shop", "too expensive"}
    assert shares["no longer needed"] > shares["another shop"]
