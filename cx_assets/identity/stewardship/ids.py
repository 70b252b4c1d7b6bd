"""Which records a person means by an id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd


class UnknownIdError(ValueError):
    """No record and no customer ever had the id, or nothing of it is left; the message says which."""


@dataclass(frozen=True)
class Named:
    """What an id stands for now.

    Attributes:
        given: The id as it was given.
        kind: Whether it is a record's or a customer's.
        customer_id: The customer in use now; another one than given where that was given up.
        records: The record itself, or the customer's records of now, sorted.
    """

    given: str
    kind: Literal["record", "customer"]
    customer_id: str
    records: tuple[str, ...]

    @property
    def is_redirected(self) -> bool:
        """Whether the id was given up and another took its records over."""
        return self.kind == "customer" and self.given != self.customer_id

    def beside(self, other: Named) -> Named:
        """The same without the other's record, where that is one of this customer's."""
        if self.kind == "customer" and other.kind == "record":
            return replace(self, records=tuple(record for record in self.records if record != other.given))
        return replace(self, records=()) if self.records == other.records else self


def named(given: str, record_customer: pd.DataFrame, redirects: pd.DataFrame) -> Named:
    """Find the records of an id.

    Args:
        given: A record_id or a customer_id.
        record_customer: Table identity.record_customer.
        redirects: Table identity.customer_redirect.

    Raises:
        UnknownIdError: Nobody has the id, or its records have vanished.
    """
    held = record_customer[record_customer["known_to_at"].isna()]
    mine = held[held["record_id"] == given]
    if len(mine):
        return Named(given, "record", str(mine["customer_id"].iloc[0]), (given,))
    customer_id = in_use(given, redirects)
    records = tuple(sorted(held.loc[held["customer_id"] == customer_id, "record_id"]))
    if records:
        return Named(given, "customer", customer_id, records)
    if given in set(record_customer["record_id"]):
        raise UnknownIdError(f"the record {given} is no longer there; cx identity history {given} tells its life")
    if given in set(record_customer["customer_id"]):
        raise UnknownIdError(f"the customer {given} has no records any more; cx identity history {given} tells why")
    raise UnknownIdError(f"no record and no customer has the id {given!r}")


def in_use(customer_id: str, redirects: pd.DataFrame) -> str:
    """The id that took a customer's place, however many steps away; the id itself where none did."""
    next_ids = dict(zip(redirects["old_customer_id"], redirects["customer_id"], strict=True))
    seen = {customer_id}
    while customer_id in next_ids and next_ids[customer_id] not in seen:
        customer_id = str(next_ids[customer_id])
        seen.add(customer_id)
    return customer_id
