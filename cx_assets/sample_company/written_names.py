"""Names as records have them: nicknames, slips, transliterations, marriages; companies' former names and branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cx_assets.sample_company import names
from cx_assets.sample_company.columns import chosen, decode, joined
from cx_assets.sample_company.parameters import RecordShares
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.records import Flags, Records
from cx_assets.sample_company.timeline import END, Ints

Stories = dict[str, Flags]


def drawn(rng: np.random.Generator, is_first: Flags, shares: tuple[float, float]) -> Flags:
    """Records that a thing happens to: a share of the customers' first ones and one of the later ones."""
    return rng.random(len(is_first)) < np.where(is_first, *shares)


def _other_than(rng: np.random.Generator, codes: Ints, count: int) -> Ints:
    """For each code below `count` another one, evenly."""
    return (codes + 1 + rng.integers(0, count - 1, len(codes))) % count


def _later_than_change(rng: np.random.Generator, people: Population, records: Records, share: float) -> Flags:
    """Records made after a change that a share of the customers goes through at some time after they came."""
    changed_at = people.joined + (rng.random(people.size) * (END - people.joined)).astype(np.int64)
    changes = rng.random(people.size) < share
    return changes[records.customer] & (records.created > changed_at[records.customer])


@dataclass(frozen=True)
class Written:
    """Names of persons, company owners included, as typed.

    Attributes:
        given, family: As typed.
        family_code: Family name that the record's bearer had when it was made.
        is_married: That name is one taken by marriage.
        stories: Records with a nickname, an initial, a slip, a transliteration or a marriage.
    """

    given: pa.Array
    family: pa.Array
    family_code: Ints
    is_married: Flags
    stories: Stories


def person_names(rng: np.random.Generator, people: Population, records: Records, shares: RecordShares) -> Written:
    """Names as typed in every record."""
    is_first, who = records.is_first(), records.customer
    is_person = ~people.is_company[who]
    is_married = ~is_first & is_person & _later_than_change(rng, people, records, shares.marriage)
    taken = _other_than(rng, np.minimum(people.family, names.LATIN_FAMILY_COUNT - 1), names.LATIN_FAMILY_COUNT)
    family_code = np.where(is_married, taken[who], people.family[who])
    is_cyrillic = people.is_cyrillic()[who]
    spelling = np.where(records.system == 1, 2, rng.random(records.size) < shares.iso_9)
    given_code = np.where(is_cyrillic, people.given[who] + spelling * names.CYRILLIC_GIVEN_COUNT, people.given[who])
    has_own_family = is_cyrillic & ~is_married
    spelt_family = np.where(has_own_family, family_code + spelling * names.CYRILLIC_FAMILY_COUNT, family_code)
    given_slip = drawn(rng, is_first, shares.misspelt_given)
    nickname = drawn(rng, is_first, shares.nickname)
    initial = drawn(rng, is_first, shares.initial)
    given = _misspelt("given", names.GIVEN_NAMES, given_code, rng, given_slip)
    given = chosen(nickname, decode(names.NICKNAMES, given_code), given)
    initials = [name[0] + "." for name in names.GIVEN_NAMES]
    family_slip = drawn(rng, is_first, shares.misspelt_family)
    stories = {
        "nickname": nickname & ~initial,
        "initial": initial,
        "misspelt_given": given_slip & ~nickname & ~initial,
        "misspelt_family": family_slip,
        "marriage": is_married,
        "namesake": people.is_namesake[who],
    }
    stories |= {f"cyrillic_name_{name}": is_cyrillic & (spelling == at) for at, name in enumerate(names.SPELLINGS)}
    return Written(
        given=chosen(initial, decode(initials, given_code), given),
        family=_misspelt("family", names.FAMILY_NAMES, spelt_family, rng, family_slip),
        family_code=family_code,
        is_married=is_married,
        stories=stories,
    )


def _misspelt(kind: str, pool: list[str], codes: Ints, rng: np.random.Generator, slip: Flags) -> pa.Array:
    variant = codes * names.MISSPELLINGS + rng.integers(0, names.MISSPELLINGS, len(codes))
    return chosen(slip, decode(names.misspelt(kind), variant), decode(pool, codes))


def branches(rng: np.random.Generator, people: Population, records: Records, shares: RecordShares) -> Flags:
    """Companies' later records that are of a branch."""
    return people.is_company[records.customer] & drawn(rng, records.is_first(), (0.0, shares.branch))


def company_names(
    rng: np.random.Generator,
    people: Population,
    records: Records,
    shares: RecordShares,
    is_branch: Flags,
    city: NDArray[np.integer],
) -> tuple[pa.Array, Stories]:
    """Companies' names as typed, null for persons: legal, former, with another legal form, short, of a branch.

    Args:
        rng: Generator.
        people: Customers.
        records: Their records.
        shares: Shares.
        is_branch: Records of branches.
        city: City of each record, by which a branch is called.
    """
    is_first, who = records.is_first(), records.customer
    is_company = people.is_company[who]
    is_former = is_company & ~_later_than_change(rng, people, records, 1.0)
    is_former &= (rng.random(people.size) < shares.renamed)[who]
    former_owner = _other_than(rng, np.minimum(people.family, names.LATIN_FAMILY_COUNT - 1), names.LATIN_FAMILY_COUNT)
    owner = decode(names.FAMILY_NAMES, np.where(is_former, former_owner[who], people.family[who]))
    body = decode(names.COMPANY_BODIES, people.trade[who])
    kind = np.where(is_branch, 1.0, rng.random(records.size))
    second = is_company & ~is_first & (kind < shares.second_legal_name)
    other_form = is_company & ~is_first & ~second & (kind < shares.second_legal_name + shares.other_legal_form)
    short = is_company & ~is_branch & drawn(rng, is_first, shares.short_company_name)
    form_code = people.legal_form[who]
    form_code = np.where(other_form, _other_than(rng, form_code, len(names.LEGAL_FORMS)), form_code)
    typed = joined(body, owner, decode(names.LEGAL_FORMS, form_code), separator=" ")
    second_form = decode(names.SECOND_FORMS, rng.integers(0, len(names.SECOND_FORMS), records.size))
    typed = chosen(second, joined(owner, body, second_form, separator=" "), typed)
    typed = chosen(short, joined(body, owner, separator=" "), typed)
    typed = chosen(is_branch, joined(typed, decode(names.CITY_NAMES, city), separator=" Filiale "), typed)
    stories = {
        "former_name": is_former,
        "branch": is_branch,
        "second_legal_name": second & ~short,
        "other_legal_form": other_form & ~short,
        "short_company_name": short,
    }
    return pc.if_else(pa.array(is_company), typed, pa.scalar(None, pa.string())), stories
