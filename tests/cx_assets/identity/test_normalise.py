"""Identifiers as typed: examples worked out from the providers' and countries' own rules."""

import pandas as pd
import pytest

from cx_assets.identity.normalise import PLACEHOLDER, email, normalise, phone, source_person_id, tax_number


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" Anna.Meier@Web.DE ", "anna.meier@web.de"),
        ("a.n.n.a+shop@googlemail.com", "anna@gmail.com"),
        ("Anna+news@outlook.com", "anna@outlook.com"),
        ("anna+news@web.de", "anna+news@web.de"),  # web.de: no plus addressing known
        ("ann.a@outlook.com", "ann.a@outlook.com"),  # dots mean nothing at Gmail only
        ("anna@", None),
        ("anna meier@web.de", None),
        ("anna..meier@web.de", None),
        ("anna@localhost", None),
        ("+tag@gmail.com", None),
        ("x" * 65 + "@web.de", None),
        ("none@web.de", PLACEHOLDER),
        ("Test+1@gmail.com", PLACEHOLDER),
        ("anna@example.com", PLACEHOLDER),
        ("anna@mail.example", PLACEHOLDER),
        ("tester@web.de", "tester@web.de"),
        # Two registrable domains since IDNA 2008; casefold would make them one.
        ("info@straße.de", "info@xn--strae-oqa.de"),
        ("info@strasse.de", "info@strasse.de"),
        # Two spellings of one domain, one of them with u and a combining diaeresis.
        ("fay@bücher.de", "fay@xn--bcher-kva.de"),
        ("Fay@BÜCHER.de", "fay@xn--bcher-kva.de"),
        ("fay@bu\u0308cher.de", "fay@xn--bcher-kva.de"),
        ("fay@xn--bcher-kva.de", "fay@xn--bcher-kva.de"),
        ("иван@почта.рф", "иван@xn--80a1acny.xn--p1ai"),
        ("strauß@web.de", "strauß@web.de"),
        ("strauss@web.de", "strauss@web.de"),
        ("ann@a_b.de", "ann@a_b.de"),
    ],
)
def test_email(typed, expected):
    assert email(typed) == expected


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("030 901820", "DE", "+4930901820"),
        ("+49 (0)30 / 901-820", "BR", "+4930901820"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("(11) 99123-4567", "BR", "+5511991234567"),
        ("030 901820", "BR", None),
        ("12", "DE", None),
        ("call me", "DE", None),
        ("000000", "DE", PLACEHOLDER),
        ("030 000000", "DE", PLACEHOLDER),
        ("0123456789", "DE", PLACEHOLDER),
        # Written by programs that keep numbers as floating point.
        ("1701234568.0", "DE", "+491701234568"),
        ("491701234568.0", "DE", None),  # +49 170 1234568, or 0491 701234568
        ("491701234568", "DE", None),
        ("+491701234568.0", "DE", "+491701234568"),
        ("4930901820.0", "FR", None),  # no country stands before it, and in France there is none such
        ("1701234568,00", "DE", "+491701234568"),
        ("1.701234568E+9", "DE", "+491701234568"),
        ("4.917012E+11", "DE", None),  # the other digits are lost
        ("01.23.45.67.80", "FR", "+33123456780"),
    ],
)
def test_phone(typed, country, expected):
    assert phone(typed, country) == expected


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("DE 136 695 976", "FR", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("136.695.976", "DE", "DE136695976"),
        ("136695976.0", "DE", "DE136695976"),
        ("1.36695976E+8", "DE", "DE136695976"),
        ("1.3669E+8", "DE", None),
        ("el094259216", "DE", "GR094259216"),
        ("CHE-116.281.710 MWST", "DE", "CHE116281710"),
        ("B12345674", "ES", "ESB12345674"),
        ("FRXX999999991", "DE", "FRXX999999991"),
        ("1234", "DE", PLACEHOLDER),
        ("987", "DE", None),
        ("n/a", "DE", None),
        ("DE000000000", "DE", PLACEHOLDER),
        ("123456789", "DE", PLACEHOLDER),
        ("9" * 6 + "1" * 12, "DE", None),
    ],
)
def test_tax_number(typed, country, expected):
    assert tax_number(typed, country) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" K-17 ", "crm\x1fK-17"),
        ("k-17", "crm\x1fk-17"),
        ("17.0", "crm\x1f17"),
        ("17.05", "crm\x1f17.05"),
        ("", None),
        ("000", PLACEHOLDER),
        ("Guest", PLACEHOLDER),
    ],
)
def test_source_person_id(typed, expected):
    assert source_person_id(typed, "crm") == expected


def test_country_of_the_record_wins_over_the_default_and_order_is_kept():
    records = pd.DataFrame(
        {
            "phone": ["030 901820", None, "030 901820", "11 991234567"],
            "country_code": ["de", "DE", "?", "BR"],
        },
        index=[7, 3, 5, 1],
    )
    values = normalise(records, "phone", default_country="DE")
    assert values.index.tolist() == [7, 3, 5, 1]
    assert values.tolist() == ["+4930901820", None, "+4930901820", "+5511991234567"]


def test_same_key_in_two_sources_is_two_values():
    records = pd.DataFrame({"source_person_id": ["7", "7"], "source_system": ["crm", "shop"]})
    assert normalise(records, "source_person_id", default_country="DE").nunique() == 2


def test_column_without_values_and_without_rows():
    nothing = pd.DataFrame({"email": pd.Series([None, None], dtype="object")})
    assert normalise(nothing, "email", default_country="DE").tolist() == [None, None]
    assert normalise(nothing.iloc[:0], "email", default_country="DE").tolist() == []


def test_unknown_identifier_and_missing_column_are_named():
    with pytest.raises(ValueError, match="'shoe_size' is unknown"):
        normalise(pd.DataFrame({"email": []}), "shoe_size", default_country="DE")
    with pytest.raises(ValueError, match="missing: source_system"):
        normalise(pd.DataFrame({"source_person_id": []}), "source_person_id", default_country="DE")
