"""Contacts on the web, in the shops and on the telephone; visits fade once a customer has left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.columns import category, decode, joined, money, padded, timestamps
from cx_assets.sample_company.costs import contact_costs
from cx_assets.sample_company.experience import Tickets
from cx_assets.sample_company.files import PartitionedParquet
from cx_assets.sample_company.messages import NoticeCalls
from cx_assets.sample_company.parameters import PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.purchases import Orders
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.sessions import (
    Clicks,
    given_up_kinds,
    help_before_and_after_calls,
    onboarding,
    order_sessions,
)
from cx_assets.sample_company.shop_files import customer_columns, order_numbers
from cx_assets.sample_company.timeline import (
    DAY,
    END,
    Ints,
    day_weights,
    draw_clock,
    draw_days,
    period_start,
    stream,
    to_utc,
)

_PHONE = 1
ANONYMOUS_VISITS = 0.35
ADVICE_SHARE = 0.12


class InteractionFiles:
    """Writes web visits by month, shop contacts and calls by year."""

    def __init__(self, target: Path, seed: int, p: Parameters, broken: defects.Defects) -> None:
        self._seed, self._p, self._broken = seed, p, broken
        self._visits = PartitionedParquet(
            target / "web" / "visits",
            "visits",
            unit="M",
            renamed=("seconds", "duration_seconds", p.renamed_column_from),
        )
        self._contacts = PartitionedParquet(target / "store" / "contacts", "contacts", unit="Y")
        self._calls = PartitionedParquet(target / "call_centre" / "calls", "calls", unit="Y")
        self.counts = {"web__visits": 0, "store__contacts": 0, "call_centre__calls": 0}

    def add_visits(
        self, period: int, counts: Ints, before: Ints, end_day: Ints, people: Population, records: Records
    ) -> None:
        """Take one period's visits, and those of people who were not recognised.

        Args:
            period: Period 0-35.
            counts: Visits of each customer.
            before: Those of them on the customer's first `end_day` days of the period; the others come later.
            end_day: 1-30.
            people: Customers.
            records: Their records.
        """
        rng = stream(self._seed, "visits", period)
        customer = np.repeat(np.arange(people.size), counts)
        customer = np.concatenate([customer, np.full(int(len(customer) * ANONYMOUS_VISITS), -1)])
        who = np.maximum(customer, 0)
        joins = (people.join_period[who] == period) & (customer >= 0)
        after = (people.joined[who] - period_start(period)) // DAY + 1
        first_day = np.where(joins, np.clip(after, 0, PERIOD_DAYS - 1), 0)
        last_day = np.full(len(customer), PERIOD_DAYS)
        known = slice(0, int(counts.sum()))
        place = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        is_before = place < before[who[known]]
        last_day[known] = np.where(is_before, end_day[who[known]], PERIOD_DAYS)
        first_day[known] = np.where(is_before, first_day[known], np.minimum(end_day[who[known]], PERIOD_DAYS - 1))
        day = draw_days(rng, day_weights(period, is_online=True), first_day, last_day)
        occurred = period_start(period) + day * DAY + draw_clock(rng, len(customer))
        record = np.where(customer < 0, -1, records.pick(rng, who, occurred, 0.12))
        is_app = (rng.random(len(customer)) < self._p.app_visit_share) & (customer >= 0)
        kind = given_up_kinds(rng, period, is_app, self._p)
        seconds = rng.exponential(170, len(customer))
        no_order = pa.nulls(len(customer), pa.string())
        self._add_clicks(f"V{period:02d}", records, Clicks(occurred, record, is_app, kind, seconds, no_order))

    def add_sessions(self, period: int, people: Population, orders: Orders, tickets: Tickets, records: Records) -> None:
        """Take what led to the period's orders, the help pages around its calls and the tours of its newcomers."""
        self._add_clicks(f"S{period:02d}", records, order_sessions(self._seed, period, orders, self._p))
        self._add_clicks(f"H{period:02d}", records, help_before_and_after_calls(self._seed, period, tickets, self._p))
        self._add_clicks(f"T{period:02d}", records, onboarding(self._seed, period, people, records.first, self._p))

    def _add_clicks(self, prefix: str, records: Records, clicks: Clicks) -> None:
        self._add(
            "web__visits", self._visits, prefix, clicks.occurred, records, clicks.record, clicks.columns(),
            clicks.order_number,
        )  # fmt: skip

    def add_orders(self, period: int, orders: Orders, records: Records) -> None:
        """Take the advice given in shops before a purchase."""
        rng = stream(self._seed, "shop contacts", period)
        place = np.flatnonzero(
            (orders.channel == 0) & (orders.customer >= 0) & (rng.random(orders.size) < ADVICE_SHARE)
        )
        zeros = np.zeros(len(place), np.int64)
        seconds = np.round(60 + rng.exponential(400, len(place)), 0)
        columns = {
            "channel": category(("store",), zeros),
            "touchpoint": category(("advice",), zeros),
            "type": category(("advice",), zeros),
            "seconds": pa.array(seconds),
            "cost_amount": money(contact_costs(seconds, self._p.costs.advice)),
        }
        number = order_numbers(orders).take(pa.array(place))
        occurred = orders.ordered[place] - 60 * rng.integers(2, 12, len(place))
        self._add(
            "store__contacts",
            self._contacts,
            f"A{period:02d}",
            occurred,
            records,
            orders.record[place],
            columns,
            number,
        )

    def add_calls(self, period: int, tickets: Tickets, records: Records) -> None:
        """Take the calls that opened tickets."""
        rng = stream(self._seed, "calls", period)
        place = np.flatnonzero((tickets.channel == _PHONE) & (tickets.opened < END))
        complaint = tickets.is_complaint[place].astype(np.int64)
        seconds = np.round(45 + rng.exponential(260, len(place)), 0)
        columns = {
            "channel": category(("phone",), np.zeros(len(place), np.int64)),
            "touchpoint": category(("service_desk", "complaint"), complaint),
            "type": category(("call",), np.zeros(len(place), np.int64)),
            "seconds": pa.array(seconds),
            "cost_amount": money(contact_costs(seconds, self._p.costs.call)),
        }
        number = tickets.order_number.take(pa.array(place))
        opened = tickets.opened[place]
        self._add(
            "call_centre__calls", self._calls, f"L{period:02d}", opened, records, tickets.record[place], columns, number
        )

    def add_notice_calls(self, period: int, calls: NoticeCalls, records: Records) -> None:
        """Take the calls that follow delivery notices."""
        rng = stream(self._seed, "notice calls", period)
        zeros = np.zeros(len(calls.called), np.int64)
        seconds = np.round(45 + rng.exponential(150, len(zeros)), 0)
        columns = {
            "channel": category(("phone",), zeros),
            "touchpoint": category(("service_desk",), zeros),
            "type": category(("call",), zeros),
            "seconds": pa.array(seconds),
            "cost_amount": money(contact_costs(seconds, self._p.costs.call)),
        }
        self._add(
            "call_centre__calls", self._calls, f"M{period:02d}", calls.called, records, calls.record, columns,
            calls.order_number,
        )  # fmt: skip

    def _add(
        self,
        table: str,
        files: PartitionedParquet,
        prefix: str,
        occurred: Ints,
        records: Records,
        record: Ints,
        columns: dict[str, pa.Array],
        order_number: pa.Array | None,
    ) -> None:
        """Number the rows in the order of their time and pass them on."""
        order = np.argsort(occurred, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        if order_number is None:
            order_number = decode([], np.zeros(len(order), np.int64), np.ones(len(order), bool))
        rows = pa.table(
            {
                "interaction_no": joined(prefix + "-", padded(rank + 1, 7)),
                **customer_columns(records, record),
                "occurred_at": timestamps(to_utc(occurred)),
                **columns,
                "order_no": order_number,
            }
        )
        self.counts[table] += rows.num_rows
        kinds = {
            "negative_duration": {"seconds": pa.scalar(-1.0)},
            "missing_time": {"occurred_at": pa.scalar(None, pa.timestamp("us"))},
        }
        files.add(*self._broken.rows_of(table, rows, occurred, "interaction_no", kinds))

    def close_before(self, local: int | None) -> None:
        """Write what is complete."""
        # Advice may lie minutes before its order's period; calls and contacts come in years.
        for files in (self._visits, self._contacts, self._calls):
            files.close_before(local)
