"""Orders and lines: when, where, what and for how much; whether anybody buys is decided in `behaviour`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cx_assets.sample_company.catalogue import CATEGORY_NAMES, Catalogue, category_shares
from cx_assets.sample_company.costs import refunds
from cx_assets.sample_company.parameters import PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.timeline import (
    DAY,
    END,
    HOUR,
    Ints,
    day_weights,
    draw_clock,
    draw_days,
    is_discount_season,
    period_start,
    shares_until,
    stream,
)

CHANNELS = ("store", "web", "app", "phone")
APP, PHONE = CHANNELS.index("app"), CHANNELS.index("phone")
Flags = NDArray[np.bool_]
SUNDAY = 6
NEVER = np.iinfo(np.int64).max // 2


@dataclass(frozen=True)
class Orders:
    """Orders of one period in the order of their time (one entry per order).

    Attributes:
        customer: Position of the customer, -1 for an anonymous receipt.
        record: Position of the record it is booked under, -1 for none.
        is_canceled: Canceled before anything was sold: it has no lines and no payment.
        delivered: Local second, also after the data's end; NEVER in shops and for canceled orders.
    """

    customer: Ints
    record: Ints
    number: Ints
    ordered: Ints
    channel: Ints
    is_canceled: Flags
    shipped: Ints
    promised: Ints
    delivered: Ints

    @property
    def size(self) -> int:
        """Number of orders."""
        return len(self.ordered)

    @property
    def is_online(self) -> Flags:
        """Ordered from afar, so that it is delivered."""
        return self.channel > 0

    @property
    def is_late(self) -> Flags:
        """Delivered after the promise."""
        return (self.delivered > self.promised) & (self.delivered < NEVER)


@dataclass(frozen=True)
class Lines:
    """Sale and return lines; `order` is the position in the period's orders.

    Attributes:
        refund_cents: What is paid back for a return; 0 on a sale.
    """

    order: Ints
    position: Ints
    is_return: Flags
    product: Ints
    occurred: Ints
    quantity: Ints
    net_cents: Ints
    discount_cents: Ints
    shipping_cents: Ints
    cost_cents: Ints
    refund_cents: Ints


def _when(
    rng: np.random.Generator, period: int, online: Flags, first_day: Ints, end_day: Ints, drawn: Flags | None = None
) -> Ints:
    day = np.empty(len(online), np.int64)
    for is_drawn in (False,) if drawn is None else (False, True):
        for is_online in (False, True):
            here = (online == is_online) & (True if drawn is None else drawn == is_drawn)
            weights = day_weights(period, is_online=is_online, is_drawn=is_drawn)
            day[here] = draw_days(rng, weights, first_day[here], end_day[here])
    return period_start(period) + day * DAY + draw_clock(rng, len(online))


def make_orders(
    seed: int,
    period: int,
    counts: Ints,
    drawn_counts: Ints,
    end_day: Ints,
    people: Population,
    records: Records,
    first_number: int,
    p: Parameters,
) -> Orders:
    """Spread the period's orders over days and channels.

    Args:
        seed: Seed of the company.
        period: Period 0-35.
        counts: Orders per customer, without the first of those who join in this period.
        drawn_counts: Those of them that the period's campaign drew.
        end_day: Days of the period on which each customer was there, 1-30.
        people: Customers.
        records: Their records.
        first_number: Number of the period's first order; numbers rise with time, as a shop's do.
        p: Parameters.
    """
    rng = stream(seed, "order details", period)
    joining = np.flatnonzero(people.join_period == period)
    again = np.repeat(np.arange(people.size), counts)
    is_drawn = np.arange(len(again)) - np.repeat(np.cumsum(counts) - counts, counts) < drawn_counts[again]
    join_day = (people.joined[again] - period_start(period)) // DAY
    first_day = np.where(people.join_period[again] == period, np.minimum(join_day + 1, 29), 0)
    store_share, online_share = (
        np.where(
            is_drawn,
            shares_until(period, is_online=is_online, is_drawn=True)[end_day[again]],
            shares_until(period, is_online=is_online)[end_day[again]],
        )
        for is_online in (False, True)
    )
    online_share = people.online_share[again] * online_share
    store_share = (1 - people.online_share[again]) * store_share
    online = rng.random(len(again)) * (online_share + store_share) < online_share
    shop_only = first_day == 29
    ordered = _when(rng, period, online | shop_only, first_day, end_day[again], is_drawn)
    walk_in = int(p.anonymous_store_share * (~online).sum())
    canceled = rng.choice(again, int(p.canceled_share * len(again)), replace=False)
    customer = np.concatenate([again, joining, np.full(walk_in, -1), canceled])
    is_canceled = np.arange(len(customer)) >= len(customer) - len(canceled)
    weekday = (people.joined[joining] // DAY + 3) % 7
    first_online = (rng.random(len(joining)) < people.online_share[joining]) | (weekday == SUNDAY)
    online = np.concatenate([online | shop_only, first_online, np.zeros(walk_in, bool), is_canceled[is_canceled]])
    extra_end = np.concatenate([np.full(walk_in, PERIOD_DAYS), end_day[canceled]])
    extra_times = _when(rng, period, online[len(again) + len(joining) :], np.zeros_like(extra_end), extra_end)
    ordered = np.concatenate([ordered, people.joined[joining], extra_times])
    order = np.argsort(ordered, kind="stable")
    customer, ordered, online, is_canceled = customer[order], ordered[order], online[order], is_canceled[order]
    how = rng.random(len(order))
    channel = np.where(online, np.where(how < 0.58, 1, np.where(how < 0.96, 2, 3)), 0)
    record = np.where(customer < 0, -1, records.pick(rng, np.maximum(customer, 0), ordered, 0.12))
    return Orders(
        customer, record, first_number + np.arange(len(order)), ordered, channel, is_canceled,
        *_delivery(rng, period, ordered, channel, online & ~is_canceled, p),
    )  # fmt: skip


def _delivery(
    rng: np.random.Generator, period: int, ordered: Ints, channel: Ints, is_sent: Flags, p: Parameters
) -> tuple[Ints, Ints, Ints]:
    """Shipped, promised and delivered seconds; NEVER for what is not sent."""
    size = len(ordered)
    midnight = ordered - ordered % DAY
    promised = midnight + (2 + rng.integers(1, 4, size)) * DAY + 20 * HOUR
    shipped = midnight + DAY + 6 * HOUR + rng.integers(0, 12 * HOUR, size)
    share = p.late_share_december if is_discount_season(period) else p.late_share
    is_late = rng.random(size) < share
    delay = (0.6 * DAY + rng.exponential(2.2 * DAY, size)).astype(np.int64)
    in_time = promised - rng.integers(HOUR, int(1.4 * DAY), size)
    delivered = np.where(is_late, promised + np.minimum(delay, 14 * DAY), in_time)
    promised = promised - np.where(channel == PHONE, p.effects.cells.phone_promise_hours * HOUR, 0)
    return tuple(np.where(is_sent, values, NEVER) for values in (shipped, promised, delivered))  # type: ignore[return-value]


def make_lines(seed: int, period: int, orders: Orders, people: Population, shop: Catalogue, p: Parameters) -> Lines:
    """Lines of the period's orders, and the returns that follow from them."""
    rng = stream(seed, "lines", period)
    sold = np.flatnonzero(~orders.is_canceled)
    count = 1 + rng.poisson(p.extra_lines_mean, len(sold))
    order = np.repeat(sold, count)
    position = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count) + 1
    customer = orders.customer[order]
    known = customer >= 0
    who = np.maximum(customer, 0)
    by_season = np.searchsorted(np.cumsum(category_shares(period))[:-1], rng.random(len(order)), side="right")
    category = np.where(known & (rng.random(len(order)) < 0.55), people.affinity[who], by_season)
    product = shop.draw(rng, category)
    is_company = known & people.is_company[who]
    quantity = 1 + rng.poisson(np.where(is_company, 1.6, 0.18))
    is_dearer = (orders.channel[order] == APP) & (category == CATEGORY_NAMES.index("Electronics"))
    price = np.where(is_dearer, 1 + p.effects.cells.app_electronics_price, 1.0) * shop.price_cents[product]
    gross = np.round(price).astype(np.int64) * quantity
    is_reduced = rng.random(len(order)) < (0.40 if is_discount_season(period) else 0.16)
    discount = np.where(is_reduced, gross * rng.choice([10, 15, 20, 30], len(order)) // 100, 0)
    ships = (position == 1) & orders.is_online[order]
    shipping = np.where(ships, rng.choice([0, 395, 495], len(order), p=[0.4, 0.35, 0.25]), 0)
    sales = Lines(order, position, np.zeros(len(order), bool), product, orders.ordered[order], quantity,
                  gross - discount, discount, shipping, shop.cost_cents[product] * quantity,
                  np.zeros(len(order), np.int64))  # fmt: skip
    return _with_returns(rng, sales, orders, p)


def first_categories(lines: Lines, shop: Catalogue, order_count: int) -> Ints:
    """Category of each order's first article; -1 for an order without lines."""
    first = (lines.position == 1) & ~lines.is_return
    found = np.full(order_count, -1, np.int64)
    found[lines.order[first]] = shop.category[lines.product[first]]
    return found


def _with_returns(rng: np.random.Generator, sales: Lines, orders: Orders, p: Parameters) -> Lines:
    online = orders.is_online[sales.order]
    share = np.where(online, p.return_line_share_online, p.return_line_share_store)
    start = np.where(online, orders.delivered[sales.order], sales.occurred)
    later = rng.integers(2, 18, len(share)) * DAY
    day = (start + later) - (start + later) % DAY
    occurred = day + draw_clock(rng, len(share))
    back = (rng.random(len(share)) < share) & (occurred < END)
    paid_back = refunds(sales.net_cents[back], later[back] // DAY, p.costs)
    join = np.concatenate
    return Lines(
        order=join([sales.order, sales.order[back]]),
        position=join([sales.position, sales.position[back]]),
        is_return=join([sales.is_return, np.ones(int(back.sum()), bool)]),
        product=join([sales.product, sales.product[back]]),
        occurred=join([sales.occurred, occurred[back]]),
        quantity=join([sales.quantity, -sales.quantity[back]]),
        net_cents=join([sales.net_cents, -sales.net_cents[back]]),
        discount_cents=join([sales.discount_cents, np.zeros(int(back.sum()), np.int64)]),
        shipping_cents=join([sales.shipping_cents, np.zeros(int(back.sum()), np.int64)]),
        cost_cents=join([sales.cost_cents, -sales.cost_cents[back]]),
        refund_cents=join([sales.refund_cents, paid_back]),
    )
