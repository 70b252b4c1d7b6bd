"""How two records are compared, field by field, for Splink on DuckDB; weights are learnt in model, not here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cx_assets.identity.linkage.settings import CustomerType

Comparison = dict[str, Any]
_EQUAL = "{0}_l = {0}_r"
# What is cheap first: random pairs, which the weights of accident are learnt from, stop there. Words of three letters
# with one error have a similarity of 0.7 or more.
_CLOSE = (
    "(abs(length({0}_l) - length({0}_r)) <= 1 and jaro_winkler_similarity({0}_l, {0}_r) >= 0.7"
    " and damerau_levenshtein({0}_l, {0}_r) <= 1)"
)
_ALIKE = "jaro_winkler_similarity({0}_l, {0}_r) >= {1}"


def _comparison(name: str, missing: str, *levels: tuple[str, str, str | None]) -> Comparison:
    """A comparison of levels (label, condition, column of term frequencies), strongest first, with a null and an else.

    Labels that begin with `same` count as agreement when a pair is told to people.
    """
    first = {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
    rest = []
    for label, condition, frequencies in levels:
        level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": label}
        if frequencies:
            level |= {"tf_adjustment_column": frequencies, "tf_adjustment_weight": 1.0, "tf_minimum_u_value": 1e-5}
        rest.append(level)
    last = {"sql_condition": "ELSE", "label_for_charts": "different"}
    return {"output_column_name": name, "comparison_levels": [first, *rest, last]}


def _null(*columns: str) -> str:
    return " or ".join(f"{column}_{side} is null" for column in columns for side in "lr")


# Given and family name in each other's field; one of them may be missing or misspelt.
_CROSSED = (
    "coalesce(given_sound_{0} = family_sound_{1}, false)"
    " and coalesce(jaro_winkler_similarity(family_sound_{0}, given_sound_{1}) >= 0.8, true)"
)
_SWAPPED = f"({_CROSSED.format('l', 'r')} or {_CROSSED.format('r', 'l')})"
_SHORT_FORM = (
    "starts_with(given_sound_{1}, regexp_replace(given_sound_{0}, '[ie]$', ''))"
    " and length(regexp_replace(given_sound_{0}, '[ie]$', '')) >= 3"
)
_INITIAL = (
    "(length(given_sound_l) = 1 or length(given_sound_r) = 1) and left(given_sound_l, 1) = left(given_sound_r, 1)"
)

_GIVEN_NAME = _comparison(
    "given_name",
    f"({_null('given_sound')}) and not {_SWAPPED}",
    ("same", "given_sound_l = given_sound_r", "given_sound"),
    ("same, swapped with the family name", _SWAPPED, None),
    ("same by nickname", f"list_has_any(given_names_l, given_names_r) or {_SHORT_FORM.format('l', 'r')}"
     f" or {_SHORT_FORM.format('r', 'l')}", None),
    ("same but for a typing error", f"{_CLOSE.format('given_name')} and length(given_sound_l) > 2"
     f" or {_ALIKE.format('given_sound', 0.92)}", None),
    ("initial", _INITIAL, None),
    ("similar", _ALIKE.format("given_sound", 0.8), None),
)  # fmt: skip
_FAMILY_NAME = _comparison(
    "family_name",
    f"({_null('family_sound')}) and not {_SWAPPED}",
    ("same", "family_sound_l = family_sound_r", "family_sound"),
    ("same, swapped with the given name", _SWAPPED, None),
    ("same but for a typing error", f"{_CLOSE.format('family_name')} or {_CLOSE.format('family_sound')}"
     f" or {_ALIKE.format('family_sound', 0.92)}", None),
    ("similar", _ALIKE.format("family_sound", 0.82), None),
)  # fmt: skip
_BIRTH_DATE = _comparison(
    "birth_date",
    _null("birth_date"),
    ("same", _EQUAL.format("birth_date"), "birth_date"),
    ("same but for a typing error", _CLOSE.format("birth_date"), None),
    ("same with day and month swapped", "birth_date_l = left(birth_date_r, 5) || right(birth_date_r, 2) || '-'"
     " || substr(birth_date_r, 6, 2)", None),
    ("two digits differ", "damerau_levenshtein(birth_date_l, birth_date_r) <= 2", None),
    ("year or day and month equal", "left(birth_date_l, 4) = left(birth_date_r, 4)"
     " or right(birth_date_l, 5) = right(birth_date_r, 5)", None),
)  # fmt: skip
# Most addresses are made of the name: without the numbers in them, likeness says what the name has said already.
_EMAIL = _comparison(
    "email",
    _null("email"),
    ("same", _EQUAL.format("email"), "email"),
    ("same but for a typing error", _CLOSE.format("email"), None),
    ("same local part", "split_part(email_l, '@', 1) = split_part(email_r, '@', 1)", None),
    ("similar", "jaro_winkler_similarity(email_l, email_r) >= 0.8"
     " and regexp_replace(email_l, '[^0-9]', '', 'g') = regexp_replace(email_r, '[^0-9]', '', 'g')"
     " and abs(length(email_l) - length(email_r)) <= 3 and damerau_levenshtein(email_l, email_r) <= 3", None),
)  # fmt: skip
_PHONE = _comparison(
    "phone",
    _null("phone"),
    ("same", _EQUAL.format("phone"), "phone"),
    ("same but for a typing error", _CLOSE.format("phone"), None),
)
_TAX_NUMBER = _comparison(
    "tax_number",
    _null("tax_number"),
    ("same", _EQUAL.format("tax_number"), "tax_number"),
    ("same but for a typing error", _CLOSE.format("tax_number"), None),
    ("two digits differ", "damerau_levenshtein(tax_number_l, tax_number_r) <= 2", None),
)
_STREET = _comparison(
    "street",
    _null("street"),
    ("same", _EQUAL.format("street"), "street"),
    ("same but for a typing error", f"{_CLOSE.format('street')} or {_ALIKE.format('street', 0.92)}"
     " and regexp_extract(street_l, '[0-9]+') = regexp_extract(street_r, '[0-9]+')", None),
    ("same street", f"{_EQUAL.format('street_name')} or {_ALIKE.format('street_name', 0.92)}", None),
)  # fmt: skip
_PLACE = _comparison(
    "place",
    f"({_null('postal_code')}) and ({_null('city')})",
    ("same", "postal_code_l = postal_code_r and city_l = city_r", None),
    ("same postal code", "postal_code_l = postal_code_r", None),
    ("same city, similar postal code",
     f"{_ALIKE.format('city', 0.92)} and damerau_levenshtein(postal_code_l, postal_code_r) <= 2", None),
    ("same city", _ALIKE.format("city", 0.92), None),
    ("similar postal code", _CLOSE.format("postal_code"), None),
)  # fmt: skip
_COMPANY_NAME = _comparison(
    "company_name",
    _null("company_name"),
    ("same", _EQUAL.format("company_name"), "company_name"),
    ("same but for a typing error", f"{_CLOSE.format('company_name')} or {_ALIKE.format('company_name', 0.95)}", None),
    ("same words", "list_has_all(company_words_l, company_words_r) or list_has_all(company_words_r, company_words_l)",
     None),
    ("a word in common", "list_has_any(company_words_l, company_words_r)", None),
)  # fmt: skip
_DOMAIN = _comparison(
    "domain",
    _null("domain"),
    ("same", _EQUAL.format("domain"), "domain"),
    ("same but for a typing error", f"{_CLOSE.format('domain')} or {_ALIKE.format('domain', 0.95)}", None),
)
_CONTACT = _comparison(
    "contact",
    _null("contact"),
    ("same", _EQUAL.format("contact"), "contact"),
    ("same but for a typing error", _ALIKE.format("contact", 0.92), None),
)

_COLUMNS = {"given_name": "given_sound", "family_name": "family_sound", "place": "city"}
_MODELS: dict[CustomerType, tuple[Comparison, ...]] = {
    "person": (_GIVEN_NAME, _FAMILY_NAME, _BIRTH_DATE, _EMAIL, _PHONE, _TAX_NUMBER, _STREET, _PLACE),
    "company": (_COMPANY_NAME, _DOMAIN, _CONTACT, _PHONE, _TAX_NUMBER, _STREET, _PLACE),
}


def comparisons(customer_type: CustomerType, filled: Collection[str]) -> list[Comparison]:
    """The comparisons of a model, of columns that at least some record has.

    Args:
        customer_type: person or company.
        filled: Columns of standardise with a value.
    """
    return [
        comparison
        for comparison in _MODELS[customer_type]
        if _COLUMNS.get(comparison["output_column_name"], comparison["output_column_name"]) in filled
    ]


def frequency_columns(chosen: list[Comparison]) -> list[str]:
    """Columns whose term frequencies adjust a weight."""
    found = {
        level["tf_adjustment_column"]
        for comparison in chosen
        for level in comparison["comparison_levels"]
        if "tf_adjustment_column" in level
    }
    return sorted(found)
