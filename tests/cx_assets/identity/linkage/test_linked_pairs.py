"""Duplicates among made-up persons: found, explained, and found again with a kept model."""

import json
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from cx_assets.identity.linkage.pairs import linked_pairs, linked_pairs_of_new
from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.linkage.threshold import expected_f1_threshold, prior_shift
from tests.cx_assets.identity.linkage.persons import made_up_persons

SETTINGS = LinkageSettings(sampled_pairs=50_000)


@pytest.fixture(scope="module")
def persons():
    return made_up_persons()


@pytest.fixture(scope="module")
def found(persons):
    with duckdb.connect() as con:
        return linked_pairs(con, persons, SETTINGS)


def _ids(pairs):
    return set(zip(pairs["record_id_a"], pairs["record_id_b"], strict=True))


def test_the_pairs_are_those_that_were_made(found):
    assert _ids(found.pairs) == {(f"p{number:03d}", f"s{number:03d}") for number in range(120)}
    assert (found.pairs["record_id_a"] < found.pairs["record_id_b"]).all()
    assert found.pairs["match_weight"].is_monotonic_decreasing
    odds = np.exp2(found.pairs["match_weight"])
    assert found.pairs["match_probability"].to_numpy() == pytest.approx((odds / (1 + odds)).to_numpy())


def test_a_pair_says_what_agrees_and_what_differs(found):
    told = found.pairs.set_index("record_id_a")[["agreed_fields", "differing_fields"]]
    # Two letters of the family name swapped, no e-mail.
    assert told.loc["p000"].tolist() == ["given_name,family_name,birth_date,phone,street,place", ""]
    # Another telephone, no birth date.
    assert told.loc["p001"].tolist() == ["given_name,family_name,email,street,place", "phone"]
    # Moved, no telephone.
    assert told.loc["p002", "differing_fields"].startswith("street")
    # An initial is neither agreement nor the whole name.
    assert told.loc["p003"].tolist() == ["family_name,birth_date,phone,street,place", "given_name"]


def test_report_counts_pairs_rule_by_rule(found):
    rules = {row["rule"]: row for row in found.report["blocking"]}
    # 120 second records, of which 60 have no e-mail; 30 no telephone, 30 another.
    assert rules["email"]["pair_count"] == 60
    assert rules["phone"]["pair_count"] == 60
    assert sum(found.report["match_weights"].values()) == found.report["listed_pair_count"] >= 120


def test_a_kept_model_finds_the_same_pairs_whatever_the_order(persons, found):
    kept = json.loads(json.dumps(found.model))
    with duckdb.connect() as con:
        again = linked_pairs(con, persons.sample(frac=1, random_state=3), SETTINGS, kept)
    pd.testing.assert_frame_equal(found.pairs, again.pairs, check_exact=False, rtol=1e-9)
    pd.testing.assert_frame_equal(found.near_misses, again.near_misses, check_exact=False, rtol=1e-9)
    assert again.report["match_weights"] == found.report["match_weights"]
    assert again.model == found.model


def test_learning_twice_gives_the_same_model(persons, found):
    with duckdb.connect() as con:
        again = linked_pairs(con, persons.sample(frac=1, random_state=4), SETTINGS)
    assert again.model["threshold"] == pytest.approx(found.model["threshold"])
    for name, levels in found.model["comparisons"].items():
        for level, other in zip(levels, again.model["comparisons"][name], strict=True):
            assert (level["m"], level["u"]) == pytest.approx((other["m"], other["u"])), (name, level["label"])


def test_pairs_of_new_records_are_those_of_all_that_have_a_new_one(persons, found):
    new = {f"s{number:03d}" for number in range(0, 120, 3)} | {"p007", "nobody"}
    with duckdb.connect() as con:
        some = linked_pairs_of_new(con, persons, new, found.model, SETTINGS)
    expected = found.pairs[found.pairs["record_id_a"].isin(new) | found.pairs["record_id_b"].isin(new)]
    pd.testing.assert_frame_equal(expected.reset_index(drop=True), some.pairs, check_exact=False, rtol=1e-9)
    assert some.report["listed_pair_count"] < found.report["listed_pair_count"]


def test_a_household_is_not_one_person(persons, found):
    home = persons[persons["record_id"] == "p200"].iloc[0]
    member = home.to_dict() | {"record_id": "x1", "given_name": "Ottokar", "birth_date": None}
    twin = home.to_dict() | {"record_id": "x2", "given_name": "Wilma", "birth_date": None}
    with duckdb.connect() as con:
        joined = linked_pairs(con, pd.concat([persons, pd.DataFrame([member, twin])]), SETTINGS, found.model)
    assert not {"x1", "x2"} & {record for pair in _ids(joined.pairs) for record in pair}
    assert joined.report["household_pair_count"] > 0


def test_a_setting_overrides_the_threshold(persons, found):
    with duckdb.connect() as con:
        strict = linked_pairs(con, persons, replace(SETTINGS, threshold=1 - 1e-6), found.model)
    expected = found.pairs[found.pairs["match_probability"] >= 1 - 1e-6]
    assert 0 < len(strict.pairs) == len(expected) < len(found.pairs)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_records_have_no_pairs(persons, count):
    with duckdb.connect() as con:
        assert linked_pairs(con, persons.head(count), SETTINGS).pairs.empty


def test_a_model_of_other_comparisons_is_refused(persons, found):
    with duckdb.connect() as con, pytest.raises(ValueError, match="train it again"):
        linked_pairs(con, persons, SETTINGS, found.model | {"version": 0})


def test_threshold_of_a_worked_example():
    # Sum of all is 1.9. F1 of the first 1, 2, 3, 4: 1.8/2.9 = .62, 3.4/3.9 = .87, 3.6/4.9 = .73, 3.8/5.9 = .64.
    assert expected_f1_threshold(np.array([0.1, 0.9, 0.8, 0.1])) == pytest.approx(3.4 / 3.9 / 2)
    assert expected_f1_threshold(np.array([])) == 1.0


def test_prior_moves_to_the_matches_that_the_pairs_expect():
    # Forty sure pairs of 10,000: the prior becomes 0.004, from 0.001, log2(0.004 / 0.996) - log2(0.001 / 0.999).
    shift = prior_shift(np.full(40, 60.0), prior=0.001, pair_count=10_000)
    assert shift == pytest.approx(2.00434, abs=1e-4)
    assert prior_shift(np.full(4_000, 60.0), prior=0.001, pair_count=10_000) == 4.0
