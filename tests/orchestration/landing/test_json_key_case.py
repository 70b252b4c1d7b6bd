"""JSON keys that differ in case alone: one field where one is declared, two where both are; no value lost or mixed."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from orchestration.landing.errors import LandingError
from tests.orchestration.landing.conftest import Shop

COLUMNS = {"contact_id": "text", "amount": "decimal(18,2)"}


def shop(tmp_path, records, **table):
    declared = {
        "description": "Contacts.",
        "path": "contacts.jsonl",
        "format": "jsonl",
        "required": ["contact_id"],
        "columns": COLUMNS,
        **table,
    }
    made = Shop(tmp_path, declared, {"max_quarantined_share": 1})
    made.write("contacts.jsonl", "\n".join(json.dumps(record) for record in records))
    made.land()
    return made


@pytest.mark.parametrize("other", ["Amount", "AMOUNT", "aMOUNT"])
def test_a_key_that_changes_case_between_records_is_one_column(tmp_path, other):
    sent = [{"contact_id": "a", "amount": 1.5}, {"contact_id": "b", other: 2.5}, {"Contact_ID": "c", other: None}]
    made = shop(tmp_path, sent)
    assert made.rows("contact_id, amount") == [("a", Decimal("1.50")), ("b", Decimal("2.50")), ("c", None)]
    assert made.quarantined() == []
    assert set(made.types()) >= {"contact_id", "amount"}
    assert "amount_2" not in made.types()


def test_a_record_with_two_spellings_lands_where_they_agree_and_is_refused_where_they_do_not(tmp_path):
    sent = [
        {"contact_id": "a", "amount": 1, "Amount": 1},
        {"contact_id": "b", "amount": 1, "Amount": 2},
        {"contact_id": "c", "amount": None, "Amount": 3},
    ]
    made = shop(tmp_path, sent)
    assert made.rows("contact_id, amount") == [("a", Decimal(1)), ("c", Decimal(3))]
    assert made.quarantined("_source_row, rule") == [(2, "json_not_an_object")]


def test_two_spellings_that_are_both_declared_are_two_columns(tmp_path):
    columns = {**COLUMNS, "gross": {"type": "decimal(18,2)", "source_name": "Amount"}}
    made = shop(
        tmp_path, [{"contact_id": "a", "amount": 1, "Amount": 2}, {"contact_id": "b", "Amount": 3}], columns=columns
    )
    assert made.rows("contact_id, amount, gross") == [("a", Decimal(1), Decimal(2)), ("b", None, Decimal(3))]


def test_a_named_key_is_found_in_another_case(tmp_path):
    columns = {**COLUMNS, "amount": {"type": "decimal(18,2)", "source_name": "netAmount"}}
    made = shop(tmp_path, [{"contact_id": "a", "NetAmount": 1}, {"contact_id": "b", "netamount": 2}], columns=columns)
    assert made.rows("contact_id, amount") == [("a", Decimal(1)), ("b", Decimal(2))]


def test_spellings_of_a_key_that_becomes_the_column_s_name_are_one(tmp_path):
    made = shop(tmp_path, [{"Contact ID": "a", "amount": 1}, {"contact id": "b", "amount": 2}])
    assert made.rows("contact_id, amount") == [("a", Decimal(1)), ("b", Decimal(2))]
    with pytest.raises(LandingError, match="2 columns that could be 'contact_id'"):
        shop(tmp_path / "other", [{"Contact ID": "a"}, {"contact-id": "b"}])


def test_undeclared_keys_land_each_in_a_column_of_its_own(tmp_path):
    made = shop(tmp_path, [{"contact_id": "a", "note": "x", "Note": "y"}])
    names = [name for name in made.types() if name.startswith("note")]
    assert len(names) == 2
    assert sorted(str(value) for value in made.rows(", ".join(names))[0]) == ["x", "y"]
