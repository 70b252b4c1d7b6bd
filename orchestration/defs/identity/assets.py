"""Identity: records become customers; what decides is in cx_assets.identity, what is read and written in resolving."""

from collections.abc import Iterator

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult

from cx_assets.identity.matching import idle_identifiers
from cx_assets.identity.tables import (
    CUSTOMER_REDIRECT,
    HOUSEHOLD,
    LEDGER,
    LINK,
    MATCH_COUNT,
    MATCH_MODEL,
    MATCHED_RECORD,
    RECORD_CUSTOMER,
    REVIEW_PAIR,
)
from orchestration.defs.area import Frame
from orchestration.defs.identity.resolving import resolved
from orchestration.defs.table_spec import table_spec
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.database import Warehouse

RECORDS = dg.AssetKey(["intermediate", "int_identity__current_record"])
MERGES = dg.AssetKey(["intermediate", "int_identity__record_merge"])
WRITTEN = (
    RECORD_CUSTOMER, LEDGER, CUSTOMER_REDIRECT, MATCH_MODEL, MATCHED_RECORD, LINK, REVIEW_PAIR, HOUSEHOLD, MATCH_COUNT,
)  # fmt: skip


def build_defs(frame: Frame) -> dg.Definitions:
    """Records to customers."""
    return dg.Definitions(assets=[record_customer])


@dg.multi_asset(
    name="identity",
    specs=[
        table_spec(table, [RECORDS, MERGES, dg.AssetKey(["run", "snapshot"])], "identity", "team:customer-data")
        for table in WRITTEN
    ],
    pool="warehouse",
)
def record_customer(
    context: AssetExecutionContext,
    site: dg.ResourceParam[Site],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[MaterializeResult]:
    """Resolve records to customers; ids persist, every change stands on the ledger."""
    found, written = resolved(warehouse, site.company, pinned_snapshot(site.workspace), site.now().replace(tzinfo=None))
    for line in idle_identifiers(found.summary["identifiers"]):
        context.log.warning(line)
    boundary("before_identity_write")
    counts = warehouse.replace(*written)
    for table in WRITTEN:
        metadata = {"dagster/row_count": counts[table.name]}
        if table is RECORD_CUSTOMER:
            metadata |= dict(found.summary)
        yield MaterializeResult(asset_key=dg.AssetKey([table.schema_name, table.name]), metadata=metadata)
