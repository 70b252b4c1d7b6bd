"""All fields of every CRM record as typed, and what became of each; the files are in `crm_files`.

Stories: nickname, initial, misspelt_given, misspelt_family, marriage (bears the name taken), namesake,
cyrillic_name_german, cyrillic_name_iso_9, cyrillic_name_cyrillic (how the name is spelt); of companies former_name,
branch, second_legal_name, other_legal_form, short_company_name; moved; household_email, household_phone (that of the
household's first member), changed_email, changed_phone (named by this record alone), terminal_email, terminal_phone;
merged_away (gone from the crm), of which merge_unlisted, and merged_into (the one that stays).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cx_assets.sample_company import names
from cx_assets.sample_company.columns import decode, joined, padded
from cx_assets.sample_company.contact_details import addresses, contact_slots, emails, phones, tax_numbers
from cx_assets.sample_company.parameters import Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.timeline import stream
from cx_assets.sample_company.written_names import Stories, branches, company_names, drawn, person_names


@dataclass(frozen=True)
class RecordFields:
    """Every record in the order of `records`.

    Attributes:
        table: Text columns, and birth_day (days since 1970), created, updated; `older_street` is the address before
            the last change, `is_merged` marks records that have left their source.
        stories: By story, the records that it is told of.
    """

    table: pa.Table
    stories: Stories


def record_fields(seed: int, people: Population, records: Records, p: Parameters) -> RecordFields:
    """Draw what every record holds."""
    rng, shares = stream(seed, "fields"), p.record_shares
    is_first, who = records.is_first(), records.customer
    is_company = people.is_company[who]
    written = person_names(stream(seed, "person names"), people, records, shares)
    email_slots, phone_slots, of_contacts = contact_slots(seed, people, records, written.is_married, p)
    is_branch = branches(rng, people, records, shares)
    moved = drawn(rng, is_first, (0.0, shares.moved)) | is_branch
    address = addresses(rng, people, records, moved, is_branch)
    older = addresses(rng, people, records, np.ones(records.size, bool), np.zeros(records.size, bool))
    company, of_companies = company_names(
        stream(seed, "company names"), people, records, shares, is_branch, address.city_code
    )
    is_merged = records.merged_into >= 0
    stories = written.stories | of_contacts | of_companies
    stories |= {"moved": moved & ~is_branch, "merged_away": is_merged, "merge_unlisted": is_merged & ~records.is_listed}
    stories["merged_into"] = np.zeros(records.size, bool)
    stories["merged_into"][records.merged_into[is_merged]] = True
    birth = people.birth_day[who] + np.where(
        drawn(rng, is_first, (0.005, 0.03)), 31 * rng.integers(-3, 4, records.size), 0
    )
    has_number = (records.system == 0) & (rng.random(people.size) < 0.6)[who]
    has_number &= drawn(rng, is_first, (1.0, 0.3))
    card = joined("NL", padded(rng.permutation(people.size)[who] + 5_000_000, 8))
    consent = people.has_consent[who]
    table = pa.table(
        {
            "number": records.number,
            "system": pa.array(records.system),
            "is_merged": pa.array(is_merged),
            "card": pc.if_else(pa.array(has_number), card, pa.scalar(None, pa.string())),
            "is_company": pa.array(is_company),
            "given": written.given,
            "family": written.family,
            "company": company,
            "email": emails(rng, people, records, email_slots, written, shares),
            "phone": phones(rng, people, records, phone_slots),
            "tax": tax_numbers(rng, people, records, is_branch),
            "birth_day": pa.array(birth, mask=is_company | ~drawn(rng, is_first, (0.95, 0.80))),
            "street": address.street,
            "postal_code": address.postal_code,
            "city": address.city,
            "region": address.region,
            "country": address.country,
            "older_street": older.street,
            "language": decode(names.LANGUAGES, people.language[who]),
            "consent": pa.array(consent, mask=~is_first & (rng.random(records.size) < 0.4)),
            "created": pa.array(records.created),
            "updated": pa.array(records.updated),
        }
    )
    return RecordFields(table, stories)
