"""Sessions on the web and in the app: what comes before an order, what is given up, and the way round by telephone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cx_assets.sample_company.behaviour import Flags
from cx_assets.sample_company.columns import category
from cx_assets.sample_company.experience import Tickets
from cx_assets.sample_company.parameters import PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.purchases import Orders
from cx_assets.sample_company.shop_files import order_numbers
from cx_assets.sample_company.timeline import DAY, END, HOUR, Floats, Ints, draw_clock, stream

VISIT_KINDS = ("visit", "product_search", "login", "help_page", "basket", "checkout")
KINDS = (*VISIT_KINDS, "onboarding")
_AT = {name: code for code, name in enumerate(KINDS)}
_PHONE = 1
_APP = 2


@dataclass(frozen=True)
class Clicks:
    """Recognised interactions of one kind of session (one entry per interaction).

    Attributes:
        kind: Index into KINDS.
        seconds: Length.
        order_number: Order that it is about; null without one.
    """

    occurred: Ints
    record: Ints
    is_app: Flags
    kind: Ints
    seconds: Floats
    order_number: pa.Array

    def columns(self) -> dict[str, pa.Array]:
        """Columns of the file that say what happened."""
        app = self.is_app.astype(np.int64)
        return {
            "channel": category(("web", "app"), app),
            "touchpoint": category(("website", "app"), app),
            "type": category(KINDS, self.kind),
            "seconds": pa.array(np.round(self.seconds.astype(float), 0)),
        }


def given_up_kinds(rng: np.random.Generator, period: int, is_app: Flags, p: Parameters) -> Ints:
    """Last step of each visit that led to no order; in the app more of them end at the checkout while it is broken."""
    stuck = p.effects.stuck_checkout if p.stuck_from <= period < p.stuck_until else 0.0
    kind = np.searchsorted(np.cumsum(p.visit_kind_shares)[:-1], rng.random(len(is_app)), side="right")
    is_stuck = is_app & (kind == _AT["basket"]) & (rng.random(len(is_app)) < stuck)
    return np.where(is_stuck, _AT["checkout"], kind)


def order_sessions(seed: int, period: int, orders: Orders, p: Parameters) -> Clicks:
    """Basket and checkout before a share of the orders on line, minutes before each."""
    rng = stream(seed, "order sessions", period)
    is_online = (orders.channel == 1) | (orders.channel == _APP)
    chosen = is_online & (orders.customer >= 0) & (rng.random(orders.size) < p.recognised_session_share)
    place = np.flatnonzero(chosen)
    basket = 240 + rng.exponential(500, len(place)).astype(np.int64)
    checkout = np.minimum(30 + rng.exponential(90, len(place)).astype(np.int64), basket - 60)
    both = np.concatenate([place, place])
    before = np.concatenate([basket, checkout])
    kind = np.repeat([_AT["basket"], _AT["checkout"]], len(place))
    return Clicks(
        occurred=orders.ordered[both] - before,
        record=orders.record[both],
        is_app=orders.channel[both] == _APP,
        kind=kind,
        seconds=np.where(kind == _AT["basket"], before - np.concatenate([checkout, checkout]), before),
        order_number=order_numbers(orders).take(pa.array(both)),
    )


def help_before_and_after_calls(seed: int, period: int, tickets: Tickets, p: Parameters) -> Clicks:
    """The loop: help page, call, help page again, of a share of those who call about an order."""
    rng = stream(seed, "help pages", period)
    calls = (tickets.channel == _PHONE) & (tickets.opened < END - 3 * HOUR)
    before = np.flatnonzero(calls & (rng.random(tickets.size) < p.help_before_call_share))
    again = before[rng.random(len(before)) < p.help_after_call_share]
    place = np.concatenate([before, again])
    size = len(place)
    gap = rng.integers(300, 2 * HOUR, size)
    return Clicks(
        occurred=tickets.opened[place] + np.where(np.arange(size) < len(before), -gap, gap),
        record=tickets.record[place],
        is_app=np.zeros(size, bool),
        kind=np.full(size, _AT["help_page"]),
        seconds=rng.exponential(140, size),
        order_number=tickets.order_number.take(pa.array(place)),
    )


def onboarding(seed: int, period: int, people: Population, first_record: Ints, p: Parameters) -> Clicks:
    """The tour of those who joined in the period and took it, one to twenty-nine days after their first purchase."""
    rng = stream(seed, "onboarding tour", period)
    who = np.flatnonzero((people.join_period == period) & people.is_onboarded)
    day = people.joined[who] // DAY + rng.integers(1, PERIOD_DAYS, len(who))
    occurred = day * DAY + draw_clock(rng, len(who))
    kept = occurred < END
    who, size = who[kept], int(kept.sum())
    return Clicks(
        occurred=occurred[kept],
        record=first_record[who],
        is_app=rng.random(size) < p.app_visit_share,
        kind=np.full(size, _AT["onboarding"]),
        seconds=60 + rng.exponential(200, size),
        order_number=pa.nulls(size, pa.string()),
    )
