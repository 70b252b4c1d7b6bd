"""What speaks for two records being one customer: identifiers, people's decisions and learnt weights, and the groups.

Links and models are kept from run to run, so that only records that are new or changed are compared. Ids that last
are given in resolution.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from cx_assets.identity.decisions import apart_pairs, declared_pairs, refuse_contradictions
from cx_assets.identity.identifiers import with_normalised
from cx_assets.identity.linkage.clusters import CERTAIN, DECLARED, REFUSED_COLUMNS, clusters
from cx_assets.identity.linkage.model import VERSION
from cx_assets.identity.linkage.pairs import Linkage, linked
from cx_assets.identity.linkage.settings import CustomerType, LinkageSettings
from cx_assets.identity.linkage.standardise import COMPARED, standardise
from cx_assets.identity.matching import connected_components, match
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import LINK, MATCH_MODEL, MATCHED_RECORD, among

MATCHED = "matched"
CUSTOMER_TYPES: tuple[CustomerType, ...] = ("person", "company")
_CERTAIN_RULES = ("source_person_id", "shared_person_id", "source_merge")
# An identifier that one of the two has no name beside: as strong as a link can be, but no proof against a chain.
_EXACT_BITS = 20.0
# Beyond this share of new and changed records every pair is scored again, with the weights that stand.
_MOST_NEW = 0.3
EDGE_COLUMNS = [
    "record_id_a", "record_id_b", "rule", "value_hash", "match_weight", "agreed_fields", "differing_fields",
]  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What the run before left: the tables identity.match_model, identity.matched_record and identity.link."""

    models: pd.DataFrame = field(default_factory=lambda: MATCH_MODEL.typed(pd.DataFrame()))
    records: pd.DataFrame = field(default_factory=lambda: MATCHED_RECORD.typed(pd.DataFrame()))
    links: pd.DataFrame = field(default_factory=lambda: LINK.typed(pd.DataFrame()))


@dataclass(frozen=True)
class Decisions:
    """What people and sources have said of pairs of record_ids, in either order.

    Attributes:
        must_link: One customer, whatever the data say.
        cannot_link: Two customers, whatever the data say.
        source_merges: The merged record and the one that it was merged into. A merged record that is gone stays a
            record of its customer, because orders may name it still.
    """

    must_link: Sequence[tuple[str, str]] = ()
    cannot_link: Sequence[tuple[str, str]] = ()
    source_merges: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Evidence:
    """Groups of records and why.

    Attributes:
        records: The records, and those that were merged away and are known by that alone.
        edges: EDGE_COLUMNS; rule is an identifier, must_link, source_merge or MATCHED; value_hash of a shared value
            (no personal data), null for the others; match_weight and fields of MATCHED alone.
        labels: Group of each record, indexed by record_id.
        refused: Links not followed: record_id_a, record_id_b, match_weight, reason.
        links: All links and near misses of now, columns of tables.LINK.
        kept: What the next run needs.
        standard: Standardised records by customer type; empty for a type that is not matched.
        counts: See matching.Match.counts.
        pair_weights: Scored pairs of this run by customer type and whole bits.
    """

    records: pd.DataFrame
    edges: pd.DataFrame
    labels: pd.Series
    refused: pd.DataFrame
    kept: Kept
    standard: Mapping[str, pd.DataFrame]
    counts: dict[str, Any]
    pair_weights: Mapping[str, Mapping[str, int]]


def weigh(
    con: duckdb.DuckDBPyConnection,
    records: pd.DataFrame,
    kept: Kept,
    decisions: Decisions,
    *,
    settings: IdentitySettings,
    default_country: str,
    as_of: date | None,
    snapshot_sequence: int,
) -> Evidence:
    """Weigh all that speaks for and against, and group the records.

    Args:
        con: A connection of its own for Splink's work; temporary tables stay in it.
        records: The current records, one row each: record_id, source_system, customer_type, a column for each
            identifier, and where known given_name, family_name, company_name, birth_date, street_address,
            postal_code, city, country_code. Order does not matter.
        kept: Of the run before.
        decisions: Of people and sources.
        settings: The company's.
        default_country: ISO 3166-1 alpha-2 region of numbers without country_code.
        as_of: Observation date; later birth dates are none.
        snapshot_sequence: Number of the snapshot; a model learnt now bears it.

    Raises:
        ValueError: A record_id is null or repeats, a column is missing, an identifier is unknown, or two decisions
            contradict each other.
    """
    refuse_contradictions(decisions.must_link, decisions.cannot_link)
    records = with_merged(records, decisions.source_merges)
    read = (*settings.identifiers, "source_person_id", *COMPARED)
    records = with_normalised(records, read, default_country=default_country, known=kept.records)
    exact = match(
        records,
        identifiers=settings.identifiers,
        default_country=default_country,
        must_link=declared_pairs(decisions.must_link, set(records["record_id"])),
        source_merges=decisions.source_merges,
    )
    edges = exact.edges.assign(match_weight=np.nan, agreed_fields=None, differing_fields=None)
    parts = [
        _of_type(con, records, kept, kind, settings, default_country, as_of, snapshot_sequence)
        for kind in CUSTOMER_TYPES
    ]
    for part in parts:
        edges = edges[~_weighed(edges, part)]
    links = pd.concat([part.links for part in parts], ignore_index=True)
    followed = links.loc[~links["is_near_miss"].astype("bool")].assign(rule=MATCHED, value_hash=None)
    edges = pd.concat([edges, followed[EDGE_COLUMNS].astype(edges.dtypes.to_dict())], ignore_index=True)
    apart = apart_pairs(decisions.must_link, decisions.cannot_link, set(records["record_id"]))
    labels, refused = _groups(records, edges, parts, apart, settings)
    hashes = pd.concat([part.hashes for part in parts], ignore_index=True)
    models = pd.concat([part.model for part in parts], ignore_index=True)
    kept_now = Kept(MATCH_MODEL.typed(models), MATCHED_RECORD.typed(hashes), LINK.typed(links))
    standard: dict[str, pd.DataFrame] = {part.kind: part.standard for part in parts}
    weights: dict[str, Mapping[str, int]] = {part.kind: part.pair_weights for part in parts}
    counts = exact.counts | {"must_link_unknown_count": _unknown(decisions.must_link, records)}
    return Evidence(records, edges[EDGE_COLUMNS], labels, refused, kept_now, standard, counts, weights)


def _unknown(pairs: Iterable[tuple[str, str]], records: pd.DataFrame) -> int:
    there = set(records["record_id"])
    return sum(1 for a, b in pairs if a not in there or b not in there)


def with_merged(records: pd.DataFrame, merges: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """The records and those that were merged away, each of the kind of the record that stands for it.

    A chain is followed to its end; one that ends in no record that is there names nobody.
    """
    into = dict(merges)
    there = records.set_index("record_id")[["source_system", "customer_type"]]
    ends = {merged: end for merged in into if merged not in there.index and (end := _end_of(merged, into, there.index))}
    if not ends:
        return records
    gone = there.loc[list(ends.values())].reset_index(drop=True).assign(record_id=list(ends))
    return pd.concat([records, gone], ignore_index=True).astype(records.dtypes.to_dict())


def _end_of(merged: str, into: Mapping[str, str], there: pd.Index) -> str | None:
    seen = {merged}
    end = into[merged]
    while end not in there:
        if end in seen or end not in into:
            return None
        seen.add(end)
        end = into[end]
    return end


@dataclass(frozen=True)
class _Part:
    """One customer type: `named` are the record_ids whose names a model has weighed, `fields` what it compares."""

    kind: CustomerType
    standard: pd.DataFrame
    named: pd.Series
    links: pd.DataFrame
    model: pd.DataFrame
    hashes: pd.DataFrame
    pair_weights: Mapping[str, int]
    fields: frozenset[str] = frozenset()
    threshold_weight: float = -np.inf


def _of_type(
    con: duckdb.DuckDBPyConnection,
    records: pd.DataFrame,
    kept: Kept,
    kind: CustomerType,
    settings: IdentitySettings,
    default_country: str,
    as_of: date | None,
    snapshot_sequence: int,
) -> _Part:
    """Links between the records of a type, those of unchanged records as they were."""
    mine = records[records["customer_type"].astype("str") == kind].sort_values("record_id", ignore_index=True)
    empty = _Part(
        kind, mine.head(0), pd.Series(dtype="str"), LINK.typed(pd.DataFrame()), MATCH_MODEL.typed(pd.DataFrame()),
        MATCHED_RECORD.typed(pd.DataFrame()), {},
    )  # fmt: skip
    chosen = _linkage_settings(settings, kind, default_country, as_of)
    name = "given_name" if kind == "person" else "company_name"
    held = kept.models[kept.models["customer_type"] == kind]
    # A model stays until half of what it needs is gone: else a record more or less turns matching on and off.
    least = settings.least_records if held.empty else settings.least_records // 2
    if settings.matching == "exact" or name not in mine or mine[name].notna().sum() < least:
        return empty
    standard = standardise(mine, chosen)
    settings_hash = _settings_hash(chosen, standard)
    size = held["record_count"].astype("int64")
    is_fit = (held["settings_hash"] == settings_hash) & size.between(len(mine) / 2, len(mine) * 2)
    matched = {"record_id": standard["record_id"], "customer_type": kind, "content_hash": _content_hash(standard)}
    if "normal_phone" in mine:
        matched |= {"phone_typed_hash": mine["phone_typed_hash"], "phone": mine["normal_phone"]}
    hashes = MATCHED_RECORD.typed(pd.DataFrame(matched))
    if is_fit.any():
        model = held[is_fit]
        links, weights = _links_of_now(con, standard, hashes, kept, kind, json.loads(model["model"].iloc[0]), chosen)
    else:
        found = linked(con, standard, chosen)
        if not found.model:
            return empty
        row = {
            "customer_type": kind, "settings_hash": settings_hash, "model": json.dumps(found.model),
            "record_count": len(mine), "snapshot_sequence": snapshot_sequence,
        }  # fmt: skip
        model = MATCH_MODEL.typed(pd.DataFrame([row]))
        links, weights = _links(found, kind), found.report["match_weights"]
    learnt = json.loads(model["model"].iloc[0])
    threshold = chosen.threshold or learnt["threshold"]
    return _Part(
        kind, standard, _named(standard, kind), LINK.typed(links), model, hashes, weights,
        frozenset(learnt["comparisons"]), float(np.log2(threshold / (1 - threshold))) if threshold < 1 else np.inf,
    )  # fmt: skip


def _links_of_now(
    con: duckdb.DuckDBPyConnection,
    standard: pd.DataFrame,
    hashes: pd.DataFrame,
    kept: Kept,
    kind: CustomerType,
    model: dict[str, Any],
    chosen: LinkageSettings,
) -> tuple[pd.DataFrame, Mapping[str, int]]:
    """Links by a model that stands, and the pairs scored for them: those of new and changed records alone."""
    before = kept.records[kept.records["customer_type"] == kind].set_index("record_id")["content_hash"]
    held = hashes["record_id"].map(before)
    fresh = hashes.loc[held.isna() | (held != hashes["content_hash"]), "record_id"]
    if len(fresh) > _MOST_NEW * len(standard):
        scored = linked(con, standard, chosen, model)
        return _links(scored, kind), scored.report["match_weights"]
    stays = set(hashes["record_id"]) - set(fresh)
    old = kept.links[kept.links["customer_type"] == kind]
    old = old[among(old["record_id_a"], stays) & among(old["record_id_b"], stays)]
    if fresh.empty:
        return old, {}
    scored = linked(con, standard, chosen, model, frozenset(fresh))
    return pd.concat([old, _links(scored, kind)]), scored.report["match_weights"]


def _linkage_settings(
    settings: IdentitySettings, kind: CustomerType, default_country: str, as_of: date | None
) -> LinkageSettings:
    return LinkageSettings(
        customer_type=kind,
        default_country=default_country,
        as_of=as_of,
        threshold=settings.threshold,
        pairs_per_record=settings.pairs_per_record,
        sources_without_duplicates=settings.sources_without_duplicates,
    )


def _settings_hash(settings: LinkageSettings, standard: pd.DataFrame) -> str:
    """Of what the weights and the threshold follow from: settings, and which fields are filled at all.

    Not of the observation date, which moves daily.
    """
    told = {item.name: getattr(settings, item.name) for item in fields(settings) if item.name != "as_of"}
    filled = [column for column in standard.columns if standard[column].notna().any()]
    return hashlib.sha256(json.dumps([VERSION, told, filled], sort_keys=True).encode()).hexdigest()[:16]


def _content_hash(standard: pd.DataFrame) -> np.ndarray:
    """Of all that is compared, per record, as it is compared."""
    content = standard.drop(columns="record_id").astype("str")
    return pd.util.hash_pandas_object(content, index=False).to_numpy().astype("uint64").view("int64")


def _named(standard: pd.DataFrame, kind: CustomerType) -> pd.Series:
    column = "given_sound" if kind == "person" else "company_name"
    return standard.loc[standard[column].notna(), "record_id"]


def _links(found: Linkage, kind: CustomerType) -> pd.DataFrame:
    rows = [found.pairs.assign(is_near_miss=False), found.near_misses.assign(is_near_miss=True)]
    return LINK.typed(pd.concat(rows, ignore_index=True).assign(customer_type=kind))


def _weighed(edges: pd.DataFrame, part: _Part) -> pd.Series:
    """Edges of identifiers that a model has weighed with the names beside them; families share them."""
    there = set(part.named)
    both = among(edges["record_id_a"], there) & among(edges["record_id_b"], there)
    return both & edges["rule"].isin(part.fields - set(_CERTAIN_RULES))


def _groups(
    records: pd.DataFrame,
    edges: pd.DataFrame,
    parts: Sequence[_Part],
    apart: Sequence[tuple[str, str]],
    settings: IdentitySettings,
) -> tuple[pd.Series, pd.DataFrame]:
    """Label of each record, and the links that were not followed."""
    is_certain = edges["rule"].isin(_CERTAIN_RULES)
    weight = edges["match_weight"].fillna(_EXACT_BITS).mask(is_certain, CERTAIN)
    weighed = edges.assign(match_weight=weight.mask(edges["rule"] == "must_link", DECLARED))
    kinds = records.set_index("record_id")["customer_type"].astype("str")
    kind_a, kind_b = weighed["record_id_a"].map(kinds), weighed["record_id_b"].map(kinds)
    labels = [pd.DataFrame({"record_id": [], "cluster": []}, dtype="str")]
    refused = [pd.DataFrame(columns=REFUSED_COLUMNS)]
    matched: dict[str, _Part] = {part.kind: part for part in parts if len(part.standard)}
    for kind, rows in records.groupby(records["customer_type"].astype("str"), sort=True):
        inside = weighed[(kind_a == kind) & (kind_b == kind)]
        # Where nothing but identifiers is known each is proof, unless somebody says otherwise.
        part = matched.get(str(kind))
        found = clusters(
            rows[["record_id", "source_system"]].astype("str") if part is None else part.standard,
            inside,
            threshold_weight=-np.inf if part is None else part.threshold_weight,
            cannot_link=apart,
            sources_without_duplicates=settings.sources_without_duplicates,
        )
        labels.append(found.labels)
        refused.append(found.refused)
    grouped = pd.concat(labels, ignore_index=True).set_index("record_id")["cluster"]
    is_between = (kind_a != kind_b) & (weighed["match_weight"] >= CERTAIN)
    across, refused_across = _across_types(grouped, weighed, is_between, records, apart)
    refused.append(refused_across)
    told = pd.concat([part for part in refused if len(part)] or refused[:1], ignore_index=True)
    return across, told[REFUSED_COLUMNS]


def _across_types(
    labels: pd.Series,
    weighed: pd.DataFrame,
    is_between: pd.Series,
    records: pd.DataFrame,
    apart: Sequence[tuple[str, str]],
) -> tuple[pd.Series, pd.DataFrame]:
    """Groups of persons and of companies that a certain edge joins are one; and the links that are not followed.

    Where a person said of two records in them that they are apart, they are formed anew from all their links, so that
    those leave whom the decision names and nobody else.
    """
    groups = pd.Series(labels.unique(), dtype="str")
    ends = pd.DataFrame(
        {name: weighed.loc[is_between, name].map(labels) for name in ("record_id_a", "record_id_b")}, dtype="str"
    )
    joined = pd.Series(connected_components(groups, ends), index=groups)
    whole = labels.map(groups.groupby(joined.to_numpy()).transform("min").set_axis(groups))
    torn = {whole[a] for a, b in apart if whole[a] == whole[b] and labels[a] != labels[b]}
    if not torn:
        return whole.rename("cluster"), pd.DataFrame(columns=REFUSED_COLUMNS)
    members = records[records["record_id"].map(whole).isin(torn)]
    label_a, label_b = weighed["record_id_a"].map(labels), weighed["record_id_b"].map(labels)
    links = weighed[among(weighed["record_id_a"], members["record_id"]) & ((label_a == label_b) | is_between)]
    found = clusters(members[["record_id", "source_system"]].astype("str"), links, cannot_link=apart)
    whole.update(found.labels.set_index("record_id")["cluster"])
    return whole.rename("cluster"), found.refused
