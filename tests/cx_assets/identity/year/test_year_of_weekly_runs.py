"""A year of weekly runs over the sample company's records: what has to hold after each of them.

CX_YEAR_SEEDS=7,4242 runs more than one year.
"""

import json
import math
import os

import duckdb
import pytest

from cx_assets import sample_company
from cx_assets.identity.evidence import Kept
from cx_assets.identity.settings import IdentitySettings
from tests.cx_assets.identity.year.source_year import (
    DECISION_WEEKS,
    RUSH_WEEK,
    UNDO_WEEKS,
    contradicts,
    weeks_of_a_year,
)
from tests.cx_assets.identity.year.weekly_runs import (
    Year,
    check_bridge,
    check_decisions,
    check_ledger,
    check_nothing_new,
    check_order,
    check_redirects,
    differing_count,
    known_at,
    time_of,
    weighed,
)
from tests.cx_assets.sample_company.staged import CONFIGURATION, staged_records

pytestmark = pytest.mark.slow

_SETTINGS = {**CONFIGURATION["identity"], "least_records": 100}
# Matching alone takes a second, whatever the number of records: what needs a run of its own is done in some weeks.
_THOROUGH_WEEKS = frozenset({1, 15, 27, 52})


def _people(folder, seed, customer_type=None, scale=0.0005):
    """Records of a small sample company, and the true customer of each."""
    sample_company.generate(folder / "files", scale=scale, seed=seed, truth=folder / "truth")
    records = staged_records(folder / "files")
    if customer_type is not None:
        records = records[records["customer_type"] == customer_type].reset_index(drop=True)
    rows = duckdb.sql(f"select record_id, true_customer_id from '{folder / 'truth' / 'record_customer.parquet'}'")
    return records, dict(rows.fetchall())


@pytest.fixture(scope="module", params=[int(seed) for seed in os.environ.get("CX_YEAR_SEEDS", "7").split(",")])
def year(request, tmp_path_factory):
    """A year of runs, each looked at as soon as it is made."""
    records, truth = _people(tmp_path_factory.mktemp("company"), request.param)
    made = Year(IdentitySettings(**_SETTINGS))
    before, used = {}, set()
    for week in weeks_of_a_year(records, truth, seed=request.param):
        run = made.run(week)
        check_bridge(run)
        check_ledger(before, run, used)
        check_redirects(run, made.ledger)
        check_decisions(run)
        before, used = run.customers, set(run.found.record_customer["customer_id"])
    return made


def test_the_year_has_all_that_may_happen(year):
    weeks = [run.week for run in year.runs]
    assert len(weeks) == 52
    assert sum(len(week.arrived) for week in weeks[1:]) > 100
    assert sum(len(week.changed) for week in weeks) > 90
    assert sum(len(week.deleted) for week in weeks) > 50
    assert len(weeks[-1].merges) >= 10
    assert len({pair for week in weeks for pair in week.must_link}) >= 10
    assert len({pair for week in weeks for pair in week.cannot_link}) >= 10
    assert not any(contradicts(list(week.must_link), list(week.cannot_link)) for week in weeks)
    # Decisions outlive their records.
    named = [{name for pair in (*week.must_link, *week.cannot_link) for name in pair} for week in weeks]
    assert any(names - set(week.records["record_id"]) for names, week in zip(named, weeks, strict=True))
    assert set(year.ledger["event_type"]) == {"created", "joined", "merged", "split", "retired"}


def test_what_was_known_in_any_week_can_still_be_told(year):
    for run in year.runs:
        assert known_at(year.previous, time_of(run.week.number)) == run.customers


def test_the_weights_are_learnt_once(year):
    assert all(run.evidence.kept.models["snapshot_sequence"].tolist() == [1] for run in year.runs)


def test_a_decision_taken_back_restores_groups_ids_and_redirects(year):
    """In these weeks nothing else happens."""
    for number in sorted(UNDO_WEEKS):
        before, decided, back = year.runs[number - 3 : number]
        assert decided.week.number in DECISION_WEEKS
        assert decided.customers != before.customers
        assert back.customers == before.customers
        made_up = set(decided.customers.values()) - set(before.found.record_customer["customer_id"])
        assert {old: new for old, new in back.redirects.items() if old not in made_up} == before.redirects


def test_many_arrivals_at_once_take_no_customer_the_id(year):
    before, rush = year.runs[RUSH_WEEK - 2 : RUSH_WEEK]
    assert len(rush.week.arrived) >= 0.045 * len(before.week.records)
    changed = {record for record, customer in before.customers.items() if rush.customers[record] != customer}
    # Other ids than before come by a merge alone: somebody new is the bridge between two that were one all along.
    merged = rush.found.ledger[rush.found.ledger["event_type"] == "merged"]
    assert {before.customers[record] for record in changed} == set(merged["other_customer_id"])
    assert len(changed) <= 2
    assert "split" not in set(rush.found.ledger["event_type"])


def test_nothing_new_changes_nothing_in_any_season(year):
    for number in sorted(_THOROUGH_WEEKS):
        check_nothing_new(year.runs[number - 1], year.settings)


def test_the_order_of_the_rows_changes_nothing_in_any_season(year):
    for number in sorted(_THOROUGH_WEEKS):
        until = Year(year.settings, year.runs[:number])
        check_order(until, until.runs[-1], seed=number)


def _followed(evidence):
    links = evidence.kept.links
    links = links[~links["is_near_miss"].astype("bool")]
    return dict(zip(zip(links["record_id_a"], links["record_id_b"], strict=True), links["match_weight"], strict=True))


def test_comparing_all_records_anew_differs_by_pairs_at_the_threshold_alone(year):
    """A link keeps the weight that it was found with, while names become more or less frequent with each arrival."""
    for number in sorted(_THOROUGH_WEEKS):
        run = year.runs[number - 1]
        whole = weighed(run.week, Kept(models=run.evidence.kept.models), year.settings)
        threshold = json.loads(run.evidence.kept.models["model"].iloc[0])["threshold"]
        weekly, anew = _followed(run.evidence), _followed(whole)
        told_otherwise = {pair: (weekly | anew)[pair] for pair in set(weekly) ^ set(anew)}
        assert len(told_otherwise) <= 0.02 * len(weekly), (number, told_otherwise)
        assert all(weight - math.log2(threshold / (1 - threshold)) < 1 for weight in told_otherwise.values())
        # A pair that is told otherwise makes one customer of two, or two of one.
        assert differing_count(whole.labels.to_dict(), run.customers) <= 2 * len(told_otherwise)
