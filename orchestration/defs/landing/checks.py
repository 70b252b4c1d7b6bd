"""The border of landings: files hold what their manifests state."""

from collections.abc import Iterator, Sequence

import dagster as dg

from cx_assets.contracts.expectations import landing_expectations
from orchestration.declaration.tables import LandingTable
from orchestration.defs.area import Frame
from orchestration.defs.border import Border, border_results, border_specs, selected_assets
from orchestration.defs.landing.assets import landing_key
from orchestration.landing.loads import manifests
from orchestration.landing.loads.aggregates import landing_aggregates
from orchestration.landing.refused import rows as refused
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import published_load_sequence

LANDING_CHECK = "landing_matches_manifest"


def build_defs(frame: Frame) -> dg.Definitions:
    """The border of every landing table."""
    return dg.Definitions(asset_checks=[landing_border(list(frame.site.company.tables()))])


def landing_border(tables: Sequence[LandingTable]) -> dg.AssetChecksDefinition:
    """Parquet files hold what the manifests say, and refused rows stay within the company's limit."""

    @dg.multi_asset_check(
        name="landing_border",
        can_subset=True,
        specs=border_specs(
            LANDING_CHECK,
            [landing_key(table) for table in tables],
            "The landed files hold the rows that the manifests state; the share of refused rows is within the limit.",
        ),
    )
    def border(context: dg.AssetCheckExecutionContext, site: dg.ResourceParam[Site]) -> Iterator[dg.AssetCheckResult]:
        selected = selected_assets(context)
        expectations = landing_expectations(site.company.max_quarantined_share)
        listed = manifests.read_manifests(site.workspace)
        published = published_load_sequence(site.workspace)
        found = []
        for table in tables:
            if landing_key(table) not in selected:
                continue
            frame = landing_aggregates(site.workspace, listed, table.landing_name, published_sequence=published)
            why = refused.refusals(listed, table.landing_name)
            found.append(Border(landing_key(table), frame, expectations, why))
        yield from border_results(LANDING_CHECK, found)

    return border
