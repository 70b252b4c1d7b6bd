"""The report of a new generation as one HTML file, for those who read it by mail; the pages are in `report`."""

from collections.abc import Sequence

import dagster as dg
from dagster import MaterializeResult

from orchestration.dbt.exposures import BY_MAIL, REPORT, tables_of
from orchestration.defs.area import Frame
from orchestration.defs.publication.assets import GENERATION
from orchestration.publication.generations import current_generation
from orchestration.runs.site import Site

TURN = 3
"""After the publication that it shows."""


def build_defs(frame: Frame) -> dg.Definitions:
    """One asset, owned by whoever owns the company's data."""
    read = [dg.AssetKey(table.split(".")) for table in tables_of(REPORT / BY_MAIL)]
    return dg.Definitions(
        assets=[report_asset(frame.site.company.owner, [key for key in read if key in frame.asset_keys])]
    )


def report_asset(owner: str, read: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The file; a failure here leaves readers the new generation and the file of the one before.

    Args:
        owner: Who answers for it.
        read: Published tables that it shows, for the lineage; it reads them in the generation.
    """

    @dg.asset(
        key=dg.AssetKey(["published", "report"]),
        deps=[GENERATION, *read],
        group_name="publication",
        description="Scores, segments, churn risk and data quality of the newest generation as one HTML file: pictures"
        " inside, no script, no network, no personal data.",
        owners=[owner],
        kinds={"html"},
    )
    def report(site: dg.ResourceParam[Site]) -> MaterializeResult:
        from report.static import FILE_NAME, write_static

        published = site.workspace.published_dir
        written = write_static(published, published / FILE_NAME)
        made = current_generation(published)
        return MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(written)),
                "generation_id": made.generation_id if made else "",
                "bytes": written.stat().st_size,
            }
        )

    return report
