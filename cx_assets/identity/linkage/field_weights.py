"""What each field adds to the weight of a pair, told level by level; pairs are found and scored in pairs."""

from __future__ import annotations

import math

import duckdb
import pandas as pd
import pyarrow as pa

from cx_assets.identity.linkage.comparisons import Comparison
from cx_assets.identity.linkage.model import Model, weighted
from cx_assets.identity.linkage.pairs import LIST_COLUMNS

WEIGHT_COLUMNS = ["record_id_a", "record_id_b", "field", "level", "gamma", "bits"]
_TYPES = dict.fromkeys(WEIGHT_COLUMNS, "str") | {"gamma": "int64", "bits": "float64"}
_MISSING = "missing"


def field_weights(
    con: duckdb.DuckDBPyConnection, standard: pd.DataFrame, pairs: pd.DataFrame, model: Model
) -> pd.DataFrame:
    """Weight that every field of every pair adds.

    Args:
        con: Connection in which the conditions of the levels are tried; nothing stays in it.
        standard: Standardised records, see standardise; other columns are ignored.
        pairs: record_id_a and record_id_b, both among the records.
        model: See model.train.

    Returns:
        A row per pair and field of the model, pairs in their order, fields in the model's: record_id_a, record_id_b,
        field, level (label of the first level whose condition holds), gamma (0 for `different`, more for stronger
        levels, -1 for missing), bits (log2(m/u) of the level; 0 where a value is missing). The bits of a pair and
        `prior_bits` add up to its match_weight up to the term-frequency adjustments: a link of a value rarer than
        usual weighs more than the sum, of a frequent one less.

    Raises:
        ValueError: A pair names a record that is not there, or the model does not fit the comparisons.

    Source:
        Fellegi and Sunter (1969), "A theory for record linkage": the weight of a field is log2(m/u).
    """
    chosen = weighted(model)
    names = list(dict.fromkeys(zip(pairs["record_id_a"], pairs["record_id_b"], strict=True)))
    there = set(standard["record_id"])
    if unknown := sorted({name for pair in names for name in pair if name not in there}):
        raise ValueError(f"no such record: {', '.join(unknown)}")
    if not names:
        return pd.DataFrame(columns=WEIGHT_COLUMNS).astype(_TYPES)
    cases = ", ".join(_case(comparison, number) for number, comparison in enumerate(chosen))
    con.register("compared_pairs", _sides(standard, names))
    try:
        rows = con.execute(f"select {cases} from compared_pairs order by pair_number").fetchall()
    finally:
        con.unregister("compared_pairs")
    told = [
        (*pair, *_told(comparison, place))
        for pair, places in zip(names, rows, strict=True)
        for comparison, place in zip(chosen, places, strict=True)
    ]
    return pd.DataFrame(told, columns=WEIGHT_COLUMNS).astype(_TYPES)


def prior_bits(model: Model) -> float:
    """Log2 of the odds that two random records are one customer, from which every pair starts; negative."""
    prior = float(model["prior"])
    return math.log2(prior / (1 - prior))


def _case(comparison: Comparison, number: int) -> str:
    """SQL that gives the place of the first level whose condition holds."""
    whens = [
        f"when {level['sql_condition']} then {place}"
        for place, level in enumerate(comparison["comparison_levels"])
        if level["sql_condition"] != "ELSE"
    ]
    return f"case {' '.join(whens)} else {len(comparison['comparison_levels']) - 1} end as level_{number}"


def _told(comparison: Comparison, place: int) -> tuple[str, str, int, float]:
    levels = comparison["comparison_levels"]
    level = levels[place]
    name = comparison["output_column_name"]
    if level.get("is_null_level"):
        return name, _MISSING, -1, 0.0
    bits = math.log2(level["m_probability"] / level["u_probability"])
    return name, level["label_for_charts"], len(levels) - 1 - place, bits


def _sides(standard: pd.DataFrame, names: list[tuple[str, str]]) -> pa.Table:
    """One row per pair with the columns of both records, typed whatever values happen to be there."""
    by_record = standard.set_index("record_id", drop=False)
    columns: dict[str, pa.Array] = {"pair_number": pa.array(range(len(names)))}
    for side, position in (("l", 0), ("r", 1)):
        rows = by_record.loc[[pair[position] for pair in names]]
        for column in standard.columns:
            kind = pa.list_(pa.string()) if column in LIST_COLUMNS else pa.string()
            columns[f"{column}_{side}"] = pa.array(rows[column], type=kind, from_pandas=True)
    return pa.table(columns)
