"""The border of marts: keys unique, numbers within the bounds that they can have at all."""

from collections.abc import Iterator

import dagster as dg

from cx_assets.contracts.marts import MartContract, load_marts, mart_aggregate_sql, mart_expectations
from orchestration.defs.area import Frame
from orchestration.defs.border import Border, border_results, border_specs, selected_assets
from orchestration.warehouse.database import Warehouse

MART_CHECK = "mart_is_plausible"


def build_defs(frame: Frame) -> dg.Definitions:
    """The border of every mart."""
    return dg.Definitions(asset_checks=[mart_border()])


def mart_key(mart: MartContract) -> dg.AssetKey:
    """Address of a mart."""
    return dg.AssetKey(["marts", mart.name])


def mart_border() -> dg.AssetChecksDefinition:
    """Every mart is unique on its key and within the bounds that its numbers can have at all."""
    marts = load_marts()

    @dg.multi_asset_check(
        name="mart_border",
        can_subset=True,
        specs=border_specs(
            MART_CHECK,
            [mart_key(mart) for mart in marts],
            "Key unique and filled, every bounded number within the bounds that it can have at all.",
        ),
        pool="warehouse",
    )
    def border(
        context: dg.AssetCheckExecutionContext, warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[dg.AssetCheckResult]:
        selected = selected_assets(context)
        wanted = [mart for mart in marts if mart_key(mart) in selected]
        frames = warehouse.frames([mart_aggregate_sql(mart) for mart in wanted])
        found = zip(wanted, frames, strict=True)
        yield from border_results(
            MART_CHECK, [Border(mart_key(mart), frame, mart_expectations(mart)) for mart, frame in found]
        )

    return border
