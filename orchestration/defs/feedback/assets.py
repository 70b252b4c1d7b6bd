"""Weights for non-response: one frame of invitations, one call into cx_assets, two tables."""

from collections.abc import Iterator

import dagster as dg
from dagster import MaterializeResult

from cx_assets.feedback.tables import ANSWER_MODEL, ANSWER_WEIGHT
from orchestration.defs.area import Frame
from orchestration.defs.feedback.rows import weighted_answers
from orchestration.defs.table_spec import table_spec
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.warehouse.database import Warehouse

HISTORY = dg.AssetKey(["intermediate", "int_experience__invitation_history"])
OWNER = "team:customer-insight"


def build_defs(frame: Frame) -> dg.Definitions:
    """Weights of answers."""
    return dg.Definitions(assets=[answer_weights])


@dg.multi_asset(
    name="answer_weights",
    specs=[table_spec(table, [HISTORY], "scores_feedback", OWNER) for table in (ANSWER_WEIGHT, ANSWER_MODEL)],
    pool="warehouse",
)
def answer_weights(site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]) -> Iterator[MaterializeResult]:
    """How many invitations each answered one stands for."""
    rows = weighted_answers(site.company, warehouse)
    boundary("before_scores_write:answer_weight")
    counts = warehouse.replace(*rows)
    for table in (ANSWER_WEIGHT, ANSWER_MODEL):
        metadata = {"dagster/row_count": counts[table.name]}
        yield MaterializeResult(asset_key=dg.AssetKey([table.schema_name, table.name]), metadata=metadata)
