"""Explanations from a model whose weights are easy to reckon with."""

import json
from dataclasses import replace

import duckdb
import pandas as pd
import pytest

from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.stewardship.explanation import FOLLOWED, NEAR_MISS, State, explain
from cx_assets.identity.tables import LINK, MATCH_MODEL, REVIEW_PAIR

# Odds of 1 to 8; same telephone +3 bits, another -3.
MODEL = {
    "version": 1,
    "customer_type": "person",
    "prior": 1 / 9,
    "threshold": 0.5,
    "comparisons": {
        "phone": [
            {"label": "same", "m": 0.8, "u": 0.1},
            {"label": "same but for a typing error", "m": 0.1, "u": 0.1},
            {"label": "different", "m": 0.1, "u": 0.8},
        ],
    },
}
RECORDS = pd.DataFrame(
    [
        ("a", "crm", "person", "Anna", "Amsel", "+4917012345678"),
        ("b", "shop", "person", "Anna", "Birke", "+4917012345678"),
        ("c", "shop", "person", "Clara", "Distel", "+4915799988777"),
        ("d", "crm", "person", "Anna", "Amsel", None),
        ("e", "erp", "company", "Anna", "Amsel", "+4917012345678"),
    ],
    columns=["record_id", "source_system", "customer_type", "given_name", "family_name", "phone"],
)
MODELS = MATCH_MODEL.typed(
    [
        {
            "customer_type": "person",
            "settings_hash": "h",
            "model": json.dumps(MODEL),
            "record_count": 4,
            "snapshot_sequence": 1,
        }
    ]
)
LINKED = {
    "record_id_a": "a", "record_id_b": "b", "customer_type": "person", "match_weight": 1.5,
    "match_probability": 0.7388, "agreed_fields": "phone", "differing_fields": "", "is_near_miss": False,
}  # fmt: skip
STATE = State(
    records=RECORDS,
    customers=pd.Series({"a": "c1", "b": "c1", "c": "c2", "d": "c3", "e": "c4"}),
    models=MODELS,
    links=LINK.typed([LINKED]),
    review_pairs=REVIEW_PAIR.typed(pd.DataFrame()),
    must_link=[("b", "x")],
    cannot_link=[],
)


def _explained(left, right, state=STATE, **settings):
    with duckdb.connect() as con:
        return explain(
            con, tuple(left), tuple(right), state, settings=IdentitySettings(identifiers=("phone",), **settings),
            default_country="DE", as_of=None,
        )  # fmt: skip


def test_a_link_that_was_followed():
    told = _explained("a", "b")
    assert told.prior_bits == {"person": pytest.approx(-3.0)}
    assert told.threshold == {"person": 0.5}
    [pair] = told.pairs.to_dict("records")
    assert (pair["match_weight"], pair["is_estimate"], pair["verdict"]) == (1.5, False, FOLLOWED)
    assert told.weights[["field", "level"]].to_numpy().tolist() == [["phone", "same"]]
    assert told.weights["bits"].tolist() == [pytest.approx(3.0)]
    assert told.shared.to_numpy().tolist() == [["a", "b", "phone", "weighed with the names beside it"]]
    assert told.decisions.to_numpy().tolist() == [["b", "x", "must_link"]]
    values = told.fields.set_index(["field", "record_id"])
    assert values.loc[("family_name", "b")].tolist() == ["Birke", "birke"]
    assert set(told.fields["field"]) == {"given_name", "family_name", "phone"}


def test_why_a_link_was_not_followed():
    two = replace(STATE, customers=pd.Series({"a": "c1", "b": "c9", "c": "c2", "d": "c3", "e": "c4"}))
    reviewed = LINKED | {"customer_id_a": "c1", "customer_id_b": "c9", "reason": "birth dates differ"}
    verdicts = {
        "reviewed": replace(two, review_pairs=REVIEW_PAIR.typed(pd.DataFrame([reviewed]))),
        "declared": replace(two, cannot_link=[("b", "a")]),
        "near": replace(two, links=LINK.typed([LINKED | {"is_near_miss": True}])),
    }
    assert {name: _explained("a", "b", state).pairs["verdict"].tolist() for name, state in verdicts.items()} == {
        "reviewed": ["birth dates differ"],
        "declared": ["declared not to be one customer"],
        "near": [NEAR_MISS],
    }


def test_pairs_without_a_link_are_weighed_all_the_same():
    told = _explained("a", "cd").pairs.set_index("record_id_b")
    assert told["is_estimate"].all()
    # Start -3, another telephone -3; a telephone that is missing adds nothing.
    assert told["match_weight"].to_dict() == {"c": pytest.approx(-6.0), "d": pytest.approx(-3.0)}
    assert told.index.tolist() == ["d", "c"]
    assert told.loc["d", "match_probability"] == pytest.approx(1 / 9)
    assert told["verdict"].to_dict() == {
        "c": "never compared: they have no blocking key in common",
        "d": "compared, and too far below the threshold to be kept",
    }


def test_pairs_that_are_kept_from_being_compared():
    state = replace(STATE, links=LINK.typed(pd.DataFrame()))
    lone = _explained("a", "d", state, sources_without_duplicates=("crm",))
    assert lone.pairs["verdict"].tolist() == ["never compared: two records of crm, which has no duplicates"]
    other = _explained("a", "e", state)
    assert other.pairs["verdict"].tolist() == ["never compared: a person and a company"]
    assert other.pairs["match_weight"].isna().all()
    assert other.shared.empty  # a firm and its owner share a telephone, and are two
    gone = replace(state, customers=pd.concat([STATE.customers, pd.Series({"m": "c1"})]))
    assert _explained("a", "m", gone).pairs["verdict"].tolist() == [
        "never compared: a record that was merged away, of which nothing but its id is known"
    ]


def test_without_a_model_identifiers_alone_speak():
    state = replace(STATE, models=MATCH_MODEL.typed(pd.DataFrame()), links=LINK.typed(pd.DataFrame()))
    told = _explained("a", "b", state, matching="exact")
    assert told.weights.empty
    assert told.pairs["verdict"].tolist() == ["never compared: nothing is learnt of records of a person"]
    assert told.shared.to_numpy().tolist() == [["a", "b", "phone", "proof"]]


def test_a_value_that_many_share_is_no_evidence():
    many = pd.DataFrame({"record_id": [f"z{number:02d}" for number in range(20)], "source_system": "shop",
                         "customer_type": "person", "phone": "+4917012345678"})  # fmt: skip
    state = replace(STATE, records=pd.concat([RECORDS, many], ignore_index=True))
    # 22 persons with one telephone, 20 may share one.
    assert _explained("a", "b", state).shared["counts_as"].tolist() == ["nothing: too many records share it"]


def test_sides_must_be_two():
    for left, right in (("", "a"), ("a", "ab")):
        with pytest.raises(ValueError, match="each side needs records of its own"):
            _explained(left, right)


def test_keys_that_too_many_have_compare_nobody():
    """1,500 persons of one given name make more than 20 pairs a record."""
    many = pd.DataFrame({"record_id": [f"z{number:04d}" for number in range(1500)], "source_system": "shop",
                         "customer_type": "person", "given_name": "Anna"})  # fmt: skip
    state = replace(STATE, records=pd.concat([RECORDS, many], ignore_index=True), links=LINK.typed(pd.DataFrame()))
    [verdict] = _explained(["z0001"], ["z0002"], state).pairs["verdict"]
    assert verdict == "never compared: too many records have the blocking keys that they have in common (given_sound)"
    # The equal telephone compares a and b, however many are called Anna; a and d have the family name in common.
    assert [_explained("a", right, state).pairs["verdict"].tolist() for right in "bd"] == [
        ["compared, and too far below the threshold to be kept"]
    ] * 2


def test_a_birth_date_that_fills_a_field_is_none():
    """Ten records have one date, thirty others a date each: ten is more than eight times one."""
    dates = ["1970-01-01"] * 10 + [f"1980-01-{day:02d}" for day in range(1, 31)]
    people = pd.DataFrame({"record_id": [f"z{number:02d}" for number in range(40)], "source_system": "shop",
                           "customer_type": "person", "birth_date": dates})  # fmt: skip
    state = replace(STATE, records=pd.concat([RECORDS, people], ignore_index=True))
    told = _explained(["z00"], ["z01", "z39"], state).fields.set_index("record_id")
    assert told["typed"].tolist() == ["1970-01-01", "1970-01-01", "1980-01-30"]
    assert told["compared"].isna().tolist() == [True, True, False]
