"""What experiences are worth: one cohort of moments, two calls into cx_assets, two tables."""

import dagster as dg
from dagster import MaterializeResult

from cx_assets.experience_value.tables import EXPERIENCE_LOSS, EXPERIENCE_POINT
from orchestration.defs.area import Frame
from orchestration.defs.experience_value.rows import losses_of, points_of
from orchestration.defs.table_spec import table_spec
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.warehouse.database import Replacement, Warehouse

COHORT = dg.AssetKey(["intermediate", "int_experience_value__cohort"])
OWNER = "team:customer-insight"


def build_defs(frame: Frame) -> dg.Definitions:
    """Differences after good and bad answers, and customers lost after a bad experience."""
    return dg.Definitions(assets=[experience_point, experience_loss])


@dg.multi_asset(
    name="experience_point",
    specs=[table_spec(EXPERIENCE_POINT, [COHORT], "scores_experience_value", OWNER)],
    pool="warehouse",
)
def experience_point(site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]) -> MaterializeResult:
    """What followed good and bad answers, between comparable customers."""
    rows = points_of(site.company, warehouse)
    boundary("before_scores_write:experience_point")
    warehouse.replace(Replacement(EXPERIENCE_POINT, rows))
    return MaterializeResult(metadata={"dagster/row_count": len(rows), "claims": int(rows["is_claim"].sum())})


@dg.multi_asset(
    name="experience_loss",
    specs=[table_spec(EXPERIENCE_LOSS, [COHORT], "scores_experience_value", OWNER)],
    pool="warehouse",
)
def experience_loss(site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]) -> MaterializeResult:
    """Customers who left after a bad experience, beside comparable ones without it."""
    rows = losses_of(site.company, warehouse)
    boundary("before_scores_write:experience_loss")
    warehouse.replace(Replacement(EXPERIENCE_LOSS, rows))
    return MaterializeResult(metadata={"dagster/row_count": len(rows), "claims": int(rows["is_claim"].sum())})
