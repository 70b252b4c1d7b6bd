"""Tables that Python steps write into the warehouse: address, grain, key and types. dbt declares them as sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cx_assets.churn import tables as churn
from cx_assets.identity import tables as identity
from cx_assets.segments import rfm


@dataclass(frozen=True)
class PythonTable:
    """A table written by Python.

    Attributes:
        schema: Schema in the warehouse, first part of the asset key.
        name: Table, second part of the asset key.
        grain: What one row is.
        key: Columns that identify a row; rows are written in this order.
        columns: DuckDB type by column.
    """

    schema: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: Mapping[str, str]

    @property
    def relation(self) -> str:
        """Quoted schema.table."""
        return f'"{self.schema}"."{self.name}"'


def _typed(text: str) -> dict[str, str]:
    """Column types from lines of `type: column column ...`."""
    types: dict[str, str] = {}
    for line in text.strip().splitlines():
        kind, names = line.split(":")
        types.update({name: kind.strip() for name in names.split()})
    return types


def _ordered(columns: str, types: str) -> dict[str, str]:
    kinds = _typed(types)
    return {name: kinds[name] for name in columns.split()}


SNAPSHOT = PythonTable(
    "run",
    "snapshot",
    "The inputs that the current run reads; one row.",
    ("snapshot_id",),
    _ordered(
        "snapshot_id snapshot_sequence as_of_date as_of_at max_load_sequence",
        "varchar: snapshot_id\nbigint: snapshot_sequence max_load_sequence\ndate: as_of_date\ntimestamp: as_of_at",
    ),
)
LOAD = PythonTable(
    "run",
    "load",
    "One load of one source table, as committed by its manifest.",
    ("load_sequence",),
    _ordered(
        "load_id load_sequence source_name table_name landed_at landed_count quarantined_count source_files",
        "varchar: load_id source_name table_name source_files\n"
        "bigint: load_sequence landed_count quarantined_count\ntimestamp: landed_at",
    ),
)
QUARANTINE_REASON = PythonTable(
    "run",
    "quarantine_reason",
    "Rows refused at extraction, counted per load, rule and reason.",
    ("load_id", "rule", "reason"),
    _ordered(
        "load_id source_name table_name rule reason row_count",
        "varchar: load_id source_name table_name rule reason\nbigint: row_count",
    ),
)
DEFAULTED_VALUE = PythonTable(
    "run",
    "defaulted_value",
    "Invalid values of landed rows that gave way to their column's default, counted per load and column.",
    ("load_sequence", "column_name"),
    _ordered(
        "load_id load_sequence source_name table_name column_name value_count",
        "varchar: load_id source_name table_name column_name\nbigint: load_sequence value_count",
    ),
)
SOURCE_STATEMENT = PythonTable(
    "run",
    "source_statement",
    "What a source says of one day of one of its tables, or of one row by which it differs from the landing.",
    ("source_name", "table_name", "load_id", "source_file", "kind", "day", "source_row", "row_key"),
    _ordered(
        "source_name table_name load_id source_file is_of_table kind day row_count amount source_row row_key reason",
        "varchar: source_name table_name load_id source_file kind row_key reason\nboolean: is_of_table\n"
        "date: day\nbigint: row_count source_row\ndecimal(38,6): amount",
    ),
)
FEED = PythonTable(
    "run",
    "feed",
    "What one source delivers of one entity, and how far it is complete.",
    ("source_name", "entity"),
    _ordered(
        "source_name entity table_names is_transaction is_judged is_ended row_count stray_row_count latest_event_date "
        "complete_until_date usual_silence_days",
        "varchar: source_name entity table_names\nboolean: is_transaction is_judged is_ended\n"
        "bigint: row_count stray_row_count usual_silence_days\ndate: latest_event_date complete_until_date",
    ),
)
RECORD_CUSTOMER = PythonTable(
    "identity",
    "record_customer",
    "The customer that a record belongs to, over one period of knowledge.",
    ("record_id", "known_from_at", "customer_id"),
    identity.RECORD_CUSTOMER,
)
LEDGER = PythonTable(
    "identity",
    "ledger",
    "One event in the life of a customer id: created, joined, merged, split or retired.",
    ("snapshot_sequence", "event_id"),
    identity.LEDGER,
)
CUSTOMER_REDIRECT = PythonTable(
    "identity",
    "customer_redirect",
    "A retired customer id and the id that took its records over.",
    ("old_customer_id", "snapshot_sequence"),
    identity.CUSTOMER_REDIRECT,
)
CUSTOMER_RFM = PythonTable(
    "scores",
    "customer_rfm",
    "Recency, frequency and monetary scores of a customer on the observation date.",
    ("customer_id",),
    rfm.CUSTOMER_RFM,
)
CHURN_MODEL = PythonTable(
    "scores",
    "churn_model",
    "One trained churn model, or one refusal to train, with its card.",
    ("observation_date", "model_id"),
    churn.CHURN_MODEL,
)
CHURN_RELIABILITY = PythonTable(
    "scores",
    "churn_reliability",
    "One bin of predicted churn of a model on its test cut.",
    ("model_id", "bin"),
    churn.CHURN_RELIABILITY,
)
CUSTOMER_CHURN = PythonTable(
    "scores",
    "customer_churn",
    "The churn probability that a snapshot gave a customer on an observation date; kept for ever.",
    ("snapshot_sequence", "observation_date", "customer_id"),
    churn.CUSTOMER_CHURN,
)

PYTHON_TABLES: dict[str, PythonTable] = {
    f"{table.schema}.{table.name}": table
    for table in (
        SNAPSHOT,
        LOAD,
        QUARANTINE_REASON,
        DEFAULTED_VALUE,
        SOURCE_STATEMENT,
        FEED,
        RECORD_CUSTOMER,
        LEDGER,
        CUSTOMER_REDIRECT,
        CUSTOMER_RFM,
        CHURN_MODEL,
        CHURN_RELIABILITY,
        CUSTOMER_CHURN,
    )
}

HISTORY_TABLES = (RECORD_CUSTOMER, LEDGER, CUSTOMER_REDIRECT, CHURN_MODEL, CHURN_RELIABILITY, CUSTOMER_CHURN)
"""Tables that keep what earlier runs decided; landings alone cannot give them back."""


def contract_model(entity: str) -> str:
    """An entity's contract model in the warehouse."""
    return f"intermediate.int_contract__{entity}"
