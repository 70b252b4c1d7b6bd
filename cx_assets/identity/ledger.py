"""What happened to customers in one snapshot: created, joined, merged, split, retired, each with evidence.

A record's customer_id never changes without an event here that names both ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from cx_assets.identity.tables import LEDGER, among, look_up

NO_LINK = "nothing links the two any longer"
_EDGE = ["rule", "value_hash", "match_weight", "agreed_fields", "differing_fields"]
_EVENT = ["event_type", "customer_id", "other_customer_id", "record_id", "rule", "evidence"]


def events(
    current: pd.DataFrame,
    vanished: pd.DataFrame,
    edges: pd.DataFrame,
    refused: pd.DataFrame,
    *,
    used_ids: Iterable[str],
    known_at: datetime | pd.Timestamp,
    snapshot_sequence: int,
    snapshot_id: str,
) -> pd.DataFrame:
    """The ledger's rows of one snapshot.

    created: a customer_id is used for the first time; record_id is its smallest.
    joined: a record that belonged to nobody comes to a customer (the founding record excepted).
    merged: records move from other_customer_id, which ends, to customer_id.
    split: records move from other_customer_id, which lives on, to customer_id (a regained one included).
    retired: a record has vanished (record_id given), or its customer with it (record_id null).

    Args:
        current: One row per record now there: record_id, old_id (null if none), customer_id.
        vanished: Records no longer there: record_id, old_id.
        edges: See evidence.Evidence.
        refused: Links that were not followed, with a reason.
        used_ids: Every customer_id ever used before this snapshot.
        known_at: When this snapshot learnt it, naive UTC.
        snapshot_sequence: Its number.
        snapshot_id: Its id.

    Returns:
        Columns of tables.LEDGER, ordered by customer_id, event_type, other_customer_id, record_id.
        evidence is JSON: counts, per rule the shortened hashes of the shared values, of the strongest learnt link
        match_weight, agreed_fields and differing_fields; of a split the reason.
    """
    parts = [
        _created(current, set(used_ids)),
        _joined(current, edges, set(used_ids)),
        _moved(current, edges, refused),
        _retired(current, vanished),
    ]
    rows = pd.concat([part[_EVENT].astype("str") for part in parts], ignore_index=True)
    rows = rows.sort_values(["customer_id", "event_type", "other_customer_id", "record_id"], ignore_index=True)
    rows["event_id"] = _event_ids(rows, snapshot_sequence)
    rows["known_at"] = pd.Timestamp(known_at)
    rows["snapshot_sequence"] = snapshot_sequence
    rows["snapshot_id"] = snapshot_id
    return LEDGER.typed(rows)


def _event_ids(rows: pd.DataFrame, snapshot_sequence: int) -> list[str]:
    names = ["event_type", "customer_id", "other_customer_id", "record_id"]
    keys = zip(*(rows[name].fillna("") for name in names), strict=True)
    return [
        "e_" + hashlib.sha256("\x1f".join((str(snapshot_sequence), *key)).encode()).hexdigest()[:16] for key in keys
    ]


def _founded(current: pd.DataFrame, used_ids: set[str]) -> pd.DataFrame:
    """New customers: customer_id, record_id (smallest), record_count."""
    fresh = current[~among(current["customer_id"], used_ids)]
    return fresh.groupby("customer_id", as_index=False).agg(
        record_id=("record_id", "min"), record_count=("record_id", "size")
    )


def _created(current: pd.DataFrame, used_ids: set[str]) -> pd.DataFrame:
    rows = _founded(current, used_ids)
    evidence = [json.dumps({"record_count": int(count)}) for count in rows["record_count"]]
    return rows.assign(event_type="created", other_customer_id=None, rule=None, evidence=evidence)


def _joined(current: pd.DataFrame, edges: pd.DataFrame, used_ids: set[str]) -> pd.DataFrame:
    founders = set(_founded(current, used_ids)["record_id"])
    rows = current[current["old_id"].isna() & ~among(current["record_id"], founders)]
    ends = pd.concat(
        [edges[[end, *_EDGE]].rename(columns={end: "record_id"}) for end in ("record_id_a", "record_id_b")]
    )
    shared = _shared(ends[among(ends["record_id"], rows["record_id"])], ["record_id"])
    rows = rows.merge(shared, on="record_id", how="left")
    evidence = [_evidence(found, None) for found in rows["found"]]
    return rows.assign(event_type="joined", other_customer_id=None, evidence=evidence)


def _moved(current: pd.DataFrame, edges: pd.DataFrame, refused: pd.DataFrame) -> pd.DataFrame:
    moved = current[current["old_id"].notna() & (current["old_id"] != current["customer_id"])]
    rows = moved.groupby(["customer_id", "old_id"], as_index=False).agg(record_count=("record_id", "size"))
    live = among(rows["old_id"], current["customer_id"])
    rows["event_type"] = live.map({True: "split", False: "merged"})
    shared = _shared(_edges_across(current, edges, set(moved["old_id"])), ["customer_id", "old_id"])
    rows = rows.merge(shared, on=["customer_id", "old_id"], how="left")
    reasons = _reasons(current, refused)
    keys = zip(rows["event_type"], rows["customer_id"], rows["old_id"], strict=True)
    why = [reasons.get(frozenset(ids), NO_LINK) if kind == "split" else None for kind, *ids in keys]
    rows["evidence"] = [
        _evidence(found, count, reason)
        for found, count, reason in zip(rows["found"], rows["record_count"], why, strict=True)
    ]
    return rows.rename(columns={"old_id": "other_customer_id"}).assign(record_id=None)


def _edges_across(current: pd.DataFrame, edges: pd.DataFrame, old_ids: set[str]) -> pd.DataFrame:
    """Edges with exactly one end among the records of an old id: old_id, customer_id, rule, value_hash."""
    by_record = current.set_index("record_id")
    moved = by_record.index[by_record["old_id"].isin(old_ids)]
    near = edges[among(edges["record_id_a"], moved) | among(edges["record_id_b"], moved)]
    ends = [look_up(near[end], by_record["old_id"]) for end in ("record_id_a", "record_id_b")]
    across = near[ends[0].fillna("") != ends[1].fillna("")]
    sides = [
        across.assign(old_id=end[across.index], customer_id=look_up(across["record_id_a"], by_record["customer_id"]))
        for end in ends
    ]
    return pd.concat(sides).dropna(subset=["old_id"])


def _reasons(current: pd.DataFrame, refused: pd.DataFrame) -> dict[frozenset[str], str]:
    """Why two customers of now are not one, by the strongest link between them that was not followed."""
    customers = current.set_index("record_id")["customer_id"]
    rows = refused.sort_values(["match_weight", "record_id_a", "record_id_b"], ascending=[True, False, False])
    ends = zip(rows["record_id_a"].map(customers), rows["record_id_b"].map(customers), rows["reason"], strict=True)
    return {frozenset((a, b)): str(reason) for a, b, reason in ends}


def _shared(edge_ends: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per key: rule (rules joined by +) and found (hashes of the shared values by rule, and the strongest link)."""
    hashes: dict[tuple[str, ...], dict[str, list[str]]] = {}
    columns = [*keys, "rule", "value_hash"]
    distinct = edge_ends[columns].drop_duplicates().sort_values(columns)
    distinct["value_hash"] = distinct["value_hash"].astype("object").where(distinct["value_hash"].notna(), None)
    for *key, rule, value_hash in zip(*(distinct[name] for name in columns), strict=True):
        of_rule = hashes.setdefault(tuple(key), {}).setdefault(rule, [])
        if value_hash is not None:
            of_rule.append(value_hash)
    links = edge_ends[edge_ends["match_weight"].notna()].sort_values(
        ["match_weight", "agreed_fields", "differing_fields"], ascending=[False, True, True]
    )
    best = links.drop_duplicates(keys)
    strongest = {
        tuple(key): {"match_weight": round(weight, 2), "agreed_fields": agreed, "differing_fields": differing}
        for *key, weight, agreed, differing in zip(
            *(best[name] for name in (*keys, "match_weight", "agreed_fields", "differing_fields")), strict=True
        )
    }
    rows = [
        (*key, "+".join(by_rule), {"value_hashes": by_rule} | strongest.get(key, {})) for key, by_rule in hashes.items()
    ]
    return pd.DataFrame(rows, columns=[*keys, "rule", "found"]).astype(dict.fromkeys([*keys, "rule"], "str"))


def _evidence(found: object, record_count: int | None, reason: str | None = None) -> str:
    told: dict[str, object] = dict(found) if isinstance(found, dict) else {"value_hashes": {}}
    hashes = told["value_hashes"]
    told["shared_identifier_count"] = sum(len(values) for values in hashes.values()) if isinstance(hashes, dict) else 0
    if record_count is not None:
        told["record_count"] = int(record_count)
    if reason is not None:
        told["reason"] = reason
    return json.dumps(told, sort_keys=True)


def _retired(current: pd.DataFrame, vanished: pd.DataFrame) -> pd.DataFrame:
    records = vanished.assign(customer_id=vanished["old_id"], evidence="{}")
    survivors = set(current["customer_id"]) | set(current["old_id"].dropna())
    gone = vanished[~among(vanished["old_id"], survivors)].groupby("old_id").size()
    customers = pd.DataFrame(
        {
            "customer_id": gone.index,
            "record_id": None,
            "evidence": [json.dumps({"record_count": int(count)}) for count in gone],
        }
    )
    rows = pd.concat([part[["customer_id", "record_id", "evidence"]].astype("str") for part in (records, customers)])
    return rows.assign(event_type="retired", other_customer_id=None, rule=None)
