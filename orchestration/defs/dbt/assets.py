"""The three dbt stages. Every dbt test runs once, in the stage of its last parent (buildable selection)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext
from dagster_dbt import dbt_assets

from orchestration.dbt.metadata import ModelMetadata, with_metadata
from orchestration.dbt.project import ParsedProject, build_models
from orchestration.defs.area import Frame
from orchestration.defs.dbt.descriptions import data_test_description
from orchestration.defs.dbt.translator import CxTranslator
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.build_basis import basis_of, forget, needs_full_refresh, recorded, remember
from orchestration.warehouse.database import Warehouse


@dataclass(frozen=True)
class Stage:
    """A part of the dbt project that is built at one go.

    Attributes:
        name: `staging`, `core` or `marts`.
        select: dbt selection.
        exclude: dbt exclusion, or null.
        follows: The stage whose tables it reads; it is built whole only from what that was built from.
    """

    name: str
    select: str
    exclude: str | None = None
    follows: str | None = None


STAGES = (
    Stage("staging", "fqn:*", "tag:stage_core tag:stage_marts"),
    Stage("core", "tag:stage_core", follows="staging"),
    Stage("marts", "tag:stage_marts", follows="core"),
)


def build_defs(frame: Frame) -> dg.Definitions:
    """All stages."""
    return dg.Definitions(assets=[stage_assets(stage, frame.project) for stage in STAGES])


def _told(event: Any, nodes: Mapping[str, Any]) -> Any:
    """A dbt test that did not hold says what must hold: in dbt's own words it is "Got 3 results"."""
    if not isinstance(event, dg.AssetCheckResult) or event.passed or event.description:
        return event
    test = nodes.get(str(getattr((event.metadata or {}).get("unique_id"), "value", "")))
    return event._replace(description=data_test_description(test)) if test else event


def stage_assets(stage: Stage, project: ParsedProject) -> dg.AssetsDefinition:
    """The dbt models and tests of one stage as assets and checks."""
    translator = CxTranslator()

    @dbt_assets(
        manifest=project.manifest_path,
        select=stage.select,
        exclude=stage.exclude,
        name=f"dbt_{stage.name}",
        dagster_dbt_translator=translator,
        pool="warehouse",
    )
    def models(
        context: AssetExecutionContext, site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[Any]:
        workspace = site.workspace
        target = workspace.dbt_target_dir / stage.name
        basis = basis_of(workspace, pinned_snapshot(workspace), project.fingerprint)
        is_full_refresh = needs_full_refresh(workspace, stage.name, basis)
        if is_full_refresh:
            forget(workspace, stage.name)
        outcome = build_models(project, context, translator, target=target, is_full_refresh=is_full_refresh)
        metadata = ModelMetadata(project.nodes(), translator, target, workspace.dbt_dir / "lineage", warehouse)
        nodes = project.nodes()["nodes"]
        yield from with_metadata([_told(event, nodes) for event in outcome.events], metadata)
        if outcome.error is not None:
            raise outcome.error
        is_whole = context.selected_asset_keys == context.assets_def.keys
        if is_whole and (not stage.follows or recorded(workspace, stage.follows) == basis):
            remember(workspace, stage.name, basis)

    return models
