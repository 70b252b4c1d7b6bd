"""The ledger of loyalty points: earned, taken back, redeemed, expired; month by month, all members at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Flags
from cx_assets.sample_company.columns import category, decode, joined, padded, timestamps, whole
from cx_assets.sample_company.files import write_parquet
from cx_assets.sample_company.loyalty import Memberships
from cx_assets.sample_company.programmes import LoyaltyProgramme
from cx_assets.sample_company.purchases import Lines, Orders
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.shop_files import customer_columns
from cx_assets.sample_company.timeline import END, START, Ints, stream

TYPES = ("earn", "redeem", "expire", "adjust")
EARN, REDEEM, EXPIRE, ADJUST = range(4)
TIERS = ("bronze", "silver", "gold")
NO_ORDER = 0


def month_start(month: int) -> int:
    """Local second at which a month (counted from January 1970) begins."""
    return int(np.datetime64(month, "M").astype("M8[s]").astype(np.int64))


def month_of(local: int) -> int:
    """Month of a local second."""
    return int(np.datetime64(local, "s").astype("M8[M]").astype(np.int64))


@dataclass(frozen=True)
class Entries:
    """Movements on accounts (one entry per movement); `order` is an order's number or NO_ORDER."""

    customer: Ints
    at: Ints
    kind: Ints
    points: Ints
    order: Ints

    def where(self, flags: Flags) -> Entries:
        """Those for which the flag is set."""
        return Entries(*(values[flags] for values in vars(self).values()))

    @staticmethod
    def of_kind(kind: int, customer: Ints, at: Ints | int, points: Ints, order: Ints | int = NO_ORDER) -> Entries:
        """Entries of one kind; a single time or order stands for all of them."""
        size = len(customer)
        spread = (np.broadcast_to(np.asarray(values, np.int64), size) for values in (at, kind, points, order))
        return Entries(customer, *spread)

    @staticmethod
    def together(parts: list[Entries]) -> Entries:
        """All entries of all parts."""
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return Entries(*(np.concatenate(values) for values in columns))


@dataclass
class Accounts:
    """Points of every customer by the month in which they were earned.

    Attributes:
        left: Points not used yet, customers x months, in a ring of `expiry_months` + 1 columns.
        debt: Points that returns took back from an account that had none left; the next ones pay it.
        gained: Points earned less those taken back in each of the last twelve months, in a ring.
    """

    size: int
    programme: LoyaltyProgramme
    left: Ints = field(init=False)
    debt: Ints = field(init=False)
    gained: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.left = np.zeros((self.size, self.programme.expiry_months + 1), np.int64)
        self.debt = np.zeros(self.size, np.int64)
        self.gained = np.zeros((self.size, 12), np.int64)

    def balance(self) -> Ints:
        """Points of each account, below zero while it owes some."""
        return self.left.sum(1) - self.debt

    def tier(self) -> Ints:
        """Tier by the points of the last twelve months."""
        return np.searchsorted(self.programme.tier_points, self.gained.sum(1), side="right")

    def use(self, month: int, points: Ints) -> None:
        """Take points off, the oldest first; what is not there becomes debt."""
        need, ring = points.copy(), self.left.shape[1]
        for age in range(ring - 1, -1, -1):
            column = self.left[:, (month - age) % ring]
            taken = np.minimum(column, need)
            column -= taken
            need -= taken
        self.debt += need

    def gain(self, month: int, earned: Ints, taken_back: Ints) -> None:
        """Book a month's earned points (positive) and those that returns take back (negative)."""
        ring = self.left.shape[1]
        self.gained[:, month % 12] = earned + taken_back
        net = earned + taken_back - self.debt
        self.debt = np.zeros(self.size, np.int64)
        self.left[:, month % ring] = np.maximum(net, 0)
        self.use(month, np.maximum(-net, 0))

    def expire(self, month: int) -> Ints:
        """Take off what expires at the end of a month; returns it."""
        column = self.left[:, (month + 1) % self.left.shape[1]]
        gone = column.copy()
        column[:] = 0
        return gone


class PointsLedger:
    """Collects what orders earn and writes `loyalty/ledger_<month>.parquet` (local time) once a month is over."""

    def __init__(
        self, target: Path, seed: int, memberships: Memberships, records: Records, programme: LoyaltyProgramme,
        broken: defects.Defects,
    ) -> None:  # fmt: skip
        self._folder, self._seed, self._broken = target / "loyalty", seed, broken
        self._memberships, self._records, self._programme = memberships, records, programme
        self._accounts = Accounts(len(memberships.at), programme)
        self._waiting: list[Entries] = []
        self._month = month_of(START)
        self.count = 0

    def add(self, period: int, orders: Orders, lines: Lines) -> None:
        """Take one period's orders with their returns, and the welcome points of those who joined the programme."""
        at, each = self._memberships.at, self._programme
        new = np.flatnonzero(self._memberships.period == period)
        welcome = Entries.of_kind(EARN, new, at[new], np.full(len(new), each.welcome_points))
        sale = ~lines.is_return
        sold = np.bincount(lines.order[sale], lines.net_cents[sale], orders.size).astype(np.int64)
        who = np.maximum(orders.customer, 0)
        counts = (orders.customer >= 0) & (orders.ordered >= at[who])
        points = sold * each.points_per_euro // 100
        place = np.flatnonzero(counts & (points > 0))
        earned = Entries.of_kind(EARN, who[place], orders.ordered[place], points[place], orders.number[place])
        back = np.flatnonzero(lines.is_return & counts[lines.order])
        order = lines.order[back]
        returned = -(-lines.net_cents[back] * each.points_per_euro // 100)
        adjusted = Entries.of_kind(ADJUST, who[order], lines.occurred[back], returned, orders.number[order])
        self._waiting += [welcome, earned, adjusted.where(returned < 0)]

    def close_before(self, local: int | None) -> None:
        """Write the months that are over, all of them for None."""
        end = END if local is None else local
        while month_start(self._month + 1) <= end:
            waiting = Entries.together(self._waiting)
            is_now = waiting.at < month_start(self._month + 1)
            self._waiting = [waiting.where(~is_now)]
            self._write(self._month, waiting.where(is_now))
            self._month += 1

    def _write(self, month: int, booked: Entries) -> None:
        accounts, size = self._accounts, len(self._accounts.debt)
        tier = accounts.tier()
        earned = np.zeros(size, np.int64)
        taken_back = np.zeros(size, np.int64)
        for total, kind in ((earned, EARN), (taken_back, ADJUST)):
            here = booked.kind == kind
            np.add.at(total, booked.customer[here], booked.points[here])
        redeemed = self._redeemed(month, accounts.balance() + taken_back)
        used = np.zeros(size, np.int64)
        used[redeemed.customer] = -redeemed.points
        accounts.use(month, used)
        accounts.gain(month, earned, taken_back)
        expired = accounts.expire(month)
        who = np.flatnonzero(expired)
        gone = Entries.of_kind(EXPIRE, who, month_start(month + 1) - 1, -expired[who])
        self._write_file(month, Entries.together([booked, redeemed, gone]), tier)

    def _redeemed(self, month: int, at_least: Ints) -> Entries:
        """Who redeems steps of points at some time in the month, never more than the account is sure to hold."""
        each, rng = self._programme, stream(self._seed, "redemptions", month)
        steps = at_least // each.redeem_step
        chance = rng.random(len(steps))
        wanted = 1 + (rng.random(len(steps)) * np.maximum(steps, 1)).astype(np.int64)
        first, end = max(month_start(month), START), month_start(month + 1)
        at = first + (rng.random(len(steps)) * (end - 3_600 - first)).astype(np.int64)
        who = np.flatnonzero((steps > 0) & (chance < each.redeem_chance))
        return Entries.of_kind(REDEEM, who, at[who], -wanted[who] * each.redeem_step)

    def _write_file(self, month: int, entries: Entries, tier: Ints) -> None:
        order = np.lexsort((entries.customer, entries.kind, entries.at))
        entries = Entries(*(values[order] for values in vars(entries).values()))
        size = len(order)
        record = self._records.main(entries.customer, entries.at)
        is_redeemed, is_earned = entries.kind == REDEEM, entries.kind == EARN
        expiry = np.full(size, month_start(month + self._programme.expiry_months + 1) - 1)
        euros = -entries.points // self._programme.redeem_step * self._programme.step_euros
        rows = pa.table(
            {
                "entry_no": joined("P", padded(self.count + 1 + np.arange(size), 9)),
                **customer_columns(self._records, record),
                "booked_at": timestamps(entries.at),
                "type": category(TYPES, entries.kind),
                "points": pa.array(entries.points),
                "order_no": joined("N", padded(entries.order, 10, entries.order == NO_ORDER)),
                "reward": joined("voucher ", padded(euros, 1, ~is_redeemed), " EUR"),
                "expires_at": timestamps(expiry, ~is_earned),
                "tier": decode(TIERS, tier[entries.customer]),
            }
        )
        self.count += size
        kinds = {
            "unknown_type": {"type": pa.scalar("gift")},
            "missing_customer": {"customer_no": pa.scalar(None, pa.string())},
            "missing_time": {"booked_at": pa.scalar(None, pa.timestamp("us"))},
        }
        rows, _ = self._broken.rows_of("loyalty__ledger", rows, entries.at, "entry_no", kinds)
        rows = rows.set_column(0, "entry_no", whole(rows["entry_no"]))
        write_parquet(self._folder / f"ledger_{np.datetime64(month, 'M')}.parquet", rows)
