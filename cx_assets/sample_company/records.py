"""Which CRM records the real customers have: two systems, duplicates, merges; what they hold is in `record_fields`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cx_assets.sample_company.columns import chosen, joined, padded, whole
from cx_assets.sample_company.parameters import Parameters, RecordShares
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.timeline import DAY, END, Ints, stream

Flags = NDArray[np.bool_]
SYSTEMS = ("crm", "service_crm")
HALF_HOUR = 1_800
NEVER = 2 * END


@dataclass(frozen=True)
class Records:
    """One entry per record, grouped by customer, the oldest record of each customer first.

    Attributes:
        customer: Position of the real customer.
        first: Position of each customer's first record (one entry per customer), `count` its number of records.
        system: 0 for crm, 1 for service_crm.
        number: The source's own id, drawn at random, so that it says nothing about the customer.
        created, updated: Local seconds.
        merged_into: Record that the source merged it into, -1 for none; the merged one has left the export.
        merged_at: Local second of the merge, NEVER for none.
        is_listed: The merge stands in the source's list of merges.
    """

    customer: Ints
    first: Ints
    count: Ints
    system: Ints
    number: pa.Array
    created: Ints
    updated: Ints
    merged_into: Ints
    merged_at: Ints
    is_listed: Flags

    @property
    def size(self) -> int:
        """Number of records."""
        return len(self.customer)

    def is_first(self) -> Flags:
        """Each customer's oldest record."""
        flags = np.zeros(self.size, bool)
        flags[self.first] = True
        return flags

    def main(self, customer: Ints, at: Ints) -> Ints:
        """The customers' first record, or at that time the one that it was merged into."""
        return self._as_of(self.first[customer], at)

    def pick(self, rng: np.random.Generator, customer: Ints, at: Ints, other_share: float) -> Ints:
        """Record under which each event is booked: mostly the first, sometimes another that existed by then."""
        other = self.first[customer] + (rng.random(len(customer)) * self.count[customer]).astype(np.int64)
        usable = (rng.random(len(customer)) < other_share) & (self.created[other] < at)
        return self._as_of(np.where(usable, other, self.first[customer]), at)

    def _as_of(self, record: Ints, at: Ints) -> Ints:
        return np.where(self.merged_at[record] <= at, self.merged_into[record], record)


def make_records(seed: int, people: Population, p: Parameters) -> Records:
    """Draw how many records each customer has, where and since when."""
    rng = stream(seed, "records")
    edges = np.cumsum(p.record_count_shares)
    count = 1 + np.minimum(np.searchsorted(edges, rng.random(people.size), side="right"), len(edges) - 1)
    customer = np.repeat(np.arange(people.size), count)
    first = np.cumsum(count) - count
    is_first = np.zeros(len(customer), bool)
    is_first[first] = True
    system = np.where(rng.random(len(customer)) < np.where(is_first, 0.07, 0.6), 1, 0)
    joined_at = people.joined[customer]
    room = END - 2 * DAY - joined_at
    later = joined_at + (rng.random(len(customer)) * np.maximum(room, DAY)).astype(np.int64)
    created = np.where(
        is_first, joined_at - rng.integers(60, 600, len(customer)), np.maximum(np.minimum(later, END - DAY), joined_at)
    )
    changed = created + (rng.random(len(customer)) * np.maximum(END - HALF_HOUR - created, 0)).astype(np.int64)
    updated = np.where(rng.random(len(customer)) < 0.45, changed, created)
    order = rng.permutation(len(customer))
    crm_number = joined("K", padded(10_000_000 + order, 8))
    service_number = joined("S-", padded(400_000 + 3 * order, 7))
    number = whole(chosen(system == 0, crm_number, service_number))
    merged_into, merged_at, is_listed = _merges(seed, first, count, system, created, p.record_shares)
    # A merge changes the record that stays.
    is_merged = merged_into >= 0
    updated[merged_into[is_merged]] = np.maximum(updated[merged_into[is_merged]], merged_at[is_merged])
    return Records(customer, first, count, system, number, created, updated, merged_into, merged_at, is_listed)


def _merges(
    seed: int, first: Ints, count: Ints, system: Ints, created: Ints, shares: RecordShares
) -> tuple[Ints, Ints, Flags]:
    """Per record: into which it was merged (-1: none), when, and whether the source's list says so."""
    rng = stream(seed, "merges")
    other = first + np.minimum(1 + (rng.random(len(first)) * (count - 1)).astype(np.int64), count - 1)
    in_crm = (count > 1) & (system[first] == 0) & (system[other] == 0)
    drawn = in_crm & (rng.random(len(first)) < shares.merged)
    gone, stays = first[drawn], other[drawn]
    merged_into, merged_at = np.full(len(system), -1), np.full(len(system), NEVER)
    merged_into[gone] = stays
    room = np.maximum(END - HALF_HOUR - created[stays], 0)
    merged_at[gone] = created[stays] + (rng.random(len(gone)) * room).astype(np.int64)
    is_listed = (merged_into >= 0) & (rng.random(len(system)) >= shares.merge_unlisted)
    return merged_into, merged_at, is_listed
