"""What is left to people, and the counts by which a run of matching is judged without any truth."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from cx_assets.identity.evidence import MATCHED, Evidence
from cx_assets.identity.linkage.conflicts import DECLARED_APART
from cx_assets.identity.tables import LINK, MATCH_COUNT, REVIEW_PAIR

BELOW_THRESHOLD = "below the threshold"


def review_pairs(evidence: Evidence, customers: pd.Series) -> pd.DataFrame:
    """Pairs about which a person should decide.

    Links that were not followed, and pairs a little below the threshold, of two customers that nobody has declared
    apart.

    Args:
        evidence: Of the run.
        customers: customer_id by record_id.

    Returns:
        Columns of tables.REVIEW_PAIR, strongest first.
    """
    pairs = ["record_id_a", "record_id_b"]
    refused = evidence.refused[evidence.refused["reason"] != DECLARED_APART]
    smaller, larger = refused[pairs].min(axis=1), refused[pairs].max(axis=1)
    refused = refused.assign(record_id_a=smaller, record_id_b=larger).drop_duplicates(pairs)
    links = _with_identifiers(evidence, refused)
    reasons = links[pairs].merge(refused[[*pairs, "reason"]].astype("str"), on=pairs, how="left")["reason"]
    told = links.assign(reason=reasons.to_numpy())
    told.loc[told["is_near_miss"].astype("bool"), "reason"] = BELOW_THRESHOLD
    told = told[told["reason"].notna()]
    told = told.assign(
        customer_id_a=told["record_id_a"].map(customers), customer_id_b=told["record_id_b"].map(customers)
    )
    told = told[told["customer_id_a"] != told["customer_id_b"]]
    told = told.sort_values(["match_weight", *pairs], ascending=[False, True, True], ignore_index=True)
    return REVIEW_PAIR.typed(told[list(REVIEW_PAIR.columns)])


def _with_identifiers(evidence: Evidence, refused: pd.DataFrame) -> pd.DataFrame:
    """The links, and those refused that rest on an equal identifier alone, which no model has weighed."""
    pairs, links = ["record_id_a", "record_id_b"], evidence.kept.links
    known = pd.MultiIndex.from_frame(links[pairs].astype("str"))
    fresh = refused[~pd.MultiIndex.from_frame(refused[pairs].astype("str")).isin(known)]
    if fresh.empty:
        return links
    kinds = evidence.records.set_index("record_id")["customer_type"].astype("str")
    rules = evidence.edges.groupby(pairs)["rule"].agg(lambda names: ",".join(sorted(set(names))))
    weight = fresh["match_weight"].astype("float64")
    told = fresh[pairs].assign(
        customer_type=fresh["record_id_a"].map(kinds),
        match_weight=weight,
        match_probability=1 / (1 + 2.0**-weight),
        agreed_fields=rules.reindex(pd.MultiIndex.from_frame(fresh[pairs])).to_numpy(),
        differing_fields=None,
        is_near_miss=False,
    )
    return pd.concat([links, LINK.typed(told)], ignore_index=True)


def match_counts(
    evidence: Evidence, customers: pd.Series, reviewed: pd.DataFrame, known_at: pd.Timestamp, snapshot_sequence: int
) -> pd.DataFrame:
    """Counts of one run by customer type, columns of tables.MATCH_COUNT; measures are named there."""
    kinds = evidence.records.set_index("record_id")["customer_type"].astype("str")
    owned = pd.DataFrame({"customer_type": kinds, "customer_id": customers.reindex(kinds.index)})
    followed = evidence.edges[evidence.edges["rule"] == MATCHED]
    rows: list[tuple[str, str, int, int]] = []
    for kind, group in owned.groupby("customer_type", sort=True):
        name = str(kind)
        sizes = group.groupby("customer_id").size()
        rows.append((name, "records", 0, len(group)))
        rows.append((name, "customers", 0, len(sizes)))
        rows.append((name, "links", 0, int((followed["record_id_a"].map(kinds) == name).sum())))
        rows.append((name, "review_pairs", 0, int((reviewed["customer_type"] == name).sum())))
        rows += [(name, "cluster_size", int(size), int(n)) for size, n in Counter(sizes.tolist()).items()]
        rows += [(name, "pair_weight", int(bits), n) for bits, n in evidence.pair_weights.get(name, {}).items()]
    frame = pd.DataFrame(rows, columns=["customer_type", "measure", "bucket", "value"])
    return MATCH_COUNT.typed(frame.assign(snapshot_sequence=snapshot_sequence, known_at=known_at))
