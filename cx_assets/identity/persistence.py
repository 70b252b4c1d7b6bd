"""Ids that outlive a run: each cluster inherits, regains or is given a customer_id.

What changed thereby is told in ledger; the periods in which it was known are kept in resolution.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pandas as pd

from cx_assets.identity.tables import among, look_up


def customer_ids(current: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """The customer_id of every record's cluster.

    In this order, each id to one cluster and each cluster to one id:

    1. A cluster keeps an id that its records hold. Where several ids meet, the one with the most records
       wins, then the one known longest, then the smallest. Where an id's records part, the part with the
       most records keeps it, then the part with the smallest record_id; but where some came to it by
       the merge of an id that has ended, only the records that it had before that merge count, so that
       an undone merge gives each side its own.
    2. A cluster left without regains the id that its records held before, if nobody holds it now; else the
       one before that, and so on. Who held an id before others came to it by a merge goes before these.
    3. Otherwise its id derives from its smallest record_id, or, if that id was ever used, from the
       smallest record_id and a number: no id is given twice.

    Args:
        current: One row per record, ordered by record_id: record_id, cluster, old_id (the customer_id
            held until now, null for a record that had none).
        history: The identity.record_customer table until now.

    Returns:
        customer_id aligned with current.
    """
    given = _claim(_held_pairs(current, history))
    given |= _regained(current, history, given)
    founders = current.loc[~among(current["cluster"], given)].groupby("cluster")["record_id"].min()
    given |= _fresh_ids(founders, set(history["customer_id"]))
    return current["cluster"].map(given).astype("str")


def _known_since(history: pd.DataFrame) -> pd.Series:
    return history.groupby("customer_id")["known_from_at"].min()


def _held_pairs(current: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Clusters and the ids that their records hold, the strongest claim first."""
    held = current[current["old_id"].notna()]
    return _pairs(held, history, set(held["old_id"]))


def _pairs(claims: pd.DataFrame, history: pd.DataFrame, living: set[str]) -> pd.DataFrame:
    """Clusters and the ids that their records claim, the strongest claim first.

    Args:
        claims: record_id, cluster, old_id (the id that is claimed); by record_id.
        history: The identity.record_customer table until now.
        living: Ids that some record holds until now.
    """
    pairs = claims.groupby(["cluster", "old_id"], as_index=False).agg(
        record_count=("record_id", "size"), smallest_record=("record_id", "first")
    )
    pairs = pairs.rename(columns={"old_id": "customer_id"})
    pairs["weight"] = _weights(pairs, claims, history, living)
    pairs = pairs[pairs["weight"] > 0]
    pairs["known_since"] = look_up(pairs["customer_id"], _known_since(history))
    return pairs.sort_values(
        ["weight", "known_since", "customer_id", "record_count", "smallest_record"],
        ascending=[False, True, True, False, True],
        ignore_index=True,
    )


def _weights(pairs: pd.DataFrame, held: pd.DataFrame, history: pd.DataFrame, living: set[str]) -> pd.Series:
    """How many records speak for a cluster's claim to an id.

    All of them, unless the id's records part and some came out of an id that nobody holds any longer:
    then only those speak that held the id before the first of these guests came.
    """
    parted = set(pairs.loc[pairs["customer_id"].duplicated(keep=False), "customer_id"])
    if not parted:
        return pairs["record_count"]
    parts = held[among(held["old_id"], parted)]
    arrivals = _arrivals(parts, history).reindex(parts["record_id"]).set_axis(parts.index)
    parts = parts.assign(arrived_at=arrivals["arrived_at"], came_from=arrivals["came_from"])
    guests = parts[parts["came_from"].notna() & ~among(parts["came_from"], living)]
    first_guest = look_up(parts["old_id"], guests.groupby("old_id")["arrived_at"].min())
    own = parts[first_guest.isna() | (parts["arrived_at"] < first_guest)]
    own_count = own.groupby(["cluster", "old_id"]).size()
    keys = pd.MultiIndex.from_frame(pairs[["cluster", "customer_id"]])
    speaking = pd.Series(own_count.reindex(keys, fill_value=0).to_numpy(), index=pairs.index)
    counted = among(pairs["customer_id"], own["old_id"])
    return speaking.where(counted, pairs["record_count"])


def _arrivals(records: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """When each record first came to its old_id, and the id it held just before, null if none, by record_id."""
    before = _rows_before(records, history)
    first = before["first_from_at"].groupby(before["record_id"]).first()
    earlier = before[before["is_before"]]
    came_from = earlier.groupby("record_id")["customer_id"].last()
    return pd.DataFrame({"arrived_at": first, "came_from": came_from.reindex(first.index)})


def _rows_before(records: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """The records' rows of history in their order, with first_from_at, when each first came to its old_id.

    is_before says whether a row lies before that; all rows do of a record without old_id.
    """
    rows = history[among(history["record_id"], records["record_id"])]
    rows = rows.sort_values(["record_id", "known_from_at", "known_to_at"], ignore_index=True)
    rows["old_id"] = look_up(rows["record_id"], records.set_index("record_id")["old_id"])
    rows["position"] = rows.index
    first = rows[rows["customer_id"] == rows["old_id"]].drop_duplicates("record_id").set_index("record_id")
    rows["first_from_at"] = look_up(rows["record_id"], first["known_from_at"])
    return rows.assign(is_before=rows["position"] < look_up(rows["record_id"], first["position"]).fillna(len(rows)))


def _regained(current: pd.DataFrame, history: pd.DataFrame, given: dict[int, str]) -> dict[int, str]:
    """Ids of clusters left without, of those that their records held before and nobody holds, the last one first."""
    without = current[~among(current["cluster"], given)]
    living = set(current["old_id"].dropna())
    rows = _rows_before(without, history)
    rows = rows[~among(rows["customer_id"], living | set(given.values()))]
    rows = rows.drop_duplicates(["record_id", "customer_id"], keep="last")
    steps = rows.groupby("record_id").cumcount(ascending=False)
    clusters = look_up(rows["record_id"], without.set_index("record_id")["cluster"])
    claims = pd.DataFrame({"record_id": rows["record_id"], "cluster": clusters, "old_id": rows["customer_id"]})
    regained: dict[int, str] = {}
    for step in range(int(steps.max()) + 1 if len(steps) else 0):
        is_open = ~claims["cluster"].isin(regained) & ~claims["old_id"].isin(set(regained.values()))
        regained |= _claim(_pairs(claims[is_open & (steps == step)], history, living))
    return regained


def _claim(pairs: pd.DataFrame) -> dict[int, str]:
    """Cluster to customer_id, going down the pairs; only the contested ones need to be walked."""
    contested = pairs["cluster"].duplicated(keep=False) | pairs["customer_id"].duplicated(keep=False)
    settled = pairs[~contested]
    given: dict[int, str] = dict(zip(settled["cluster"], settled["customer_id"], strict=True))
    taken: set[str] = set()
    rest = pairs[contested]
    for cluster, customer_id in zip(rest["cluster"], rest["customer_id"], strict=True):
        if cluster not in given and customer_id not in taken:
            given[cluster] = customer_id
            taken.add(customer_id)
    return given


def _fresh_ids(founders: pd.Series, used: Iterable[str]) -> dict[int, str]:
    """New ids for clusters (index) by their smallest record_id (value), none of them ever used."""
    used = set(used)
    given: dict[int, str] = {}
    for cluster, record_id in founders.sort_values().items():
        number = 0
        customer_id = _derived_id(record_id)
        while customer_id in used:
            number += 1
            customer_id = _derived_id(f"{record_id}\x1f{number}")
        used.add(customer_id)
        given[cluster] = customer_id  # type: ignore[index]
    return given


def _derived_id(text: str) -> str:
    return "c_" + hashlib.sha256(text.encode()).hexdigest()[:16]
