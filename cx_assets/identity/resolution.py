"""Records become customers, with the periods in which each belonging was known.

Evidence is weighed in evidence, ids are given in persistence, events are told in ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from cx_assets.identity import ledger
from cx_assets.identity.evidence import Evidence
from cx_assets.identity.households import households
from cx_assets.identity.persistence import customer_ids
from cx_assets.identity.review import match_counts, review_pairs
from cx_assets.identity.tables import CUSTOMER_REDIRECT, RECORD_CUSTOMER, among, look_up


@dataclass(frozen=True)
class Resolution:
    """What identity hands to the warehouse.

    Attributes:
        record_customer: The whole new table, history included; columns of tables.RECORD_CUSTOMER.
        ledger: The events of this snapshot only; columns of tables.LEDGER.
        customer_redirect: The whole new table: each id that was given up and the one that now has its
            records. An id whose records vanished has none, and an id regained has none any longer.
        review_pair, household: The whole new tables.
        match_count: The counts of this snapshot only.
        summary: Plain counts for people: record_count, customer_count,
            largest_customer_record_count, opened_row_count, closed_row_count, event_counts, edge_counts,
            identifiers, must_link_unknown_count and source_merge_unknown_count (see matching.Match.counts); known_at as
            ISO text.
    """

    record_customer: pd.DataFrame
    ledger: pd.DataFrame
    customer_redirect: pd.DataFrame
    review_pair: pd.DataFrame
    household: pd.DataFrame
    match_count: pd.DataFrame
    summary: dict[str, Any]


def resolve(
    evidence: Evidence,
    previous: pd.DataFrame,
    *,
    known_at: datetime,
    snapshot_sequence: int,
    snapshot_id: str,
) -> Resolution:
    """Give the groups of the current records ids that last, and write what changed since the previous table.

    Nothing new leaves the tables as they are. Repeating a snapshot (after a kill, say) first takes its own
    rows back and so ends in the same tables. System time never runs backwards: where known_at lies
    before the latest time in previous, that time is used.

    Args:
        evidence: Of the current records, see evidence.weigh.
        previous: The identity.record_customer table until now; may have no rows.
        known_at: When this snapshot learns what it finds, naive UTC; inclusive start and exclusive end of
            periods of knowledge.
        snapshot_sequence: Number of the snapshot.
        snapshot_id: Id of the snapshot.

    Returns:
        The tables. A record has one open row (known_to_at null). valid_from_at is the record's created_at,
        null where the source does not say since when: the belonging is then of unknown start, not of
        unlimited validity. valid_to_at is null: shared identifiers say nothing about an end. A corrected
        created_at opens a new row, without an event, as no id changes.

    Raises:
        ValueError: known_at has a time zone, or previous holds a later snapshot.
    """
    if known_at.tzinfo is not None:
        raise ValueError("known_at must be naive UTC")
    history = _before_snapshot(RECORD_CUSTOMER.typed(previous), snapshot_sequence)
    now = _monotone(known_at, history)
    current = _current(evidence, history)
    current["customer_id"] = customer_ids(current, history)
    stamp = {"snapshot_sequence": snapshot_sequence, "snapshot_id": snapshot_id}
    table, opened, closed = _periods(current, history, now, stamp)
    open_rows = history[history["known_to_at"].isna()]
    vanished = open_rows[~among(open_rows["record_id"], current["record_id"])]
    told = ledger.events(
        current,
        vanished[["record_id", "customer_id"]].rename(columns={"customer_id": "old_id"}),
        evidence.edges,
        evidence.refused,
        used_ids=set(history["customer_id"]),
        known_at=now,
        snapshot_sequence=snapshot_sequence,
        snapshot_id=snapshot_id,
    )
    customers = current.set_index("record_id")["customer_id"]
    reviewed = review_pairs(evidence, customers)
    return Resolution(
        record_customer=table,
        ledger=told,
        customer_redirect=_redirects(table),
        review_pair=reviewed,
        household=households(evidence.standard.get("person"), customers),
        match_count=match_counts(evidence, customers, reviewed, now, snapshot_sequence),
        summary=_summary(current, evidence, told, opened, closed, now),
    )


def _before_snapshot(previous: pd.DataFrame, snapshot_sequence: int) -> pd.DataFrame:
    """The table without what an earlier attempt at this same snapshot wrote or closed."""
    if (previous["snapshot_sequence"] > snapshot_sequence).any():
        raise ValueError(
            f"the table already holds snapshot {previous['snapshot_sequence'].max()}, "
            f"which is later than {snapshot_sequence}"
        )
    own = previous["snapshot_sequence"] == snapshot_sequence
    kept = previous[~(own & previous["known_to_at"].isna())].copy()
    closed_by_it = kept["snapshot_sequence"] == snapshot_sequence
    kept.loc[closed_by_it, "known_to_at"] = pd.NaT
    # The row's own number was overwritten when it was closed. Any earlier one tells it from a row that
    # this snapshot opened, which a further attempt would have to drop.
    kept.loc[closed_by_it, "snapshot_sequence"] = snapshot_sequence - 1
    return kept.reset_index(drop=True)


def _monotone(known_at: datetime, history: pd.DataFrame) -> pd.Timestamp:
    latest = pd.concat([history["known_from_at"], history["known_to_at"]]).max()
    now = pd.Timestamp(known_at)
    return now if pd.isna(latest) else max(now, latest)


def _current(evidence: Evidence, history: pd.DataFrame) -> pd.DataFrame:
    """One row per record, by record_id: record_id, valid_from_at, cluster, old_id."""
    ordered = evidence.records.sort_values("record_id", ignore_index=True)
    record_ids = ordered["record_id"].astype("str")
    held = history[history["known_to_at"].isna()].set_index("record_id")["customer_id"]
    created = ordered["created_at"] if "created_at" in ordered.columns else pd.Series(pd.NaT, index=ordered.index)
    return pd.DataFrame(
        {
            "record_id": record_ids,
            "valid_from_at": created.astype("datetime64[us]"),
            "cluster": pd.factorize(look_up(record_ids, evidence.labels))[0],
            "old_id": look_up(record_ids, held),
        }
    )


def _periods(
    current: pd.DataFrame, history: pd.DataFrame, now: pd.Timestamp, stamp: dict[str, Any]
) -> tuple[pd.DataFrame, int, int]:
    """The new table, and how many rows were opened and closed."""
    is_open = history["known_to_at"].isna()
    by_record = current.set_index("record_id")
    customer_now = look_up(history["record_id"], by_record["customer_id"])
    valid_now = look_up(history["record_id"], by_record["valid_from_at"])
    same_start = (valid_now == history["valid_from_at"]) | (valid_now.isna() & history["valid_from_at"].isna())
    stays = is_open & (customer_now == history["customer_id"]).fillna(False) & same_start
    ends = is_open & ~stays
    table = history.copy()
    table.loc[ends, "known_to_at"] = now
    for name, value in stamp.items():
        table.loc[ends, name] = value
    fresh = current[~among(current["record_id"], history.loc[stays, "record_id"])]
    opened = fresh[["record_id", "customer_id", "valid_from_at"]].assign(known_from_at=now, **stamp)
    opened[["valid_to_at", "known_to_at"]] = pd.NaT
    table = pd.concat([table, RECORD_CUSTOMER.typed(opened)], ignore_index=True)
    return _ordered(table), len(fresh), int(ends.sum())


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    keys = ["record_id", "known_from_at", "known_to_at", "snapshot_sequence"]
    return RECORD_CUSTOMER.typed(table.sort_values(keys, na_position="last"))


def _redirects(table: pd.DataFrame) -> pd.DataFrame:
    """Where the records of every id that was given up went when it ended, followed to an id in use."""
    live = set(table.loc[table["known_to_at"].isna(), "customer_id"])
    by_record = table.groupby("record_id", sort=False)
    rows = table.assign(next_id=by_record["customer_id"].shift(-1), next_from_at=by_record["known_from_at"].shift(-1))
    rows = rows[~among(rows["customer_id"], live)]
    last = rows["known_to_at"] == rows.groupby("customer_id")["known_to_at"].transform("max")
    moved = rows[last & (rows["next_from_at"] == rows["known_to_at"]) & (rows["next_id"] != rows["customer_id"])]
    heirs = moved.groupby(["customer_id", "next_id"], as_index=False).agg(
        record_count=("record_id", "size"),
        known_at=("known_to_at", "max"),
        snapshot_sequence=("snapshot_sequence", "max"),
    )
    heirs = heirs.sort_values(["customer_id", "record_count", "next_id"], ascending=[True, False, True])
    heirs = heirs.drop_duplicates("customer_id").set_index("customer_id")
    ends = zip(heirs["next_id"], heirs["known_at"], heirs["snapshot_sequence"], strict=True)
    hops: dict[str, tuple[str, pd.Timestamp, int]] = dict(zip(heirs.index, ends, strict=True))
    found = [(old_id, *end) for old_id in hops if (end := _follow(old_id, hops, live)) is not None]
    return CUSTOMER_REDIRECT.typed(pd.DataFrame(found, columns=list(CUSTOMER_REDIRECT.columns)))


def _follow(
    old_id: str, hops: dict[str, tuple[str, pd.Timestamp, int]], live: set[str]
) -> tuple[str, pd.Timestamp, int] | None:
    """The id in use at the end of the hops, when and in which snapshot the last hop was made."""
    seen = {old_id}
    customer_id, known_at, sequence = hops[old_id]
    while customer_id not in live:
        if customer_id in seen or customer_id not in hops:
            return None
        seen.add(customer_id)
        customer_id, hop_at, hop_sequence = hops[customer_id]
        known_at, sequence = max(known_at, hop_at), max(sequence, hop_sequence)
    return customer_id, known_at, sequence


def _summary(
    current: pd.DataFrame, found: Evidence, told: pd.DataFrame, opened: int, closed: int, now: pd.Timestamp
) -> dict[str, Any]:
    sizes = current.groupby("customer_id").size()
    return {
        "known_at": now.isoformat(),
        "record_count": len(current),
        "customer_count": len(sizes),
        "largest_customer_record_count": int(sizes.max()) if len(sizes) else 0,
        "opened_row_count": opened,
        "closed_row_count": closed,
        "event_counts": {str(kind): int(count) for kind, count in told["event_type"].value_counts().items()},
        "edge_counts": {str(rule): int(count) for rule, count in found.edges["rule"].value_counts().items()},
        "identifiers": {name: counts for name, counts in found.counts.items() if isinstance(counts, dict)},
        "must_link_unknown_count": found.counts["must_link_unknown_count"],
        "source_merge_unknown_count": found.counts["source_merge_unknown_count"],
    }
