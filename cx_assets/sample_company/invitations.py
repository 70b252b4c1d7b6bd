"""Who is asked about what and when: survey invitations of one period; what is answered is in `surveys`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cx_assets.sample_company.behaviour import Flags, has_joined
from cx_assets.sample_company.experience import Tickets
from cx_assets.sample_company.parameters import TOUCHPOINTS, Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.purchases import Lines, Orders
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.timeline import DAY, END, HOUR, Ints, period_start
from cx_assets.sample_company.verbatims import occasion_events

AT = {name: number for number, name in enumerate(TOUCHPOINTS)}
RELATIONAL = -1
# A ticket that is settled within this time of its first answer is not felt as open.
_UNSETTLED = 3 * DAY


@dataclass(frozen=True)
class Asked:
    """Invitations of one period (one entry per invitation).

    Attributes:
        touchpoint: Index into TOUCHPOINTS, RELATIONAL for the survey about the relation.
        order: Position in the period's orders, -1 for none.
        is_bad: The occasion itself went wrong (late parcel, badly handled ticket).
        event: What went wrong, as `verbatims` numbers it; -1 for nothing.
        answer_before: An answer at or after this second is not given.
    """

    customer: Ints
    record: Ints
    touchpoint: Ints
    order: Ints
    ticket: Ints
    is_bad: Flags
    event: Ints
    invited: Ints
    answer_before: Ints

    def take(self, rows: Ints) -> Asked:
        """Chosen invitations, in the given order."""
        return Asked(**{name: values[rows] for name, values in vars(self).items()})

    @staticmethod
    def concat(parts: list[Asked]) -> Asked:
        """All parts, one after the other."""
        return Asked(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})


def _asked(
    customer: Ints, record: Ints, touchpoint: Ints | int, invited: Ints, *, is_bad: Flags | None = None, **more: Ints
) -> Asked:
    size = len(customer)
    none = np.full(size, -1)
    return Asked(
        customer=customer,
        record=record,
        touchpoint=np.broadcast_to(touchpoint, size).astype(np.int64),
        order=more.get("order", none),
        ticket=more.get("ticket", none),
        is_bad=np.zeros(size, bool) if is_bad is None else is_bad,
        event=more.get("event", none),
        invited=invited,
        answer_before=more.get("answer_before", np.full(size, END)),
    )


def _relational(rng: np.random.Generator, period: int, people: Population, records: Records, p: Parameters) -> Asked:
    chance = rng.random(people.size)
    is_wave = period % p.relational_every_periods == p.relational_every_periods - 1
    customer = np.flatnonzero(has_joined(period, people) & (chance < p.relational_share * is_wave))
    day = rng.integers(0, 25, len(customer))
    invited = period_start(period) + day * DAY + 9 * HOUR + rng.integers(0, 9 * HOUR, len(customer))
    return _asked(customer, records.main(customer, invited), RELATIONAL, invited)


def _after_orders(rng: np.random.Generator, orders: Orders, p: Parameters) -> Asked:
    known = (orders.customer >= 0) & ~orders.is_canceled
    place = np.flatnonzero(known & (rng.random(orders.size) < p.transactional_order_share))
    kind = rng.random(len(place))
    online = orders.is_online[place]
    start = np.where(orders.channel[place] == 2, AT["app"], AT["website"])
    far = np.where(
        kind < 0.2, start, np.where(kind < 0.4, AT["checkout"], np.where(kind < 0.75, AT["delivery"], AT["product"]))
    )
    near = np.where(
        kind < 0.35,
        AT["store"],
        np.where(kind < 0.5, AT["advice"], np.where(kind < 0.65, AT["checkout"], AT["product"])),
    )
    near = np.where(kind > 0.92, AT["loyalty_programme"], near)
    touchpoint = np.where(online, far, near)
    used = np.isin(touchpoint, (AT["delivery"], AT["product"])) & online
    occasion = np.where(used, orders.delivered[place], orders.ordered[place])
    invited = occasion + 2 * HOUR + rng.integers(0, 2 * DAY, len(place))
    is_bad = orders.is_late[place] & (touchpoint == AT["delivery"])
    event = occasion_events(touchpoint, is_bad, np.zeros(len(place), bool))
    return _asked(
        orders.customer[place], orders.record[place], touchpoint, invited, order=place, is_bad=is_bad, event=event
    )


def _after_returns(rng: np.random.Generator, orders: Orders, lines: Lines) -> Asked:
    known = lines.is_return & (orders.customer[lines.order] >= 0)
    place = np.flatnonzero(known & (rng.random(len(lines.order)) < 0.15))
    order = lines.order[place]
    invited = lines.occurred[place] + DAY + rng.integers(0, DAY, len(place))
    return _asked(orders.customer[order], orders.record[order], AT["returns"], invited, order=order)


def _after_tickets(rng: np.random.Generator, period: int, tickets: Tickets, p: Parameters) -> Asked:
    place = np.flatnonzero(rng.random(tickets.size) < p.transactional_ticket_share)
    closed = tickets.closed[place]
    # The answer counts for the period in which the ticket was handled, so it comes before that period's end.
    length = period_start(1) - period_start(0)
    period_end = period_start(period) + ((closed - period_start(period)) // length + 1) * length
    touchpoint = np.where(tickets.is_complaint[place], AT["complaint"], AT["service_desk"])
    is_bad, is_open = tickets.is_low_service[place], tickets.resolved[place] > closed + _UNSETTLED
    return _asked(
        tickets.customer[place], tickets.record[place], touchpoint, closed + rng.integers(600, 3 * HOUR, len(place)),
        ticket=place, is_bad=is_bad, event=occasion_events(touchpoint, is_bad, is_open),
        answer_before=np.minimum(period_end, END),
    )  # fmt: skip


def asked_in(
    rng: np.random.Generator,
    period: int,
    people: Population,
    records: Records,
    orders: Orders,
    lines: Lines,
    tickets: Tickets,
    p: Parameters,
) -> Asked:
    """Invitations about the relation and after the period's occasions, sent before the data's end, by their time."""
    asked = Asked.concat(
        [
            _relational(rng, period, people, records, p),
            _after_orders(rng, orders, p),
            _after_returns(rng, orders, lines),
            _after_tickets(rng, period, tickets, p),
        ]
    )
    sent = np.flatnonzero(asked.invited < END)
    return asked.take(sent[np.argsort(asked.invited[sent], kind="stable")])
