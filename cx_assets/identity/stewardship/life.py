"""The life of a customer id or a record, as the ledger tells it, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from cx_assets.identity.stewardship.ids import UnknownIdError, in_use

RULE_WORDS = {
    "source_person_id": "the source's own person key",
    "shared_person_id": "a person key that sources share",
    "email": "an equal e-mail address",
    "phone": "an equal telephone number",
    "tax_number": "an equal tax number",
    "must_link": "a decision",
    "source_merge": "a merge in the source",
    "matched": "learnt weights",
}


@dataclass(frozen=True)
class Life:
    """What happened to an id.

    Attributes:
        kind: record or customer.
        customer_id: The customer in use now; null where the records have vanished.
        periods: Rows of identity.record_customer, of the record or of the customer, by time.
        events: Rows of identity.ledger by time, with `words`: what happened, seen from the id.
    """

    kind: Literal["record", "customer"]
    customer_id: str | None
    periods: pd.DataFrame
    events: pd.DataFrame


def life_of(given: str, record_customer: pd.DataFrame, ledger: pd.DataFrame, redirects: pd.DataFrame) -> Life:
    """Tell the life of an id.

    A record's life has the events that name it, and those that moved it from one customer to the next.

    Args:
        given: A record_id or a customer_id.
        record_customer: Table identity.record_customer, history included.
        ledger: Table identity.ledger, all of it.
        redirects: Table identity.customer_redirect.

    Raises:
        UnknownIdError: No record and no customer ever had the id.
    """
    order = ["known_from_at", "known_to_at", "record_id", "customer_id"]
    periods = record_customer[record_customer["record_id"] == given]
    if len(periods):
        periods = periods.sort_values(order, na_position="last", ignore_index=True)
        held = periods.loc[periods["known_to_at"].isna(), "customer_id"]
        events = _told(_of_record(given, periods, ledger), None)
        return Life("record", str(held.iloc[0]) if len(held) else None, periods, events)
    periods = record_customer[record_customer["customer_id"] == given]
    if periods.empty:
        raise UnknownIdError(f"no record and no customer has the id {given!r}")
    now = in_use(given, redirects)
    live = set(record_customer.loc[record_customer["known_to_at"].isna(), "customer_id"])
    events = ledger[(ledger["customer_id"] == given) | (ledger["other_customer_id"] == given)]
    periods = periods.sort_values(order, na_position="last", ignore_index=True)
    return Life("customer", now if now in live else None, periods, _told(events, given))


def _of_record(given: str, periods: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Events that name the record, founded the first customer it had, or moved it."""
    is_mine = ledger["record_id"] == given
    is_founding = (
        (ledger["event_type"] == "created")
        & (ledger["customer_id"] == periods["customer_id"].iloc[0])
        & (ledger["known_at"] == periods["known_from_at"].iloc[0])
    )
    steps = set(
        zip(periods["customer_id"].shift(1)[1:], periods["customer_id"][1:], periods["known_from_at"][1:], strict=True)
    )
    keys = zip(ledger["other_customer_id"], ledger["customer_id"], ledger["known_at"], strict=True)
    is_move = pd.Series([key in steps for key in keys], index=ledger.index, dtype=bool)
    return ledger[is_mine | is_founding | is_move]


def _told(events: pd.DataFrame, seen_from: str | None) -> pd.DataFrame:
    order = ["known_at", "snapshot_sequence", "event_type", "customer_id", "other_customer_id", "record_id"]
    ordered = events.sort_values(order, ignore_index=True)
    return ordered.assign(words=[in_words(row, seen_from) for _, row in ordered.iterrows()])


def in_words(event: Mapping[str, Any] | pd.Series, seen_from: str | None = None) -> str:
    """What one row of the ledger says.

    Args:
        event: A row of identity.ledger.
        seen_from: The customer whose life is told; null tells it of the customer of the row.
    """
    evidence: dict[str, Any] = json.loads(event["evidence"]) if isinstance(event["evidence"], str) else {}
    what = _KINDS[event["event_type"]](event, _records(evidence), seen_from == event["other_customer_id"])
    return "; ".join([what, *_why(event, evidence)])


def _records(evidence: Mapping[str, Any]) -> str:
    count = int(evidence.get("record_count", 1))
    return "1 record" if count == 1 else f"{count} records"


def _created(event: Mapping[str, Any] | pd.Series, records: str, is_other: bool) -> str:
    return f"{event['customer_id']} was created with {records}, the first {event['record_id']}"


def _joined(event: Mapping[str, Any] | pd.Series, records: str, is_other: bool) -> str:
    return f"record {event['record_id']} joined {event['customer_id']}"


def _merged(event: Mapping[str, Any] | pd.Series, records: str, is_other: bool) -> str:
    if is_other:
        return f"{event['other_customer_id']} was merged into {event['customer_id']}, with {records}"
    return f"{event['customer_id']} took over {records} of {event['other_customer_id']}, which ended"


def _split(event: Mapping[str, Any] | pd.Series, records: str, is_other: bool) -> str:
    return f"{records} left {event['other_customer_id']} for {event['customer_id']}"


def _retired(event: Mapping[str, Any] | pd.Series, records: str, is_other: bool) -> str:
    if isinstance(event["record_id"], str):
        return f"record {event['record_id']} vanished from its source"
    return f"{event['customer_id']} ended: its records vanished ({records})"


_KINDS: dict[str, Callable[[Mapping[str, Any] | pd.Series, str, bool], str]] = {
    "created": _created,
    "joined": _joined,
    "merged": _merged,
    "split": _split,
    "retired": _retired,
}


def _why(event: Mapping[str, Any] | pd.Series, evidence: Mapping[str, Any]) -> list[str]:
    found = []
    if isinstance(event["rule"], str):
        rules = [RULE_WORDS.get(rule, rule) for rule in event["rule"].split("+")]
        found.append(f"by {' and '.join(rules)}")
    if "match_weight" in evidence:
        found.append(f"strongest link {evidence['match_weight']:.1f} bits")
        for name, word in (("agreed_fields", "agree"), ("differing_fields", "differ")):
            if evidence.get(name):
                found.append(f"{evidence[name].replace(',', ', ')} {word}")
    if "reason" in evidence:
        found.append(f"because {evidence['reason']}")
    return found
