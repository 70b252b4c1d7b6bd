"""Records become comparable columns."""

from datetime import date

import pandas as pd
import pytest

from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.linkage.standardise import COMPANY_COLUMNS, PERSON_COLUMNS, birth_dates, standardise


def _records(**columns):
    count = len(next(iter(columns.values())))
    ids = [f"r{number}" for number in range(count)]
    return pd.DataFrame({"record_id": ids, "source_system": "crm", **columns})


def test_birth_dates_of_the_future_of_long_ago_and_of_no_calendar_are_none():
    typed = pd.Series(
        ["1980-02-29", "29.02.1980", "19800229", "1899-12-31", "2026-07-02", "2027-01-01", "31.02.1980", None]
    )
    found = birth_dates(typed, as_of=date(2026, 7, 2))
    assert found.tolist() == ["1980-02-29"] * 3 + [None, "2026-07-02", None, None, None]


def test_a_date_that_fills_a_field_is_none():
    real = [f"19{year}-05-{day:02d}" for year in range(50, 60) for day in range(1, 11)]
    found = birth_dates(pd.Series([*real, *["1970-01-01"] * 9]), as_of=None)
    assert found.tolist() == [*real, *[None] * 9]


def test_a_person_in_every_column():
    records = _records(
        customer_type=["person"], given_name=["Hans-Jürgen"], family_name=["von Groß"], birth_date=["05.03.1980"],
        email=["HJ.Gross@Web.de"], phone=["030 901820"], tax_number=[None], street_address=["Hauptstr. 5a"],
        postal_code=["D-10115"], city=["Köln"], country_code=["DE"],
    )  # fmt: skip
    row = standardise(records, LinkageSettings()).iloc[0]
    assert row[["given_name", "family_name", "given_sound", "family_sound"]].tolist() == [
        "hans juergen", "gross", "hansiurgen", "gros",
    ]  # fmt: skip
    assert row["birth_date"] == "1980-03-05"
    assert row[["email", "email_local", "phone"]].tolist() == ["hj.gross@web.de", "hj.gross", "+4930901820"]
    assert row[["street", "street_name", "postal_code", "city"]].tolist() == [
        "hauptstr 5a",
        "hauptstr",
        "d10115",
        "koln",
    ]
    assert row["tax_number"] is None


@pytest.mark.parametrize(("kind", "columns"), [("person", PERSON_COLUMNS), ("company", COMPANY_COLUMNS)])
def test_absent_columns_and_blanks_are_null(kind, columns):
    found = standardise(_records(given_name=["  ", "n/a"]), LinkageSettings(customer_type=kind))
    assert list(found.columns) == ["record_id", "source_system", *columns] or set(columns) <= set(found.columns)
    assert found[[name for name in columns if name != "contact"]].isna().all(axis=None)


def test_only_the_customer_type_and_in_order_of_record_id():
    records = _records(customer_type=["person", "company", "person"], given_name=["A", "B", "C"])
    assert standardise(records.iloc[::-1], LinkageSettings())["record_id"].tolist() == ["r0", "r2"]


def test_repeated_record_ids_are_refused():
    with pytest.raises(ValueError, match="repeats"):
        standardise(pd.DataFrame({"record_id": ["a", "a"], "source_system": "crm"}), LinkageSettings())
