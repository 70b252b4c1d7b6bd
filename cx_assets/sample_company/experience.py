"""Deliveries and service: late parcels, tickets and complaints, and what they leave behind at a period's end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Experience
from cx_assets.sample_company.columns import decode, formatted, joined, money, padded, whole
from cx_assets.sample_company.costs import Costs, ticket_costs
from cx_assets.sample_company.deadlines import PRIORITIES, Handling, handled
from cx_assets.sample_company.files import json_lines, write_lines
from cx_assets.sample_company.morale import UNITS
from cx_assets.sample_company.parameters import Parameters
from cx_assets.sample_company.purchases import Orders
from cx_assets.sample_company.records import SYSTEMS, Records
from cx_assets.sample_company.shop_files import customer_columns, order_numbers
from cx_assets.sample_company.timeline import DAY, END, HOUR, Ints, period_start, stream, to_utc

CATEGORIES = ("delivery", "product", "invoice", "return", "advice", "account")
_CHANNELS = ("email", "phone", "chat", "web", "store")
_ISO = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True)
class Tickets:
    """Tickets that follow from one period's orders (one entry per ticket).

    Attributes:
        closed: Local second at which the handling was experienced: the first answer.
        resolved: Local second, perhaps after the data's end.
        is_low_service: Handled badly.
        handling: Urgency, priority and deadline.
    """

    customer: Ints
    record: Ints
    order_number: pa.Array
    opened: Ints
    closed: Ints
    resolved: Ints
    channel: Ints
    category: Ints
    is_complaint: NDArray[np.bool_]
    is_low_service: NDArray[np.bool_]
    handling: Handling

    @property
    def size(self) -> int:
        """Number of tickets."""
        return len(self.opened)


def make_tickets(seed: int, period: int, orders: Orders, records: Records, p: Parameters) -> Tickets:
    """Draw the tickets that follow from a period's orders; late deliveries bring more of them, and complaints."""
    rng = stream(seed, "tickets", period)
    is_late = orders.is_late
    share = np.where(is_late, p.ticket_share_late, p.ticket_share)
    place = np.flatnonzero((orders.customer >= 0) & (rng.random(orders.size) < share) & ~orders.is_canceled)
    size, late = len(place), is_late[place]
    start = np.where(late, orders.delivered[place], orders.ordered[place])
    opened = start + rng.integers(HOUR, 6 * DAY, size)
    pace = rng.exponential(1.0, size)
    slow = rng.random(size) < p.slow_resolution_share
    days = np.where(slow, 8 + rng.exponential(30, size), 0.1 + rng.exponential(3.0, size))
    customer = orders.customer[place]
    other = records.pick(rng, customer, opened, 0.35)
    record = np.where(rng.random(size) < 0.6, orders.record[place], other)
    channel = np.searchsorted([0.35, 0.7, 0.82, 0.94], rng.random(size), side="right")
    category = np.where(late, 0, rng.integers(0, len(CATEGORIES), size))
    is_complaint = rng.random(size) < np.where(late, p.complaint_share_late, p.complaint_share)
    handling = handled(stream(seed, "ticket urgency", period), is_complaint, category, -np.expm1(-pace), p.desk)
    first_answer = opened + handling.answer_seconds
    worked = opened + 600 + ((16 * HOUR * pace) + np.minimum(days, 75) * DAY).astype(np.int64)
    return Tickets(
        customer=customer,
        record=record,
        order_number=order_numbers(orders).take(pa.array(place)),
        opened=opened,
        closed=first_answer,
        resolved=np.maximum(worked, first_answer + 600),
        channel=channel,
        category=category,
        is_complaint=is_complaint,
        is_low_service=rng.random(size) < p.low_service_share,
        handling=handling,
    )


class Lived:
    """Remembers deliveries, complaints and answers long enough to say what each period left behind."""

    def __init__(self, customer_count: int, recovery_days: int) -> None:
        self._size, self._recovery_days = customer_count, recovery_days
        self._late: list[tuple[Ints, Ints]] = []
        self._tickets: list[Tickets] = []
        self._answers: list[tuple[Ints, Ints]] = []

    def add(self, orders: Orders, tickets: Tickets, service_answers: tuple[Ints, Ints]) -> None:
        """Take one period.

        Args:
            orders: The period's orders.
            tickets: The tickets that follow from them.
            service_answers: Positions of the tickets whose survey was answered, and the local seconds of it.
        """
        late = orders.is_late & (orders.customer >= 0)
        self._late = [*self._late[-1:], (orders.customer[late], orders.delivered[late])]
        self._tickets = [*self._tickets[-4:], tickets]
        self._answers = [*self._answers[-4:], service_answers]

    def in_period(self, period: int) -> Experience:
        """Experience of every customer in one period, as of its end."""
        first, end = period_start(period), period_start(period + 1)
        late, complaint = np.zeros(self._size, bool), np.zeros(self._size, bool)
        low, answered = np.zeros(self._size, bool), np.zeros(self._size, bool)
        recovered = np.zeros(self._size, bool)
        unanswered = np.zeros(self._size, np.int64)
        for customer, delivered in self._late:
            late[customer[(delivered >= first) & (delivered < end)]] = True
        for tickets, (place, _) in zip(self._tickets, self._answers, strict=True):
            is_open = tickets.is_complaint & (tickets.opened < end) & (tickets.resolved >= end)
            complaint[tickets.customer[is_open]] = True
            is_quick = tickets.resolved - tickets.opened < self._recovery_days * DAY
            is_won_back = tickets.is_complaint & is_quick & (tickets.resolved >= first) & (tickets.resolved < end)
            recovered[tickets.customer[is_won_back]] = True
            closed = (tickets.closed >= first) & (tickets.closed < end)
            is_answered = np.zeros(tickets.size, bool)
            is_answered[place] = True
            low[tickets.customer[closed & tickets.is_low_service]] = True
            answered[tickets.customer[closed & tickets.is_low_service & is_answered]] = True
            np.add.at(unanswered, tickets.customer[closed & ~is_answered], 1)
        return Experience(late, complaint, recovered, low, answered, unanswered)


class DeskFiles:
    """Collects tickets and writes `desk/tickets.jsonl` (UTC), sorted by opening."""

    def __init__(self, target: Path, seed: int, costs: Costs, broken: defects.Defects) -> None:
        self._path, self._broken = target / "desk" / "tickets.jsonl", broken
        self._seed, self._costs = seed, costs
        self._parts: list[tuple[Ints, pa.Table]] = []
        self._truth: list[pa.Table] = []

    def add(self, period: int, tickets: Tickets, records: Records) -> None:
        """Take the tickets of a period's orders that were opened before the data's end."""
        kept = np.flatnonzero(tickets.opened < END)
        opened, closed, resolved = tickets.opened[kept], tickets.closed[kept], tickets.resolved[kept]
        updated = np.where(resolved < END, resolved, np.where(closed < END, closed, opened))
        refs = customer_columns(records, tickets.record[kept])
        cost = ticket_costs(stream(self._seed, "ticket costs", period), tickets.channel[kept], self._costs)
        rows = pa.table(
            {
                "customer_system": decode(SYSTEMS, records.system[tickets.record[kept]]),
                "customer_no": refs["customer_no"],
                "order_no": tickets.order_number.take(pa.array(kept)),
                "opened": formatted(to_utc(opened), _ISO),
                "changed": formatted(to_utc(updated), _ISO),
                "first_reply": formatted(to_utc(closed), _ISO, closed >= END),
                "resolved": formatted(to_utc(resolved), _ISO, resolved >= END),
                "channel": decode(_CHANNELS, tickets.channel[kept]),
                "category": decode(CATEGORIES, tickets.category[kept]),
                "priority": decode(PRIORITIES, tickets.handling.priority[kept]),
                "cost": money(cost, resolved >= END),
                "complaint": pa.array(tickets.is_complaint[kept]),
            }
        )
        self._parts.append((opened, rows))
        handling = tickets.handling
        true = {
            "urgency": decode(PRIORITIES, handling.urgency[kept]),
            "unit_name": decode([f"team:{unit}" for unit in UNITS], handling.unit[kept]),
            "is_in_time": pa.array(handling.is_in_time[kept]),
        }
        self._truth.append(pa.table(true))

    def numbers(self) -> pa.Array:
        """Numbers of all tickets so far, in the order in which they were taken."""
        opened = np.concatenate([part for part, _ in self._parts])
        rank = np.empty(len(opened), np.int64)
        rank[np.argsort(opened, kind="stable")] = np.arange(len(opened))
        return whole(joined("T", padded(rank + 1, 8)))

    def truth(self) -> pa.Table:
        """One row per ticket: ticket_id, urgency, unit_name that answers, is_in_time."""
        rows = pa.concat_tables(self._truth)
        return rows.add_column(0, "ticket_id", joined("desk:", self.numbers())).sort_by("ticket_id")

    def close(self) -> int:
        """Write the file; returns the number of good tickets."""
        opened = np.concatenate([part for part, _ in self._parts])
        order = np.argsort(opened, kind="stable")
        rows = pa.concat_tables([part for _, part in self._parts]).take(pa.array(order))
        number = self.numbers().take(pa.array(order))
        columns = {"ticket_no": number} | {name: whole(rows[name]) for name in rows.column_names}
        kinds = {
            "cut_off_json": defects.cut_off,
            "impossible_date": defects.json_value("opened", '"2025-02-30T10:00:00"'),
            "text_in_boolean": lambda line: line.rsplit(":", 1)[0] + ':"weiss nicht"}',
        }
        write_lines(self._path, None, self._broken.lines("desk__tickets", json_lines(columns), kinds))
        return len(order)
