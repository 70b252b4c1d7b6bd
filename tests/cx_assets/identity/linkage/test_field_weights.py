"""What each field adds, by m and u that are easy to reckon with, and against the weights that Splink gives."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from cx_assets.identity.linkage.blocking import common_rules
from cx_assets.identity.linkage.field_weights import field_weights, prior_bits
from cx_assets.identity.linkage.pairs import linked_pairs
from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.linkage.standardise import standardise
from tests.cx_assets.identity.linkage.persons import made_up_persons

SETTINGS = LinkageSettings(sampled_pairs=50_000)
# Odds of 1 to 8; same 0.8 to 0.1, a typing error even, different 0.1 to 0.8.
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
        "street": [
            {"label": "same", "m": 0.5, "u": 0.125},
            {"label": "same but for a typing error", "m": 0.25, "u": 0.125},
            {"label": "same street", "m": 0.125, "u": 0.25},
            {"label": "different", "m": 0.125, "u": 0.5},
        ],
    },
}


def _standard(**values):
    names = ["a", "b"]
    columns = ["given_name", "family_name", "birth_date", "email", "phone", "street_address"]
    records = pd.DataFrame({"record_id": names, "source_system": "crm", "customer_type": "person"})
    for column in columns:
        records[column] = values.get(column, [None, None])
    return standardise(records, SETTINGS)


def _pair(a="a", b="b"):
    return pd.DataFrame({"record_id_a": [a], "record_id_b": [b]})


@pytest.mark.parametrize(
    ("phones", "streets", "expected"),
    [
        (["+4917012345678", "0170 12345678"], ["Ahornweg 2", "Ahorn-Weg 2"], [("same", 2, 3.0), ("same", 3, 2.0)]),
        (
            ["+4917012345678", "+4917012345687"],
            ["Ahornweg 2", "Ahornweg 9"],
            [("same but for a typing error", 1, 0.0), ("same but for a typing error", 2, 1.0)],
        ),
        (["+4917012345678", "+4915799988777"], ["Ahornweg 2", "Ahornweg 977"], [("different", 0, -3.0),
                                                                               ("same street", 1, -1.0)]),
        (["+4917012345678", None], ["Ahornweg 2", "Uferstrasse 7"], [("missing", -1, 0.0), ("different", 0, -2.0)]),
    ],
)  # fmt: skip
def test_a_field_adds_the_weight_of_its_level(phones, streets, expected):
    with duckdb.connect() as con:
        found = field_weights(con, _standard(phone=phones, street_address=streets), _pair(), MODEL)
        assert con.execute("show tables").fetchall() == []
    assert found["field"].tolist() == ["phone", "street"]
    assert list(found[["level", "gamma", "bits"]].itertuples(index=False, name=None)) == [
        (level, gamma, pytest.approx(bits)) for level, gamma, bits in expected
    ]


def test_where_a_pair_starts():
    assert prior_bits(MODEL) == pytest.approx(-3.0)


def test_no_pair_has_no_rows_and_an_unknown_record_is_named():
    with duckdb.connect() as con:
        assert field_weights(con, _standard(), _pair().head(0), MODEL).empty
        with pytest.raises(ValueError, match="no such record: c"):
            field_weights(con, _standard(), _pair(b="c"), MODEL)


def test_fields_prior_and_rareness_are_the_weight_of_a_link():
    records = made_up_persons()
    columns = {"given_name": "given_sound", "family_name": "family_sound"}
    standard = standardise(records, SETTINGS)
    with duckdb.connect() as con:
        found = linked_pairs(con, records, SETTINGS)
        told = field_weights(con, standard, found.pairs, found.model)
    u_of_same = {name: levels[0]["u"] for name, levels in found.model["comparisons"].items()}
    by_record = standard.set_index("record_id")

    def rareness(row):
        if row["level"] != "same" or row["field"] == "place":  # only equal values of one column are weighed by rareness
            return 0.0
        values = by_record[columns.get(row["field"], row["field"])]
        share = (values == values[row["record_id_a"]]).sum() / values.notna().sum()
        return np.log2(u_of_same[row["field"]] / max(share, 1e-5))

    told["whole"] = told["bits"] + told.apply(rareness, axis=1)
    weight = told.groupby(["record_id_a", "record_id_b"])["whole"].sum() + prior_bits(found.model)
    expected = found.pairs.set_index(["record_id_a", "record_id_b"])["match_weight"].sort_index()
    assert len(expected) == 120
    assert weight.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-6)


def test_rules_that_two_records_have_in_common_and_those_over_the_budget():
    # 1,500 persons of one given name and one family name each; a block of 1,500 is over 20 pairs a record.
    many = pd.DataFrame(
        {
            "record_id": [f"r{number:04d}" for number in range(1500)],
            "source_system": "crm",
            "customer_type": "person",
            "given_name": "Anna",
            "family_name": None,
            "phone": [f"+4917012{340000 + number // 2}" for number in range(1500)],
        }
    )
    standard = standardise(many, SETTINGS)
    rules = common_rules(standard, "person", {"r0000", "r0001", "r0002"}, pairs_per_record=20)
    by_pair = {
        pair: dict(zip(rows["rule"], rows["is_left_out"], strict=True))
        for pair, rows in rules.groupby(["record_id_a", "record_id_b"])
    }
    assert by_pair == {
        ("r0000", "r0001"): {"phone": False, "given_sound": True},
        ("r0000", "r0002"): {"given_sound": True},
        ("r0001", "r0002"): {"given_sound": True},
    }
