"""What is weighed, decided by people and kept from run to run, on made-up persons."""

import json
from datetime import date, datetime

import duckdb
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cx_assets.identity.decisions import (
    ContradictoryDecisionsError,
    apart_pairs,
    declared_pairs,
    refuse_contradictions,
)
from cx_assets.identity.evidence import Decisions, Kept, weigh
from cx_assets.identity.resolution import resolve
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import RECORD_CUSTOMER
from tests.cx_assets.identity.linkage.persons import made_up_persons

NOTHING = RECORD_CUSTOMER.typed(pd.DataFrame())


def _weighed(records, kept=None, decisions=None, number=1, **settings):
    with duckdb.connect() as con:
        return weigh(
            con, records, kept or Kept(), decisions or Decisions(), settings=IdentitySettings(**settings),
            default_country="DE", as_of=date(2026, 6, 30), snapshot_sequence=number,
        )  # fmt: skip


def _resolved(evidence, previous=NOTHING, number=1):
    known_at = datetime.fromisoformat(f"2026-07-{number:02d}T06:00:00")
    return resolve(evidence, previous, known_at=known_at, snapshot_sequence=number, snapshot_id=f"s{number}")


def _groups(evidence):
    return {frozenset(rows.index) for _, rows in evidence.labels.groupby(evidence.labels) if len(rows) > 1}


@pytest.fixture(scope="module")
def persons():
    """256 persons and 120 second records; two of a family share e-mail, telephone and home; a guest without a name."""
    home = {
        "source_system": "crm", "customer_type": "person", "family_name": "Zander", "email": "zander@post.de",
        "phone": "+491729000001", "street_address": "Uferweg 3", "postal_code": "10001", "city": "Berlin",
        "country_code": "DE",
    }  # fmt: skip
    family = [
        home | {"record_id": "f1", "given_name": "Sigrid", "birth_date": "1961-02-03"},
        home | {"record_id": "f2", "given_name": "Malte", "birth_date": "1993-08-09"},
    ]
    guest = {
        "record_id": "g1", "source_system": "shop", "customer_type": "person", "country_code": "DE",
        "email": "anna.amsel0@post.de",
    }  # fmt: skip
    frame = pd.concat([made_up_persons(), pd.DataFrame([*family, guest])], ignore_index=True)
    return frame.assign(tax_number=None, source_person_id=None, company_name=None)


@pytest.fixture(scope="module")
def first(persons):
    return _weighed(persons)


def test_second_records_are_found_and_a_family_is_not_one_person(first):
    groups = _groups(first)
    expected = {frozenset({f"p{number:03d}", f"s{number:03d}"}) for number in range(1, 120)}
    assert groups == expected | {frozenset({"p000", "s000", "g1"})}
    assert first.labels["f1"] != first.labels["f2"]


def test_a_family_is_a_household(first):
    found = _resolved(first)
    household = found.household.set_index("customer_id")
    ids = found.record_customer.set_index("record_id")["customer_id"]
    assert household.loc[ids["f1"], "household_id"] == household.loc[ids["f2"], "household_id"]
    assert household.loc[ids["f1"], ["member_count", "shared"]].tolist() == [2, "address,email,phone"]
    assert ids["g1"] not in set(household.index) | {ids["f1"]}


def test_nothing_new_compares_nothing_and_changes_nothing(persons, first):
    again = _weighed(persons.sample(frac=1, random_state=3), first.kept, number=2)
    assert again.pair_weights["person"] == {}
    assert_frame_equal(again.kept.links, first.kept.links)
    assert_frame_equal(again.kept.models, first.kept.models)
    before = _resolved(first)
    after = _resolved(again, before.record_customer, number=2)
    assert after.ledger.empty
    assert_frame_equal(after.record_customer, before.record_customer)


def test_only_new_and_changed_records_are_compared(persons):
    part = persons[~persons["record_id"].isin(["s001", "s002", "p200"])]
    before = _weighed(part)
    now = _weighed(persons, before.kept, number=2)
    whole = _weighed(persons, Kept(models=before.kept.models), number=2)
    assert 0 < sum(now.pair_weights["person"].values()) < 0.2 * sum(whole.pair_weights["person"].values())
    assert _groups(now) == _groups(whole)
    changed = persons.assign(given_name=persons["given_name"].mask(persons["record_id"] == "s003", "Wilhelmine"))
    changed.loc[changed["record_id"] == "s003", ["birth_date", "phone", "street_address"]] = [
        "1931-01-01", "+4917299999", "Anderswo 9",
    ]  # fmt: skip
    later = _weighed(changed, now.kept, number=3)
    assert frozenset({"p003", "s003"}) in _groups(now)
    assert later.labels["p003"] != later.labels["s003"]
    gone = _weighed(persons[persons["record_id"] != "s005"], now.kept, number=3)
    assert not gone.kept.links[["record_id_a", "record_id_b"]].isin(["s005"]).any().any()


def test_a_model_stays_until_its_settings_change(persons, first):
    stricter = _weighed(persons, first.kept, number=2, threshold=0.999999)
    assert stricter.kept.models["snapshot_sequence"].tolist() == [2]
    assert first.kept.models["snapshot_sequence"].tolist() == [1]
    assert len(_groups(stricter)) < len(_groups(first))


def test_people_decide_against_the_data(persons, first):
    decisions = Decisions(must_link=[("f1", "f2")], cannot_link=[("s001", "p001")])
    decided = _weighed(persons, first.kept, decisions, number=2)
    assert decided.labels["f1"] == decided.labels["f2"]
    assert decided.labels["p001"] != decided.labels["s001"]
    before = _resolved(first)
    after = _resolved(decided, before.record_customer, number=2)
    assert not after.review_pair[["record_id_a", "record_id_b"]].isin(["p001", "s001"]).any(axis=None)
    events = after.ledger.set_index("event_type")
    merged = json.loads(events.loc["merged", "evidence"])
    assert events.loc["merged", "rule"] == "must_link"
    assert merged["record_count"] == 1
    assert json.loads(events.loc["split", "evidence"])["reason"] == "declared not to be one customer"
    # Taken back, everything is as it was.
    back = _resolved(_weighed(persons, decided.kept, number=3), after.record_customer, number=3)
    held = [
        table.loc[table["known_to_at"].isna()].set_index("record_id")["customer_id"].to_dict()
        for table in (before.record_customer, back.record_customer)
    ]
    assert held[0] == held[1]


def test_a_join_tells_the_weight_and_the_fields(persons):
    before = _weighed(persons[persons["record_id"] != "s001"])
    held = _resolved(before)
    after = _resolved(_weighed(persons, before.kept, number=2), held.record_customer, number=2)
    [event] = after.ledger.itertuples()
    told = json.loads(event.evidence)
    assert (event.event_type, event.record_id, event.rule) == ("joined", "s001", "matched")
    assert told["match_weight"] > 5
    assert {"given_name", "family_name", "email"} <= set(told["agreed_fields"].split(","))
    assert told["differing_fields"] == "phone"


def test_a_chain_that_people_forbid_is_cut_where_it_is_weakest(persons, first):
    decided = _weighed(persons, first.kept, Decisions(cannot_link=[("s000", "g1")]), number=2)
    assert decided.labels["s000"] != decided.labels["g1"]


def test_must_link_holds_through_records_that_are_gone():
    assert declared_pairs([("a", "gone"), ("gone", "b"), ("c", "nobody")], {"a", "b", "c"}) == [("a", "b")]


@pytest.mark.parametrize("cannot", [("a", "b"), ("c", "a"), ("x", "x")])
def test_decisions_that_contradict_each_other_are_refused(cannot):
    with pytest.raises(ContradictoryDecisionsError, match="two customers"):
        refuse_contradictions([("a", "b"), ("b", "c")], [cannot])


def test_decisions_that_do_not_touch_are_accepted():
    refuse_contradictions([("a", "b"), ("c", "d")], [("a", "c"), ("x", "y")])


def test_few_records_are_joined_by_identifiers_alone(persons):
    few = persons.head(60)
    evidence = _weighed(few)
    assert evidence.kept.models.empty
    assert (evidence.edges["rule"] != "matched").all()
    assert len(_groups(evidence)) > 0


def test_cannot_link_holds_where_nothing_is_learnt():
    frame = pd.DataFrame(
        {"record_id": ["a", "b", "c"], "source_system": "crm", "customer_type": "person",
         "email": ["x@post.de"] * 3, "phone": None, "tax_number": None, "source_person_id": None}
    )  # fmt: skip
    evidence = _weighed(frame, decisions=Decisions(cannot_link=[("b", "a")]))
    assert evidence.labels["a"] != evidence.labels["b"]
    assert evidence.labels["c"] in (evidence.labels["a"], evidence.labels["b"])


def test_a_declared_link_joins_whole_groups_and_tears_nobody_from_one(persons, first):
    decided = _weighed(persons, first.kept, Decisions(must_link=[("s001", "p100")]), number=2)
    assert frozenset({"p001", "s001", "p100", "s100"}) in _groups(decided)
    forbidden = Decisions(must_link=[("s001", "p100")], cannot_link=[("p001", "s100")])
    apart = _weighed(persons, first.kept, forbidden, number=2)
    assert apart.labels["s001"] == apart.labels["p100"]
    assert apart.labels["p001"] != apart.labels["s100"]


def test_clean_records_teach_nothing_and_stop_nothing():
    rows = [row for row in made_up_persons().to_dict("records") if row["record_id"].startswith("p")]
    clean = pd.DataFrame(rows).assign(tax_number=None, source_person_id=None, company_name=None)
    evidence = _weighed(clean)
    assert not _groups(evidence)
    again = _weighed(clean, evidence.kept, number=2)
    assert not _groups(again)


def test_a_model_of_half_the_records_is_learnt_anew(persons):
    before = _weighed(persons.iloc[:250], number=1)
    assert before.kept.models["snapshot_sequence"].tolist() == [1]
    doubled = pd.concat([persons, persons.assign(record_id="x" + persons["record_id"])], ignore_index=True)
    assert _weighed(doubled, before.kept, number=2).kept.models["snapshot_sequence"].tolist() == [2]


def test_an_identifier_that_the_model_does_not_compare_still_joins(persons):
    frame = persons.copy()
    frame.loc[frame["record_id"].isin(["p010", "p200"]), "source_person_id"] = "K-77"
    both = _weighed(frame, identifiers=("source_person_id", "email"))
    assert both.labels["p010"] == both.labels["p200"]
    # The first tax numbers: a field that no record had before is weighed by a model that knows it.
    taxed = persons.copy()
    taxed.loc[taxed["record_id"].isin(["p011", "p201"]), "tax_number"] = "DE123456788"
    later = _weighed(taxed, _weighed(persons).kept, number=2)
    assert later.kept.models["snapshot_sequence"].tolist() == [2]


def test_two_records_of_a_source_without_duplicates_stay_apart_where_nothing_is_learnt():
    frame = pd.DataFrame(
        {"record_id": ["a", "b", "c"], "source_system": ["crm", "crm", "shop"], "customer_type": "person",
         "email": ["x@post.de"] * 3, "phone": None, "tax_number": None, "source_person_id": None}
    )  # fmt: skip
    evidence = _weighed(frame, sources_without_duplicates=("crm",))
    assert evidence.labels["a"] != evidence.labels["b"]
    assert evidence.labels["c"] in (evidence.labels["a"], evidence.labels["b"])
    found = _resolved(evidence)
    [pair] = found.review_pair.itertuples()
    assert (pair.agreed_fields, pair.reason) == ("email", "two records of crm, which has no duplicates")


def test_cannot_link_holds_for_all_that_must_link_makes_one_with():
    assert apart_pairs([("a", "g")], [("g", "b")], {"a", "b"}) == [("a", "b")]
    frame = pd.DataFrame(
        {"record_id": ["p1", "p2", "c1"], "source_system": "crm", "customer_type": ["person", "person", "company"],
         "email": ["x@post.de", "x@post.de", None], "phone": None, "tax_number": None, "source_person_id": None}
    )  # fmt: skip
    evidence = _weighed(frame, decisions=Decisions(must_link=[("p1", "c1")], cannot_link=[("p2", "c1")]))
    assert evidence.labels["p1"] == evidence.labels["c1"] != evidence.labels["p2"]
