"""The shop's files: orders and lines as Parquet by month, late and repeated lines as daily CSV."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.catalogue import Catalogue
from cx_assets.sample_company.columns import (
    category,
    chosen,
    decode,
    formatted,
    joined,
    money,
    numbers,
    padded,
    timestamps,
    whole,
)
from cx_assets.sample_company.files import PartitionedParquet, csv_lines, write_lines
from cx_assets.sample_company.parameters import PERIOD_COUNT, Parameters
from cx_assets.sample_company.purchases import CHANNELS, Flags, Lines, Orders
from cx_assets.sample_company.records import SYSTEMS, Records
from cx_assets.sample_company.timeline import DAY, END, HOUR, Ints, stream

_METHODS = ("card", "paypal", "invoice", "cash", "voucher")
LATE_DAYS = 28
_LOCAL = "%d.%m.%Y %H:%M:%S"
# What a clerk typed into the file, and nobody has corrected yet.
_HELD = {"words_in_amount": defects.replaced(10, "siehe Beleg"), "impossible_date": defects.replaced(5, "00.00.0000")}


def order_numbers(orders: Orders) -> pa.Array:
    """Order numbers as the shop prints them."""
    return whole(joined("N", padded(orders.number, 10)))


def customer_columns(records: Records, record: Ints) -> dict[str, pa.Array]:
    """System and number of the customer record; null where the record is -1."""
    none = record < 0
    at = np.maximum(record, 0)
    return {
        "customer_system": category(SYSTEMS, records.system[at], none),
        "customer_no": records.number.take(pa.array(at, mask=none)),
    }


class ShopFiles:
    """Writes the shop's files period by period."""

    def __init__(self, target: Path, seed: int, p: Parameters, broken: defects.Defects) -> None:
        self._folder, self._seed, self._p, self._broken = target / "shop", seed, p, broken
        self._orders = PartitionedParquet(target / "shop" / "orders", "orders", unit="M")
        self._lines = PartitionedParquet(target / "shop" / "lines", "lines", unit="M")
        self._late: list[tuple[Ints, Flags, dict[str, pa.Array]]] = []
        self.counts = {"orders": 0, "sale_lines": 0, "return_lines": 0, "late_lines": 0, "repeated_lines": 0}
        self.net_cents = 0

    def add(self, period: int, orders: Orders, lines: Lines, records: Records, shop: Catalogue) -> None:
        """Take one period's orders and lines."""
        self._add_orders(period, orders, lines, records)
        self._add_lines(period, orders, lines, records, shop)
        self.counts["orders"] += orders.size
        self.counts["return_lines"] += int(lines.is_return.sum())
        self.counts["sale_lines"] += int((~lines.is_return).sum())
        self.net_cents += int(lines.net_cents.sum())

    def _add_orders(self, period: int, orders: Orders, lines: Lines, records: Records) -> None:
        rng = stream(self._seed, "order file", period)
        sale = ~lines.is_return
        paid = np.bincount(lines.order[sale], (lines.net_cents + lines.shipping_cents)[sale], orders.size).astype(
            np.int64
        )
        is_canceled, is_online = orders.is_canceled, orders.is_online
        approved = orders.ordered + rng.integers(30, 2 * HOUR, orders.size)
        sent = is_online & ~is_canceled
        is_shipped, is_delivered = sent & (orders.shipped < END), sent & (orders.delivered < END)
        status = np.where(
            is_canceled, 0, np.where(~is_online, 4, np.where(is_delivered, 3, np.where(is_shipped, 2, 1)))
        )
        updated = np.where(is_delivered, orders.delivered, np.where(is_shipped, orders.shipped, orders.ordered))
        updated = np.where(is_canceled, np.minimum(approved, END - 1), updated)
        online_method = np.searchsorted([0.45, 0.8], rng.random(orders.size), side="right")
        store_method = np.where(rng.random(orders.size) < 0.4, 3, np.where(rng.random(orders.size) < 0.05, 4, 0))
        rows = pa.table(
            {
                "order_no": order_numbers(orders),
                **customer_columns(records, orders.record),
                "ordered_at": timestamps(orders.ordered),
                "updated_at": timestamps(updated),
                "status": category(("canceled", "approved", "shipped", "delivered", "completed"), status),
                "channel": category(CHANNELS, orders.channel),
                "approved_at": timestamps(np.minimum(approved, END - 1), ~sent),
                "shipped_at": timestamps(orders.shipped * is_shipped, ~is_shipped),
                "promised_at": timestamps(orders.promised * sent, ~sent),
                "delivered_at": timestamps(orders.delivered * is_delivered, ~is_delivered),
                "payment_method": category(_METHODS, np.where(is_online, online_method, store_method)),
                "paid_amount": money(paid, is_canceled),
            }
        )
        kinds = {
            "missing_time": {"ordered_at": pa.scalar(None, pa.timestamp("us"))},
            "missing_status": {"status": pa.scalar(None, pa.string())},
        }
        self._orders.add(*self._broken.rows_of("shop__orders", rows, orders.ordered, "order_no", kinds))

    def _add_lines(self, period: int, orders: Orders, lines: Lines, records: Records, shop: Catalogue) -> None:
        rng = stream(self._seed, "line file", period)
        size = len(lines.order)
        is_last = period == PERIOD_COUNT - 1
        has_time = lines.occurred < END - 2 * DAY
        is_recent = has_time & (lines.occurred >= END - LATE_DAYS * DAY) & is_last
        is_late = is_recent & (rng.random(size) < self._p.late_line_share)
        is_repeated = (is_recent if is_last else has_time) & (rng.random(size) < self._p.repeated_row_share) & ~is_late
        booked = np.minimum(lines.occurred + rng.integers(60, HOUR, size), END - 1)
        rows = pa.table(self._line_columns(orders, lines, records, shop, booked))
        kept, again = np.flatnonzero(~is_late), np.flatnonzero(is_repeated)
        if is_last:
            self._keep_late(rng, rows, lines.occurred, np.flatnonzero(is_late | is_repeated), is_repeated)
            again = again[:0]
        order = np.concatenate([kept, again])
        updated = timestamps(np.concatenate([booked[kept], booked[again] + DAY]))
        rows = rows.take(pa.array(order))
        rows = rows.set_column(rows.schema.get_field_index("updated_at"), "updated_at", updated)
        self.counts["late_lines"] += int(is_late.sum())
        self.counts["repeated_lines"] += int(is_repeated.sum())
        kinds = {
            "negative_sale": {
                "line_type": pa.scalar("sale"),
                "net_amount": pa.scalar(Decimal("-19.99"), pa.decimal128(18, 2)),
            },
            "missing_order": {"order_no": pa.scalar(None, pa.string())},
            "unknown_type": {"line_type": pa.scalar("gift")},
        }
        self._lines.add(*self._broken.rows_of("shop__lines", rows, lines.occurred[order], "line_no", kinds))

    def _line_columns(
        self, orders: Orders, lines: Lines, records: Records, shop: Catalogue, booked: Ints
    ) -> dict[str, pa.Array]:
        number = order_numbers(orders).take(pa.array(lines.order))
        suffix = chosen(lines.is_return, joined("-R", numbers(lines.position)), joined("-", numbers(lines.position)))
        return {
            "line_no": joined(number, suffix),
            "order_no": number,
            **customer_columns(records, orders.record[lines.order]),
            "article_no": shop.number.take(pa.array(lines.product)),
            "booked_at": timestamps(lines.occurred),
            "updated_at": timestamps(booked),
            "line_type": category(("sale", "return"), lines.is_return.astype(np.int64)),
            "channel": category(CHANNELS, orders.channel[lines.order]),
            "quantity": pa.array(lines.quantity),
            "net_amount": money(lines.net_cents),
            "discount_amount": money(lines.discount_cents),
            "shipping_amount": money(lines.shipping_cents),
            "cost_amount": money(lines.cost_cents),
            "refund_amount": money(lines.refund_cents, ~lines.is_return),
        }

    def _keep_late(
        self, rng: np.random.Generator, rows: pa.Table, occurred: Ints, late: Ints, is_repeated: Flags
    ) -> None:
        """Lines that reach the platform days after they happened, a few of them weeks, as CSV fields."""
        is_slow = rng.random(len(late)) < self._p.weeks_late_share
        days = np.where(is_slow, rng.integers(8, 22, len(late)), 1 + rng.integers(0, 5, len(late)))
        arrives = np.minimum(occurred[late] - occurred[late] % DAY + DAY * days, END - DAY)
        arrives = arrives + 3 * HOUR
        mine = rows.take(pa.array(late))
        text = {}
        for name in mine.column_names:
            values = whole(mine[name])
            if pa.types.is_decimal(values.type):
                values = pa.compute.replace_substring(values.cast(pa.string()), ".", ",")
            elif name == "booked_at":
                values = formatted(occurred[late], _LOCAL)
            elif name == "updated_at":
                values = formatted(arrives, _LOCAL)
            text[name] = values.cast(pa.string())
        self._late.append((arrives, ~is_repeated[late], text))

    def close_before(self, local: int | None) -> None:
        """Write the months that are complete; with None all of them, and the daily files."""
        self._orders.close_before(local)
        self._lines.close_before(local)
        if local is None:
            for arrives, is_new, text in self._late:
                self._write_late(arrives, is_new, text)

    def _write_late(self, arrives: Ints, is_new: Flags, text: dict[str, pa.Array]) -> None:
        day = arrives // DAY
        kinds = {
            "cut_off_line": defects.cut_off,
            "text_in_number": defects.replaced(9, "zwei"),
            "impossible_date": defects.replaced(5, "31.06.2026 25:61:00"),
        }
        for number in np.unique(day):
            rows = np.flatnonzero(day == number)
            here = pa.array(rows)
            lines = csv_lines({name: values.take(here) for name, values in text.items()})
            keys, may_be_held = text["line_no"].take(here), np.flatnonzero(is_new[rows])
            share = self._p.held_line_share
            lines = self._broken.hold("shop__late_lines", lines, keys, may_be_held, share, _HELD)
            lines = self._broken.lines("shop__late_lines", lines, kinds)
            name = str(np.datetime64(int(number), "D"))
            write_lines(self._folder / "late_lines" / f"late_lines_{name}.csv", ";".join(text), lines)
        if not len(day):
            write_lines(self._folder / "late_lines" / f"late_lines_{_last_day()}.csv", ";".join(text), decode([], day))


def _last_day() -> str:
    return str(np.datetime64(END - 1, "s").astype("M8[D]"))
