"""The tables that identity hands to the warehouse; declared in tables.yml."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cx_assets.contracts.python_tables import tables_of

TABLES = tables_of("cx_assets.identity")
RECORD_CUSTOMER = TABLES["identity.record_customer"]
LEDGER = TABLES["identity.ledger"]
CUSTOMER_REDIRECT = TABLES["identity.customer_redirect"]
MATCH_MODEL = TABLES["identity.match_model"]
MATCHED_RECORD = TABLES["identity.matched_record"]
LINK = TABLES["identity.link"]
REVIEW_PAIR = TABLES["identity.review_pair"]
HOUSEHOLD = TABLES["identity.household"]
MATCH_COUNT = TABLES["identity.match_count"]


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


def among(values: pd.Series, ids: Iterable[object]) -> pd.Series:
    """Whether each value is one of the ids; a null is none.

    Series.isin goes through Python objects for text, a hundred times as slow.

    Args:
        values: Text, repeated or null.
        ids: Text, repeated or not.

    Returns:
        Booleans aligned with values.index.
    """
    known = pd.Index(list(ids), dtype="str").unique()
    found = known.get_indexer(pd.Index(values.astype("str"))) >= 0
    return pd.Series(found, index=values.index) & values.notna()
