"""The two systems of the benchmark of identity: this platform's linkage, and plain Splink."""

from __future__ import annotations

import logging
import math
from typing import Any

import duckdb
import pandas as pd

from cx_assets.identity.linkage.clusters import clusters
from cx_assets.identity.linkage.pairs import linked_pairs
from cx_assets.identity.linkage.standardise import standardise
from tests.benchmarks.identity_cases import Case

SPLINK_THRESHOLD = 0.95


def found_by_this(case: Case) -> dict[str, str]:
    """Cluster of each record, with the threshold that the model chooses itself."""
    with duckdb.connect() as con:
        found = linked_pairs(con, case.records, case.settings)
    threshold = found.report["threshold"]
    made = clusters(
        standardise(case.records, case.settings),
        found.pairs,
        threshold_weight=math.log2(threshold / (1 - threshold)) if threshold < 1 else math.inf,
        sources_without_duplicates=case.settings.sources_without_duplicates,
    )
    return dict(zip(made.labels["record_id"], made.labels["cluster"], strict=True))


def found_by_splink(case: Case) -> dict[str, str]:
    """Cluster of each record by Splink's library comparisons, as its tutorial uses them, at its threshold of 0.95.

    Names, dates and addresses of e-mail by the comparisons made for them, other fields as its Febrl examples do
    (Damerau-Levenshtein for numbers, exact with term frequencies for places). Values are trimmed and in small letters;
    two sources are linked only where the case says that they have no duplicates.
    """
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    records, fields = _plain_columns(case.records)
    library = {
        "given_name": lambda: cl.NameComparison("given_name"),
        "family_name": lambda: cl.NameComparison("family_name"),
        "company_name": lambda: cl.NameComparison("company_name"),
        "birth_date": lambda: cl.DateOfBirthComparison("birth_date", input_is_string=True),
        "email": lambda: cl.EmailComparison("email"),
        "phone": lambda: cl.DamerauLevenshteinAtThresholds("phone", [1]),
        "tax_number": lambda: cl.DamerauLevenshteinAtThresholds("tax_number", [1, 2]),
        "street_address": lambda: cl.JaroWinklerAtThresholds("street_address", [0.9, 0.7]),
        "postal_code": lambda: cl.DamerauLevenshteinAtThresholds("postal_code", [1, 2]),
        "city": lambda: cl.ExactMatch("city").configure(term_frequency_adjustments=True),
    }
    name = "company_name" if "company_name" in fields else "given_name"
    alone = [field for field in ("tax_number", "birth_date", "email", "phone") if field in fields]
    blocking: list[Any] = [block_on(field) for field in [*alone, name, "family_name"]]
    blocking += [block_on("family_name", "postal_code")] if "postal_code" in fields else []
    is_linked = bool(case.settings.sources_without_duplicates)
    settings = SettingsCreator(
        link_type="link_only" if is_linked else "dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[library[field]() for field in fields],
        blocking_rules_to_generate_predictions=blocking,
    )
    with duckdb.connect() as con:
        api = DuckDBAPI(con)
        parts = [part for _, part in records.groupby("source_system")] if is_linked else [records]
        linker = Linker([api.register(part.reset_index(drop=True)) for part in parts], settings, log_level=None)
        sure = [block_on(name, "family_name", field) for field in (alone or ["city"])]
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
        for rule in (block_on(name, "family_name"), block_on(alone[0])):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        predicted = linker.inference.predict(threshold_match_probability=SPLINK_THRESHOLD)
        made = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=SPLINK_THRESHOLD
        ).as_pandas_dataframe()
    return dict(zip(made["record_id"], made["cluster_id"].astype("str"), strict=True))


def _plain_columns(records: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Records in small letters without outer blanks, dates in ISO form, and the fields that are filled."""
    names = (
        *("given_name", "family_name", "company_name", "birth_date", "email", "phone", "tax_number"),
        *("street_address", "postal_code", "city"),
    )
    plain = records[["record_id", "source_system"]].copy()
    for name in names:
        if name in records.columns and records[name].notna().any():
            values = records[name].astype("str").str.strip().str.lower()
            plain[name] = values.where(records[name].notna() & (values != ""), None).astype(object)
    if "birth_date" in plain.columns:
        text = plain["birth_date"].str.replace(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", regex=True)
        text = text.str.replace(r"^(\d{2})\.(\d{2})\.(\d{4})$", r"\3-\2-\1", regex=True)
        plain["birth_date"] = text.where(text.notna(), None).astype(object)
    return plain, [name for name in names if name in plain.columns]
