"""What changed since the last delivery, and values as JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from cx_assets.exports.changes import applied, as_operations, changes, json_value
from cx_assets.exports.contract import ExportContractError, check_rows

KEY = ["id"]


def rows(**values: str) -> pa.Table:
    return pa.table({"id": list(values), "segment": list(values.values())})


def test_new_changed_and_gone_rows_are_told_and_equal_ones_are_not() -> None:
    before = {operation.key: operation.digest for operation in as_operations(rows(a="x", b="x", c="x"), KEY)}
    found = changes(as_operations(rows(a="x", b="y", d="x"), KEY), before, KEY)
    assert [(operation.kind, dict(operation.row)) for operation in found] == [
        ("upsert", {"id": "b", "segment": "y"}),
        ("upsert", {"id": "d", "segment": "x"}),
        ("remove", {"id": "c"}),
    ]
    after = applied(before, [(operation.kind, operation.key, operation.digest) for operation in found])
    assert changes(as_operations(rows(a="x", b="y", d="x"), KEY), after, KEY) == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("10.50"), "10.50"),
        (date(2026, 6, 30), "2026-06-30"),
        (datetime(2026, 6, 30, 1, tzinfo=UTC), "2026-06-30T01:00:00+00:00"),
        (float("nan"), None),
        (0.25, 0.25),
        (True, True),
        (None, None),
        (["a", Decimal(1)], ["a", "1"]),
    ],
)
def test_values_as_json(value: object, told: object) -> None:
    assert json_value(value) == told


def test_a_contract_tells_all_that_is_wrong_and_no_value() -> None:
    broken = pa.table({"id": ["secret", "secret", "b", None]})
    with pytest.raises(ExportContractError) as refused:
        check_rows(broken, key=KEY, max_rows=3, empty_is_error=False)
    assert str(refused.value) == (
        "4 rows would leave, max_rows allows 3: check `where`; 1 rows have no value in the key (id);"
        " 1 keys (id) stand more than once, in 2 rows"
    )
    check_rows(pa.table({"id": ["a", "b"]}), key=KEY, max_rows=2, empty_is_error=True)
