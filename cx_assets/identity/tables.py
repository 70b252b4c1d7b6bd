"""The tables that identity hands to the warehouse; declared in tables.yml."""

from __future__ import annotations

import pandas as pd

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.identity")
RECORD_CUSTOMER = TABLES["identity.record_customer"]
LEDGER = TABLES["identity.ledger"]
CUSTOMER_REDIRECT = TABLES["identity.customer_redirect"]


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
