"""The three dbt stages. Every dbt test runs once, in the stage of its last parent (buildable selection)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext
from dagster_dbt import DagsterDbtCliRuntimeError, dbt_assets

from orchestration.build_basis import basis_of, forget, needs_full_refresh, remember
from orchestration.dbt_metadata import ModelMetadata, with_metadata
from orchestration.dbt_project import ChildDbt
from orchestration.defs.dbt.translator import CxTranslator
from orchestration.faults import boundary
from orchestration.landing.snapshot import pinned_snapshot
from orchestration.site import Site
from orchestration.warehouse import Warehouse


@dataclass(frozen=True)
class Stage:
    """A part of the dbt project that is built at one go.

    Attributes:
        name: `staging`, `core` or `marts`.
        select: dbt selection.
        exclude: dbt exclusion, or null.
    """

    name: str
    select: str
    exclude: str | None = None


STAGES = (
    Stage("staging", "fqn:*", "tag:stage_core tag:stage_marts"),
    Stage("core", "tag:stage_core"),
    Stage("marts", "tag:stage_marts"),
)


def stage_assets(stage: Stage, manifest: Path) -> dg.AssetsDefinition:
    """The dbt models and tests of one stage as assets and checks."""
    translator = CxTranslator()

    @dbt_assets(
        manifest=manifest,
        select=stage.select,
        exclude=stage.exclude,
        name=f"dbt_{stage.name}",
        dagster_dbt_translator=translator,
        pool="warehouse",
    )
    def models(
        context: AssetExecutionContext,
        site: dg.ResourceParam[Site],
        dbt: dg.ResourceParam[ChildDbt],
        warehouse: dg.ResourceParam[Warehouse],
    ) -> Iterator[Any]:
        target = site.workspace.dbt_target_dir / stage.name
        basis = basis_of(site.workspace, pinned_snapshot(site.workspace))
        arguments = ["build", "--indirect-selection", "buildable", "--exclude-resource-type", "unit_test"]
        if needs_full_refresh(site.workspace, basis):
            forget(site.workspace)
            arguments.append("--full-refresh")
        invocation = dbt.cli(arguments, context=context, target_path=target)
        events, error = _drained(invocation.stream())
        described = ModelMetadata(
            json.loads(manifest.read_text(encoding="utf-8")),
            translator,
            target,
            site.workspace.dbt_dir / "lineage",
            warehouse,
        )
        yield from with_metadata(events, described)
        if error is not None:
            raise error
        if stage is STAGES[-1]:
            remember(site.workspace, basis)

    return models


def _drained(stream: Iterator[Any]) -> tuple[list[Any], DagsterDbtCliRuntimeError | None]:
    """All events of a dbt run, and the error that ended it: what ran before a failure is still told."""
    events = []
    try:
        for event in stream:
            events.append(event)
            boundary("mid_dbt")
    except DagsterDbtCliRuntimeError as error:
        return events, error
    return events, None
