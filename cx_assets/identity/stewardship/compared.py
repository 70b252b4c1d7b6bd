"""The records that a person asks about, as matching compares them, without making all others comparable first."""

from __future__ import annotations

import pandas as pd

from cx_assets.identity.linkage.blocking import columns_of, common_rules
from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.linkage.standardise import standardise

_PAIR = ["record_id_a", "record_id_b"]
_TYPED = {
    "given_name": ("given_name",), "given_sound": ("given_name",), "family_sound": ("family_name",),
    "contact": ("given_name", "family_name"), "company_words": ("company_name",), "company_name": ("company_name",),
    "birth_date": ("birth_date",), "email": ("email",), "email_local": ("email",), "domain": ("email",),
    "phone": ("phone", "country_code"), "tax_number": ("tax_number", "country_code"), "street": ("street_address",),
    "postal_code": ("postal_code",), "city": ("city",),
}  # fmt: skip
# Of which a million take a minute to make comparable; they are left to the last.
_SLOW = frozenset({"phone", "tax_number", "email"})


def standard_of(records: pd.DataFrame, ids: set[str], linkage: LinkageSettings) -> pd.DataFrame:
    """Standardised columns of some records, equal to those that `standardise` gives among all.

    Args:
        records: All current records; other customer types are left out.
        ids: record_ids that are asked for.
        linkage: Settings, with the customer type.
    """
    mine = standardise(records[records["record_id"].isin(ids)], linkage)
    # A date that fills a field and the domain of a mail provider are known by how many records have them.
    judged = "birth_date" if linkage.customer_type == "person" else "domain"
    if mine[judged].isna().all():
        return mine
    values = mine["record_id"].map(_standard(records, {judged}, linkage).set_index("record_id")[judged])
    return mine.assign(**{judged: values.astype(object).where(values.notna(), None)})


def rules_in_common(
    records: pd.DataFrame, standard: pd.DataFrame, pairs: pd.DataFrame, linkage: LinkageSettings
) -> pd.DataFrame:
    """Blocking rules under which pairs share a key, until one is found that compares them.

    Args:
        records: All current records.
        standard: Of standard_of, the records of the pairs at least.
        pairs: record_id_a and record_id_b.
        linkage: Settings.

    Returns:
        See blocking.common_rules; a pair without a row shares no key. A pair that some rule compares has a row that
        is not left out, but not each of its rules.
    """
    ids = set(pairs["record_id_a"]) | set(pairs["record_id_b"])
    asked = standard[standard["record_id"].isin(ids)].reset_index(drop=True)
    shared = common_rules(asked, linkage.customer_type, ids, pairs_per_record=linkage.pairs_per_record)
    open_pairs = shared.merge(pairs[_PAIR].drop_duplicates(), on=_PAIR)
    is_slow = open_pairs["rule"].map(lambda rule: bool(_needed({*columns_of(rule)}) & _SLOW)).astype("bool")
    found = [shared.head(0)]
    for chosen in (open_pairs[~is_slow], open_pairs[is_slow]):
        judged_so_far = pd.concat(found)
        compared = judged_so_far[~judged_so_far["is_left_out"].astype("bool")]
        done = set(zip(compared["record_id_a"], compared["record_id_b"], strict=True))
        left = chosen[[pair not in done for pair in zip(chosen["record_id_a"], chosen["record_id_b"], strict=True)]]
        if left.empty:
            continue
        columns = {column for rule in set(left["rule"]) for column in columns_of(rule)}
        whole = _standard(records, columns, linkage)
        judged = common_rules(whole, linkage.customer_type, ids, pairs_per_record=linkage.pairs_per_record)
        found.append(judged.merge(left[_PAIR].drop_duplicates(), on=_PAIR))
    return pd.concat(found, ignore_index=True)


def _needed(columns: set[str]) -> set[str]:
    return {typed for column in columns for typed in _TYPED[column]}


def _standard(records: pd.DataFrame, columns: set[str], linkage: LinkageSettings) -> pd.DataFrame:
    """All records of the type, of which only some columns are made comparable; the others are null."""
    names = ["record_id", "source_system", *sorted(_needed(columns) & set(records.columns))]
    of_type = records["customer_type"].astype("str") == linkage.customer_type
    return standardise(records.loc[of_type, names], linkage)
