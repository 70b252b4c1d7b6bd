"""Happiness: one frame of ratings; drivers, weights, index and customers, four tables written together."""

from collections.abc import Iterator

import dagster as dg
from dagster import MaterializeResult

from cx_assets.happiness.tables import CUSTOMER_HAPPINESS, HAPPINESS_INDEX, HAPPINESS_WEIGHT, SATISFACTION_DRIVER
from orchestration.defs.area import Frame
from orchestration.defs.happiness.rows import happiness_tables
from orchestration.defs.table_spec import table_spec
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.database import Warehouse

RATINGS = dg.AssetKey(["intermediate", "int_happiness__rating"])
OWNER = "team:customer-insight"
TABLES = (SATISFACTION_DRIVER, HAPPINESS_WEIGHT, HAPPINESS_INDEX, CUSTOMER_HAPPINESS)


def build_defs(frame: Frame) -> dg.Definitions:
    """Drivers, the index and its weights, and the happiness of customers."""
    return dg.Definitions(assets=[happiness])


@dg.multi_asset(
    name="happiness",
    specs=[table_spec(table, [RATINGS], "scores_happiness", OWNER) for table in TABLES],
    pool="warehouse",
)
def happiness(site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]) -> Iterator[MaterializeResult]:
    """What drives the overall answer, and how happy customers are, as of the observation date."""
    as_of = pinned_snapshot(site.workspace).as_of_date
    rows = happiness_tables(site.company, warehouse, as_of)
    boundary("before_scores_write:happiness")
    counts = warehouse.replace(*rows)
    for table in TABLES:
        yield MaterializeResult(
            asset_key=dg.AssetKey([table.schema_name, table.name]),
            metadata={"dagster/row_count": counts[table.name], "as_of_date": str(as_of)},
        )
