"""The sheet for people: what it holds, what it neutralises, and that ids come back as they were."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_assets.identity.stewardship.sheet import Decided, SheetError, as_written, harmless, read_sheet, review_sheet
from cx_assets.identity.tables import REVIEW_PAIR

RECORDS = pd.DataFrame(
    {
        "record_id": ["a", "=b"],
        "source_system": ["crm", "shop"],
        "given_name": ["Anna", '=HYPERLINK("http://x")'],
        "family_name": [None, "O'Neill, jun."],
        "phone": ["+491", "@x"],
        "birth_date": [pd.Timestamp(1970, 1, 31), pd.NaT],
    }
)


def _pairs(*rows):
    told = {"customer_type": "person", "reason": "below the threshold", "match_weight": 1.0, "match_probability": 2 / 3}
    return REVIEW_PAIR.typed(
        pd.DataFrame(
            [
                told | {"record_id_a": a, "record_id_b": b, "customer_id_a": "c1", "customer_id_b": "c2",
                        "agreed_fields": "phone", "differing_fields": None}
                for a, b in rows
            ]
        )
    )  # fmt: skip


def test_both_records_stand_side_by_side():
    [row] = list(csv.DictReader(io.StringIO(review_sheet(_pairs(("=b", "a")), RECORDS))))
    told = ("record_id_a", "record_id_b", "decision", "reason", "match_probability", "agreed_fields")
    assert [row[name] for name in told] == ["'=b", "a", "", "below the threshold", "0.6667", "phone"]
    assert row["differing_fields"] == ""
    sides = {name: (row[f"{name}_a"], row[f"{name}_b"]) for name in ("given_name", "family_name", "phone", "city")}
    assert sides == {
        "given_name": ('\'=HYPERLINK("http://x")', "Anna"),
        "family_name": ("O'Neill, jun.", ""),
        "phone": ("'@x", "'+491"),
        "city": ("", ""),
    }
    assert (row["birth_date_a"], row["birth_date_b"]) == ("", "1970-01-31")


def test_a_record_that_is_gone_has_empty_cells_and_no_pair_gives_a_header():
    [row] = list(csv.DictReader(io.StringIO(review_sheet(_pairs(("gone", "a")), RECORDS))))
    assert (row["given_name_a"], row["given_name_b"]) == ("", "Anna")
    assert review_sheet(_pairs(), RECORDS).startswith("record_id_a,record_id_b,decision,reason,")
    assert read_sheet(review_sheet(_pairs(), RECORDS)) == Decided((), (), 0)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "'=1", "''+"])
def test_formulas_are_neutralised(text):
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a", "1-2", "'t Hooft", "a=b", "'"])
def test_other_texts_stay(text):
    assert harmless(text) == as_written(text) == text


@given(st.text(alphabet="'=+-@\t\ra\n;,\"", max_size=6))
def test_what_was_written_is_read_back(text):
    assert as_written(harmless(text)) == text


def test_decisions_are_read_whatever_the_program_made_of_the_file():
    sheet = review_sheet(_pairs(("=b", "a"), ("a", "c"), ("a", "d")), RECORDS)
    rows = list(csv.reader(io.StringIO(sheet)))
    for row, decision in zip(rows[1:], (" Same", "DIFFERENT", ""), strict=True):
        row[2] = decision
    for separator, ending in ((",", "\n"), (";", "\r\n")):
        changed = io.StringIO()
        csv.writer(changed, delimiter=separator, lineterminator=ending).writerows([*rows, ["", ""]])
        assert read_sheet(changed.getvalue()) == Decided((("=b", "a"),), (("a", "c"),), 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "row 1: the columns record_id_a, record_id_b, decision are missing"),
        ("record_id_a,decision\n", "row 1: the columns record_id_b are missing"),
        ("record_id_a,record_id_b,decision\na,b,same,x\n", "row 2: 4 cells, the header has 3"),
        ("record_id_a,record_id_b,decision\na,b,same\n\na,b,yes\n", "row 4: the decision is 'yes'"),
        ("record_id_a,record_id_b,decision\na,a,same\n", "row 2: give two different record ids"),
        ('record_id_a,record_id_b,decision\n"a,b,same\n', "this is no CSV file"),
    ],
)
def test_a_malformed_row_is_refused_with_its_number(text, message):
    with pytest.raises(SheetError, match=message):
        read_sheet(text)
