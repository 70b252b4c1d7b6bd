"""Spending on marketing: as much as stated, and its experiment lacks the incremental share of the leads."""

import duckdb
import numpy as np
import pytest

from cx_assets.sample_company import names
from cx_assets.sample_company.leads import won_leads
from cx_assets.sample_company.parameters import parameters
from cx_assets.sample_company.people import PROSPECT, population
from cx_assets.sample_company.programmes import Spending
from cx_assets.sample_company.spending import ORIGINS, daily_costs, withheld
from cx_assets.sample_company.timeline import DAY

SEEDS = (1, 2, 3, 4, 5)
FIRST, END = (int(np.datetime64(day, "D").astype(int)) for day in ("2025-10-01", "2025-12-01"))


def _cell(seed, *, is_null):
    """Won search leads of North Rhine-Westphalia in the experiment, and how many the other leads let expect."""
    p = parameters(is_null=is_null)
    people, won, withheld_count = won_leads(seed, population(seed, 0.05, p, 12), p)
    in_region = (np.array(names.CITY_REGION) == "Nordrhein-Westfalen")[people.city[won.customer]]
    in_time = (won.created >= FIRST * DAY) & (won.created < END * DAY)
    is_search = won.origin == ORIGINS.index("search")
    elsewhere = (is_search & in_time & ~in_region).sum()
    # The region's part of the leads, from all other months and origins.
    part = in_region[~(is_search & in_time)].mean()
    return (is_search & in_time & in_region).sum(), elsewhere * part / (1 - part), withheld_count


def test_without_spending_the_incremental_share_of_the_leads_is_missing():
    found, expected, withheld_count = np.sum([_cell(seed, is_null=False) for seed in SEEDS], axis=0)
    assert withheld_count > 50
    # 0.60 of the search leads are incremental; four standard errors of a share of so many leads.
    assert 1 - found / expected == pytest.approx(0.60, abs=4 * np.sqrt(0.4 / expected))
    assert found < 0.65 * expected


def test_in_the_null_company_nothing_is_missing_without_spending():
    found, expected, withheld_count = np.sum([_cell(seed, is_null=True) for seed in SEEDS], axis=0)
    assert withheld_count == 0
    assert found == pytest.approx(expected, abs=4 * np.sqrt(2 * expected))


def test_withheld_are_incremental_leads_of_that_origin_region_and_time_alone():
    city = np.array([names.CITY_NAMES.index(name) for name in ("Köln", "Köln", "Köln", "Berlin", "Köln")])
    origin = np.array([ORIGINS.index(name) for name in ("search", "social", "search", "search", "search")])
    created = DAY * np.array([FIRST, FIRST, END, FIRST, END - 1])
    assert withheld(1, origin, city, created, (1.0,) * 6, Spending()).tolist() == [0, 4]
    assert withheld(1, origin, city, created, (0.0,) * 6, Spending()).tolist() == []


def test_those_withheld_never_buy():
    p = parameters()
    before = population(7, 0.05, p, 12)
    people, won, withheld_count = won_leads(7, before, p)
    changed = np.flatnonzero(people.join_period != before.join_period)
    assert len(changed) == withheld_count > 0
    assert (people.join_period[changed] == PROSPECT).all()
    assert not np.isin(changed, won.customer).any()


def test_costs_of_a_day_follow_season_fairs_and_the_experiment():
    still = Spending(scatter=0.0)
    day, cents = daily_costs(1, 1.0, still)
    by_date = dict(zip(day.astype("M8[D]").astype(str).tolist(), cents.tolist(), strict=True))
    # July sells 0.95 of the year's mean: 0.95 x 1,400.00 EUR for search; no fair.
    assert by_date["2025-07-15"] == [133_000, 90_250, 11_400, 28_500, 0, 38_000]
    # March: 0.97, and fairs are held.
    assert by_date["2026-03-10"][4] == 87_300
    assert by_date["2025-10-01"][0] < 0.85 * by_date["2025-09-30"][0]
    assert by_date["2025-12-01"][0] > by_date["2025-10-01"][0] * 1.22 / 1.03 * 1.15


def test_the_file_adds_up_to_the_truth(company):
    rows = duckdb.sql(
        f"""select herkunft, sum(cast(replace(kosten, ',', '.') as decimal(18, 2))) as cost_amount,
            sum(cast(klicks as bigint)) as clicks, sum(cast(impressionen as bigint)) as impressions
        from read_csv('{company.files}/marketing/spend.csv', delim = ';', all_varchar = true, ignore_errors = true)
        where datum <> '31.02.2025' and kosten <> 'k. A.' group by 1"""
    ).df()
    truth = company.truth("marketing_source").set_index("origin")
    rows = rows.set_index("herkunft").reindex(truth.index)
    assert np.allclose(rows["cost_amount"].astype(float), truth["cost_amount"])
    assert truth["incremental_share"].tolist() == [0.60, 0.75, 0.35, 0.50, 0.90, 0.45]
    assert truth["held_out_region"].dropna().to_dict() == {"search": "Nordrhein-Westfalen"}
    assert rows["clicks"].isna().tolist() == [False, False, False, True, True, False]
    assert (rows["clicks"] / rows["impressions"])["search"] == pytest.approx(0.034, abs=0.001)
