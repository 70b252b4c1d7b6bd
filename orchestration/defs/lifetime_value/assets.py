"""Lifetime value: histories and contracts in, one call into cx_assets, two tables."""

from collections.abc import Iterator

import dagster as dg
from dagster import MaterializeResult

from cx_assets.lifetime_value.tables import CUSTOMER_LIFETIME, LIFETIME_MODEL
from orchestration.defs.area import Frame
from orchestration.defs.lifetime_value.rows import lifetime_tables
from orchestration.defs.table_spec import table_spec
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse.database import Warehouse

HISTORIES = dg.AssetKey(["intermediate", "int_lifetime_value__customer"])
CONTRACTS = dg.AssetKey(["intermediate", "int_lifetime_value__contract"])
OWNER = "team:customer-insight"
TABLES = (CUSTOMER_LIFETIME, LIFETIME_MODEL)


def build_defs(frame: Frame) -> dg.Definitions:
    """What customers are expected to bring, and the models behind it."""
    return dg.Definitions(assets=[customer_lifetime])


@dg.multi_asset(
    name="customer_lifetime",
    specs=[table_spec(table, [HISTORIES, CONTRACTS], "scores_lifetime_value", OWNER) for table in TABLES],
    pool="warehouse",
)
def customer_lifetime(
    site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[MaterializeResult]:
    """Purchases, amounts and renewals expected of every customer."""
    as_of = pinned_snapshot(site.workspace).as_of_date
    rows = lifetime_tables(site.company, warehouse, as_of)
    boundary("before_scores_write:customer_lifetime")
    counts = warehouse.replace(*rows)
    for table in TABLES:
        yield MaterializeResult(
            asset_key=dg.AssetKey([table.schema_name, table.name]),
            metadata={"dagster/row_count": counts[table.name], "as_of_date": str(as_of)},
        )
