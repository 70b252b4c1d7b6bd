"""The daily job's SQL and Python calls in one plain process: the same work without Dagster and without dbt.

dbt's compiled SQL comes from the measured run; extraction, domain calls, validations and publication are called as the
assets call them. Published digests equal to the measured run's show that nothing was left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from cx_assets.churn import model_files, scoring, tables, training
from cx_assets.churn.settings import ChurnSettings
from cx_assets.churn.tables import CHURN_MODEL, CHURN_RELIABILITY, CUSTOMER_CHURN
from cx_assets.contracts import load_contracts
from cx_assets.contracts.expectations import Expectation, aggregate_sql, entity_expectations, landing_expectations
from cx_assets.contracts.marts import load_marts, mart_aggregate_sql, mart_expectations
from cx_assets.contracts.python_tables import python_tables, table_aggregate_sql, table_expectations
from cx_assets.contracts.references import beside_expectations, beside_sql
from cx_assets.contracts.validation import validate_frames
from cx_assets.experience_value.tables import EXPERIENCE_LOSS, EXPERIENCE_POINT
from cx_assets.operations.tables import DEFAULTED_VALUE, FEED, LOAD, QUARANTINE_REASON, SNAPSHOT, SOURCE_STATEMENT
from cx_assets.segments.rfm import rfm_scores
from cx_assets.segments.tables import CUSTOMER_RFM
from orchestration.declaration.company import Company, load_company
from orchestration.defs.experience_value.rows import losses_of, points_of
from orchestration.defs.feedback.rows import weighted_answers
from orchestration.defs.happiness.rows import happiness_tables
from orchestration.defs.identity.resolving import resolved
from orchestration.defs.lifetime_value.rows import lifetime_tables
from orchestration.ground.workspace import Workspace
from orchestration.landing.control_totals.totals import statement_rows
from orchestration.landing.extraction import extract_table
from orchestration.landing.loads import ledger, manifests, views
from orchestration.landing.loads.aggregates import landing_aggregates
from orchestration.publication.generations import PublishedTable, publish
from orchestration.snapshots.feeds import feed_rows, read_feeds
from orchestration.snapshots.snapshot import Snapshot, pin_snapshot
from orchestration.warehouse.database import Replacement, Warehouse, contract_model, repeated_keys
from tests.benchmarks.compiled_plan import CompiledPlan, Node, read_plan
from tests.benchmarks.measuring import Stopwatch

SCHEMAS = ("landing", "staging", "intermediate", "core", "marts", "semantic")


class PlainJob:
    """One company's daily job as a sequence of calls."""

    def __init__(self, workspace: Workspace, plan: CompiledPlan, code_fingerprint: str) -> None:
        self.workspace = workspace
        self.company: Company = load_company(workspace)
        self.plan = plan
        self.code_fingerprint = code_fingerprint
        self.warehouse = Warehouse(
            workspace.warehouse_path, workspace.lock_path, memory_limit=os.environ.get("CX_MEMORY_LIMIT", "4GB")
        )
        self.check_count = 0

    def run(self, stopwatch: Stopwatch) -> None:
        """All stages, in the order of the daily job."""
        with stopwatch.stage("extract"):
            snapshot = self.extract()
        with stopwatch.stage("checks"):
            self.check_landings()
        with stopwatch.stage("stage_1"):
            self.build(self.plan.stages["stage_1"])
        with stopwatch.stage("checks"):
            self.check_contracts()
        with stopwatch.stage("identity"):
            self.identity(snapshot)
        with stopwatch.stage("stage_2"):
            self.build(self.plan.stages["stage_2"])
        with stopwatch.stage("scores"):
            self.rfm(snapshot)
            self.churn(snapshot)
            self.satisfaction()
            self.warehouse.replace(*lifetime_tables(self.company, self.warehouse, snapshot.as_of_date))
        with stopwatch.stage("stage_3"):
            self.build(self.plan.stages["stage_3"])
        with stopwatch.stage("scores"):
            self.warehouse.replace(*happiness_tables(self.company, self.warehouse, snapshot.as_of_date))
        with stopwatch.stage("stage_4"):
            self.build(self.plan.stages["stage_4"])
        with stopwatch.stage("checks"):
            self.check_marts()
            self.check_tables()
        with stopwatch.stage("publish"):
            self.publish(snapshot)

    def extract(self) -> Snapshot:
        """Land every source table, pin the snapshot, make the landing views."""
        # By name, as Dagster's in-process executor goes: load sequences decide between equal versions of a key.
        items = sorted(self.company.tables(), key=lambda item: item.landing_name)
        for item in items:
            extract_table(self.company, item.source_name, item.table_name, self.workspace, now=self.workspace.now())
        loads = manifests.read_manifests(self.workspace)
        feeds = read_feeds(self.company, loads, self.workspace.state_dir)
        snapshot = pin_snapshot(
            self.company,
            self.workspace,
            loads,
            run_date=None,
            now=self.workspace.now(),
            code_fingerprint=self.code_fingerprint,
            feeds=feeds,
        )
        self.warehouse.prepare(self.company.time_zone)
        self.warehouse.run_statements(
            [f"create schema if not exists {schema}" for schema in SCHEMAS]
            + [views.landing_view_sql(self.workspace, loads, item) for item in items]
        )
        self.warehouse.replace(
            Replacement(SNAPSHOT, snapshot.as_frame()),
            Replacement(LOAD, ledger.load_ledger(loads)),
            Replacement(QUARANTINE_REASON, ledger.quarantine_reasons(loads)),
            Replacement(DEFAULTED_VALUE, ledger.defaulted_values(loads)),
            Replacement(SOURCE_STATEMENT, statement_rows(self.workspace.state_dir, loads, items)),
            Replacement(FEED, feed_rows(feeds)),
        )
        return snapshot

    def build(self, nodes: Iterable[Node]) -> None:
        """Create models and run data tests, on one connection with dbt's settings."""
        with self.warehouse.connect() as connection:
            connection.execute("set preserve_insertion_order = false")
            for node in nodes:
                if node.kind != "test":
                    connection.execute(f"create or replace {node.kind} {node.relation} as {node.sql}")
                    continue
                row = connection.execute(f"select count(*) from ({node.sql}) as failing").fetchone()
                if row is None or row[0] != node.failures:
                    raise AssertionError(f"{node.name}: {row} failing rows, dbt counted {node.failures}")
                self.check_count += 1

    def check(self, found: Sequence[tuple[pd.DataFrame, Sequence[Expectation]]]) -> None:
        """Validate rows of aggregates with Great Expectations."""
        for outcome in validate_frames(found):
            if not outcome.is_passed:
                raise AssertionError(outcome.summary)
            self.check_count += 1

    def check_landings(self) -> None:
        """The landing border."""
        loads = manifests.read_manifests(self.workspace)
        wanted = landing_expectations(self.company.max_quarantined_share)
        names = [item.landing_name for item in self.company.tables()]
        self.check([(landing_aggregates(self.workspace, loads, name), wanted) for name in names])

    def check_contracts(self) -> None:
        """The contract border."""
        contracts = load_contracts()
        found = []
        for entity, contract in contracts.items():
            keys, currencies = repeated_keys(entity), self.company.currency_codes
            alone = self.warehouse.frame(aggregate_sql(contract, contract_model(entity), keys))
            beside = self.warehouse.frame(beside_sql(contract, contracts, contract_model, keys, currencies))
            wanted = entity_expectations(contract, self.company.max_quarantined_share) + beside_expectations(
                contract,
                contracts,
                max_unknown_share=self.company.max_unknown_reference_share,
                max_conflicting_share=self.company.max_conflicting_key_share,
            )
            found.append((pd.concat([alone, beside], axis=1), wanted))
        self.check(found)

    def check_marts(self) -> None:
        """The mart border."""
        self.check([(self.warehouse.frame(mart_aggregate_sql(mart)), mart_expectations(mart)) for mart in load_marts()])

    def check_tables(self) -> None:
        """The border of tables that Python writes."""
        tables = python_tables().values()
        self.check([(self.warehouse.frame(table_aggregate_sql(table)), table_expectations()) for table in tables])

    def identity(self, snapshot: Snapshot) -> None:
        """Records to customers."""
        _, written = resolved(self.warehouse, self.company, snapshot, self.workspace.now().replace(tzinfo=None))
        self.warehouse.replace(*written)

    def rfm(self, snapshot: Snapshot) -> None:
        """RFM scores."""
        purchases = self.warehouse.frame(
            "select * from intermediate.int_value__customer_purchase where purchase_count > 0 order by customer_id"
        )
        self.warehouse.replace(Replacement(CUSTOMER_RFM, rfm_scores(purchases, as_of=snapshot.as_of_date)))

    def satisfaction(self) -> None:
        """Weights of answers, and what satisfaction is worth."""
        self.warehouse.replace(
            *weighted_answers(self.company, self.warehouse),
            Replacement(EXPERIENCE_POINT, points_of(self.company, self.warehouse)),
            Replacement(EXPERIENCE_LOSS, losses_of(self.company, self.warehouse)),
        )

    def features(self, where: str = "true") -> pd.DataFrame:
        """Churn features."""
        return self.warehouse.frame(
            f"select * from intermediate.int_churn__customer_feature where {where} "
            "order by observation_date, customer_id"
        )

    def churn(self, snapshot: Snapshot) -> None:
        """Train, save, load again and score, as the two assets do."""
        as_of = snapshot.as_of_date
        settings = self.company.settings(ChurnSettings)
        outcome = training.train(
            self.features(),
            observation_date=as_of,
            horizon_days=settings.horizon_days,
            eligible_days=settings.eligible_days,
        )
        self.warehouse.replace(
            Replacement(CHURN_MODEL, tables.churn_model_row(outcome, observation_date=as_of)),
            Replacement(CHURN_RELIABILITY, tables.reliability_rows(outcome)),
        )
        scores = pd.DataFrame({name: [] for name in CUSTOMER_CHURN.columns})
        if isinstance(outcome, training.TrainedChurn):
            folder = self.workspace.models_dir / "churn" / outcome.model_id
            model_files.save(outcome, folder)
            on_date = self.features(f"observation_date = date '{as_of}'")
            scores = scoring.score(
                model_files.load(folder),
                on_date,
                snapshot_id=snapshot.snapshot_id,
                snapshot_sequence=snapshot.snapshot_sequence,
            )
        self.warehouse.replace(Replacement(CUSTOMER_CHURN, scores))

    def publish(self, snapshot: Snapshot) -> None:
        """Copy, verify, switch."""
        publish(
            self.warehouse.path,
            self.workspace.published_dir,
            [PublishedTable(**fields) for fields in self.plan.published],
            company=self.company.name,
            snapshot_id=snapshot.snapshot_id,
            snapshot_sequence=snapshot.snapshot_sequence,
            as_of_date=str(snapshot.as_of_date),
            published_at=self.workspace.now().isoformat(timespec="seconds"),
            run_id="plain_calls",
            checks_declared=self.check_count,
            checks_passed=self.check_count,
            warnings=[],
        )


def main() -> None:
    """Run as a process of its own, in the folders that the CX_ variables name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--code-fingerprint", required=True)
    parser.add_argument("--windows", type=Path, required=True)
    given = parser.parse_args()
    stopwatch = Stopwatch()
    PlainJob(Workspace.from_environment(), read_plan(given.plan), given.code_fingerprint).run(stopwatch)
    stopwatch.write(given.windows)
    if {"dagster", "dbt"} & set(sys.modules):
        raise AssertionError("Dagster or dbt was imported: these are no plain calls.")


if __name__ == "__main__":
    main()
