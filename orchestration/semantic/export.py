"""Answers as files: CSV that a spreadsheet only shows, or Parquet as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from cx_assets.exports.formula_cells import neutral
from orchestration.semantic.definitions import MetricError


def write_table(table: pd.DataFrame, target: Path) -> None:
    """Write a table whole or not at all; the suffix says the format.

    Texts, column names included, that a spreadsheet would run as a formula get an apostrophe in CSV; numbers do not.

    Args:
        table: Any table.
        target: File that ends in .csv or .parquet; one that is there is replaced.

    Raises:
        MetricError: The suffix is another.
    """
    suffix = target.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise MetricError(f"{target.name}: end the name in .csv or .parquet.")
    partial = target.with_name(f".{target.name}.partial")
    try:
        if suffix == ".parquet":
            table.to_parquet(partial, index=False)
        else:
            harmless(table).to_csv(partial, index=False, date_format="%Y-%m-%d", lineterminator="\n")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table, an apostrophe before every text that a spreadsheet would run."""
    made = table.copy()
    for name in made.columns:
        if not (pd.api.types.is_numeric_dtype(made[name]) or pd.api.types.is_datetime64_any_dtype(made[name])):
            made[name] = made[name].map(neutral)
    return made.rename(columns=neutral)
