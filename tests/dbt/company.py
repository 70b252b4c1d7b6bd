"""A tiny company for dbt tests: a warehouse file with hand-written rows and no orchestration around it."""

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from cx_assets.contracts import LINEAGE_COLUMNS, load_contracts
from cx_assets.contracts.concept_settings import concept_settings
from cx_assets.contracts.python_tables import python_tables
from orchestration.dbt.sources import PYTHON_SOURCES, python_sources_yaml
from orchestration.ground.zones import local_date_macro

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"

# Every concept's defaults, and what the small company sets itself.
PARAMETERS: dict[str, Any] = {
    f"{block}_{key}": value
    for block, kind in concept_settings().items()
    for key, value in kind().model_dump(mode="json").items()
} | {
    "time_zone": "Europe/Berlin",
    "currency_code": "EUR",
    "country_code": "DE",
    "minimum_answers": 3,
    "feeds_max_days_behind": 7,
    "churn_eligible_days": 60,
    "churn_training_cuts": 1,
    "identity_match_drift_share": 0.2,
    "experience_value_outcome_days": 20,
    "experience_value_silent_days": 10,
    "experience_value_late_days": 0,
    "experience_value_complaint_days": 5,
    "touchpoints": [],
    "feature_uses": ["churn"],
}

MANIFESTS: dict[str, Any] = {}
"""Parsed projects of this process: parsing takes longer than building a company of ten rows."""
Row = Mapping[str, Any]


@dataclass
class Company:
    """One company in one folder.

    Attributes:
        folder: Holds everything, the warehouse included.
        entities: Entities that the company has; each gets a landing table `crm__<entity>` and a staging model.
        parameters: What orchestration would take from company.yml.
        reconciled: Tables that are reconciled, as `reconciled_tables` tells them.
        filtered: Staging models that leave rows out, as `staging_filters.filtered_staging` tells them.
        reducing: Those that may leave any out, as reducing_staging beside it tells them.
    """

    folder: Path
    entities: Sequence[str]
    parameters: dict[str, Any] = field(default_factory=lambda: dict(PARAMETERS))
    reconciled: list[dict[str, Any]] = field(default_factory=list)
    filtered: dict[str, dict[str, Any]] = field(default_factory=dict)
    reducing: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.warehouse = self.folder / "warehouse" / "cx.duckdb"
        self.warehouse.parent.mkdir(parents=True)
        self.project = self.folder / "project"
        (self.project / "staging").mkdir(parents=True)
        (self.project / "generated").mkdir()
        sources = python_sources_yaml(python_tables())
        (self.project / "generated" / PYTHON_SOURCES).write_text(sources, encoding="utf-8")
        for name in ("dbt_project.yml", "profiles.yml", "macros", "models", "tests"):
            (self.project / name).symlink_to(PROJECT_DIR / name)
        self._write_staging()
        with self.connect() as connection:
            connection.execute(local_date_macro(self.parameters["time_zone"]))
            for schema in ("landing", "run", "identity", "scores"):
                connection.execute(f"create schema {schema}")
            for name, table in python_tables().items():
                connection.execute(f"create table {name} ({table.column_ddl})")
            for entity in self.entities:
                columns = ", ".join(f"{name} {kind}" for name, kind in _landing_columns(entity).items())
                connection.execute(f"create table landing.crm__{entity} ({columns})")

    def connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.warehouse))

    def land(self, load_sequence: int, **rows: Sequence[Row]) -> None:
        """One load of each named entity; `record_id`, keys and the like as the contract names them."""
        with self.connect() as connection:
            for entity, entity_rows in rows.items():
                load_id = f"load-{load_sequence:04d}-{entity}"
                known = _landing_columns(entity)
                for number, row in enumerate(entity_rows, start=1):
                    full = {
                        "source_system": "crm",
                        **row,
                        "_load_id": load_id,
                        "_load_sequence": load_sequence,
                        "_source_file": f"{entity}.csv",
                        "_source_row": number,
                    }
                    assert not full.keys() - known.keys(), full.keys() - known.keys()
                    _insert(connection, f"landing.crm__{entity}", full)
                _insert(
                    connection,
                    "run.load",
                    {
                        "load_id": load_id,
                        "load_sequence": load_sequence,
                        "source_name": "crm",
                        "table_name": entity,
                        "landed_at": datetime.fromisoformat("2026-01-01"),
                        "landed_count": len(entity_rows),
                        "quarantined_count": 0,
                        "source_files": "[]",
                    },
                )

    def snapshot(self, sequence: int, as_of: date, as_of_at: datetime) -> None:
        """Replace the snapshot; `as_of_at` is the UTC instant at which the day ends in the company's zone."""
        with self.connect() as connection:
            connection.execute("delete from run.snapshot")
            row = connection.execute("select max(load_sequence) from run.load").fetchone()
            _insert(
                connection,
                "run.snapshot",
                {
                    "snapshot_id": f"snapshot-{sequence:04d}",
                    "snapshot_sequence": sequence,
                    "as_of_date": as_of,
                    "as_of_at": as_of_at,
                    "max_load_sequence": row[0] if row else None,
                },
            )

    def feed(self, *rows: Row) -> None:
        """How far the feeds are complete, as orchestration.snapshots.feeds tells it."""
        with self.connect() as connection:
            for row in rows:
                _insert(connection, "run.feed", row)

    def assign(self, sequence: int, known_at: datetime, **customers: str) -> None:
        """Say which customer each record is, from a snapshot on; records are written without the prefix `crm:`."""
        with self.connect() as connection:
            for record, customer_id in customers.items():
                record_id = f"crm:{record}"
                held = connection.execute(
                    "select customer_id from identity.record_customer where record_id = ? and known_to_at is null",
                    [record_id],
                ).fetchone()
                if held and held[0] == customer_id:
                    continue
                connection.execute(
                    "update identity.record_customer set known_to_at = ?, snapshot_sequence = ? "
                    "where record_id = ? and known_to_at is null",
                    [known_at, sequence, record_id],
                )
                _insert(
                    connection,
                    "identity.record_customer",
                    {
                        "record_id": record_id,
                        "customer_id": customer_id,
                        "known_from_at": known_at,
                        "snapshot_sequence": sequence,
                        "snapshot_id": f"snapshot-{sequence:04d}",
                    },
                )

    def insert(self, table: str, *rows: Row) -> None:
        """Rows of a table that Python would write."""
        with self.connect() as connection:
            for row in rows:
                _insert(connection, table, row)

    def dbt(self, *arguments: str) -> str:
        """Run dbt as orchestration does, in this process; returns what it printed."""
        folder = str(self.project)
        command = [*arguments, "--project-dir", folder, "--profiles-dir", folder, "--no-use-colors"]
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
            for name, value in self.environment().items():
                patch.setenv(name, value)
            try:
                outcome = dbtRunner(manifest=self._manifest(command)).invoke(command)
            finally:
                DuckDBConnectionManager.close_all_connections()
        assert outcome.success, f"{printed.getvalue()}\n{outcome.exception or ''}"
        return printed.getvalue()

    def _manifest(self, command: Sequence[str]) -> Any:
        """The parsed project, parsed once for all companies with the same staging SQL and settings; None to parse."""
        folders = [self.project / "staging", self.project / "generated"]
        texts = [[path.name, path.read_text()] for folder in folders for path in sorted(folder.iterdir())]
        places = ("CX_DBT_LANDING_DIR", "CX_WAREHOUSE_PATH", "DBT_TARGET_PATH", "DBT_LOG_PATH")
        told = {name: value for name, value in self.environment().items() if name not in places}
        key = json.dumps([told, texts])
        if command[0] == "parse":
            return None
        if key not in MANIFESTS:
            parsed = dbtRunner().invoke(["parse", *command[command.index("--project-dir") :]])
            if not parsed.success:
                return None
            MANIFESTS[key] = parsed.result
        return MANIFESTS[key]

    def build(self, *arguments: str) -> str:
        """Build every model and run every data test."""
        return self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)

    def environment(self) -> dict[str, str]:
        staging = {entity: [f"stg_crm__{entity}"] if entity in self.entities else [] for entity in load_contracts()}
        return {
            "CX_DBT_STAGING_MODELS": json.dumps(staging),
            "CX_DBT_LANDING_TABLES": json.dumps([f"crm__{entity}" for entity in self.entities]),
            "CX_DBT_PARAMETERS": json.dumps(self.parameters),
            "CX_DBT_REDUCING_STAGING": json.dumps(self.reducing),
            "CX_DBT_ROW_BY_ROW_STAGING": json.dumps(self._row_by_row()),
            "CX_DBT_FILTERED_STAGING": json.dumps(self.filtered),
            "CX_DBT_RECONCILED": json.dumps(self.reconciled),
            "CX_DBT_LANDING_DIR": str(self.folder / "landing"),
            "CX_WAREHOUSE_PATH": str(self.warehouse),
            "CX_MEMORY_LIMIT": "1GB",
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def tables(self, *schemas: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every table of the schemas, its rows in order, without the snapshot that tells when a row was written."""
        contents = {}
        with self.connect() as connection:
            names = connection.execute(
                "select table_schema, table_name from information_schema.tables "
                "where list_contains(?, table_schema) order by all",
                [list(schemas)],
            ).fetchall()
            for schema, name in names:
                relation = f"{schema}.{name}"
                columns = [
                    row[0]
                    for row in connection.execute(f"describe {relation}").fetchall()
                    if row[0] not in ("snapshot_sequence", "snapshot_id")
                ]
                query = f"select {', '.join(columns)} from {relation} order by all"
                contents[relation] = connection.execute(query).fetchall()
        return contents

    def _row_by_row(self) -> list[str]:
        """Staging models that no test has rewritten."""
        folder = self.project / "staging"
        paths = {entity: folder / f"stg_crm__{entity}.sql" for entity in self.entities}
        return [path.stem for entity, path in paths.items() if path.read_text() == _plain_staging(entity)]

    def _write_staging(self) -> None:
        sources = ["version: 2", "sources:", "  - name: landing", "    schema: landing", "    tables:"]
        for entity in self.entities:
            sources.append(f"      - name: crm__{entity}")
            (self.project / "staging" / f"stg_crm__{entity}.sql").write_text(_plain_staging(entity))
        if self.entities:
            (self.project / "generated" / "_landing__sources.yml").write_text("\n".join(sources) + "\n")


def _plain_staging(entity: str) -> str:
    return (
        "with mapped as (\n    select\n        {{ contract_columns('" + entity + "') }},\n"
        "        {{ landing_columns() }}\n    from {{ source('landing', 'crm__" + entity + "') }}\n)\n\n"
        "{{ conform('" + entity + "') }}\n"
    )


def _landing_columns(entity: str) -> dict[str, str]:
    contract = load_contracts()[entity]
    return {column.name: column.type for column in contract.columns.values()} | dict(LINEAGE_COLUMNS)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: Row) -> None:
    marks = ", ".join("?" for _ in row)
    connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))
