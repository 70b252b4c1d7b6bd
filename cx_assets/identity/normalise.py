"""Identifiers as typed become comparable values, or nothing where they identify nobody.

Whether two records are one customer is decided in matching, not here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import idna
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import phonenumbers

# Google documents that dots and anything after a plus are ignored, and that both domains are one.
_GMAIL_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
# Providers that document plus addressing. Elsewhere "a+b@" may be a mailbox of its own.
_PLUS_TAG_DOMAINS = _GMAIL_DOMAINS | frozenset(
    {
        "fastmail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mac.com",
        "me.com",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
    }
)

# What forms are filled with when somebody has no address. RFC 2606 reserves the domains.
_PLACEHOLDER_LOCALS = frozenset(
    {
        "abc",
        "anonymous",
        "asdf",
        "donotreply",
        "dummy",
        "example",
        "fake",
        "keine",
        "kein",
        "na",
        "nobody",
        "no-email",
        "no-mail",
        "no-reply",
        "noemail",
        "nomail",
        "none",
        "noreply",
        "null",
        "test",
        "unknown",
        "xxx",
    }
)
_PLACEHOLDER_DOMAIN = re.compile(r"(^|\.)(example\.(com|org|net)|example|invalid|test|localhost)$")
_PLACEHOLDER_KEYS = frozenset({"-", "?", "n/a", "na", "nan", "nil", "none", "null", "unknown", "guest", "test"})

_EMAIL = re.compile(
    r"(?P<local>[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)*)"
    r"@(?P<domain>[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)+)"
)
_PHONE_PUNCTUATION = re.compile(r"[\s()./\-\u2010-\u2015\u00a0]+")
_PLAIN_PHONE = re.compile(r"\+?\d+")
_FLOAT_TAIL = re.compile(r"(?P<digits>\+?\d+)[.,]0+")
_SCIENTIFIC = re.compile(r"\+?\d([.,]\d+)?[eE]\+?\d{1,2}")
_TAX_SEPARATORS = re.compile(r"[\s.\-/_,:\u2010-\u2015]+")
_TAX_NUMBER = re.compile(r"[A-Z]{2}[A-Z0-9]{5,15}")
_SWISS_SUFFIX = re.compile(r"^(CHE\d{9})(MWST|TVA|IVA)$")
# Prefixes under which VAT numbers are written; only these two letters are taken for a country, since
# national numbers, too, may begin with letters.
_VAT_PREFIX = re.compile(
    "AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI"
)
_MINIMUM_TAX_DIGITS = 5

PLACEHOLDER = ""
"""Stands for a value that was typed to fill a field: no evidence, and counted apart from invalid ones."""


def normalise(records: pd.DataFrame, identifier: str, *, default_country: str) -> pd.Series:
    """One identifier of every record in comparable form.

    Each distinct value (with its country, where that matters) is normalised once; what
    identifiers.with_normalised has done is taken as it is.

    Args:
        records: One row per record; must hold the identifier's column (of shared_person_id: source_person_id), for
            source_person_id also source_system, and may hold country_code, which telephone and tax numbers fall back
            on.
        identifier: email, phone, tax_number, source_person_id or shared_person_id.
        default_country: ISO 3166-1 alpha-2 code, used where a record has no country_code.

    Returns:
        Values aligned with records.index: email in lower case, phone as E.164, tax_number with its country
        prefix, source_person_id behind its source_system, shared_person_id alone. None where nothing was typed or it
        is invalid;
        PLACEHOLDER where what was typed stands for "none".

    Raises:
        ValueError: The identifier is unknown or a column is missing.
    """
    if identifier not in _NORMALISERS:
        raise ValueError(f"identifier {identifier!r} is unknown; known are {', '.join(sorted(_NORMALISERS))}")
    one_value, qualifier = _NORMALISERS[identifier]
    column = column_of(identifier)
    needed = [column] + (["source_system"] if qualifier == "source_system" else [])
    missing = [name for name in needed if name not in records.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    if f"normal_{identifier}" in records.columns:
        return records[f"normal_{identifier}"]
    present = records[column].notna().to_numpy()
    spread = np.full(len(records), None, dtype=object)
    if present.any():
        pairs = pd.DataFrame(
            {
                "typed": records.loc[present, column].astype("str"),
                "qualifier": qualifiers(records, qualifier, default_country)[present],
            }
        )
        group = pairs.groupby(["typed", "qualifier"], sort=False).ngroup().to_numpy()
        distinct = pairs.drop_duplicates()
        values = map(one_value, distinct["typed"], distinct["qualifier"])
        spread[present] = np.fromiter(values, dtype=object, count=len(distinct))[group]
    return pd.Series(spread, index=records.index, dtype="object")


def column_of(identifier: str) -> str:
    """Column of the records that an identifier is read from."""
    return "source_person_id" if identifier == "shared_person_id" else identifier


def qualifiers(records: pd.DataFrame, qualifier: str | None, default_country: str) -> pd.Series:
    """What a value is read by beside what was typed, one per record: a country, a source system, or nothing."""
    if qualifier is None:
        return pd.Series("", index=records.index, dtype="str")
    if qualifier == "source_system":
        return records["source_system"].astype("str").fillna("")
    if "country_code" not in records.columns:
        return pd.Series(default_country.upper(), index=records.index, dtype="str")
    country = records["country_code"].astype("str").str.strip().str.upper()
    return country.where(country.str.fullmatch("[A-Z]{2}").fillna(False), default_country.upper())


def _unfloated(typed: str) -> str | None:
    """A number that some program kept as floating point, as its digits; other text unchanged.

    A column with gaps becomes `1701234568.0` in pandas, a long number `4.91701234568E+11` in a spreadsheet: the dot
    separates nothing. None where the exponent asks for digits that were cut off (`4.917E+11`).
    """
    text = typed.strip()
    if found := _FLOAT_TAIL.fullmatch(text):
        return found["digits"]
    if not _SCIENTIFIC.fullmatch(text):
        return typed
    mantissa, _, exponent = text.lower().lstrip("+").replace(",", ".").partition("e")
    decimals = len(mantissa.partition(".")[2])
    return str(int(Decimal(text.replace(",", ".")))) if decimals == int(exponent) else None


def _ascii_domain(domain: str) -> str:
    """A domain as it is registered, so that its two spellings are one; one that no registry takes stays as typed.

    IDNA 2008 keeps ß apart from ss: straße.de and strasse.de are two owners.
    """
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return domain


def email(typed: str, _: str = "") -> str | None:
    """An e-mail address by mailbox: in lower case, aliases of known providers undone, the domain in ASCII (IDNA 2008).

    Args:
        typed: The address as typed.

    Returns:
        The address, PLACEHOLDER, or None when it cannot be an address. RFC 5321 limits the local part to
        64 and the whole to 254 characters.
    """
    # Not casefold, which makes ß to ss; NFC, because a Mac writes ü as two characters.
    text = unicodedata.normalize("NFC", typed.strip()).lower()
    found = _EMAIL.fullmatch(text)
    if found is None or len(text) > 254 or len(found["local"]) > 64:
        return None
    local, domain = found["local"], _ascii_domain(found["domain"])
    if domain in _PLUS_TAG_DOMAINS:
        local = local.split("+", 1)[0]
    if local in _PLACEHOLDER_LOCALS or _PLACEHOLDER_DOMAIN.search(domain):
        return PLACEHOLDER
    if domain in _GMAIL_DOMAINS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if local else None


def phone(typed: str, country: str) -> str | None:
    """A telephone number as E.164.

    Args:
        typed: The number as typed, national or international.
        country: Region that a national number belongs to.

    Returns:
        The number, PLACEHOLDER (one digit repeated, 123456...), or None when no such number can exist
        under the numbering plan, or two can.
    """
    import phonenumbers

    whole = _unfloated(typed)
    if whole is None:
        return None
    text = _PHONE_PUNCTUATION.sub("", whole)
    if not _PLAIN_PHONE.fullmatch(text):
        text = typed
    digits = text.lstrip("+")
    if digits and len(set(digits)) == 1:
        return PLACEHOLDER
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    national = str(parsed.national_number)
    if len(national) >= 6 and (len(set(national[-6:])) == 1 or "1234567890".startswith(national)):
        return PLACEHOLDER
    if not phonenumbers.is_valid_number(parsed) or _is_ambiguous(text, parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _is_ambiguous(digits: str, parsed: phonenumbers.PhoneNumber) -> bool:
    """Whether digits without plus or zero in front may be a national number or one with its country's code.

    491701234568 is a mobile in Germany without its plus, or a telephone in Leer without its zero.
    """
    import phonenumbers

    if not digits.startswith(str(parsed.country_code)):
        return False
    try:
        other = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    return bool(other != parsed and phonenumbers.is_valid_number(other))


def tax_number(typed: str, country: str) -> str | None:
    """A tax or VAT number with its country in front.

    Args:
        typed: The number as typed, with or without separators and country prefix.
        country: Country of a number without prefix.

    Returns:
        The number, PLACEHOLDER (one digit repeated, 123456...), or None when too short, too long or with
        other characters. Check digits are not tested: they differ by country and a typing error that
        two records share is still evidence.
    """
    whole = _unfloated(typed)
    if whole is None:
        return None
    text = _SWISS_SUFFIX.sub(r"\1", _TAX_SEPARATORS.sub("", whole).upper())
    prefix = "GR" if text[:2] == "EL" else text[:2]
    text = prefix + text[2:] if _VAT_PREFIX.fullmatch(prefix) else country + text
    digits = re.sub(r"\D", "", text)
    if digits and (len(set(digits)) == 1 or "1234567890".startswith(digits)) and len(digits) > 1:
        return PLACEHOLDER
    if not _TAX_NUMBER.fullmatch(text) or len(digits) < _MINIMUM_TAX_DIGITS:
        return None
    return text


def source_person_id(typed: str, source_system: str) -> str | None:
    """The source's own key of a person, valid within that source only.

    Args:
        typed: The key as landed; case is kept, since keys may differ by case alone.
        source_system: The source that gave it.

    Returns:
        Source and key, PLACEHOLDER (zeros, "unknown"), or None when blank. The two are joined by the
        unit separator, a control character that no key holds, so that no two pairs give one value.
    """
    key = shared_person_id(typed)
    return f"{source_system}\x1f{key}" if key else key


def shared_person_id(typed: str, _: str = "") -> str | None:
    """A number that several sources give one person, such as that of a loyalty card.

    Args:
        typed: The number as landed; case is kept, since numbers may differ by case alone.

    Returns:
        The number, PLACEHOLDER (zeros, "unknown"), or None when blank.
    """
    key = typed.strip()
    if found := _FLOAT_TAIL.fullmatch(key):
        key = found["digits"]
    if not key:
        return None
    return PLACEHOLDER if key.casefold() in _PLACEHOLDER_KEYS or not key.strip("0") else key


_NORMALISERS: dict[str, tuple[Callable[[str, str], str | None], str | None]] = {
    "email": (email, None),
    "phone": (phone, "country_code"),
    "tax_number": (tax_number, "country_code"),
    "source_person_id": (source_person_id, "source_system"),
    "shared_person_id": (shared_person_id, None),
}
