"""Weights of the Fellegi-Sunter model: learnt by Splink, kept as plain data, laid over the comparisons again."""

from __future__ import annotations

import logging
from typing import Any

import duckdb
import pyarrow as pa

from cx_assets.identity.linkage.comparisons import Comparison, comparisons
from cx_assets.identity.linkage.settings import CustomerType, LinkageSettings

Model = dict[str, Any]
VERSION = 1
# A level that training never saw is neither impossible nor certain.
_SMALLEST = 1e-4
_SMALLEST_U = 1e-7
# Fields that hold one customer's pairs together while the other fields' weights are learnt. Nothing that a household
# shares: its members would pass for one person whose given name and birth date change.
_TRAINING_RULES: dict[CustomerType, tuple[tuple[str, ...], ...]] = {
    "person": (
        ("given_sound", "family_sound"), ("birth_date",), ("email", "given_sound"), ("phone", "given_sound"),
        ("tax_number",), ("street", "postal_code", "given_sound"),
    ),
    "company": (("company_name",), ("tax_number",), ("phone",), ("domain",), ("street", "postal_code")),
}  # fmt: skip
# Rules by which pairs count as sure, for a first guess of how many pairs match, and the share that they find.
_SURE: dict[CustomerType, tuple[tuple[str, ...], ...]] = {
    "person": (("given_sound", "family_sound", "birth_date"), ("email", "given_sound"), ("tax_number",)),
    "company": (("company_name", "tax_number"), ("company_name", "postal_code"), ("domain", "postal_code")),
}
_SURE_SHARE = 0.7


def train(con: duckdb.DuckDBPyConnection, table: pa.Table, settings: LinkageSettings) -> Model:
    """Learn the weights: u from random pairs, m by expectation maximisation.

    Args:
        con: Connection in which Splink works; its tables there are dropped again.
        table: Standardised records.
        settings: Settings.

    Returns:
        The model: version, customer_type, prior (probability that two random records match), comparisons (name to a
        list of label, m, u of the levels, strongest first), threshold (None until chosen). Empty where the records
        hold too few pairs that agree to learn anything from.

    Source:
        Fellegi and Sunter (1969); Winkler (2000) for expectation maximisation; as Splink 5 does both.
    """
    threads = con.execute("select current_setting('threads')").fetchone()
    # Samples and sums over several threads differ from run to run, and with them the weights.
    con.execute("set threads = 1")
    try:
        return _trained(con, table, settings)
    finally:
        con.execute(f"set threads = {int(threads[0]) if threads else 1}")


def _trained(con: duckdb.DuckDBPyConnection, table: pa.Table, settings: LinkageSettings) -> Model:
    filled = {name for name in table.column_names if table[name].null_count < len(table)}
    chosen = comparisons(settings.customer_type, filled)
    linker = linker_of(con, table, chosen, prior=1e-4, rules=[])
    sure = [_condition(rule) for rule in _SURE[settings.customer_type] if set(rule) <= filled]
    if sure:
        linker.training.estimate_probability_two_random_records_match(sure, recall=_SURE_SHARE)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=settings.sampled_pairs, seed=settings.seed, min_count_per_level=None, num_chunks=1
    )
    rules = [rule for rule in _TRAINING_RULES[settings.customer_type] if set(rule) <= filled and _repeats(table, rule)]
    if not any([_one_session(linker, rule, settings) for rule in rules]):
        return {}
    learnt = linker.misc.save_model_to_json()
    levels = {}
    for comparison in learnt["comparisons"]:
        rows = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        levels[comparison["output_column_name"]] = _weights(rows)
    return {
        "version": VERSION,
        "customer_type": settings.customer_type,
        "prior": floored_prior(float(learnt["probability_two_random_records_match"]), len(table)),
        "comparisons": levels,
        "threshold": None,
    }


def floored_prior(prior: float, record_count: int) -> float:
    """At least one match among all pairs: a prior of nothing has no odds."""
    return min(max(prior, 1.0 / max(record_count * (record_count - 1) / 2, 2.0)), 0.5)


def _one_session(linker: Any, rule: tuple[str, ...], settings: LinkageSettings) -> bool:
    """Whether the pairs that share the rule's fields taught anything; clean records may hold no duplicate at all."""
    from splink.internals.exceptions import EMTrainingException

    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            _condition(rule), estimate_without_term_frequencies=True, max_pairs=settings.trained_pairs,
            record_sample_proportion=1.0,
        )  # fmt: skip
    except (EMTrainingException, ValueError, ZeroDivisionError) as error:
        logging.getLogger(__name__).info("no weights learnt from pairs that share %s: %s", "+".join(rule), error)
        return False
    return True


def _repeats(table: pa.Table, rule: tuple[str, ...]) -> bool:
    return bool(table.select(list(rule)).to_pandas().dropna().duplicated().sum() >= 10)


def _condition(rule: tuple[str, ...]) -> str:
    return " and ".join(f"l.{column} = r.{column}" for column in rule)


def _weights(levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Label, m and u of each level; what was not seen gets little, and each sums to one."""
    m = [max(level.get("m_probability") or 0.0, _SMALLEST) for level in levels]
    u = [max(level.get("u_probability") or 0.0, _SMALLEST_U) for level in levels]
    return [
        {"label": level["label_for_charts"], "m": _short(one_m / sum(m)), "u": _short(one_u / sum(u))}
        for level, one_m, one_u in zip(levels, m, u, strict=True)
    ]


def _short(share: float) -> float:
    """Six digits: more say nothing, and the last ones of a sum depend on its order."""
    return float(f"{share:.6g}")


def weighted(model: Model) -> list[Comparison]:
    """The comparisons with the model's m and u.

    Raises:
        ValueError: The model was made by another version of the comparisons.
    """
    known = {
        comparison["output_column_name"]: comparison
        for comparison in comparisons(model["customer_type"], _AllColumns())
    }
    found = []
    for name, levels in model["comparisons"].items():
        shape = known.get(name, {"comparison_levels": []})["comparison_levels"]
        labels = [level["label_for_charts"] for level in shape[1:]]
        if model["version"] != VERSION or labels != [level["label"] for level in levels]:
            raise ValueError(f"the model does not fit the comparison {name!r}: train it again")
        overlaid = [
            level | {"m_probability": weight["m"], "u_probability": weight["u"]}
            for level, weight in zip(shape[1:], levels, strict=True)
        ]
        found.append({"output_column_name": name, "comparison_levels": [shape[0], *overlaid]})
    return found


class _AllColumns(frozenset[str]):
    def __contains__(self, _: object) -> bool:
        return True


def linker_of(
    con: duckdb.DuckDBPyConnection,
    table: pa.Table,
    chosen: list[Comparison],
    *,
    prior: float,
    rules: list[str],
) -> Any:
    """A Splink linker over standardised records.

    Args:
        con: Connection in which Splink works.
        table: Standardised records.
        chosen: Comparisons.
        prior: Probability that two random records match.
        rules: Blocking rules, SQL over l and r.
    """
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "comparisons": chosen,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule, "sql_dialect": "duckdb"} for rule in rules],
        "probability_two_random_records_match": prior,
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": True,
        "max_iterations": 50,
    }
    registered = DuckDBAPI(con).register(table)
    return Linker(registered, settings, log_level=None, validate_settings=False)
