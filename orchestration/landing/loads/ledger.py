"""What the pinned loads landed and refused, as frames for the warehouse (`run.*`)."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from cx_assets.operations.tables import DEFAULTED_VALUE, LOAD, QUARANTINE_REASON
from orchestration.landing.loads.manifest import Manifest
from orchestration.landing.loads.manifests import current_parts


def load_ledger(manifests: Sequence[Manifest]) -> pd.DataFrame:
    """One row per load that still counts.

    Parts that a later load of the same file replaced are not counted, so that landed_count equals the rows
    of the load in its landing view.

    Returns:
        load_id, load_sequence, source_name, table_name, landed_at (naive UTC), landed_count,
        quarantined_count, source_files (paths below the source folder, comma-separated), by load_sequence.
    """
    rows = [
        {
            "load_id": load.load_id,
            "load_sequence": load.sequence,
            "source_name": load.source_name,
            "table_name": load.table_name,
            "landed_at": load.landed_moment.replace(tzinfo=None),
            "landed_count": load.row_count,
            "quarantined_count": load.quarantined_count,
            "source_files": ", ".join(part.source.path for part in load.parts),
        }
        for load in current_parts(manifests)
    ]
    return LOAD.typed(rows)


def quarantine_reasons(manifests: Sequence[Manifest]) -> pd.DataFrame:
    """Refused rows per load, rule and reason; a row counts once, under the first rule that it broke.

    Returns:
        load_id, source_name, table_name, rule, reason, row_count, by load_sequence, rule and reason.
    """
    rows = []
    for load in current_parts(manifests):
        counts: dict[tuple[str, str], int] = {}
        for part in load.parts:
            for item in part.reasons:
                counts[item.rule, item.reason] = counts.get((item.rule, item.reason), 0) + item.row_count
        rows += [
            {
                "load_id": load.load_id,
                "source_name": load.source_name,
                "table_name": load.table_name,
                "rule": rule,
                "reason": reason,
                "row_count": count,
            }
            for (rule, reason), count in sorted(counts.items())
        ]
    return QUARANTINE_REASON.typed(rows)


def defaulted_values(manifests: Sequence[Manifest]) -> pd.DataFrame:
    """Invalid values of landed rows that gave way to their column's default, per load and column.

    Returns:
        load_id, load_sequence, source_name, table_name, column_name, value_count, by load_sequence and column_name.
    """
    rows = []
    for load in current_parts(manifests):
        counts: Counter[str] = Counter()
        for part in load.parts:
            counts.update(part.defaulted)
        rows += [
            {
                "load_id": load.load_id,
                "load_sequence": load.sequence,
                "source_name": load.source_name,
                "table_name": load.table_name,
                "column_name": column,
                "value_count": count,
            }
            for column, count in sorted(counts.items())
        ]
    return DEFAULTED_VALUE.typed(rows)
