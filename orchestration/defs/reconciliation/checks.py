"""The check that nothing by which a mart differs from its source is unexplained; it names what is."""

from collections.abc import Hashable
from typing import Any

import dagster as dg

from orchestration.defs.area import Frame
from orchestration.runs.site import Site
from orchestration.warehouse.database import Warehouse

RECONCILIATION_KEY = dg.AssetKey(["marts", "mart_operations__reconciliation"])
RECONCILIATION_CHECK = "every_difference_is_explained"
_SHOWN_DAYS = 5
_SHOWN_KEYS = 5

_UNEXPLAINED = """
    select source_name, table_name, day_label, source_count, landing_count, staging_count, mart_count,
        source_amount, landing_amount, staging_amount, mart_amount, unexplained_count, unexplained_amount
    from marts.mart_operations__reconciliation
    where unexplained_count <> 0 or unexplained_amount <> 0
    order by source_name, table_name, day_label
"""
_KEYS = """
    select coalesce(row_key, source_file || ' row ' || source_row) as row_name, reason
    from marts.mart_operations__reconciliation_row
    where category = 'unexplained' and source_name = ? and table_name = ?
        and coalesce(cast(local_day as varchar), 'unknown') = ?
    order by difference_id limit 5
"""
_COUNTS = """
    select count(*) as day_count, count(distinct (source_name, table_name)) as table_count
    from marts.mart_operations__reconciliation
"""


def build_defs(frame: Frame) -> dg.Definitions:
    """The one check of reconciliation."""
    return dg.Definitions(asset_checks=[reconciliation_check()])


def reconciliation_check() -> dg.AssetChecksDefinition:
    """Blocks the publication while a difference between a source and its mart has no reason."""

    @dg.asset_check(
        name=RECONCILIATION_CHECK,
        asset=RECONCILIATION_KEY,
        blocking=True,
        description="Source, landing, staging and mart differ by nothing but rows whose reason is known.",
        pool="warehouse",
    )
    def every_difference_is_explained(
        site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]
    ) -> dg.AssetCheckResult:
        counts = warehouse.frame(_COUNTS).iloc[0]
        days = warehouse.frame(_UNEXPLAINED).astype(object).to_dict("records")
        sentences = [_sentence(warehouse, day) for day in days[:_SHOWN_DAYS]]
        more = f" And {len(days) - _SHOWN_DAYS} more days." if len(days) > _SHOWN_DAYS else ""
        declared = len([item for item in site.company.tables() if item.table.reconcile])
        return dg.AssetCheckResult(
            passed=not days,
            severity=dg.AssetCheckSeverity.ERROR,
            description=(
                " ".join(sentences) + more + " See docs/reconciliation.md for what to do."
                if days
                else f"{int(counts['table_count'])} of {declared} tables, {int(counts['day_count'])} days reconciled."
            ),
            metadata={"unexplained_days": len(days), "days": int(counts["day_count"])},
        )

    return every_difference_is_explained


def _sentence(warehouse: Warehouse, day: dict[Hashable, Any]) -> str:
    stages = ("source", "landing", "staging", "mart")
    counts = ", ".join(f"{stage} {_number(day[f'{stage}_count'])}" for stage in stages)
    amounts = ", ".join(f"{stage} {_number(day[f'{stage}_amount'])}" for stage in stages)
    place = [day["source_name"], day["table_name"], day["day_label"]]
    keys = warehouse.frame(_KEYS, place)
    named = ", ".join(keys["row_name"].astype(str).head(_SHOWN_KEYS))
    reasons = " ".join(sorted(set(keys["reason"].astype(str))))
    return (
        f"{place[0]}.{place[1]}, {place[2]}: {_number(day['unexplained_count'])} rows unexplained (rows: {counts};"
        f" amounts: {amounts})" + (f"; {reasons} First keys: {named}." if named else ".")
    )


def _number(value: object) -> str:
    if value is None or value != value:
        return "-"
    return f"{float(str(value)):.6f}".rstrip("0").rstrip(".")
