"""Further targets of a generation, where company.yml names them: an asset each, behind the published generation.

Readers of the DuckDB file have the generation before these begin, and keep it whatever fails here.
"""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult

from cx_assets.contracts.marts import load_marts
from orchestration.declaration.settings.publication import PostgresPublication
from orchestration.defs.area import Frame
from orchestration.defs.publication.assets import GENERATION
from orchestration.ground import lock
from orchestration.publication.generations import READABLE_SCHEMAS
from orchestration.publication.targets.parquet import ParquetTarget
from orchestration.publication.targets.postgres import PostgresTarget
from orchestration.publication.targets.protocol import FinishedGeneration, Outcome, publish_to
from orchestration.runs.site import Site

PARQUET = dg.AssetKey(["published", "parquet"])
POSTGRES = dg.AssetKey(["published", "postgres"])
TURN = 2


def build_defs(frame: Frame) -> dg.Definitions:
    """The targets that the company declares, none where it declares none."""
    company, manifest = frame.site.company, frame.project.manifest_path
    assets = []
    if company.publication.parquet:
        assets.append(parquet_asset(manifest, company.owner))
    if company.publication.postgres is not None:
        assets.append(postgres_asset(manifest, company.owner, company.publication.postgres))
    return dg.Definitions(assets=assets)


def declared_keys(manifest: Path) -> dict[str, tuple[str, ...]]:
    """Key of every published table that declares one, by schema.table.

    A mart's is that of its contract. A core table's is the combination that dbt tests to be unique, or else the first
    of its columns that it tests to be.
    """
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    found = {f"marts.{mart.name}": mart.key for mart in load_marts()}
    tests = [node for node in nodes.values() if node["resource_type"] == "test" and node.get("test_metadata")]
    for model_id, model in nodes.items():
        name = f"{model['schema']}.{model.get('alias')}"
        if model["resource_type"] != "model" or model["schema"] not in READABLE_SCHEMAS or name in found:
            continue
        own = [test for test in tests if test.get("attached_node") == model_id]
        if key := _tested_key(own, list(model["columns"])):
            found[name] = key
    return found


def _tested_key(tests: list[dict[str, object]], columns: list[str]) -> tuple[str, ...]:
    combined, single = [], []
    for test in tests:
        metadata: Mapping[str, object] = test["test_metadata"]  # type: ignore[assignment]
        config: Mapping[str, object] = test["config"]  # type: ignore[assignment]
        arguments: Mapping[str, list[str]] = metadata["kwargs"]  # type: ignore[assignment]
        if config.get("where") or str(config.get("severity", "ERROR")).upper() != "ERROR":
            continue
        if metadata["name"] == "unique_combination":
            combined.append(tuple(arguments["columns"]))
        elif metadata["name"] == "unique" and test.get("column_name") in columns:
            single.append(str(test["column_name"]))
    if combined:
        return min(combined, key=len)
    return (min(single, key=columns.index),) if single else ()


def parquet_asset(manifest: Path, owner: str) -> dg.AssetsDefinition:
    """Parquet beside the DuckDB file."""

    @dg.asset(
        key=PARQUET,
        deps=[GENERATION],
        group_name="publication",
        description="Parquet of every published table, personal data in a folder of its own.",
        owners=[owner],
        kinds={"parquet"},
    )
    def parquet(context: AssetExecutionContext, site: dg.ResourceParam[Site]) -> MaterializeResult:
        with _only_writer(site, context.run_id):
            generation = FinishedGeneration.current(site.workspace.published_dir, declared_keys(manifest))
            return _told(publish_to(ParquetTarget(site.workspace.published_dir), generation))

    return parquet


def postgres_asset(manifest: Path, owner: str, settings: PostgresPublication) -> dg.AssetsDefinition:
    """Tables in PostgreSQL."""

    @dg.asset(
        key=POSTGRES,
        deps=[GENERATION],
        group_name="publication",
        description="The tables of the general publication in PostgreSQL; none with personal data.",
        owners=[owner],
        kinds={"postgres"},
    )
    def postgres(context: AssetExecutionContext, site: dg.ResourceParam[Site]) -> MaterializeResult:
        with _only_writer(site, context.run_id), PostgresTarget.opened(settings) as target:
            generation = FinishedGeneration.current(site.workspace.published_dir, declared_keys(manifest))
            return _told(publish_to(target, generation))

    return postgres


def _only_writer(site: Site, run_id: str) -> AbstractContextManager[None]:
    """The one-writer lock, which the daily job has anyway: no generation is removed while it is read."""
    return lock.held(site.workspace.lock_path, run_id=run_id, started_at=site.now().isoformat(timespec="seconds"))


def _told(made: Outcome) -> MaterializeResult:
    return MaterializeResult(
        metadata={
            "generation_id": made.generation_id,
            "tables_written": len(made.written),
            "tables_left_as_they_were": len(made.kept),
            "tables_removed": len(made.removed),
            "rows_written": made.row_count,
            "written": dg.MetadataValue.json(list(made.written)),
        }
    )
