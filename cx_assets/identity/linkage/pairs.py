"""Scored pairs of records, and which of them are links.

Weights are learnt in model, pairs become customers in clusters.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cx_assets.identity.linkage.blocking import Blocks, blocks
from cx_assets.identity.linkage.comparisons import frequency_columns
from cx_assets.identity.linkage.model import Model, floored_prior, linker_of, train, weighted
from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.linkage.standardise import standardise
from cx_assets.identity.linkage.threshold import MOST_SHIFT, expected_f1_threshold, prior_shift

PAIR_COLUMNS = [
    "record_id_a", "record_id_b", "match_weight", "match_probability", "agreed_fields", "differing_fields",
]  # fmt: skip
_PAIR_TYPES = dict.fromkeys(PAIR_COLUMNS, "str") | {"match_weight": "float64", "match_probability": "float64"}
# Pairs below are counted, not listed; far below not even that: they are nearly all, and no shift of the prior lifts
# them to where they matter.
_LISTED_WEIGHT = -7.0
_COUNTED_WEIGHT = -12.0
# A run that learns lists its pairs before the prior is moved, by four bits at most: from here on it has them all, as
# has every later run.
_TOLD_WEIGHT = _LISTED_WEIGHT + MOST_SHIFT
# How far below the threshold a pair is worth a person's look, but never below `_TOLD_WEIGHT`.
_NEAR_BITS = 4.0
_LISTED = "select record_id_l, record_id_r, match_weight, match_probability, columns('^gamma_')"
LIST_COLUMNS = frozenset({"given_names", "company_words"})
"""Standardised columns that hold lists."""


@dataclass(frozen=True)
class Linkage:
    """Links between records.

    Attributes:
        pairs: One row per link: record_id_a < record_id_b, match_weight (log2 of the posterior odds),
            match_probability, agreed_fields and differing_fields (names, separated by commas); strongest first.
        near_misses: The same of pairs up to `_NEAR_BITS` below the threshold, at `_TOLD_WEIGHT` or above.
        model: Plain data, to be kept and given again.
        report: blocking (a row per rule, see Blocks.report), listed_pair_count (pairs at `_LISTED_WEIGHT` or above
            before the prior was learnt), household_pair_count (pairs that
            would have been links, but whose given names differ while nothing of the person alone agrees), threshold,
            prior, match_weights (count of pairs at `_TOLD_WEIGHT` or above by whole weight).
    """

    pairs: pd.DataFrame
    near_misses: pd.DataFrame
    model: Model
    report: dict[str, Any]


def linked_pairs(
    con: duckdb.DuckDBPyConnection, records: pd.DataFrame, settings: LinkageSettings, model: Model | None = None
) -> Linkage:
    """Find the records of one customer type that are probably one customer.

    Args:
        con: Connection in which the pairs are made; only temporary names are added to it.
        records: See standardise.
        settings: Settings.
        model: From an earlier run, to score with the same weights; None to learn it from these records.

    Raises:
        ValueError: The records are malformed or the model does not fit.
    """
    return linked(con, standardise(records, settings), settings, model)


def linked_pairs_of_new(
    con: duckdb.DuckDBPyConnection,
    records: pd.DataFrame,
    new_record_ids: Collection[str],
    model: Model,
    settings: LinkageSettings,
) -> Linkage:
    """The links of `linked_pairs` that have at least one new record; no other pair is scored.

    Args:
        con: See linked_pairs.
        records: All records, old and new.
        new_record_ids: Which are new; ids that are not there are ignored.
        model: From an earlier run.
        settings: Settings.
    """
    return linked(con, standardise(records, settings), settings, model, frozenset(new_record_ids))


def linked(
    con: duckdb.DuckDBPyConnection,
    standard: pd.DataFrame,
    settings: LinkageSettings,
    model: Model | None = None,
    new: frozenset[str] | None = None,
) -> Linkage:
    """`linked_pairs`, or `linked_pairs_of_new` where new is given, of records that are standardised already."""
    made = blocks(standard, settings.customer_type, pairs_per_record=settings.pairs_per_record)
    if len(standard) < 2 or made.keys.empty:
        nothing = pd.DataFrame(columns=PAIR_COLUMNS).astype(_PAIR_TYPES)
        return Linkage(nothing, nothing, model or {}, _report(made, 0, 0, 1.0, 0.0, {}))
    frame = pd.concat([standard, made.keys], axis=1)
    is_new_model = model is None
    if model is None:
        model = train(con, _table(frame), settings)
        if not model:
            nothing = pd.DataFrame(columns=PAIR_COLUMNS).astype(_PAIR_TYPES)
            return Linkage(nothing, nothing, {}, _report(made, 0, 0, 1.0, 0.0, {}))
    chosen = weighted(model)
    table = _table(frame)
    apart = _apart(settings)
    rules = [f"l.{key} = r.{key}{apart}" for key in made.keys.columns]
    linker = linker_of(con, table, chosen, prior=model["prior"], rules=rules)
    scored, rest = _scored(con, linker, table, new, frequency_columns(chosen))
    if is_new_model:
        shift = prior_shift(
            scored.loc[~is_household(scored), "match_weight"].to_numpy(),
            prior=model["prior"],
            pair_count=len(standard) * (len(standard) - 1) / 2,
        )
        old = float(np.log2(model["prior"] / (1 - model["prior"])))
        prior = floored_prior(float(_odds_to_probability(old + shift)), len(standard))
        model["prior"] = float(f"{prior:.6g}")
        # By the prior as it is kept: the next run must weigh the same.
        shift = float(np.log2(model["prior"] / (1 - model["prior"]))) - old
        rest *= float(np.exp2(shift))
        scored = _shifted(scored, shift)
    told = scored.loc[scored["match_weight"] >= _TOLD_WEIGHT, "match_weight"]
    bits = np.floor(told.round(6)).astype("int64").value_counts().sort_index()
    histogram = {str(weight): int(n) for weight, n in bits.items()}
    scored = scored.assign(is_household=is_household(scored))
    threshold = settings.threshold or model["threshold"]
    if threshold is None:
        alone = scored.loc[~scored["is_household"], "match_probability"].to_numpy()
        threshold = model["threshold"] = expected_f1_threshold(alone, rest=rest)
    links = scored[scored["match_probability"] >= threshold]
    pairs = _told(links[~links["is_household"]], model)
    households = int(links["is_household"].sum())
    lowest = max(np.log2(threshold / (1 - threshold)) - _NEAR_BITS, _TOLD_WEIGHT) if threshold < 1 else np.inf
    is_near = (scored["match_probability"] < threshold) & (scored["match_weight"] >= lowest) & ~scored["is_household"]
    return Linkage(
        pairs,
        _told(scored[is_near], model),
        model,
        _report(made, len(scored), households, threshold, model["prior"], histogram),
    )


def _shifted(scored: pd.DataFrame, shift: float) -> pd.DataFrame:
    weight = scored["match_weight"] + shift
    return scored.assign(match_weight=weight, match_probability=_odds_to_probability(weight))


def _odds_to_probability(weight: Any) -> Any:
    return 1 / (1 + np.exp2(-weight))


def _apart(settings: LinkageSettings) -> str:
    if not settings.sources_without_duplicates:
        return ""
    quoted = ", ".join("'" + source.replace("'", "''") + "'" for source in settings.sources_without_duplicates)
    return f" and (l.source_system <> r.source_system or l.source_system not in ({quoted}))"


def _table(frame: pd.DataFrame) -> pa.Table:
    """With types that do not depend on which values happen to be there."""
    fields = [(column, pa.list_(pa.string()) if column in LIST_COLUMNS else pa.string()) for column in frame.columns]
    return pa.Table.from_pandas(frame, schema=pa.schema(fields), preserve_index=False)


def _scored(
    con: duckdb.DuckDBPyConnection, linker: Any, table: pa.Table, new: frozenset[str] | None, frequencies: list[str]
) -> tuple[pd.DataFrame, float]:
    """Listed pairs with their levels, and the sum of the probabilities of those that are a little too weak for that."""
    if new is None:
        found = [linker.inference.predict(threshold_match_weight=_COUNTED_WEIGHT, warning_mode="never")]
    else:
        is_new = np.isin(table["record_id"].to_numpy(zero_copy_only=False).astype(str), sorted(new))
        api = linker._db_api
        for column in frequencies:
            linker.table_management.compute_tf_table(column)
        fresh = api.register(table.filter(pa.array(is_new)))
        found = [linker.inference.predict_within(fresh, threshold_match_weight=_COUNTED_WEIGHT, warning_mode="never")]
        if not is_new.all():
            old = api.register(table.filter(pa.array(~is_new)))
            found.append(
                linker.inference.predict_between(
                    old, fresh, threshold_match_weight=_COUNTED_WEIGHT, warning_mode="never"
                )
            )
    listed, rest = [], 0.0
    for predicted in found:
        name = predicted.physical_name
        listed.append(con.execute(f"{_LISTED} from {name} where match_weight >= {_LISTED_WEIGHT}").df())
        weak = con.execute(f"select sum(match_probability) from {name} where match_weight < {_LISTED_WEIGHT}")
        rest += (weak.fetchone() or (0,))[0] or 0.0
        predicted.drop_table_from_database_and_remove_from_cache()
    scored = pd.concat(listed, ignore_index=True)
    swap = scored["record_id_l"] > scored["record_id_r"]
    ends = scored[["record_id_l", "record_id_r"]]
    scored = scored.assign(
        record_id_a=ends["record_id_l"].where(~swap, ends["record_id_r"]),
        record_id_b=ends["record_id_r"].where(~swap, ends["record_id_l"]),
    )
    scored = scored.sort_values(
        ["match_weight", "record_id_a", "record_id_b"], ascending=[False, True, True], ignore_index=True
    )
    return scored, rest


def is_household(scored: pd.DataFrame) -> pd.Series:
    """Given names differ, or at one address or telephone birth dates do, and nothing else says that it is one person.

    Families share name, address, telephone and e-mail, which a model that takes fields as independent counts as often.
    Only an equal birth date, a tax number, or an address of e-mail under one given name tells otherwise.

    Args:
        scored: A row per pair; for each compared field a column gamma_<field>, the level (0 different, -1 missing).
    """

    def at_least(name: str, level: int) -> pd.Series:
        gamma = f"gamma_{name}"
        return scored[gamma] >= level if gamma in scored.columns else pd.Series(False, index=scored.index)

    def differs(name: str) -> pd.Series:
        gamma = f"gamma_{name}"
        return scored[gamma] == 0 if gamma in scored.columns else pd.Series(False, index=scored.index)

    names_differ = differs("given_name")
    is_one = at_least("birth_date", 5) | at_least("tax_number", 2)
    at_home = at_least("street", 2) | at_least("phone", 2)
    by_mail = at_least("email", 4) & at_least("given_name", 4)
    return ~is_one & (names_differ | (differs("birth_date") & at_home & ~by_mail))


def _told(links: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Links with the names of the fields that agree and that differ."""
    gammas = [f"gamma_{name}" for name in model["comparisons"]]
    patterns = links[gammas].drop_duplicates()
    agreed, differing = [], []
    for pattern in patterns.itertuples(index=False):
        same: list[str] = []
        other: list[str] = []
        for (name, levels), gamma in zip(model["comparisons"].items(), pattern, strict=True):
            if gamma >= 0:
                label = levels[len(levels) - 1 - int(gamma)]["label"]
                (same if label.startswith("same") else other).append(name)
        agreed.append(",".join(same))
        differing.append(",".join(other))
    links = links.assign(
        match_weight=links["match_weight"].round(6), match_probability=links["match_probability"].round(9)
    )
    told = links.merge(patterns.assign(agreed_fields=agreed, differing_fields=differing), on=gammas, how="left")
    keys = ["match_weight", "record_id_a", "record_id_b"]
    ordered = told.sort_values(keys, ascending=[False, True, True], ignore_index=True)
    return ordered[PAIR_COLUMNS].astype(_PAIR_TYPES)


def _report(
    made: Blocks, count: int, households: int, threshold: float, prior: float, histogram: dict[str, int]
) -> dict[str, Any]:
    return {
        "blocking": made.report.to_dict("records"),
        "listed_pair_count": count,
        "household_pair_count": households,
        "threshold": threshold,
        "prior": prior,
        "match_weights": histogram,
    }
