"""Lists that go back to operating systems: an asset each, behind the published generation.

Readers have the generation before these begin, and keep it whatever fails here; a list that fails stops no other.
"""

from collections.abc import Sequence

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult

from orchestration.dbt.exposures import read_by
from orchestration.declaration.settings.exports import Export, FileDestination
from orchestration.defs.area import Frame
from orchestration.defs.publication.assets import GENERATION
from orchestration.exporting.prepared import Delivery
from orchestration.exporting.sending import send
from orchestration.ground import lock
from orchestration.publication.targets.protocol import FinishedGeneration
from orchestration.runs.job_names import SEND_EXPORTS
from orchestration.runs.site import Site

TURN = 3
"""After the publication that they are taken from."""


def build_defs(frame: Frame) -> dg.Definitions:
    """The lists that the company declares, and a job that sends them alone; nothing where it declares none."""
    company = frame.site.company
    if not company.exports:
        return dg.Definitions()
    assets = []
    for name, export in company.exports.items():
        read = [dg.AssetKey(table.split(".")) for table in read_by(export)]
        known = [key for key in read if key in frame.asset_keys]
        assets.append(export_asset(name, export, export.owner or company.owner, known))
    job = dg.define_asset_job(
        SEND_EXPORTS,
        dg.AssetSelection.assets(*assets),
        description="Send the lists of the current generation: after a failure there, or a rollback.",
    )
    return dg.Definitions(assets=assets, jobs=[job])


def export_asset(name: str, export: Export, owner: str, read: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """One list.

    Args:
        name: Its name in company.yml.
        export: What it says.
        owner: Who answers for it.
        read: Published tables that it is made of, for the lineage; it reads them in the generation.
    """

    @dg.asset(
        key=dg.AssetKey(["exports", name]),
        deps=[GENERATION, *read],
        group_name="exports",
        description=export.description,
        owners=[owner],
        kinds={export.to.kind if isinstance(export.to, FileDestination) else "api"},
    )
    def sent(context: AssetExecutionContext, site: dg.ResourceParam[Site]) -> MaterializeResult:
        published, started_at = site.workspace.published_dir, site.now().isoformat(timespec="seconds")
        with lock.held(site.workspace.lock_path, run_id=context.run_id, started_at=started_at):
            delivery, is_new = send(name, export, published, FinishedGeneration.current(published, {}))
        return MaterializeResult(metadata=_told(delivery, is_new=is_new))

    return sent


def _told(delivery: Delivery, *, is_new: bool) -> dict[str, dg.MetadataValue]:
    """Every count of a delivery."""
    counts = {
        "rows_selected": delivery.rows_selected,
        **delivery.left_out,
        "dagster/row_count": delivery.rows_written,
        **{f"sent_{name}": count for name, count in delivery.sent.items()},
    }
    return {
        "generation_id": dg.MetadataValue.text(delivery.generation_id),
        "as_of_date": dg.MetadataValue.text(delivery.as_of_date),
        "is_new": dg.MetadataValue.bool(is_new),
        "path": dg.MetadataValue.text(delivery.path or ""),
        "columns": dg.MetadataValue.json(delivery.columns),
        **{name: dg.MetadataValue.int(count) for name, count in counts.items()},
    }
