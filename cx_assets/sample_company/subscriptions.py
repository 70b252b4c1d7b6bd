"""Delivery passes: taken by active customers, often cancelled once they have left, sometimes forgotten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Flags, has_joined
from cx_assets.sample_company.columns import decode, formatted, joined, money, padded, whole
from cx_assets.sample_company.files import json_lines, write_lines
from cx_assets.sample_company.parameters import PERIOD_DAYS, Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.records import NEVER, SYSTEMS, Records
from cx_assets.sample_company.timeline import DAY, END, Ints, draw_clock, period_start, stream, to_utc

_ISO = "%Y-%m-%dT%H:%M:%S"
_REASONS = ("no longer needed", "another shop", "too expensive")


def next_bill(started: Ints, at: Ints, is_yearly: Flags) -> Ints:
    """When a pass renews next after `at`: every month or year on the day of its start, the 28th at the latest."""
    start_day = started // DAY
    start_month = start_day.astype("M8[D]").astype("M8[M]").astype(np.int64)
    in_month = np.minimum(start_day - _first_day(start_month), 27) * DAY + started % DAY
    months = np.where(is_yearly, 12, 1)
    at_month = (at // DAY).astype("M8[D]").astype("M8[M]").astype(np.int64)
    bill = start_month + (at_month - start_month) // months * months
    moment = _first_day(bill) * DAY + in_month
    return np.where(moment > at, moment, _first_day(bill + months) * DAY + in_month)


def _first_day(month: Ints) -> Ints:
    return month.astype("M8[M]").astype("M8[D]").astype(np.int64)


class DeliveryPasses:
    """Who holds a pass; moved on period by period with `behaviour`.

    Attributes:
        started, cancelled: Local second of each customer's start and notice, NEVER for not.
        is_yearly: Billed by the year.
        never_cancels: Would not give notice even when gone.
        is_gone: Had left by the end of the last period.
    """

    def __init__(self, seed: int, people: Population, p: Parameters) -> None:
        self._seed, self._people, self._p = seed, people, p.passes
        rng = stream(seed, "passes")
        self.started: Ints = np.full(people.size, NEVER)
        self.cancelled: Ints = np.full(people.size, NEVER)
        self.is_yearly: Flags = rng.random(people.size) < self._p.yearly_share
        self.never_cancels: Flags = rng.random(people.size) < self._p.never_cancel_share
        self.is_gone: Flags = np.zeros(people.size, bool)
        self._was_gone: Flags = np.zeros(people.size, bool)

    def enter(self, period: int, active: Flags) -> None:
        """Let customers take passes and give notice in a period."""
        people, each = self._people, self._p
        rng = stream(self._seed, "pass changes", period)
        chance = rng.random(people.size)
        day = rng.integers(0, PERIOD_DAYS, people.size)
        at = period_start(period) + day * DAY + draw_clock(rng, people.size)
        is_customer = has_joined(period, people)
        holds = (self.started < NEVER) & (self.cancelled == NEVER)
        share = np.where(active, each.cancel_share_active, each.cancel_share_gone)
        gives_notice = holds & ~self.never_cancels & (chance < share)
        takes = is_customer & active & (self.started == NEVER) & (chance < each.start_share)
        self.cancelled = np.where(gives_notice, at, self.cancelled)
        self._was_gone = np.where(gives_notice, ~active, self._was_gone)
        self.started = np.where(takes, at, self.started)
        self.is_gone = is_customer & ~active

    def holders(self) -> Ints:
        """Customers with a pass, cancelled or not, in the order of their start."""
        holder = np.flatnonzero(self.started < NEVER)
        return holder[np.argsort(self.started[holder], kind="stable")]

    def numbers(self) -> pa.Array:
        """Numbers of the passes of `holders`."""
        return joined("D", padded(np.arange(len(self.holders())) + 1, 7))

    def write(self, target: Path, records: Records, broken: defects.Defects) -> int:
        """Write `shop/subscriptions.jsonl` (UTC) in the order of their start; returns the number of good ones."""
        who = self.holders()
        size, started, cancelled = len(who), self.started[who], self.cancelled[who]
        is_yearly, is_cancelled = self.is_yearly[who], cancelled < NEVER
        rng = stream(self._seed, "passes file")
        notice = np.where(is_cancelled, cancelled, started)
        record = records.main(who, started)
        renewal = next_bill(started, np.full(size, END - 1), is_yearly)
        ended = next_bill(started, notice, is_yearly)
        gone_reason = np.searchsorted([0.5, 0.8], rng.random(size), side="right")
        reason = np.where(self._was_gone[who], gone_reason, 2)
        codes = is_yearly.astype(np.int64)
        columns = {
            "pass_no": whole(self.numbers()),
            "customer_system": decode(SYSTEMS, records.system[record]),
            "customer_no": whole(records.number.take(pa.array(record))),
            "plan": decode(["delivery pass, month", "delivery pass, year"], codes),
            "started": formatted(to_utc(started), _ISO),
            "changed": formatted(to_utc(notice), _ISO),
            "status": decode(["active", "canceled"], is_cancelled.astype(np.int64)),
            "notice": formatted(to_utc(notice), _ISO, ~is_cancelled),
            "ended": formatted(to_utc(ended), _ISO, ~is_cancelled),
            "renews": formatted(to_utc(renewal), _ISO, is_cancelled),
            "reason": decode(_REASONS, reason, ~is_cancelled),
            "billed_every": decode(["month", "year"], codes),
            "amount": money(np.array(self._p.amounts_cents)[codes]),
        }
        kinds = {
            "cut_off_json": defects.cut_off,
            "impossible_date": defects.json_value("started", '"2025-02-30T10:00:00"'),
        }
        lines = broken.lines("shop__subscriptions", json_lines(columns), kinds)
        write_lines(target / "shop" / "subscriptions.jsonl", None, lines)
        return size
