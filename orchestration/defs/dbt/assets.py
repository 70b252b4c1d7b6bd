"""dbt, stage by stage. Every dbt test runs once, in the stage of its last parent."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext
from dagster_dbt import dbt_assets

from orchestration.dbt.fingerprints import stage_fingerprint
from orchestration.dbt.metadata import ModelMetadata, with_metadata
from orchestration.dbt.parameters import settings_text
from orchestration.dbt.project import ParsedProject, build_models
from orchestration.dbt.stages import Stage, address_of, derive_stages, with_stages
from orchestration.defs.area import Frame
from orchestration.defs.dbt.descriptions import data_test_description
from orchestration.defs.dbt.translator import CxTranslator
from orchestration.ground.code import code_hash
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.build_basis import basis_of, forget, is_of_snapshot, needs_full_refresh, recorded, remember
from orchestration.warehouse.database import Warehouse

TURN = 1
"""After the Python steps: what they read decides what is built at one go."""


def build_defs(frame: Frame) -> dg.Definitions:
    """All stages."""
    nodes = frame.project.nodes()
    python_reads = {
        (key.path[0], key.path[1]): {(dep.path[0], dep.path[1]) for dep in asset.asset_deps[key]}
        for asset in frame.assets
        for key in asset.keys
    }
    python_code = {(key.path[0], key.path[1]): code_hash(module) for key, module in frame.modules.items()}
    settings = settings_text(frame.site.workspace, frame.site.company)
    stages = derive_stages(nodes, python_reads)
    project = frame.project.with_nodes(with_stages(nodes, stages))
    before: Stage | None = None
    assets = []
    for stage in stages:
        fingerprint = stage_fingerprint(nodes, stage.models, python_reads, python_code, settings)
        assets.append(stage_assets(stage, before, project, fingerprint))
        before = stage
    return dg.Definitions(assets=assets)


def _told(event: Any, nodes: Mapping[str, Any]) -> Any:
    """A dbt test that did not hold says what must hold: in dbt's own words it is "Got 3 results"."""
    if not isinstance(event, dg.AssetCheckResult) or event.passed or event.description:
        return event
    test = nodes.get(str(getattr((event.metadata or {}).get("unique_id"), "value", "")))
    return event._replace(description=data_test_description(test)) if test else event


def stage_assets(stage: Stage, before: Stage | None, project: ParsedProject, fingerprint: str) -> dg.AssetsDefinition:
    """The dbt models and tests of one stage as assets and checks.

    Args:
        stage: The stage.
        before: The stage whose tables it reads; whole only on top of a whole one. None for the first.
        project: dbt's parsed project.
        fingerprint: Of what decides the stage's rows: another one builds its incremental tables anew.
    """
    models_of_stage = [project.nodes()["nodes"][name] for name in stage.models]
    translator = CxTranslator()

    @dbt_assets(
        manifest=project.nodes(),
        select=f"tag:{stage.name}",
        name=f"dbt_{stage.name}",
        dagster_dbt_translator=translator,
        pool="warehouse",
    )
    def models(
        context: AssetExecutionContext, site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[Any]:
        workspace = site.workspace
        target = workspace.dbt_target_dir / stage.name
        basis = basis_of(workspace, pinned_snapshot(workspace), fingerprint)
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
        if is_whole and (before is None or is_of_snapshot(recorded(workspace, before.name), basis.snapshot_id)):
            remember(workspace, stage.name, basis, [".".join(address_of(node)) for node in models_of_stage])

    return models
