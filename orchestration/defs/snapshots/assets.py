"""The snapshot that pins what the run reads, and the ledger of its loads."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult
from pydantic import Field

from cx_assets.operations.tables import DEFAULTED_VALUE, FEED, LOAD, QUARANTINE_REASON, SNAPSHOT, SOURCE_STATEMENT
from orchestration.dbt.stages import address_of
from orchestration.declaration.company import Company
from orchestration.declaration.tables import LandingTable
from orchestration.defs.area import Frame
from orchestration.defs.landing.assets import landing_key
from orchestration.defs.table_spec import table_spec
from orchestration.landing.control_totals.totals import statement_rows
from orchestration.landing.loads import ledger, views
from orchestration.landing.loads.manifests import current_parts, read_manifests
from orchestration.landing.loads.verification import verify_files
from orchestration.publication.generations import (
    Generation,
    PublicationError,
    note_up_to_date,
    verified_generation,
)
from orchestration.publication.withdrawal import is_withdrawn
from orchestration.runs.site import Site
from orchestration.snapshots import snapshot
from orchestration.snapshots.feeds import feed_rows, read_feeds
from orchestration.warehouse import build_basis
from orchestration.warehouse.database import Replacement, Warehouse

WITHDRAWN_INPUTS = (
    "Withdrawn, not published again: the generation of these inputs was rolled back. New landings, another observation "
    "date, configuration or code publish; so does `cx run --force` (in the UI: publish_withdrawn)."
)
DAMAGED_AND_WITHDRAWN = (
    "The generation of the present inputs was rolled back, so that no run publishes it by itself: let readers see "
    "another one by `cx rollback <generation>` (`cx status` lists them), or publish these inputs by `cx run --force`."
)
RUN_TABLES = (SNAPSHOT, LOAD, QUARANTINE_REASON, DEFAULTED_VALUE, SOURCE_STATEMENT, FEED)


def build_defs(frame: Frame) -> dg.Definitions:
    """The snapshot of all landings."""
    tables = list(frame.site.company.tables())
    nodes = frame.project.nodes()["nodes"].values()
    models = [".".join(address_of(node)) for node in nodes if node["resource_type"] == "model"]
    return dg.Definitions(assets=[snapshot_asset(frame.site.company, tables, frame.project.fingerprint, models)])


class SnapshotConfig(dg.Config):
    """Whether to go on although nothing changed since the last publication, or although it was rolled back."""

    force: bool = Field(default=False, description="Build and publish although nothing has changed.")
    publish_withdrawn: bool = Field(
        default=False, description="Publish although these inputs' generation was rolled back."
    )
    run_date: str | None = Field(default=None, description="Observation date, where company.yml says schedule.")


def _published(context: AssetExecutionContext, site: Site) -> tuple[Generation | None, str | None]:
    """What readers see, or what is wrong with it: then it counts as none, so that this run replaces it."""
    try:
        return verified_generation(site.workspace.published_dir), None
    except PublicationError as error:
        context.log.warning(f"The current generation is damaged and will be replaced: {error}")
        return None, str(error)


def snapshot_asset(
    company: Company, tables: Sequence[LandingTable], fingerprint: str, models: Sequence[str]
) -> dg.AssetsDefinition:
    """Pins the landings and the observation date of a run, with their ledger; everything downstream reads only these.

    The tables are written together or, when nothing is new and all models are built, not at all: then every later step
    is skipped.
    """

    @dg.multi_asset(
        name="run__snapshot",
        specs=[
            table_spec(
                table,
                [landing_key(item) for item in tables],
                "landing_snapshot",
                company.owner,
                is_skippable=True,
            )
            for table in RUN_TABLES
        ],
        pool="warehouse",
    )
    def snapshot_row(
        context: AssetExecutionContext,
        config: SnapshotConfig,
        site: dg.ResourceParam[Site],
        warehouse: dg.ResourceParam[Warehouse],
    ) -> Iterator[MaterializeResult]:
        manifests = read_manifests(site.workspace)
        verify_files(current_parts(manifests), site.workspace)
        for path in snapshot.set_damaged_aside(site.workspace):
            context.log.warning(f"A snapshot record was damaged; it was set aside as {path}, and is pinned anew.")
        run_date = dt.date.fromisoformat(config.run_date) if config.run_date else None
        feeds = read_feeds(site.company, manifests, site.workspace.state_dir)
        pin = snapshot.pin_snapshot(
            site.company,
            site.workspace,
            manifests,
            run_date=run_date,
            now=site.now(),
            code_fingerprint=fingerprint,
            feeds=feeds,
        )
        published, damage = _published(context, site)
        # A warehouse that was set aside is built anew, though readers miss nothing.
        is_built = build_basis.is_built(site.workspace, models)
        if published is not None and published.snapshot_id == pin.snapshot_id and is_built and not config.force:
            context.log.info(f"Up to date: generation {published.generation_id} was made from these inputs.")
            note_up_to_date(site.workspace.published_dir, at=site.now())
            return
        if not config.publish_withdrawn and is_withdrawn(site.workspace.published_dir, pin.snapshot_id):
            if damage:
                raise PublicationError(f"{damage} {DAMAGED_AND_WITHDRAWN}")
            context.log.warning(WITHDRAWN_INPUTS)
            return
        pinned = [manifest for manifest in manifests if manifest.load_id in set(pin.load_ids)]
        warehouse.prepare(site.company.time_zone)
        warehouse.run_statements(
            ["create schema if not exists landing"]
            + [views.landing_view_sql(site.workspace, pinned, item) for item in tables]
        )
        counts = warehouse.replace(
            Replacement(SNAPSHOT, pin.as_frame()),
            Replacement(LOAD, ledger.load_ledger(pinned)),
            Replacement(QUARANTINE_REASON, ledger.quarantine_reasons(pinned)),
            Replacement(DEFAULTED_VALUE, ledger.defaulted_values(pinned)),
            Replacement(SOURCE_STATEMENT, statement_rows(site.workspace.state_dir, pinned, tables)),
            Replacement(FEED, feed_rows(feeds)),
        )
        told: dict[str, Any] = {
            "snapshot_id": pin.snapshot_id,
            "snapshot_sequence": pin.snapshot_sequence,
            "as_of_date": str(pin.as_of_date),
        }
        for table in RUN_TABLES:
            yield MaterializeResult(
                asset_key=dg.AssetKey([table.schema_name, table.name]),
                metadata={**told, "dagster/row_count": counts[table.name]},
            )

    return snapshot_row
