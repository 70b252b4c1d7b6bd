"""Which pairs are compared at all: blocking keys, kept within a budget of pairs each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

import numpy as np
import pandas as pd

from cx_assets.identity.linkage.settings import CustomerType

# Columns of each rule; `column:n` takes the first n letters. Narrow rules first: a pair is made by the first that has
# it. Rules of one field alone leave out their frequent values by the budget, and find what is wrong in all the others.
_RULES: dict[CustomerType, tuple[str, ...]] = {
    "person": (
        "email", "phone", "tax_number", "email_local", "given_sound+family_sound+birth_date", "street+postal_code",
        "birth_date+family_sound:2", "birth_date+given_sound:2", "birth_date+postal_code",
        "family_sound+given_sound", "swapped", "family_sound+postal_code", "given_sound+postal_code",
        "street+given_sound:1", "street+family_sound:1", "family_sound+given_sound:1+city:3",
        "family_sound:3+given_sound:3", "birth_date", "family_sound", "given_sound+city", "given_sound", "street",
        "birth_date:7+given_sound:1", "birth_date:7+family_sound:1", "birth_date:7+city:3", "birth_date:4+city",
    ),
    "company": (
        "tax_number", "phone", "email", "domain", "company_name", "street+postal_code", "contact+postal_code",
        "word", "contact", "street", "postal_code",
    ),
}  # fmt: skip
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Blocks:
    """Blocking keys, and what they cost.

    Attributes:
        keys: One column `block_<number>` a rule, aligned with the records; null where a record is in no block of the
            rule.
        report: A row per rule: rule, pair_count (pairs that it makes by itself), left_out_block_count and
            left_out_pair_count (blocks over the budget), largest_block.
    """

    keys: pd.DataFrame
    report: pd.DataFrame


def blocks(standard: pd.DataFrame, customer_type: CustomerType, *, pairs_per_record: int) -> Blocks:
    """Blocking keys of standardised records.

    A rule whose blocks make more than pairs_per_record pairs a record leaves its largest blocks out, all of one size
    together, until it keeps to that.

    Args:
        standard: From standardise.
        customer_type: person or company.
        pairs_per_record: Budget of each rule.
    """
    keys, rows = {}, []
    for number, rule in enumerate(_RULES[customer_type]):
        key, row = _capped(_key(standard, rule), budget=pairs_per_record * max(len(standard), 1_000))
        if row["pair_count"] or row["left_out_pair_count"]:
            keys[f"block_{number}"] = key
            rows.append({"rule": rule, **row})
    columns = ["rule", "pair_count", "left_out_block_count", "left_out_pair_count", "largest_block"]
    return Blocks(pd.DataFrame(keys, index=standard.index), pd.DataFrame(rows, columns=columns))


def columns_of(rule: str) -> tuple[str, ...]:
    """Standardised columns that a rule's key is made of."""
    if rule == "swapped":
        return ("given_sound", "family_sound")
    return ("company_words",) if rule == "word" else tuple(part.partition(":")[0] for part in rule.split("+"))


def common_rules(
    standard: pd.DataFrame, customer_type: CustomerType, ids: Collection[str], *, pairs_per_record: int
) -> pd.DataFrame:
    """Rules under which some records share a block, which is what makes them be compared.

    Args:
        standard: All standardised records, since a block over the budget is left out for its size.
        customer_type: person or company.
        ids: record_ids that are asked for.
        pairs_per_record: Budget of each rule.

    Returns:
        A row per pair of them and rule: record_id_a < record_id_b, rule, is_left_out (their block is over the
        budget, so that this rule does not compare them).
    """
    asked = standard["record_id"].isin(list(ids))
    rows: list[tuple[str, str, str, bool]] = []
    for rule in _RULES[customer_type]:
        whole = _key(standard, rule)
        mine = whole[asked].dropna()
        if not mine.duplicated().any():
            continue
        kept, _ = _capped(whole, budget=pairs_per_record * max(len(standard), 1_000))
        for _, block in mine.groupby(mine):
            names = sorted(standard.loc[block.index, "record_id"].astype("str"))
            is_left_out = bool(pd.isna(kept[block.index[0]]))
            rows += [(a, b, rule, is_left_out) for a, b in combinations(names, 2)]
    columns = ["record_id_a", "record_id_b", "rule", "is_left_out"]
    return pd.DataFrame(rows, columns=columns).astype({"rule": "str", "is_left_out": "bool"})


def _key(standard: pd.DataFrame, rule: str) -> pd.Series:
    if rule == "swapped":
        pair = standard[["given_sound", "family_sound"]]
        both = pair.dropna()
        ordered = np.sort(both.to_numpy(dtype="str"), axis=1) if len(both) else np.empty((0, 2), dtype="str")
        joined = pd.Series(ordered[:, 0], index=both.index) + _SEPARATOR + pd.Series(ordered[:, 1], index=both.index)
        return joined.reindex(standard.index)
    if rule == "word":
        return _rarest_word(standard["company_words"])
    parts = []
    for part in rule.split("+"):
        column, _, length = part.partition(":")
        values = standard[column].astype("str").where(standard[column].notna())
        parts.append(values.str[: int(length)] if length else values)
    return reduce(lambda left, right: left + _SEPARATOR + right, parts)


def _rarest_word(words: pd.Series) -> pd.Series:
    """The word of each name that the fewest names have but at least two, which a misspelt other word leaves alone."""
    each = words.explode().dropna()
    counts = each.map(each.value_counts())
    shared = pd.DataFrame({"word": each, "count": counts})[counts > 1].sort_values(["count", "word"], kind="stable")
    return shared.groupby(level=0)["word"].first().reindex(words.index)


def _capped(key: pd.Series, *, budget: int) -> tuple[pd.Series, dict[str, int]]:
    sizes = key.value_counts()
    by_size = sizes[sizes > 1].value_counts().sort_index()
    made = by_size.index.to_numpy() * (by_size.index.to_numpy() - 1) // 2 * by_size.to_numpy()
    kept = np.cumsum(made) <= budget
    largest = int(by_size.index[kept].max()) if kept.any() else 0
    block_size = key.map(sizes)
    usable = key.where((block_size > 1) & (block_size <= largest))
    return usable.astype(object).where(usable.notna(), None), {
        "pair_count": int(made[kept].sum()),
        "left_out_block_count": int(by_size.to_numpy()[~kept].sum()),
        "left_out_pair_count": int(made[~kept].sum()),
        "largest_block": largest,
    }
