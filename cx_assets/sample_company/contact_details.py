"""How a record's customer is reached: e-mail addresses, telephones, tax numbers and postal addresses as typed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cx_assets.sample_company import names
from cx_assets.sample_company.columns import chosen, decode, joined, numbers, padded
from cx_assets.sample_company.parameters import Parameters, RecordShares
from cx_assets.sample_company.people import Population, choose
from cx_assets.sample_company.records import Flags, Records
from cx_assets.sample_company.timeline import Ints, stream
from cx_assets.sample_company.written_names import Stories, Written


@dataclass(frozen=True)
class Slots:
    """Which e-mail address or telephone each record names, before it is typed.

    Attributes:
        slot: -1 for none; below the number of customers, the main one of that customer; then those that belong to
            one record alone; then those of shop terminals.
        count: Number of slots.
    """

    slot: Ints
    count: int


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


def contact_slots(
    seed: int, people: Population, records: Records, is_married: Flags, p: Parameters
) -> tuple[Slots, Slots, Stories]:
    """E-mail addresses and telephones of every record.

    Args:
        seed: Seed of the company.
        people: Customers.
        records: Their records.
        is_married: Records made after a marriage; they mostly name the telephone from before.
        p: Parameters.
    """
    rng, shares = stream(seed, "contacts"), p.record_shares
    is_first, own = records.is_first(), people.size + np.arange(records.size)
    is_company = people.is_company[records.customer]
    is_austrian = (np.array(names.CITY_COUNTRY) == "AT")[people.city[records.customer]]
    found: list[Slots] = []
    stories: Stories = {}
    for name, shared, first, kept, changed, terminal, strangers in (
        ("email", p.shared_email_share, shares.first_email, shares.kept_email, shares.changed_email,
         shares.terminal_email, shares.strangers_per_email),
        ("phone", p.shared_phone_share, shares.first_phone, shares.kept_phone, shares.changed_phone,
         shares.terminal_phone, shares.strangers_per_phone),
    ):  # fmt: skip
        main = _shared_slot(rng, people, shared, p.shared_member_share)[records.customer]
        kind = rng.random(records.size)
        # A company's departments and subsidiaries have addresses of their own more often than a person does.
        keeps = np.where(is_company, 0.5 * kept, kept)
        if name == "phone":
            keeps = np.where(is_married, shares.marriage_keeps_phone, keeps)
        later = np.where(kind < keeps, main, np.where(kind < keeps + changed, own, -1))
        slot = np.where(is_first, np.where(kind < first, main, -1), later)
        at_terminal = rng.random(records.size) < terminal
        count = people.size + records.size
        # A shop types in its customers, so they are of one country.
        for is_here in (is_austrian, ~is_austrian):
            typed_here = np.flatnonzero(at_terminal & is_here)
            terminals = max(1, len(typed_here) // strangers)
            slot[typed_here] = count + rng.integers(0, terminals, len(typed_here))
            count += terminals
        found.append(Slots(slot, count))
        stories |= {
            f"household_{name}": (slot >= 0) & (slot < people.size) & (slot != records.customer),
            f"changed_{name}": slot == own,
            f"terminal_{name}": at_terminal,
        }
    return found[0], found[1], stories


def emails(
    rng: np.random.Generator,
    people: Population,
    records: Records,
    slots: Slots,
    written: Written,
    shares: RecordShares,
) -> pa.Array:
    """Typed addresses: persons' at a provider, companies' under a domain of their own, terminals' at the retailer.

    The local part holds a number unique to the slot, so that strangers share one only at a terminal.
    """
    slot, size = np.maximum(slots.slot, 0), people.size
    number = rng.permutation(slots.count)[slot]
    is_main = (slots.slot >= 0) & (slots.slot < size)
    who = np.where(is_main, slots.slot, records.customer)
    given = decode([names.plain(name).lower() for name in names.GIVEN_NAMES], people.given[who])
    family_names = [names.plain(name).lower() for name in names.FAMILY_NAMES]
    family = decode(family_names, np.where(is_main, people.family[who], written.family_code))
    provider = choose(rng, names.EMAIL_DOMAIN_SHARES, slots.count)[slot]
    slip = rng.random(records.size) < shares.mistyped_domain
    domain = chosen(slip, decode(names.EMAIL_SLIPS, provider), decode(names.EMAIL_DOMAINS, provider))
    typed = joined(given, ".", family, numbers(number), "@", domain)
    trade = decode([names.plain(name).lower() for name in names.COMPANY_BODIES], people.trade[who])
    own_domain = chosen(slip, joined(trade, family, ".alt"), joined(trade, "-", family, ".alt"))
    of_company = joined(decode(["info"], np.zeros(len(who), np.int64)), numbers(number), "@", own_domain)
    typed = chosen(people.is_company[records.customer], of_company, typed)
    kasse = joined(decode(["kasse"], np.zeros(len(who), np.int64)), numbers(number), "@nordlicht.alt")
    typed = chosen(slots.slot >= size + records.size, kasse, typed)
    style = rng.random(records.size)
    typed = chosen(style < 0.08, pc.utf8_upper(typed), typed)
    typed = chosen(style > 0.97, joined(" ", typed), typed)
    return pc.if_else(pa.array(slots.slot >= 0), typed, pa.scalar(None, pa.string()))


def phones(rng: np.random.Generator, people: Population, records: Records, slots: Slots) -> pa.Array:
    """Typed mobile numbers; subscriber numbers begin with 0 or 1, which networks do not hand out."""
    code = rng.permutation(2 * slots.count)[np.maximum(slots.slot, 0)]
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
    return pc.if_else(pa.array(slots.slot >= 0), typed, pa.scalar(None, pa.string()))


def tax_numbers(rng: np.random.Generator, people: Population, records: Records, is_branch: Flags) -> pa.Array:
    """Companies' tax numbers as typed; a branch names that of its company."""
    is_first = records.is_first()
    kind = rng.random(records.size)
    main = rng.permutation(people.size)[records.customer]
    other = people.size + rng.permutation(records.size)
    number = np.where(is_first | is_branch | (kind < 0.25), main, other)
    missing = ~people.is_company[records.customer] | (np.where(is_first, kind > 0.85, kind > 0.65) & ~is_branch)
    digits = padded(100_000_000 + number * 7, 9)
    spaced = joined("DE ", pc.utf8_slice_codeunits(digits, 0, 3), " ", pc.utf8_slice_codeunits(digits, 3, 9))
    typed = chosen(rng.random(records.size) < 0.3, spaced, joined("DE", digits))
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), typed)


@dataclass(frozen=True)
class Addresses:
    """Addresses as typed; `city_code` is the city that was meant."""

    street: pa.Array
    postal_code: pa.Array
    city: pa.Array
    region: pa.Array
    country: pa.Array
    city_code: Ints


def addresses(rng: np.random.Generator, people: Population, records: Records, moved: Flags, gone: Flags) -> Addresses:
    """Addresses of every record.

    Args:
        rng: Generator.
        people: Customers.
        records: Their records.
        moved: Records under another address than the customer's first one, two in five of them in another city.
        gone: Those of them that are in another city for sure.
    """
    who = records.customer
    leaves = gone | (moved & (rng.random(records.size) < 0.4))
    city = np.where(leaves, rng.integers(0, len(names.CITIES), len(who)), people.city[who])
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
        city_code=city,
    )
