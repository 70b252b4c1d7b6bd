"""CRM records of the real customers: two systems, duplicates, slips of the pen; their files are in `crm_files`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cx_assets.sample_company import names
from cx_assets.sample_company.columns import chosen, decode, joined, numbers, padded, whole
from cx_assets.sample_company.parameters import Parameters
from cx_assets.sample_company.people import Population, choose
from cx_assets.sample_company.timeline import DAY, END, Ints, stream

Flags = NDArray[np.bool_]
SYSTEMS = ("crm", "service_crm")


@dataclass(frozen=True)
class Records:
    """One entry per record, grouped by customer, the oldest record of each customer first.

    Attributes:
        customer: Position of the real customer.
        first: Position of each customer's first record (one entry per customer), `count` its number of records.
        system: 0 for crm, 1 for service_crm.
        number: The source's own id, drawn at random, so that it says nothing about the customer.
        created, updated: Local seconds.
    """

    customer: Ints
    first: Ints
    count: Ints
    system: Ints
    number: pa.Array
    created: Ints
    updated: Ints

    @property
    def size(self) -> int:
        """Number of records."""
        return len(self.customer)

    def pick(self, rng: np.random.Generator, customer: Ints, at: Ints, other_share: float) -> Ints:
        """Record under which each event is booked: mostly the first, sometimes another that existed by then."""
        other = self.first[customer] + (rng.random(len(customer)) * self.count[customer]).astype(np.int64)
        usable = (rng.random(len(customer)) < other_share) & (self.created[other] < at)
        return np.where(usable, other, self.first[customer])


def make_records(seed: int, people: Population, p: Parameters) -> Records:
    """Draw how many records each customer has, where and since when."""
    rng = stream(seed, "records")
    edges = np.cumsum(p.record_count_shares)
    count = 1 + np.minimum(np.searchsorted(edges, rng.random(people.size), side="right"), len(edges) - 1)
    customer = np.repeat(np.arange(people.size), count)
    first = np.cumsum(count) - count
    is_first = np.zeros(len(customer), bool)
    is_first[first] = True
    system = np.where(rng.random(len(customer)) < np.where(is_first, 0.07, 0.6), 1, 0)
    joined_at = people.joined[customer]
    room = END - 2 * DAY - joined_at
    later = joined_at + (rng.random(len(customer)) * np.maximum(room, DAY)).astype(np.int64)
    created = np.where(is_first, joined_at - rng.integers(60, 600, len(customer)), np.minimum(later, END - DAY))
    changed = created + (rng.random(len(customer)) * (END - HALF_HOUR - created)).astype(np.int64)
    updated = np.where(rng.random(len(customer)) < 0.45, changed, created)
    order = rng.permutation(len(customer))
    crm_number = joined("K", padded(10_000_000 + order, 8))
    service_number = joined("S-", padded(400_000 + 3 * order, 7))
    number = whole(chosen(system == 0, crm_number, service_number))
    return Records(customer, first, count, system, number, created, updated)


HALF_HOUR = 1_800


def _draw(rng: np.random.Generator, is_first: Flags, share_first: float, share_other: float) -> Flags:
    return rng.random(len(is_first)) < np.where(is_first, share_first, share_other)


def _misspelt(kind: str, pool: list[str], codes: Ints, rng: np.random.Generator, slip: Flags) -> pa.Array:
    variant = codes * names.MISSPELLINGS + rng.integers(0, names.MISSPELLINGS, len(codes))
    return chosen(slip, decode(names.misspelt(kind), variant), decode(pool, codes))


def _given(rng: np.random.Generator, people: Population, records: Records, is_first: Flags) -> pa.Array:
    codes = people.given[records.customer]
    typed = _misspelt("given", names.GIVEN_NAMES, codes, rng, _draw(rng, is_first, 0.015, 0.08))
    typed = chosen(_draw(rng, is_first, 0.02, 0.16), decode(names.NICKNAMES, codes), typed)
    initials = [name[0] + "." for name in names.GIVEN_NAMES]
    return chosen(_draw(rng, is_first, 0.005, 0.06), decode(initials, codes), typed)


def _family(rng: np.random.Generator, people: Population, records: Records, is_first: Flags) -> pa.Array:
    codes = people.family[records.customer]
    married = _draw(rng, is_first, 0.0, 0.03)
    codes = np.where(married, rng.integers(0, len(names.FAMILY_NAMES), len(codes)), codes)
    return _misspelt("family", names.FAMILY_NAMES, codes, rng, _draw(rng, is_first, 0.02, 0.09))


def _company(
    rng: np.random.Generator, people: Population, records: Records, is_first: Flags, p: Parameters
) -> pa.Array:
    trade = people.trade[records.customer]
    body = decode(names.COMPANY_BODIES, trade)
    owner = decode(names.FAMILY_NAMES, people.family[records.customer])
    form = decode(names.LEGAL_FORMS, people.legal_form[records.customer])
    legal = joined(body, owner, form, separator=" ")
    second_form = decode(names.SECOND_FORMS, rng.integers(0, len(names.SECOND_FORMS), records.size))
    second = joined(owner, body, second_form, separator=" ")
    short = joined(body, owner, separator=" ")
    typed = chosen(_draw(rng, is_first, 0.0, p.second_legal_name_share), second, legal)
    typed = chosen(_draw(rng, is_first, 0.03, 0.15), short, typed)
    return pc.if_else(pa.array(people.is_company[records.customer]), typed, pa.scalar(None, pa.string()))


@dataclass(frozen=True)
class Contacts:
    """Identity numbers of e-mail addresses and telephones per record (-1: none), before they are typed."""

    email: Ints
    phone: Ints


def _shared_slot(rng: np.random.Generator, people: Population, share: float, member_share: float) -> Ints:
    """Each customer's own number, or the household's first member's where the household shares one."""
    own = np.arange(people.size)
    together = people.household >= 0
    if not together.any():
        return own
    household = people.household[together]
    sharing = rng.random(household.max() + 1) < share
    first = np.full(household.max() + 1, people.size)
    np.minimum.at(first, household, own[together])
    uses = sharing[household] & (rng.random(len(household)) < member_share)
    own[together] = np.where(uses, first[household], own[together])
    return own


def contact_numbers(seed: int, people: Population, records: Records, is_first: Flags, p: Parameters) -> Contacts:
    """Which e-mail address and telephone each record names.

    Slots 0..n-1 are the customers' main ones, n.. those that belong to one record alone, then telephones of
    the shops that clerks type in for five strangers each.
    """
    rng = stream(seed, "contacts")
    own = people.size + np.arange(records.size)
    slots = []
    for share, first_missing, keep, other in (
        (p.shared_email_share, 0.08, 0.46, 0.32),
        (p.shared_phone_share, 0.12, 0.42, 0.30),
    ):
        main = _shared_slot(rng, people, share, 0.75)[records.customer]
        kind = rng.random(records.size)
        # A company's departments and subsidiaries have addresses of their own more often than a person does.
        kept = np.where(people.is_company[records.customer], 0.5 * keep, keep)
        later = np.where(kind < kept, main, np.where(kind < kept + other, own, -1))
        slots.append(np.where(is_first, np.where(kind < first_missing, -1, main), later))
    counter = rng.random(records.size) < 0.004
    counters = max(1, int(counter.sum()) // 5)
    shop_phone = people.size + records.size + rng.integers(0, counters, records.size)
    return Contacts(slots[0], np.where(counter, shop_phone, slots[1]))


def _emails(rng: np.random.Generator, people: Population, records: Records, slots: Ints, p: Parameters) -> pa.Array:
    """Typed addresses: persons' at a provider, companies' under a domain of their own.

    The local part holds a number unique to the slot, so that strangers never share one.
    """
    slot_count = people.size + records.size
    number = rng.permutation(slot_count)[np.maximum(slots, 0)]
    who = np.where((slots >= 0) & (slots < people.size), slots, records.customer)
    given = [names.plain(name).lower() for name in names.GIVEN_NAMES]
    family = decode([names.plain(name).lower() for name in names.FAMILY_NAMES], people.family[who])
    local = joined(decode(given, people.given[who]), family, separator=".")
    provider = choose(rng, names.EMAIL_DOMAIN_SHARES, slot_count)[np.maximum(slots, 0)]
    slip = rng.random(records.size) < p.mistyped_domain_share
    domain = chosen(slip, decode(names.EMAIL_SLIPS, provider), decode(names.EMAIL_DOMAINS, provider))
    trade = decode([names.plain(name).lower() for name in names.COMPANY_BODIES], people.trade[who])
    own_domain = chosen(slip, joined(trade, family, ".alt"), joined(trade, "-", family, ".alt"))
    is_company = people.is_company[records.customer]
    typed = joined(chosen(is_company, decode(["info"], np.zeros(len(who), np.int64)), local), numbers(number))
    typed = joined(typed, "@", chosen(is_company, own_domain, domain))
    style = rng.random(records.size)
    typed = chosen(style < 0.08, pc.utf8_upper(typed), typed)
    typed = chosen(style > 0.97, joined(" ", typed), typed)
    return pc.if_else(pa.array(slots >= 0), typed, pa.scalar(None, pa.string()))


def _phones(rng: np.random.Generator, people: Population, records: Records, slots: Ints) -> pa.Array:
    """Typed mobile numbers; subscriber numbers begin with 0 or 1, which networks do not hand out."""
    code = rng.permutation(2 * people.size + 2 * records.size)[np.maximum(slots, 0)]
    austrian = pc.equal(decode(names.CITY_COUNTRY, people.city[records.customer]), "AT")
    prefix_de = decode([f"17{d}" for d in (0, 1, 2, 3, 4, 5, 7, 8, 9)], code % 9)
    prefix = pc.if_else(austrian, decode(["664", "650", "676"], code % 3), prefix_de)
    country = pc.if_else(austrian, pa.scalar("43"), pa.scalar("49"))
    # Six equal digits at the end look like a filler; of a million numbers ten are passed over.
    millions, rest_of = np.divmod(code // 3, 999_990)
    tail = padded(1_000_000 * millions + 1 + rest_of + rest_of // 111_110, 7)
    first, rest = pc.utf8_slice_codeunits(tail, 0, 3), pc.utf8_slice_codeunits(tail, 3, 7)
    style = rng.random(records.size)
    typed = joined("0", prefix, " ", tail)
    typed = chosen(style < 0.35, joined("+", country, " ", prefix, " ", first, " ", rest), typed)
    typed = chosen(style > 0.65, joined("0", prefix, "/", first, rest), typed)
    typed = chosen(style > 0.85, joined("00", country, prefix, first, "-", rest), typed)
    return pc.if_else(pa.array(slots >= 0), typed, pa.scalar(None, pa.string()))


def _tax_numbers(rng: np.random.Generator, people: Population, records: Records, is_first: Flags) -> pa.Array:
    kind = rng.random(records.size)
    main = rng.permutation(people.size)[records.customer]
    other = people.size + rng.permutation(records.size)
    number = np.where(is_first | (kind < 0.25), main, other)
    missing = ~people.is_company[records.customer] | np.where(is_first, kind > 0.85, kind > 0.65)
    digits = padded(100_000_000 + number * 7, 9)
    spaced = joined("DE ", pc.utf8_slice_codeunits(digits, 0, 3), " ", pc.utf8_slice_codeunits(digits, 3, 9))
    typed = chosen(rng.random(records.size) < 0.3, spaced, joined("DE", digits))
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), typed)


@dataclass(frozen=True)
class Addresses:
    """Address as typed and where it was before the last move."""

    street: pa.Array
    postal_code: pa.Array
    city: pa.Array
    region: pa.Array
    country: pa.Array


def _addresses(rng: np.random.Generator, people: Population, records: Records, moved: Flags) -> Addresses:
    who = records.customer
    city = np.where(
        moved & (rng.random(records.size) < 0.4), rng.integers(0, len(names.CITIES), len(who)), people.city[who]
    )
    # Telephones and tax numbers follow the country, so nobody moves across the border.
    country = np.array(names.CITY_COUNTRY)
    city = np.where(country[city] == country[people.city[who]], city, people.city[who])
    street = np.where(moved, rng.integers(0, len(names.STREETS), len(who)), people.street[who])
    house = np.where(moved, 1 + rng.integers(0, 90, len(who)), people.house_number[who])
    tail = np.where(moved, rng.integers(0, 60, len(who)), people.postal_tail[who])
    slip = rng.random(records.size)
    house = np.where(slip < 0.03, house + 1, house)
    street_name = chosen(slip > 0.75, decode(names.STREET_VARIANTS, street), decode(names.STREETS, street))
    city_name = chosen(slip > 0.85, decode(names.CITY_VARIANTS, city), decode(names.CITY_NAMES, city))
    return Addresses(
        street=joined(street_name, " ", numbers(house)),
        postal_code=joined(decode(names.CITY_POSTAL, city), padded(100 + tail * 13, 3)),
        city=city_name,
        region=decode(names.CITY_REGION, city),
        country=decode(names.CITY_COUNTRY, city),
    )


def record_columns(seed: int, people: Population, records: Records, p: Parameters) -> pa.Table:
    """All fields of every record as typed: text columns, and birth_day (days since 1970), created, updated.

    Returns:
        One row per record, in the order of `records`; `older_street` is the address before the last change.
    """
    rng = stream(seed, "fields")
    is_first = np.zeros(records.size, bool)
    is_first[records.first] = True
    slots = contact_numbers(seed, people, records, is_first, p)
    address = _addresses(rng, people, records, _draw(rng, is_first, 0.0, 0.25))
    older = _addresses(rng, people, records, np.ones(records.size, bool))
    is_company = people.is_company[records.customer]
    birth = people.birth_day[records.customer] + np.where(
        _draw(rng, is_first, 0.005, 0.03), 31 * rng.integers(-3, 4, records.size), 0
    )
    has_number = (records.system == 0) & (rng.random(people.size) < 0.6)[records.customer]
    has_number &= _draw(rng, is_first, 1.0, 0.3)
    card = joined("NL", padded(rng.permutation(people.size)[records.customer] + 5_000_000, 8))
    consent = people.has_consent[records.customer]
    return pa.table(
        {
            "number": records.number,
            "system": pa.array(records.system),
            "card": pc.if_else(pa.array(has_number), card, pa.scalar(None, pa.string())),
            "is_company": pa.array(is_company),
            "given": _given(rng, people, records, is_first),
            "family": _family(rng, people, records, is_first),
            "company": _company(rng, people, records, is_first, p),
            "email": _emails(rng, people, records, slots.email, p),
            "phone": _phones(rng, people, records, slots.phone),
            "tax": _tax_numbers(rng, people, records, is_first),
            "birth_day": pa.array(birth, mask=is_company | ~_draw(rng, is_first, 0.95, 0.80)),
            "street": address.street,
            "postal_code": address.postal_code,
            "city": address.city,
            "region": address.region,
            "country": address.country,
            "older_street": older.street,
            "language": decode(names.LANGUAGES, people.language[records.customer]),
            "consent": pa.array(consent, mask=~is_first & (rng.random(records.size) < 0.4)),
            "created": pa.array(records.created),
            "updated": pa.array(records.updated),
        }
    )
