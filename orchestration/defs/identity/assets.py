"""Identity: reads the current records, calls cx_assets.identity once, writes its three tables together."""

from collections.abc import Iterator

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult

from cx_assets.identity.matching import idle_identifiers
from cx_assets.identity.resolution import resolve
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import CUSTOMER_REDIRECT, LEDGER, RECORD_CUSTOMER
from orchestration.defs.area import Frame
from orchestration.defs.table_spec import table_spec
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.database import Replacement, Warehouse

RECORDS = dg.AssetKey(["intermediate", "int_identity__current_record"])
MERGES = dg.AssetKey(["intermediate", "int_identity__record_merge"])
COLUMNS = (
    "record_id, source_system, source_person_id, customer_type, email, phone, tax_number, country_code, created_at"
)


def build_defs(frame: Frame) -> dg.Definitions:
    """Records to customers."""
    return dg.Definitions(assets=[record_customer])


@dg.multi_asset(
    name="identity",
    specs=[
        table_spec(table, [RECORDS, MERGES, dg.AssetKey(["run", "snapshot"])], "identity", "team:customer-data")
        for table in (RECORD_CUSTOMER, LEDGER, CUSTOMER_REDIRECT)
    ],
    pool="warehouse",
)
def record_customer(
    context: AssetExecutionContext,
    site: dg.ResourceParam[Site],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[MaterializeResult]:
    """Resolve records to customers; ids persist, every change stands on the ledger."""
    snapshot = pinned_snapshot(site.workspace)
    merges = warehouse.frame(
        "select merged_record_id, into_record_id from intermediate.int_identity__record_merge order by merged_record_id"
    )
    resolution = resolve(
        warehouse.frame(f"select {COLUMNS} from intermediate.int_identity__current_record order by record_id"),
        warehouse.frame(f"select * from {RECORD_CUSTOMER.relation} order by record_id, known_from_at"),
        identifiers=list(site.company.settings(IdentitySettings).identifiers),
        default_country=site.company.country_code,
        must_link=site.company.must_link(),
        source_merges=list(merges.itertuples(index=False, name=None)),
        known_at=site.now().replace(tzinfo=None),
        snapshot_sequence=snapshot.snapshot_sequence,
        snapshot_id=snapshot.snapshot_id,
    )
    for line in idle_identifiers(resolution.summary["identifiers"]):
        context.log.warning(line)
    boundary("before_identity_write")
    counts = warehouse.replace(
        Replacement(RECORD_CUSTOMER, resolution.record_customer),
        Replacement(LEDGER, resolution.ledger, where=f"snapshot_sequence = {snapshot.snapshot_sequence}"),
        Replacement(CUSTOMER_REDIRECT, resolution.customer_redirect),
    )
    for table in (RECORD_CUSTOMER, LEDGER, CUSTOMER_REDIRECT):
        metadata = {"dagster/row_count": counts[table.name]}
        if table is RECORD_CUSTOMER:
            metadata |= dict(resolution.summary)
        yield MaterializeResult(asset_key=dg.AssetKey([table.schema_name, table.name]), metadata=metadata)
