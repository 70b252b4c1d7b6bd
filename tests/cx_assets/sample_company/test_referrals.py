"""Recommendations: kind customers recommend more, and those that brought somebody are the leads that were referred."""

import duckdb
import numpy as np
import pytest

from cx_assets.sample_company.parameters import parameters
from cx_assets.sample_company.people import PROSPECT, population
from cx_assets.sample_company.referrals import recommenders
from cx_assets.sample_company.timeline import DAY, END

SEEDS = (1, 2, 3, 4, 5)


def _moods(*, is_null):
    p = parameters(is_null=is_null)
    moods = []
    for seed in SEEDS:
        people = population(seed, 0.02, p, 12)
        at = np.full(2_000, END - DAY)
        who = recommenders(np.random.default_rng(seed), people, at, p.effects.recommender_mood)
        moods.append(people.mood[who])
    return np.concatenate(moods)


def test_recommenders_are_kindlier_by_the_stated_weight():
    # Weights exp(0.5 m) on a standard normal m give a normal with mean 0.5 and the same spread.
    assert _moods(is_null=False).mean() == pytest.approx(0.5, abs=4 / np.sqrt(10_000) + 0.02)


def test_in_the_null_company_anybody_recommends():
    assert abs(_moods(is_null=True).mean()) < 4 / np.sqrt(10_000) + 0.02


def test_only_who_has_joined_recommends():
    people = population(2, 0.01, parameters(), 12)
    buys = people.join_period != PROSPECT
    first = people.joined[buys].min()
    at = np.array([first, first + 1, END - DAY])
    who = recommenders(np.random.default_rng(1), people, at, 0.5)
    assert who[0] == -1
    assert people.joined[who[1]] == first
    assert buys[who[2]]


def _rows(company):
    return duckdb.sql(
        f"""select *, kunden_system || ':' || kunden_nr as record_id,
            nullif(neu_system, '') || ':' || nullif(neu_nr, '') as referred_id,
            try_strptime(empfohlen_am, '%d.%m.%Y %H:%M:%S') as referred_at,
            try_strptime(geworben_am, '%d.%m.%Y %H:%M:%S') as converted_at
        from read_csv('{company.files}/crm/referrals.csv', delim = ';', header = true, all_varchar = true,
            ignore_errors = true, null_padding = false)
        where referred_at is not null and status in ('sent', 'converted', 'expired')"""
    ).df()


def test_who_was_won_is_the_customer_of_a_referred_lead(company):
    rows = _rows(company)
    leads = duckdb.sql(
        f"""select kunden_system || ':' || kunden_nr as referred_id, erstellt, gewonnen
        from read_csv('{company.files}/marketing/leads.csv', delim = ';', header = true, all_varchar = true,
            ignore_errors = true) where herkunft = 'referral' and status = 'won'"""
    ).df()
    converted = rows[rows["status"] == "converted"]
    assert len(converted) > 100
    both = converted.merge(leads.drop_duplicates(), on="referred_id", how="left")
    readable = both[both["gewonnen"].notna()]
    # A broken copy of a lead may stand beside it.
    assert len(readable) > 0.95 * len(converted)
    assert (readable["gewonnen"] == readable["geworben_am"]).mean() > 0.98
    assert (converted["record_id"] != converted["referred_id"]).all()
    assert (converted["converted_at"] > converted["referred_at"]).all()
    assert (converted["praemie"] == "10,00").all()
    assert rows.loc[rows["status"] != "converted", ["referred_id", "converted_at", "praemie"]].isna().all().all()


def test_what_brought_nobody_expires_after_ninety_days(company):
    rows = _rows(company)
    open_ones = rows[rows["status"] != "converted"]
    days = (np.datetime64("2026-07-01") - open_ones["referred_at"]).dt.total_seconds() / 86_400
    assert ((days > 90) == open_ones["status"].eq("expired")).all()
    share = len(open_ones) / (rows["status"] == "converted").sum()
    assert share == pytest.approx(1.5, rel=0.05)
