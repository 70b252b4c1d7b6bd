"""Who agreed to be contacted, and who has a complaint open: as of the observation date, from the newest events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

GIVEN = "given"


def customers_with_consent(events: pd.DataFrame, *, channels: Collection[str], as_of: date) -> set[str]:
    """Customers whose consent for one purpose is in force.

    An event without a channel is for all channels; for a channel the newest of its own events and of those for all
    decides. Of events at the same moment a withdrawal decides. Where no channel is asked for, the newest event for
    all channels must be a grant, and no single channel may stand withdrawn.

    Args:
        events: Consent events of the purpose: customer_id, occurred_at (UTC), occurred_date (in the company's zone),
            channel (null for all), action (given or withdrawn). Of all records of a customer together.
        channels: Channels by which the customer is to be reached; consent must hold for each.
        as_of: Observation date, inclusive; later events are ignored.

    Returns:
        Their ids. Who has no event is not among them.
    """
    known = events[_days(events["occurred_date"]) <= pd.Timestamp(as_of)]
    if known.empty:
        return set()
    # A withdrawal sorts behind a grant of the same moment, and the last row decides.
    known = known.assign(is_given=known["action"] == GIVEN)
    known = known.sort_values(["occurred_at", "is_given"], ascending=[True, False])
    is_for_all = known["channel"].isna()
    if channels:
        agreed = set(known["customer_id"])
        for channel in channels:
            agreed &= _given(known[is_for_all | (known["channel"] == channel)])
        return agreed
    agreed = _given(known[is_for_all])
    for channel in known.loc[~is_for_all, "channel"].unique():
        agreed -= _withdrawn(known[is_for_all | (known["channel"] == channel)])
    return agreed


def _given(events: pd.DataFrame) -> set[str]:
    newest = events.groupby("customer_id")["is_given"].last()
    return set(newest.index[newest])


def _withdrawn(events: pd.DataFrame) -> set[str]:
    newest = events.groupby("customer_id")["is_given"].last()
    return set(newest.index[~newest])


def customers_with_open_complaint(tickets: pd.DataFrame, *, as_of: date) -> set[str]:
    """Customers who had a complaint open at the end of the observation date.

    Args:
        tickets: customer_id, is_complaint, opened_date, resolved_date (null while open), in the company's zone.
        as_of: Observation date, inclusive.
    """
    day = pd.Timestamp(as_of)
    is_opened = _days(tickets["opened_date"]) <= day
    resolved = _days(tickets["resolved_date"])
    is_open = tickets["is_complaint"].fillna(False).astype(bool) & is_opened & (resolved.isna() | (resolved > day))
    return set(tickets.loc[is_open, "customer_id"])


def _days(values: pd.Series) -> pd.Series:
    """Days; one beyond the calendar of pandas (9999-12-31) is null: it lies after every observation date."""
    return pd.to_datetime(values, errors="coerce")
