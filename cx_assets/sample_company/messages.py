"""Messages that the company sent, from templates of which some are unclear; unclear notices bring calls.

One message per online order (its confirmation or the notice of its delivery), per late delivery and per ticket, and
newsletters to a share of each campaign's contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Flags
from cx_assets.sample_company.campaigns import Campaign
from cx_assets.sample_company.columns import category, decode, filled, joined, numbers, padded, timestamps, whole
from cx_assets.sample_company.experience import Tickets
from cx_assets.sample_company.files import PartitionedParquet
from cx_assets.sample_company.names import LANGUAGES
from cx_assets.sample_company.parameters import Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.purchases import Orders
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.shop_files import customer_columns, order_numbers
from cx_assets.sample_company.timeline import END, HOUR, Ints, period_start, stream, to_utc

TYPES = ("order_confirmation", "delivery_notice", "late_notice", "ticket_reply", "newsletter")
_TOUCHPOINTS = ("checkout", "delivery", "service_desk", "advertising")
_TOUCHPOINT_OF = (0, 1, 1, 2, 3)
_NOTICE, _LATE, _REPLY, _NEWS = 1, 2, 3, 4


@cache
def _templates() -> tuple[list[str], list[str]]:
    """What stands before and after the order's number, by type, language and template (the second is unclear)."""
    text = Path(__file__).with_name("message_templates.yml").read_text(encoding="utf-8")
    written = yaml.safe_load(text)
    whole_texts = [
        written[kind][language][which] for kind in TYPES for language in LANGUAGES for which in ("clear", "unclear")
    ]
    parts = [text.partition("{order}") for text in whole_texts]
    return [before for before, _, _ in parts], [after for _, _, after in parts]


def _template_ids() -> pa.Array:
    return joined("M", numbers(100 + np.arange(len(TYPES) * len(LANGUAGES) * 2)))


def template_truth() -> pa.Table:
    """One row per template: template_id, message_type, language_code, text_start (before the number), is_clear."""
    before, _ = _templates()
    number = np.arange(len(before))
    return pa.table(
        {
            "template_id": _template_ids(),
            "message_type": decode(TYPES, number // (2 * len(LANGUAGES))),
            "language_code": decode(LANGUAGES, number // 2 % len(LANGUAGES)),
            "text_start": pa.array(before),
            "is_clear": number % 2 == 0,
        }
    )


@dataclass(frozen=True)
class Sent:
    """Messages of one kind (one entry per message); the order's number is null where it is about none."""

    customer: Ints
    record: Ints
    kind: int
    order_number: pa.Array
    sent: Ints


@dataclass(frozen=True)
class NoticeCalls:
    """Calls to the service desk after a delivery notice."""

    record: Ints
    order_number: pa.Array
    called: Ints


class MessageFiles:
    """Writes `marketing/messages_<year>.parquet` (UTC); replies to tickets, numbered at last, in files of their own."""

    def __init__(self, target: Path, seed: int, people: Population, p: Parameters, broken: defects.Defects) -> None:
        self._seed, self._people, self._p, self._broken = seed, people, p, broken
        self._files = PartitionedParquet(target / "marketing", "messages", unit="Y")
        self._replies = PartitionedParquet(target / "marketing", "messages_desk", unit="Y")
        self._waiting: list[Sent] = []
        self.counts = {"marketing__messages": 0}

    def add(
        self, period: int, orders: Orders, tickets: Tickets, campaign: Campaign | None, records: Records
    ) -> NoticeCalls:
        """Take one period's messages; the calls are what unclear (and some clear) notices bring."""
        rng, rates = stream(self._seed, "messages", period), self._p.messages
        online = np.flatnonzero(orders.is_online & (orders.customer >= 0))
        is_notice = (rng.random(len(online)) < rates.notice) & ~orders.is_canceled[online]
        confirmed, shipped, late = online[~is_notice], online[is_notice], online[orders.is_late[online]]
        written = [
            _about_orders(0, orders, confirmed, orders.ordered[confirmed] + 120),
            _about_orders(_NOTICE, orders, shipped, orders.shipped[shipped] + HOUR),
            _about_orders(_LATE, orders, late, orders.promised[late] + rng.integers(HOUR, 5 * HOUR, len(late))),
        ]
        if campaign is not None:
            to = np.flatnonzero(campaign.treated & (rng.random(self._people.size) < rates.newsletter))
            when = period_start(period) + 6 * HOUR + rng.integers(0, HOUR, len(to))
            written.append(Sent(to, records.main(to, when), _NEWS, pa.nulls(len(to), pa.string()), when))
        calls = NoticeCalls(np.zeros(0, np.int64), pa.array([], pa.string()), np.zeros(0, np.int64))
        start = 0
        for sent in written:
            unclear = self._write(rng, self._files, f"{period:02d}", start, sent, records, campaign, None)
            start += len(sent.sent)
            if sent.kind == _NOTICE:
                calls = self._calls(rng, sent, unclear)
        # As the desk takes them: those opened before the data's end.
        kept = np.flatnonzero(tickets.opened < END)
        order_number = tickets.order_number.take(pa.array(kept))
        reply = Sent(tickets.customer[kept], tickets.record[kept], _REPLY, order_number, tickets.closed[kept])
        self._waiting.append(reply)
        return calls

    def _calls(self, rng: np.random.Generator, sent: Sent, unclear: Flags) -> NoticeCalls:
        share = self._p.messages.calls + self._p.effects.touchpoints.unclear_calls * unclear
        called = sent.sent + rng.integers(HOUR, 30 * HOUR, len(unclear))
        rows = np.flatnonzero((rng.random(len(unclear)) < share) & (called < END))
        return NoticeCalls(sent.record[rows], sent.order_number.take(pa.array(rows)), called[rows])

    def _write(
        self,
        rng: np.random.Generator,
        files: PartitionedParquet,
        prefix: str,
        start: int,
        sent: Sent,
        records: Records,
        campaign: Campaign | None,
        ticket: pa.Array | None,
    ) -> Flags:
        """Write messages of one kind that were sent before the data's end; returns who was sent an unclear text."""
        size, rates = len(sent.sent), self._p.messages
        language = self._people.language[sent.customer]
        is_unclear = rng.random(size) < rates.unclear
        template = (sent.kind * len(LANGUAGES) + language) * 2 + is_unclear
        opened = sent.sent + 60 + rng.exponential(6 * HOUR, size).astype(np.int64)
        clicked = opened + 5 + rng.exponential(120, size).astype(np.int64)
        chance, app = rng.random(size), rng.random(size) < rates.app
        no_click = (chance >= rates.clicked) | (clicked >= END)
        before, after = _templates()
        text = joined(decode(before, template), filled(sent.order_number), decode(after, template))
        is_news = sent.kind == _NEWS and campaign is not None
        number = padded(start + np.arange(size) + 1, 8)
        rows = pa.table(
            {
                "message_no": joined("W" + prefix + "-", number),
                **customer_columns(records, sent.record),
                "sent_at": timestamps(to_utc(sent.sent)),
                "channel": category(("email", "app"), app.astype(np.int64)),
                "type": category(TYPES, np.full(size, sent.kind)),
                "touchpoint": category(_TOUCHPOINTS, np.full(size, _TOUCHPOINT_OF[sent.kind])),
                "order_no": sent.order_number,
                "ticket_no": pa.nulls(size, pa.string()) if ticket is None else ticket,
                "campaign_id": pa.array([campaign.campaign_id if campaign and is_news else None] * size, pa.string()),
                "template": _template_ids().take(pa.array(template)),
                "language": category(LANGUAGES, language),
                "text": whole(text),
                "opened_at": timestamps(to_utc(opened), (chance >= rates.opened) | (opened >= END)),
                "clicked_at": timestamps(to_utc(clicked), no_click),
                "is_bounced": pa.array(chance > 0.995),
            }
        )
        kept = np.flatnonzero(sent.sent < END)
        rows = rows.take(pa.array(kept))
        self.counts["marketing__messages"] += rows.num_rows
        kinds = {
            "missing_time": {"sent_at": pa.scalar(None, pa.timestamp("us"))},
            "missing_customer": {"customer_no": pa.scalar(None, pa.string())},
        }
        files.add(*self._broken.rows_of("marketing__messages", rows, sent.sent[kept], "message_no", kinds))
        return is_unclear

    def close_before(self, local: int | None) -> None:
        """Write what is complete."""
        self._files.close_before(local)

    def close(self, ticket_numbers: pa.Array, records: Records) -> None:
        """Write the replies, once the desk has numbered its tickets in the order in which `add` saw them."""
        parts = self._waiting
        replies = Sent(
            np.concatenate([part.customer for part in parts]),
            np.concatenate([part.record for part in parts]),
            _REPLY,
            whole(pa.chunked_array([part.order_number for part in parts])),
            np.concatenate([part.sent for part in parts]),
        )
        rng = stream(self._seed, "replies")
        self._write(rng, self._replies, "T", 0, replies, records, None, ticket_numbers)
        self._replies.close_before(None)


def _about_orders(kind: int, orders: Orders, place: Ints, sent: Ints) -> Sent:
    number = order_numbers(orders).take(pa.array(place))
    return Sent(orders.customer[place], orders.record[place], kind, number, sent)
