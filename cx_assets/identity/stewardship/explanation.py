"""Why two records, or the records of two customers, are one customer or are not; nothing is decided here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from cx_assets.identity.evidence import CUSTOMER_TYPES
from cx_assets.identity.linkage.conflicts import DECLARED_APART
from cx_assets.identity.linkage.field_weights import WEIGHT_COLUMNS, field_weights, prior_bits
from cx_assets.identity.linkage.model import Model
from cx_assets.identity.linkage.pairs import is_household
from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.matching import match
from cx_assets.identity.normalise import normalise
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.stewardship.compared import rules_in_common, standard_of

FOLLOWED = "followed"
NEAR_MISS = "below the threshold"
_TYPED = {
    "person": {
        "given_name": "given_name", "family_name": "family_name", "birth_date": "birth_date", "email": "email",
        "phone": "phone", "tax_number": "tax_number", "street": "street_address", "postal_code": "postal_code",
        "city": "city",
    },
    "company": {
        "company_name": "company_name", "contact": "family_name", "domain": "email", "email": "email",
        "phone": "phone", "tax_number": "tax_number", "street": "street_address", "postal_code": "postal_code",
        "city": "city",
    },
}  # fmt: skip
_PAIR = ["record_id_a", "record_id_b"]


@dataclass(frozen=True)
class State:
    """What identity holds now.

    Attributes:
        records: The current records, all of them, as identity reads them.
        customers: customer_id of now by record_id.
        models, links, review_pairs: Tables identity.match_model, link, review_pair.
        must_link, cannot_link: Pairs of record_ids that people decided about.
    """

    records: pd.DataFrame
    customers: pd.Series
    models: pd.DataFrame
    links: pd.DataFrame
    review_pairs: pd.DataFrame
    must_link: list[tuple[str, str]]
    cannot_link: list[tuple[str, str]]


@dataclass(frozen=True)
class Explanation:
    """All that speaks for and against.

    Attributes:
        fields: A row per compared field and record: field, record_id, typed, compared; null where nothing is there.
        pairs: A row per pair across the two sides, strongest first: record_id_a < record_id_b, match_weight and
            match_probability (null where nothing is learnt), is_estimate (the weight is the sum of the fields, without
            term frequencies, as the pair is no link), agreed_fields, differing_fields, verdict (FOLLOWED, NEAR_MISS,
            the contradiction, or why it is no link).
        weights: See field_weights; a row per pair and field.
        prior_bits, threshold: By customer type, of the model.
        shared: Identifiers that records across the sides share: record_id_a, record_id_b, identifier, counts_as.
        decisions: Decisions that name a record of either side: record_id_a, record_id_b, decision.
    """

    fields: pd.DataFrame
    pairs: pd.DataFrame
    weights: pd.DataFrame
    prior_bits: dict[str, float] = field(default_factory=dict)
    threshold: dict[str, float] = field(default_factory=dict)
    shared: pd.DataFrame = field(default_factory=pd.DataFrame)
    decisions: pd.DataFrame = field(default_factory=pd.DataFrame)


def explain(
    con: duckdb.DuckDBPyConnection,
    left: tuple[str, ...],
    right: tuple[str, ...],
    state: State,
    *,
    settings: IdentitySettings,
    default_country: str,
    as_of: date | None,
) -> Explanation:
    """Explain the records of one side beside those of the other.

    Args:
        con: A connection for trying the levels; nothing stays in it.
        left: record_ids of one side.
        right: record_ids of the other; none is on both.
        state: Of now.
        settings: The company's.
        default_country: ISO 3166-1 alpha-2 region of numbers without country_code.
        as_of: Observation date; later birth dates are none.

    Raises:
        ValueError: A side is empty or a record is on both.
    """
    if not left or not right or set(left) & set(right):
        raise ValueError("each side needs records of its own")
    ids = sorted({*left, *right})
    kinds = state.records.set_index("record_id")["customer_type"].astype("str").reindex(ids)
    crossing = pd.DataFrame(sorted((min(a, b), max(a, b)) for a in left for b in right), columns=_PAIR)
    explained = Explanation(pd.DataFrame(), crossing, pd.DataFrame(columns=WEIGHT_COLUMNS))
    fields, pairs, weights = [], [], []
    for kind in CUSTOMER_TYPES:
        mine = set(kinds.index[kinds == kind])
        if not mine:
            continue
        linkage = LinkageSettings(
            customer_type=kind, default_country=default_country, as_of=as_of,
            threshold=settings.threshold, pairs_per_record=settings.pairs_per_record,
            sources_without_duplicates=settings.sources_without_duplicates,
        )  # fmt: skip
        standard = standard_of(state.records, mine, linkage)
        fields.append(_fields(standard, state.records, mine, kind))
        inside = crossing[crossing["record_id_a"].isin(mine) & crossing["record_id_b"].isin(mine)]
        models = state.models[state.models["customer_type"] == kind]
        if models.empty:
            pairs.append(inside.assign(verdict=f"never compared: nothing is learnt of records of a {kind}"))
            continue
        model: Model = json.loads(models["model"].iloc[0])
        found = field_weights(con, standard, inside, model)
        explained.prior_bits[kind] = prior_bits(model)
        explained.threshold[kind] = settings.threshold or model["threshold"] or 1.0
        weights.append(found)
        pairs.append(_weighed(inside, found, explained.prior_bits[kind], standard, linkage, state))
    told = pd.concat(pairs, ignore_index=True) if pairs else crossing.head(0)
    told = _with_links(crossing.merge(told, on=_PAIR, how="left"), kinds, state)
    return Explanation(
        pd.concat(fields, ignore_index=True) if fields else pd.DataFrame(columns=["field"]),
        told,
        pd.concat(weights, ignore_index=True) if weights else explained.weights,
        explained.prior_bits,
        explained.threshold,
        _shared(set(left), set(right), state, settings, default_country),
        _decisions(set(ids), state),
    )


def _fields(standard: pd.DataFrame, records: pd.DataFrame, ids: set[str], kind: str) -> pd.DataFrame:
    """Typed and compared values, a row per field that some record has and record."""
    typed = records[records["record_id"].isin(ids)].set_index("record_id").sort_index()
    compared = standard.set_index("record_id").reindex(typed.index)
    parts = []
    for name, column in _TYPED[kind].items():
        values = typed[column] if column in typed else pd.Series(None, index=typed.index, dtype=object)
        if name == "contact" and "given_name" in typed:
            values = (typed["given_name"].fillna("") + " " + values.fillna("")).str.strip().replace("", None)
        if values.notna().any():
            rows = {"field": name, "record_id": typed.index, "typed": _texts(values), "compared": compared[name].array}
            parts.append(pd.DataFrame(rows))
    columns = ["field", "record_id", "typed", "compared"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _texts(values: pd.Series) -> list[str | None]:
    texts = values.astype("str").str.removesuffix(" 00:00:00")
    return [text if there else None for text, there in zip(texts, values.notna(), strict=True)]


def _weighed(
    inside: pd.DataFrame,
    found: pd.DataFrame,
    prior: float,
    standard: pd.DataFrame,
    linkage: LinkageSettings,
    state: State,
) -> pd.DataFrame:
    """What pairs of one type would weigh, and why those that are no links are none."""
    if inside.empty:
        return inside.assign(verdict=pd.Series(dtype="str"))
    gammas = found.pivot(index=_PAIR, columns="field", values="gamma").add_prefix("gamma_")
    weight = found.groupby(_PAIR)["bits"].sum() + prior
    told = inside.merge(weight.rename("match_weight").reset_index(), on=_PAIR).merge(
        is_household(gammas).rename("is_household").reset_index(), on=_PAIR
    )
    linked = set(zip(state.links["record_id_a"], state.links["record_id_b"], strict=True))
    is_linked = [pair in linked for pair in zip(told["record_id_a"], told["record_id_b"], strict=True)]
    rules = rules_in_common(state.records, standard, told[~np.array(is_linked)], linkage)
    by_pair = {pair: rows for pair, rows in rules.groupby(_PAIR)}
    sources = standard.set_index("record_id")["source_system"]
    verdicts = []
    for a, b, is_home in zip(told["record_id_a"], told["record_id_b"], told["is_household"], strict=True):
        lone = sources[a] if sources[a] == sources[b] else None
        if lone in linkage.sources_without_duplicates:
            verdicts.append(f"never compared: two records of {lone}, which has no duplicates")
        else:
            verdicts.append(_unlinked(by_pair.get((a, b)), is_household=bool(is_home)))
    return told.assign(verdict=verdicts, match_probability=1 / (1 + np.exp2(-told["match_weight"])))


def _unlinked(rules: pd.DataFrame | None, *, is_household: bool) -> str:
    if rules is None:
        return "never compared: they have no blocking key in common"
    if rules["is_left_out"].all():
        keys = ", ".join(rules["rule"])
        return f"never compared: too many records have the blocking keys that they have in common ({keys})"
    if is_household:
        return "compared, and taken for two of one household: given names or birth dates differ"
    return "compared, and too far below the threshold to be kept"


def _with_links(told: pd.DataFrame, kinds: pd.Series, state: State) -> pd.DataFrame:
    """The pairs with the weights that matching kept, and why a link was not followed; strongest first."""
    mine = state.links.merge(told[_PAIR], on=_PAIR)
    kept = mine.set_index(_PAIR)
    reasons = state.review_pairs.merge(told[_PAIR], on=_PAIR).set_index(_PAIR)["reason"].to_dict()
    apart = {frozenset(pair) for pair in state.cannot_link}
    rows = []
    for found in told.to_dict("records"):
        row: dict[str, Any] = {str(name): value for name, value in found.items()}
        pair = (row["record_id_a"], row["record_id_b"])
        row |= {"is_estimate": True, "agreed_fields": None, "differing_fields": None}
        if pair in kept.index:
            link = kept.loc[pair]
            names = ("match_weight", "match_probability", "agreed_fields", "differing_fields")
            row |= {name: link[name] for name in names} | {"is_estimate": False}
            is_one = state.customers.get(pair[0], "") == state.customers.get(pair[1])
            default = DECLARED_APART if frozenset(pair) in apart else "not followed"
            row["verdict"] = NEAR_MISS if link["is_near_miss"] else FOLLOWED if is_one else reasons.get(pair, default)
        elif not isinstance(row.get("verdict"), str):
            row["verdict"] = _uncompared(kinds[pair[0]], kinds[pair[1]])
        rows.append(row)
    columns = [
        *_PAIR, "match_weight", "match_probability", "is_estimate", "agreed_fields", "differing_fields", "verdict",
    ]  # fmt: skip
    whole = pd.DataFrame(rows).reindex(columns=columns)
    order = ["is_estimate", "match_weight", *_PAIR]
    return whole.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def _uncompared(kind_a: object, kind_b: object) -> str:
    if not isinstance(kind_a, str) or not isinstance(kind_b, str):
        return "never compared: a record that was merged away, of which nothing but its id is known"
    return f"never compared: a {kind_a} and a {kind_b}" if kind_a != kind_b else "never compared"


def _shared(
    left: set[str], right: set[str], state: State, settings: IdentitySettings, default_country: str
) -> pd.DataFrame:
    """Exact identifiers that records across the sides share, and what each counts for."""
    mine = state.records[state.records["record_id"].isin(left | right)]
    weighed: set[str] = set()
    for kind, name in (("person", "given_name"), ("company", "company_name")):
        if kind in set(state.models["customer_type"]) and name in mine:
            weighed |= set(mine.loc[(mine["customer_type"].astype("str") == kind) & mine[name].notna(), "record_id"])
    rows = []
    for identifier in settings.identifiers:
        alone = _stars(mine, identifier, default_country)
        pairs = sorted((min(a, b), max(a, b)) for a in left for b in right if a in alone and alone[a] == alone.get(b))
        if not pairs:
            continue
        among_all = _stars(_alike(state.records, mine, identifier, default_country), identifier, default_country)
        for a, b in pairs:
            is_evidence = a in among_all and among_all[a] == among_all.get(b)
            is_weighed = identifier in ("email", "phone", "tax_number") and {a, b} <= weighed
            proof = "weighed with the names beside it" if is_weighed else "proof"
            rows.append((a, b, identifier, proof if is_evidence else "nothing: too many records share it"))
    return pd.DataFrame(rows, columns=[*_PAIR, "identifier", "counts_as"])


def _alike(records: pd.DataFrame, mine: pd.DataFrame, identifier: str, default_country: str) -> pd.DataFrame:
    """Records that may have a value of some records: telephone numbers take long, and most end differently."""
    if identifier != "phone":
        return records
    values = normalise(mine, identifier, default_country=default_country).dropna().astype("str")
    endings = "|".join(sorted(set(values.str[-6:].str.replace(r"\D", "", regex=True)) - {""}))
    return records[records["phone"].astype("str").str.replace(r"\D", "", regex=True).str.contains(endings, na=False)]


def _stars(records: pd.DataFrame, identifier: str, default_country: str) -> dict[str, str]:
    """The first record that has the same value, of each record that shares one."""
    edges = match(records, identifiers=[identifier], default_country=default_country).edges
    centres = dict(zip(edges["record_id_b"], edges["record_id_a"], strict=True))
    return {centre: centre for centre in centres.values()} | centres


def _decisions(ids: set[str], state: State) -> pd.DataFrame:
    rows = [
        (a, b, decision)
        for decision, pairs in (("must_link", state.must_link), ("cannot_link", state.cannot_link))
        for a, b in pairs
        if a in ids or b in ids
    ]
    return pd.DataFrame(rows, columns=[*_PAIR, "decision"])
