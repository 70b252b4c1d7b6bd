"""The published generation: audit the run's checks, copy, verify, switch."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult

from orchestration.defs.area import Frame
from orchestration.publication.audit import CheckEvaluation, NotPublishableError, audit_checks
from orchestration.publication.generations import READABLE_SCHEMAS, STALE_AFTER, PublishedTable, publish
from orchestration.runs.site import Site
from orchestration.semantic.definitions import MANIFEST, SCHEMA, definition_files
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.database import Warehouse
from orchestration.warehouse.history import keep_history

GENERATION = dg.AssetKey(["published", "generation"])
TURN = 2
"""After all others: it audits every check that they declare."""


def build_defs(frame: Frame) -> dg.Definitions:
    """The generation, behind every table and definition that readers get and every check that any area declares."""
    readable = [key for key in frame.asset_keys if key.path[0] in (*READABLE_SCHEMAS, SCHEMA)]
    return dg.Definitions(
        assets=[generation_asset(frame.project.manifest_path, sorted(readable), frame.checks, frame.site.company.owner)]
    )


def published_tables(manifest: Path) -> list[PublishedTable]:
    """The tables that readers get: every model of core and marts, personal ones marked for the restricted file."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model" and node["schema"] in READABLE_SCHEMAS]
    return [
        PublishedTable(
            node["schema"],
            node["alias"],
            is_personal=bool(node["config"].get("meta", {}).get("personal_data")),
            description=node["description"],
            columns={name: column["description"] for name, column in node["columns"].items()},
        )
        for node in sorted(models, key=lambda node: (node["schema"], node["alias"]))
    ]


def recorded_evaluations(instance: dg.DagsterInstance, run_id: str) -> list[CheckEvaluation]:
    """Every check evaluation that Dagster recorded for a run, repetitions included."""
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
    found = []
    for record in records:
        event = record.event_log_entry.dagster_event
        if event is None:
            continue
        evaluation = event.asset_check_evaluation_data
        count: Any = evaluation.metadata.get("dagster_dbt/failed_row_count")
        found.append(
            CheckEvaluation(
                "/".join(evaluation.asset_key.path),
                evaluation.check_name,
                is_passed=evaluation.passed,
                is_error=evaluation.severity == dg.AssetCheckSeverity.ERROR,
                row_count=None if count is None else int(count.value),
                advice=evaluation.description or "",
            )
        )
    return found


def generation_asset(
    manifest: Path, upstream: Sequence[dg.AssetKey], declared: Collection[tuple[str, str]], owner: str
) -> dg.AssetsDefinition:
    """The publication, allowed only when every declared check of the project ran once in this run and held."""

    @dg.asset(
        key=GENERATION,
        deps=list(upstream),
        group_name="publication",
        description="The newest checked generation of core and marts, as readers see it.",
        owners=[owner],
        kinds={"duckdb"},
        pool="warehouse",
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=STALE_AFTER),
    )
    def generation(
        context: AssetExecutionContext,
        site: dg.ResourceParam[Site],
        warehouse: dg.ResourceParam[Warehouse],
    ) -> MaterializeResult:
        audit = audit_checks(declared, recorded_evaluations(context.instance, context.run_id))
        if not audit.is_publishable:
            raise NotPublishableError(f"Not published; readers keep the last generation. {audit.reason()}.")
        snapshot = pinned_snapshot(site.workspace)
        keep_history(warehouse.path, site.workspace.history_dir, f"{snapshot.snapshot_sequence:08d}")
        made = publish(
            warehouse.path,
            site.workspace.published_dir,
            published_tables(manifest),
            company=site.company.name,
            snapshot_id=snapshot.snapshot_id,
            snapshot_sequence=snapshot.snapshot_sequence,
            as_of_date=str(snapshot.as_of_date),
            published_at=site.now().isoformat(timespec="seconds"),
            run_id=context.run_id,
            checks_declared=audit.declared_count,
            checks_passed=audit.passed_count,
            warnings=audit.warnings,
            documents=definition_files(
                warehouse.path,
                manifest.with_name(MANIFEST),
                minimum_answers=site.company.minimum_answers,
                currency_code=site.company.currency_code,
            ),
        )
        return MaterializeResult(
            metadata={
                "generation_id": made.generation_id,
                "as_of_date": made.as_of_date,
                "tables": len(made.tables),
                "dagster/row_count": sum(table.rows for table in made.tables),
                "checks_declared": audit.declared_count,
                "warnings": dg.MetadataValue.json(audit.warnings),
            }
        )

    return generation
