"""Column names and SQL types of the tables that identity hands to the warehouse.

The frames carry text as pandas strings, timestamps as datetime64[us] in naive UTC, counts as int64.
"""

from __future__ import annotations

import pandas as pd

RECORD_CUSTOMER = {
    "record_id": "varchar",
    "customer_id": "varchar",
    "valid_from_at": "timestamp",
    "valid_to_at": "timestamp",
    "known_from_at": "timestamp",
    "known_to_at": "timestamp",
    "snapshot_sequence": "bigint",
    "snapshot_id": "varchar",
}

LEDGER = {
    "event_id": "varchar",
    "event_type": "varchar",
    "customer_id": "varchar",
    "other_customer_id": "varchar",
    "record_id": "varchar",
    "rule": "varchar",
    "evidence": "varchar",
    "known_at": "timestamp",
    "snapshot_sequence": "bigint",
    "snapshot_id": "varchar",
}

CUSTOMER_REDIRECT = {
    "old_customer_id": "varchar",
    "customer_id": "varchar",
    "known_at": "timestamp",
    "snapshot_sequence": "bigint",
}

_DTYPES = {"varchar": "str", "timestamp": "datetime64[us]", "bigint": "int64"}


def typed(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The frame's declared columns, in their order and with their types; a frame without rows is fine.

    Args:
        frame: Any grain; must hold every declared column unless it has no rows.
        columns: Column name to SQL type (varchar, timestamp or bigint).

    Returns:
        A new frame with a fresh index.

    Raises:
        ValueError: A declared column is missing from a frame that has rows.
    """
    if frame.empty:
        return pd.DataFrame({name: pd.Series(dtype=_DTYPES[kind]) for name, kind in columns.items()})
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    dtypes = {name: _DTYPES[kind] for name, kind in columns.items()}
    return frame[list(columns)].astype(dtypes).reset_index(drop=True)


def look_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, null where there is none.

    Unlike Series.map, the values keep their type when there are no keys.

    Args:
        keys: Any keys, repeated or null.
        values: Values indexed by unique key.

    Returns:
        Values aligned with keys.index.
    """
    return values.reindex(keys).set_axis(keys.index)
