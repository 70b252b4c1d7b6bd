"""Which records are one customer: shared identifiers become edges, edges become clusters.

Ids that last from run to run are given in resolution, not here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cx_assets.identity.normalise import PLACEHOLDER, column_of, normalise
from cx_assets.identity.tables import among

# How many persons may share a value before it stops being evidence. A unit is a person by the source's
# own key, else a record. A household shares one address or telephone among four or five, a buyer without
# an account leaves a record with every order; beyond twenty it is a switchboard, a shop's own address or
# a filler nobody foresaw, and one wrong edge there would melt twenty customers into one. A tax number
# covers a company's branches and buyers. The source's own key counts records: only a guest account or a
# reseller's has more than a thousand.
MAXIMUM_SHARING = {"email": 20, "phone": 20, "tax_number": 100, "source_person_id": 1000, "shared_person_id": 1000}

MANY_RECORDS = 20
"""Records with an identifier from which on it is odd that no two share a value."""

# 24 bits: enough to see which events rest on one value, too few to search a telephone number back from
# it, as about six hundred of the possible numbers fit each.
_HASH_DIGITS = 6

_EDGE_COLUMNS = ["record_id_a", "record_id_b", "rule", "value_hash"]


@dataclass(frozen=True)
class Match:
    """Edges between records, and what was left aside.

    Attributes:
        edges: record_id_a < record_id_b, rule (an identifier, must_link or source_merge), value_hash (null for
            the last two; no personal data). A value shared by n records gives n - 1 edges, all with the
            smallest record_id: a star, not every pair.
        counts: For each identifier: usable_record_count, invalid_record_count, placeholder_record_count,
            shared_value_count and shared_record_count (values over MAXIMUM_SHARING and their records),
            joined_record_count (records that it joins to an earlier one);
            and must_link_unknown_count and source_merge_unknown_count, pairs that name a record which is not there.
    """

    edges: pd.DataFrame
    counts: dict[str, Any]


def match(
    records: pd.DataFrame,
    *,
    identifiers: Sequence[str],
    default_country: str,
    must_link: Iterable[tuple[str, str]] = (),
    source_merges: Iterable[tuple[str, str]] = (),
) -> Match:
    """Join records that share an identifier or that people have declared one.

    A person and a company that share an address, telephone or tax number stay apart: the owner of a firm
    is not the firm. The source's own key, its merges and must_link join whatever they name.

    Args:
        records: One row per record: record_id (unique), source_system, customer_type and a column for
            each identifier; country_code where there is one. Order does not matter.
        identifiers: Some of settings.Identifier.
        default_country: Region of national telephone and tax numbers without country_code.
        must_link: Pairs of record_ids, in either order.
        source_merges: Pairs of record_ids, the merged one and the one that it was merged into.

    Returns:
        Edges ordered by rule, record_id_a, record_id_b, and counts.

    Raises:
        ValueError: A record_id is null or repeats, a column is missing, or an identifier is unknown.
    """
    _validate(records)
    ordered = records.sort_values("record_id", ignore_index=True)
    edges = []
    counts: dict[str, Any] = {}
    for identifier in identifiers:
        values = normalise(ordered, identifier, default_country=default_country)
        evidence, counts[identifier] = _evidence(ordered, identifier, values)
        edges.append(_star_edges(evidence, identifier))
        counts[identifier]["joined_record_count"] = len(edges[-1])
    for rule, pairs in (("must_link", must_link), ("source_merge", source_merges)):
        declared, counts[f"{rule}_unknown_count"] = _declared_edges(ordered["record_id"], pairs, rule)
        edges.append(declared)
    joined = pd.concat(edges, ignore_index=True)[_EDGE_COLUMNS].astype("str")
    joined = joined.sort_values(["rule", "record_id_a", "record_id_b"], ignore_index=True)
    return Match(edges=joined, counts=counts)


def idle_identifiers(counts: Mapping[str, Any]) -> list[str]:
    """What a person should hear of identifiers that many records have and that join none of them, a line each.

    Args:
        counts: `Match.counts`.
    """
    lines = []
    for identifier, count in counts.items():
        if not isinstance(count, dict) or count["usable_record_count"] < MANY_RECORDS or count["joined_record_count"]:
            continue
        advice = (
            "; it holds within one source: if several sources share the number, name shared_person_id instead"
            if identifier == "source_person_id"
            else ""
        )
        records = count["usable_record_count"]
        lines.append(f"the identifier {identifier} joins nobody, although {records:,} records have it{advice}")
    return lines


def connected_components(record_ids: pd.Series, edges: pd.DataFrame) -> np.ndarray:
    """Cluster label of every record: records joined by any chain of edges share one.

    Args:
        record_ids: Unique record_ids.
        edges: record_id_a, record_id_b, all of them among record_ids.

    Returns:
        One integer per record_id, in their order; which integer it is means nothing.

    Raises:
        ValueError: An edge names a record that is not among record_ids, or a record_id repeats.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components as components

    index = pd.Index(record_ids)
    if not index.is_unique:
        raise ValueError("record_id repeats")
    ends_a = index.get_indexer(edges["record_id_a"])
    ends_b = index.get_indexer(edges["record_id_b"])
    if (ends_a < 0).any() or (ends_b < 0).any():
        raise ValueError("an edge names a record that is not there")
    if not len(index):
        return np.empty(0, dtype=np.int64)
    graph = coo_array((np.ones(len(edges), dtype=np.int8), (ends_a, ends_b)), shape=(len(index), len(index)))
    labels: np.ndarray = components(graph, directed=False)[1]
    return labels.astype(np.int64)


def _validate(records: pd.DataFrame) -> None:
    missing = [name for name in ("record_id", "source_system", "customer_type") if name not in records.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    if records["record_id"].isna().any():
        raise ValueError("record_id is null")
    if records["record_id"].duplicated().any():
        raise ValueError("record_id repeats: the grain is one row per record")


def _evidence(records: pd.DataFrame, identifier: str, values: pd.Series) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows (record_id, value, block) whose value is usable, and the counts of what is not."""
    column = column_of(identifier)
    typed = records[column].notna() & (records[column].astype("str").str.strip() != "")
    placeholder = values == PLACEHOLDER
    usable = values.notna() & ~placeholder
    rows = pd.DataFrame(
        {
            "record_id": records["record_id"].astype("str")[usable],
            "value": values[usable].astype("str"),
            "block": _block(records, identifier)[usable],
            "unit": _unit(records, identifier)[usable],
        }
    )
    units = rows.drop_duplicates(["value", "unit"]).groupby("value").size()
    shared = among(rows["value"], units.index[units > MAXIMUM_SHARING[identifier]])
    counts = {
        "usable_record_count": int(usable.sum()),
        "invalid_record_count": int((typed & values.isna()).sum()),
        "placeholder_record_count": int(placeholder.sum()),
        "shared_value_count": int(rows.loc[shared, "value"].nunique()),
        "shared_record_count": int(shared.sum()),
    }
    return rows.loc[~shared, ["record_id", "value", "block"]], counts


def _block(records: pd.DataFrame, identifier: str) -> pd.Series:
    if column_of(identifier) == "source_person_id":
        return pd.Series("", index=records.index, dtype="str")
    return records["customer_type"].astype("str").fillna("")


def _unit(records: pd.DataFrame, identifier: str) -> pd.Series:
    """Who counts once against MAXIMUM_SHARING: the source's person where it names one, else the record."""
    record = "record:" + records["record_id"].astype("str")
    if column_of(identifier) == "source_person_id" or "source_person_id" not in records.columns:
        return record
    person = normalise(records, "source_person_id", default_country="")
    return record.where(person.isna() | (person == PLACEHOLDER), "person:" + person.astype("str"))


def _star_edges(evidence: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Edges from each record to the smallest record_id with its value; evidence is in record_id order."""
    repeated = evidence[evidence.duplicated(["value", "block"], keep=False)]
    centre = repeated.groupby(["value", "block"], sort=False)["record_id"].transform("first")
    spokes = repeated[centre != repeated["record_id"]]
    hashes = {value: _value_hash(rule, value) for value in spokes["value"].unique()}
    return pd.DataFrame(
        {
            "record_id_a": centre[spokes.index],
            "record_id_b": spokes["record_id"],
            "rule": rule,
            "value_hash": spokes["value"].map(hashes),
        }
    )


def _value_hash(rule: str, value: str) -> str:
    return hashlib.sha256(f"{rule}\x1f{value}".encode()).hexdigest()[:_HASH_DIGITS]


def _declared_edges(record_ids: pd.Series, declared: Iterable[tuple[str, str]], rule: str) -> tuple[pd.DataFrame, int]:
    known = set(record_ids)
    pairs = sorted({(min(pair), max(pair)) for pair in declared})
    usable = [pair for pair in pairs if pair[0] in known and pair[1] in known and pair[0] != pair[1]]
    frame = pd.DataFrame(usable, columns=["record_id_a", "record_id_b"], dtype="str")
    unknown = sum(1 for pair in pairs if pair[0] not in known or pair[1] not in known)
    return frame.assign(rule=rule, value_hash=None), unknown
