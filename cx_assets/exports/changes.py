"""Rows as JSON, and what changed since they were last delivered."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

UPSERT = "upsert"
REMOVE = "remove"


@dataclass(frozen=True)
class Operation:
    """What a receiver shall do with one row.

    Attributes:
        kind: upsert or remove.
        key: Its key, as JSON text: a list of the key columns' values.
        row: Values by column; of a removal those of the key.
        digest: SHA-256 of the row; empty for a removal.
    """

    kind: str
    key: str
    row: Mapping[str, Any]
    digest: str


def json_value(value: Any) -> Any:
    """A value as JSON has it: decimals as text with all their digits, days and times in ISO form, NaN as null."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(name): json_value(item) for name, item in value.items()}
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def written(value: Any) -> str:
    """JSON text that is the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def as_operations(rows: pa.Table, key: Sequence[str]) -> Iterator[Operation]:
    """Every row as an upsert, in order."""
    for batch in rows.to_batches(max_chunksize=10_000):
        for found in batch.to_pylist():
            row = {name: json_value(value) for name, value in found.items()}
            digest = hashlib.sha256(written(row).encode()).hexdigest()
            yield Operation(UPSERT, written([row[name] for name in key]), row, digest)


def changes(now: Iterable[Operation], before: Mapping[str, str], key: Sequence[str]) -> list[Operation]:
    """What a receiver that has `before` needs to have `now`: upserts of new and changed rows, then removals.

    Args:
        now: Every row as an upsert, keys unique.
        before: Digest by key of what the receiver has.
        key: Names of the key columns.
    """
    found, present = [], set()
    for operation in now:
        present.add(operation.key)
        if before.get(operation.key) != operation.digest:
            found.append(operation)
    gone = sorted(set(before) - present)
    return found + [Operation(REMOVE, text, dict(zip(key, json.loads(text), strict=True)), "") for text in gone]


def applied(before: Mapping[str, str], operations: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Digest by key after some operations, each given as kind, key and digest."""
    state = dict(before)
    for kind, key, digest in operations:
        if kind == REMOVE:
            state.pop(key, None)
        else:
            state[key] = digest
    return state
