"""Links become customers, except where a chain of links would join what cannot be one customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cx_assets.identity.linkage.conflicts import Known, conflict, declared_apart
from cx_assets.identity.matching import connected_components

REFUSED_COLUMNS = ["record_id_a", "record_id_b", "match_weight", "reason"]
# A link this much stronger than the threshold's (in bits) is no weak bridge.
_BRIDGE_BITS = 4.0
CERTAIN = 1e6
"""Weight of a link that no difference of names or dates speaks against: a source's own key."""
DECLARED = 1e7
"""Weight of a link that a person declared; nothing speaks against it."""


@dataclass(frozen=True)
class Clusters:
    """Which records are one customer.

    Attributes:
        labels: One row per record, by record_id: record_id, cluster (the smallest record_id of its members; not an
            id that lasts).
        refused: Links that were not followed, for a person to look at: record_id_a, record_id_b, match_weight, reason.
    """

    labels: pd.DataFrame
    refused: pd.DataFrame


def clusters(
    standard: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    threshold_weight: float = -np.inf,
    cannot_link: Iterable[tuple[str, str]] = (),
    sources_without_duplicates: Iterable[str] = (),
) -> Clusters:
    """Join linked records from the strongest link to the weakest, two groups only if nothing forbids it.

    Groups without a conflict between any two of their records are joined at once, the others link by link. A group
    is kept apart from another where a person said so, where both have a record of one source without duplicates,
    for what `conflicts.conflict` finds, or where a single weak link is all that holds two groups of two or more. Only
    the first of these reasons holds against CERTAIN links, none against DECLARED ones.

    Args:
        standard: Standardised records, see standardise.
        pairs: Links, see pairs.Linkage.pairs; the order does not matter.
        threshold_weight: Weight from which on a pair is a link; only a link little above it is a weak bridge.
        cannot_link: Pairs of record_ids, in either order.
        sources_without_duplicates: Source systems in which every customer is one record at most.

    Raises:
        ValueError: A link names a record that is not there.
    """
    records = standard.sort_values("record_id", ignore_index=True)
    links = pairs.sort_values(
        ["match_weight", "record_id_a", "record_id_b"], ascending=[False, True, True], ignore_index=True
    )
    labels = connected_components(records["record_id"], links)
    known = Known.of(records, cannot_link=cannot_link, sources=sources_without_duplicates)
    doubtful = _doubtful(records, labels, known)
    index = pd.Index(records["record_id"])
    ends = np.column_stack([index.get_indexer(links["record_id_a"]), index.get_indexer(links["record_id_b"])])
    walked = np.isin(labels[ends[:, 0]], doubtful) if len(links) else np.empty(0, dtype=bool)
    weights = links["match_weight"].to_numpy()
    order = _order(labels[ends[:, 0]], weights, labels[list(known.apart)])[walked]
    turn = np.argsort(order, kind="stable")
    roots, refused = _walk(ends[walked][turn], weights[walked][turn], known, threshold_weight + _BRIDGE_BITS)
    group = labels.copy()
    group[list(roots)] = np.fromiter(roots.values(), dtype=np.int64, count=len(roots)) + len(records)
    names = records["record_id"].groupby(group).transform("first")
    told = pd.DataFrame(
        [(index[a], index[b], weight, reason) for a, b, weight, reason in refused], columns=REFUSED_COLUMNS
    )
    return Clusters(pd.DataFrame({"record_id": records["record_id"], "cluster": names}), told)


def _order(label: np.ndarray, weights: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """When each link is followed: declared ones last, so that they join whole groups and tear nobody from one.

    Where a person also said of two records of the component that they are apart, declared links come first: what they
    say must stand before anything else can get between.
    """
    declared = weights >= DECLARED
    return np.where(declared, np.where(np.isin(label, apart), 0, 2), 1)


def _doubtful(records: pd.DataFrame, labels: np.ndarray, known: Known) -> np.ndarray:
    """Components that may hold a conflict: several values of a telling field, a pair kept apart, or four records."""
    sizes = np.bincount(labels, minlength=1)
    found = [np.flatnonzero(sizes >= 4)]
    for column in known.telling:
        values = records[column]
        rows = pd.DataFrame({"label": labels, "value": values})[values.notna()].drop_duplicates()
        counts = rows.groupby("label").size()
        found.append(counts.index[counts > 1].to_numpy())
    apart = [labels[a] for a, others in known.apart.items() for b in others if labels[a] == labels[b]]
    found.append(np.array(apart, dtype=np.int64))
    lone = records["source_system"].isin(known.sources)
    rows = pd.DataFrame({"label": labels, "source": records["source_system"]})[lone]
    found.append(rows.loc[rows.duplicated(), "label"].to_numpy())
    return np.unique(np.concatenate(found).astype(np.int64))


def _walk(
    ends: np.ndarray, weights: np.ndarray, known: Known, strong: float
) -> tuple[dict[int, int], list[tuple[int, int, float, str]]]:
    """Members' groups, and the links that were refused between groups that are apart at the end."""
    root: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    neighbours: dict[int, set[int]] = {}
    for a, b in ends.tolist():
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    for number in neighbours:
        root[number], members[number] = number, [number]
    refused = []
    for (a, b), weight in zip(ends.tolist(), weights.tolist(), strict=True):
        left, right = root[a], root[b]
        if left == right:
            continue
        reason = None
        if weight < CERTAIN:
            reason = conflict(members[left], members[right], known, neighbours)
        elif weight < DECLARED:
            reason = declared_apart(members[left], members[right], known)
        if reason is None and weight < strong:
            reason = _bridge(members[left], members[right], neighbours)
        if reason:
            refused.append((a, b, weight, reason))
            continue
        keep, drop = (left, right) if len(members[left]) >= len(members[right]) else (right, left)
        for number in members.pop(drop):
            root[number] = keep
            members[keep].append(number)
    return root, [row for row in refused if root[row[0]] != root[row[1]]]


def _bridge(left: list[int], right: list[int], neighbours: dict[int, set[int]]) -> str | None:
    if min(len(left), len(right)) < 2:
        return None
    others = set(right)
    crossing = sum(len(neighbours[number] & others) for number in left)
    return "one weak link between two groups" if crossing == 1 else None
