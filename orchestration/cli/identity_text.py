"""What `cx identity` prints: explanations and lives as lines of text, personal data masked unless asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd

from cx_assets.identity.stewardship.explanation import FOLLOWED, NEAR_MISS, Explanation
from cx_assets.identity.stewardship.ids import Named
from cx_assets.identity.stewardship.life import Life
from orchestration.cli.quarantine import printable

_WEIGHED_PAIRS = 3
_SHOWN_PERIODS = 50


def masked(value: Any, *, is_shown: bool) -> str:
    """A value of a person's, its first character alone unless all of it is to be shown; `-` where there is none."""
    if value is None or pd.isna(value) or value == "":
        return "-"
    return printable(str(value)) if is_shown else f"{printable(str(value)[0])}***"


def explanation_lines(left: Named, right: Named, told: Explanation, *, is_shown: bool) -> Iterator[str]:
    """An explanation, from the verdict to the single weights."""
    is_one = left.customer_id == right.customer_id
    yield from (f"{named.given} was given up: {named.customer_id} is in use now." for named in (left, right) if
                named.is_redirected)  # fmt: skip
    yield f"{_name(left)} and {_name(right)} are {'one customer' if is_one else 'two customers'} now."
    yield from _field_lines(left, right, told, is_shown=is_shown)
    yield from _pair_lines(told)
    yield from _section("Exact identifiers that they share", [
        f"{printable(a)} + {printable(b)}: {identifier} ({counts_as})"
        for a, b, identifier, counts_as in told.shared.itertuples(index=False, name=None)
    ])  # fmt: skip
    yield from _section("Decisions that name them", [
        f"{printable(a)} + {printable(b)}: {decision}"
        for a, b, decision in told.decisions.itertuples(index=False, name=None)
    ])  # fmt: skip
    yield from _weight_lines(told)
    if not is_shown:
        yield ""
        yield "Values are masked: --show-personal-data shows them."


def _name(named: Named) -> str:
    count = f" with {len(named.records)} records" if named.kind == "customer" else f" (customer {named.customer_id})"
    return f"{named.kind} {printable(named.customer_id if named.kind == 'customer' else named.given)}{count}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield ""
    yield f"{title}: none" if not lines else f"{title}:"
    yield from (f"  {line}" for line in lines)


def _field_lines(left: Named, right: Named, told: Explanation, *, is_shown: bool) -> Iterator[str]:
    sides = dict.fromkeys(left.records, "A") | dict.fromkeys(right.records, "B")
    width = max(len(printable(record)) for record in sides)
    for name, rows in told.fields.groupby("field", sort=False):
        yield f"\n{name}"
        values = {record: (typed, compared) for record, typed, compared in
                  rows[["record_id", "typed", "compared"]].itertuples(index=False, name=None)}  # fmt: skip
        for record, side in sides.items():
            if record in values:
                typed, compared = (masked(value, is_shown=is_shown) for value in values[record])
                yield f"  {side} {printable(record):{width}}  {typed}  compared as {compared}"


def _pair_lines(told: Explanation) -> Iterator[str]:
    links = told.pairs[~told.pairs["is_estimate"].astype("bool")]
    lines = []
    for row in _rows(links):
        fields = [
            f"{names.replace(',', ', ')} {word}"
            for names, word in ((row["agreed_fields"], "agree"), (row["differing_fields"], "differ"))
            if isinstance(names, str) and names
        ]
        weight = f"{row['match_weight']:.1f} bits, probability {row['match_probability']:.4f}"
        lines.append(
            "; ".join([f"{_pair(row['record_id_a'], row['record_id_b'])}: {weight}", *fields, _verdict(row["verdict"])])
        )
    yield from _section("Links between the two sides", lines)
    others = told.pairs[told.pairs["is_estimate"].astype("bool")]
    for verdict, rows in others.groupby("verdict", sort=False):
        best = rows.iloc[0]
        would = "" if pd.isna(best["match_weight"]) else f"; the strongest would weigh {best['match_weight']:.1f} bits"
        names = _pair(best["record_id_a"], best["record_id_b"])
        yield f"  {len(rows)} pair(s) without a link, such as {names}: {verdict}{would}"


def _verdict(verdict: str) -> str:
    if verdict in (FOLLOWED, NEAR_MISS):
        return verdict
    return f"not followed between the two customers: {verdict}"


def _pair(a: object, b: object) -> str:
    return f"{printable(str(a))} + {printable(str(b))}"


def _weight_lines(told: Explanation) -> Iterator[str]:
    """The strongest pairs, field by field."""
    by_pair = {pair: rows for pair, rows in told.weights.groupby(["record_id_a", "record_id_b"])}
    for row in _rows(told.pairs.head(_WEIGHED_PAIRS)):
        rows = by_pair.get((row["record_id_a"], row["record_id_b"]))
        if rows is None:
            continue
        kind = "company" if "company_name" in set(rows["field"]) else "person"
        prior = told.prior_bits[kind]
        total = rows["bits"].sum() + prior
        yield f"\nWeight of {_pair(row['record_id_a'], row['record_id_b'])}, in bits:"
        yield f"  {prior:+7.1f}  any two records"
        yield from (f"  {bits:+7.1f}  {name}: {level}" for name, level, bits in
                    rows[["field", "level", "bits"]].itertuples(index=False, name=None))  # fmt: skip
        if row["is_estimate"]:
            yield f"  {total:+7.1f}  together, without how rare the equal values are"
        else:
            yield f"  {row['match_weight'] - total:+7.1f}  how rare or frequent the equal values are"
            yield f"  {row['match_weight']:+7.1f}  together"
        yield f"           a pair of {_bits(told.threshold[kind]):.1f} or more is a link"


def _bits(probability: float) -> float:
    return math.inf if probability >= 1 else round(math.log2(probability / (1 - probability)), 1) + 0.0


def life_lines(given: str, life: Life) -> Iterator[str]:
    """A life: where the id stands now, its periods, and its events in time."""
    if life.customer_id is None:
        yield f"The {life.kind} {printable(given)} is no longer in use: its records have vanished."
    elif life.kind == "record":
        yield f"Record {printable(given)} belongs to customer {life.customer_id}."
    elif life.customer_id == given:
        yield f"Customer {given} is in use."
    else:
        yield f"Customer {given} was given up; {life.customer_id} is in use now."
    yield "\nCustomers it belonged to:" if life.kind == "record" else "\nRecords that belonged to it:"
    for row in _rows(life.periods.head(_SHOWN_PERIODS)):
        other = row["customer_id"] if life.kind == "record" else printable(str(row["record_id"]))
        until = "now" if pd.isna(row["known_to_at"]) else _moment(row["known_to_at"])
        yield f"  {_moment(row['known_from_at'])} to {until}: {other}"
    if len(life.periods) > _SHOWN_PERIODS:
        yield f"  ... {len(life.periods)} in all"
    yield "\nWhat happened:"
    yield from (f"  {_moment(at)}  {printable(words)}" for at, words in
                life.events[["known_at", "words"]].itertuples(index=False, name=None))  # fmt: skip


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
