"""The pinned snapshot as the Python steps read it; who pins it is in defs/landing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from orchestration.tables import SNAPSHOT
from orchestration.warehouse import Warehouse


@dataclass(frozen=True)
class PinnedSnapshot:
    """The row of run.snapshot."""

    snapshot_id: str
    sequence: int
    as_of_date: dt.date


def read_snapshot(warehouse: Warehouse) -> PinnedSnapshot:
    """The snapshot that this run reads.

    Raises:
        LookupError: Nothing was pinned yet.
    """
    rows = warehouse.frame(f"select snapshot_id, snapshot_sequence, as_of_date from {SNAPSHOT.relation}")
    if len(rows) != 1:
        raise LookupError("No snapshot is pinned: run the daily job from its landings on.")
    row = rows.iloc[0]
    return PinnedSnapshot(
        str(row["snapshot_id"]),
        int(row["snapshot_sequence"]),
        dt.date.fromisoformat(str(row["as_of_date"])[:10]),
    )
