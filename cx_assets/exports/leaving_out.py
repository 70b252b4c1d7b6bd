"""Rows of a list that may not or cannot be used, left out one reason after the other, each counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

UNKNOWN_CUSTOMER = "left_out_unknown_customer"
NO_CONSENT = "left_out_no_consent"
OPEN_COMPLAINT = "left_out_open_complaint"
NO_CONTACT = "left_out_no_contact"
CONTACT_CHANNELS: Mapping[str, str] = {"email": "email", "phone": "phone", "street_address": "post"}
"""Contact columns by which a customer is reached, and the channel that each of them is."""


@dataclass(frozen=True)
class Customers:
    """What is known of customers, for the reasons that a list asks for.

    Attributes:
        known: Ids that exist; None where the list is not of customers.
        consenting: Ids whose consent holds; None where the list needs none.
        complaining: Ids with an open complaint; None where that is no reason.
    """

    known: Collection[str] | None = None
    consenting: Collection[str] | None = None
    complaining: Collection[str] | None = None


def usable_rows(
    rows: pa.Table, customer_ids: pa.ChunkedArray | None, customers: Customers, *, reached_by: Collection[str] = ()
) -> tuple[pa.Table, dict[str, int]]:
    """The rows that may be used, and how many were left out for each reason; a row counts for its first reason.

    Args:
        rows: The list.
        customer_ids: Customer of each row, null where none is known; None where the list is not of customers.
        customers: What is known of them.
        reached_by: Columns by which a customer is reached; a row in which all of them are null or empty is of no use.

    Returns:
        The rows in their order, and counts by reason, of the reasons that the list asks for.
    """
    counts: dict[str, int] = {}
    keep = pa.chunked_array([pa.array([True] * rows.num_rows, type=pa.bool_())])

    def leave_out(reason: str, is_usable: pa.ChunkedArray) -> None:
        nonlocal keep
        kept = pc.and_(keep, pc.fill_null(is_usable, False))
        counts[reason] = _count(keep) - _count(kept)
        keep = kept

    for reason, ids, must_be_in in (
        (UNKNOWN_CUSTOMER, customers.known, True),
        (NO_CONSENT, customers.consenting, True),
        (OPEN_COMPLAINT, customers.complaining, False),
    ):
        if ids is not None and customer_ids is not None:
            is_in = pc.is_in(customer_ids, value_set=pa.array(sorted(ids), type=pa.string()))
            leave_out(reason, is_in if must_be_in else pc.invert(is_in))
    if reached_by:
        is_reached = pa.chunked_array([pa.array([False] * rows.num_rows, type=pa.bool_())])
        for name in reached_by:
            has_text = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(rows[name]), ""), False)
            is_reached = pc.or_(is_reached, has_text)
        leave_out(NO_CONTACT, is_reached)
    return rows.filter(keep), counts


def _count(flags: pa.ChunkedArray) -> int:
    return int(pc.sum(flags).as_py() or 0)
