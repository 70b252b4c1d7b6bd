"""Records as sources give them become comparable columns, for persons or for companies.

Spelling of single values is in spellings, identifiers are in cx_assets.identity.normalise.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from cx_assets.identity.linkage import spellings
from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.normalise import normalise

EARLIEST_BIRTH = pd.Timestamp(1900, 1, 1)
# A date that this many records have, and this many times as many as the usual date, fills a field.
_FILLER_RECORDS, _FILLER_TIMES = 8, 8
# A domain of that many different local parts' records is a mail provider's, not a company's.
_PROVIDER_RECORDS = 30
_DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%Y%m%d")
_MISSING = frozenset({"", "na", "n a", "none", "null", "unknown", "unbekannt", "nan"})

COMPARED = ("email", "phone", "tax_number")
"""Identifiers that are compared as fields."""
PERSON_COLUMNS = (
    "given_name", "given_sound", "given_names", "family_name", "family_sound", "birth_date", "email", "email_local",
    "phone", "tax_number", "street", "street_name", "postal_code", "city",
)  # fmt: skip
COMPANY_COLUMNS = (
    "company_name", "company_words", "domain", "contact", "email", "phone", "tax_number", "street", "street_name",
    "postal_code", "city",
)  # fmt: skip


def standardise(records: pd.DataFrame, settings: LinkageSettings) -> pd.DataFrame:
    """Comparable columns of the records of one customer type.

    Args:
        records: One row per record: record_id (unique), source_system, and any of customer_type, given_name,
            family_name, company_name, birth_date, email, phone, tax_number, street_address, postal_code, city,
            country_code; every value may be null. Records of another customer_type are left out.
        settings: Settings.

    Returns:
        One row per record, by record_id: record_id, source_system and PERSON_COLUMNS or COMPANY_COLUMNS; null where
        nothing usable was typed. given_names (the full names a given name may stand for) and company_words are
        lists; birth_date is ISO text.

    Raises:
        ValueError: A record_id is null or repeats, or record_id or source_system is missing.
    """
    if missing := [name for name in ("record_id", "source_system") if name not in records.columns]:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    if records["record_id"].isna().any() or records["record_id"].duplicated().any():
        raise ValueError("record_id is null or repeats: the grain is one row per record")
    chosen = records
    if "customer_type" in records.columns:
        chosen = records[records["customer_type"] == settings.customer_type]
    chosen = chosen.sort_values("record_id", ignore_index=True)
    found = chosen[["record_id", "source_system"]].astype("str")
    makers = _persons if settings.customer_type == "person" else _companies
    columns = makers(chosen, settings) | _contact(chosen, settings)
    return found.assign(**columns)


def _text(records: pd.DataFrame, column: str) -> pd.Series:
    """The column as objects, None where it is absent, null, blank or a word for none."""
    if column not in records.columns:
        return pd.Series(None, index=records.index, dtype=object)
    return _each(records[column], lambda typed: None if spellings.plain(typed) in _MISSING else typed.strip())


def _each(values: pd.Series, change: Callable[[str], object]) -> pd.Series:
    """A function of every distinct value, null where there is none."""
    present = values.notna().to_numpy()
    codes, distinct = pd.factorize(values[present].astype("str"))
    changed = np.empty(len(distinct), dtype=object)
    changed[:] = [change(value) for value in distinct]
    spread = np.full(len(values), None, dtype=object)
    spread[present] = changed[codes] if len(distinct) else None
    return pd.Series(spread, index=values.index, dtype=object)


def _persons(records: pd.DataFrame, settings: LinkageSettings) -> dict[str, pd.Series]:
    given = _each(_text(records, "given_name"), spellings.name)
    family = _each(_text(records, "family_name"), spellings.name)
    given_sound = _each(given, spellings.sound)
    return {
        "given_name": given,
        "given_sound": given_sound,
        "given_names": _each(given_sound, spellings.full_names),
        "family_name": family,
        "family_sound": _each(family, spellings.sound),
        "birth_date": birth_dates(_text(records, "birth_date"), as_of=settings.as_of),
    }


def _companies(records: pd.DataFrame, settings: LinkageSettings) -> dict[str, pd.Series]:
    name = _each(_text(records, "company_name"), spellings.company)
    given, family = _text(records, "given_name").fillna(""), _text(records, "family_name").fillna("")
    contact = _each((given.astype("str") + " " + family.astype("str")), spellings.name)
    return {
        "company_name": name,
        "company_words": _each(name, lambda words: words.split()),
        "contact": _each(contact, spellings.sound),
    }


def _contact(records: pd.DataFrame, settings: LinkageSettings) -> dict[str, pd.Series]:
    """What both kinds have: ways to reach them, and their tax number."""
    country = settings.default_country
    identifiers = {
        name: _usable(normalise(records, name, default_country=country))
        if name in records.columns
        else _text(records, name)
        for name in COMPARED
    }
    street = _each(_text(records, "street_address"), spellings.street)
    whole = {
        **identifiers,
        "street": street,
        "street_name": _each(street, lambda text: text.rpartition(" ")[0] or text),
        "postal_code": _each(_text(records, "postal_code"), lambda text: spellings.plain(text).replace(" ", "")),
        "city": _each(_text(records, "city"), lambda text: spellings.sound(spellings.plain(text)) or None),
    }
    if settings.customer_type == "person":
        return whole | {"email_local": _each(whole["email"], lambda text: text.partition("@")[0])}
    domain = _each(whole["email"], lambda text: text.partition("@")[2])
    return whole | {"domain": domain.where(domain.map(domain.value_counts()) < _PROVIDER_RECORDS, None)}


def _usable(values: pd.Series) -> pd.Series:
    return values.where(values.notna() & (values != ""), None)


def birth_dates(typed: pd.Series, *, as_of: date | None) -> pd.Series:
    """Dates of birth as ISO text.

    Args:
        typed: ISO, German or plain (19700131) dates, or timestamps at midnight.
        as_of: Later dates are none.

    Returns:
        Null where it is no date, lies before 1900 or after as_of, or fills a field: shared by eight records and by
        eight times as many as dates usually are.
    """
    text = typed.astype("str").str.removesuffix(" 00:00:00").where(typed.notna())
    parsed = pd.Series(pd.NaT, index=typed.index, dtype="datetime64[ns]")
    for form in _DATE_FORMATS:
        parsed = parsed.fillna(pd.to_datetime(text, format=form, errors="coerce"))
    parsed = parsed.where(parsed >= EARLIEST_BIRTH)
    if as_of is not None:
        parsed = parsed.where(parsed <= pd.Timestamp(as_of))
    counts = parsed.value_counts()
    if len(counts):
        usual = max(counts.median(), len(parsed) / max(len(counts), 365 * 80))
        fillers = counts.index[(counts >= _FILLER_RECORDS) & (counts >= _FILLER_TIMES * usual)]
        parsed = parsed.where(~parsed.isin(fillers))
    return parsed.dt.strftime("%Y-%m-%d").astype(object).where(parsed.notna(), None)
