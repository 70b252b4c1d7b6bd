"""Segments: one frame of purchases, one call into cx_assets, one table."""

import dagster as dg
from dagster import MaterializeResult

from cx_assets.segments.rfm import rfm_scores
from cx_assets.segments.tables import CUSTOMER_RFM
from orchestration.defs.area import Frame
from orchestration.defs.table_spec import table_spec
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.database import Replacement, Warehouse

PURCHASES = dg.AssetKey(["intermediate", "int_value__customer_purchase"])
OWNER = "team:customer-insight"


def build_defs(frame: Frame) -> dg.Definitions:
    """RFM scores."""
    return dg.Definitions(assets=[customer_rfm])


@dg.multi_asset(
    name="customer_rfm",
    specs=[table_spec(CUSTOMER_RFM, [PURCHASES], "scores_segments", OWNER)],
    pool="warehouse",
)
def customer_rfm(site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]) -> MaterializeResult:
    """Recency, frequency and monetary scores as of the observation date."""
    as_of = pinned_snapshot(site.workspace).as_of_date
    purchases = warehouse.frame(
        "select * from intermediate.int_value__customer_purchase where purchase_count > 0 order by customer_id"
    )
    scores = rfm_scores(purchases, as_of=as_of)
    boundary("before_scores_write:customer_rfm")
    counts = warehouse.replace(Replacement(CUSTOMER_RFM, scores))
    return MaterializeResult(metadata={"dagster/row_count": counts["customer_rfm"], "as_of_date": str(as_of)})
