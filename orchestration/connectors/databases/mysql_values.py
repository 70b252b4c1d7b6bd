"""How values of MySQL and MariaDB are written, where the server's own text would land as another value.

What is not named here stays the server's text.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from pymysql.constants import FIELD_TYPE

from orchestration.connectors.databases.connector import Column

MOMENT_TYPES = (FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP)
NUMBER_TYPES = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.NEWDECIMAL,
)
_STORED_DECIMALS = Decimal("0.000001")


def quoted(name: str) -> str:
    """A name as the server reads it."""
    return "`" + name.replace("`", "``") + "`"


def selected(columns: Sequence[Column]) -> str:
    """SQL of the columns of a query whose answer is written by `as_text`."""
    return ", ".join(f"{_value(column)} as {quoted(column.name)}" for column in columns)


def as_text(rows: Iterable[Sequence[Any]], columns: Sequence[Column]) -> Iterable[list[str | None]]:
    """Rows as they are written to the file; None is null."""
    written = {n: _WRITTEN[column.kind] for n, column in enumerate(columns) if column.kind in _WRITTEN}
    for row in rows:
        values = list(row)
        for position, write in written.items():
            if values[position] is not None:
                values[position] = write(values[position])
        # Digits alone would pass as a number.
        yield [f"\\x{value.hex()}" if isinstance(value, bytes) else value for value in values]


def without_place(column: Column) -> str:
    """SQL: whether a cursor's value is none by which a row could be found later.

    Null, and dates that no calendar has: 0000-00-00, 2024-05-00, 2023-02-30, years before the first.
    """
    name, kind = quoted(column.name), column.kind
    conditions = [f"{name} is null"]
    if kind in MOMENT_TYPES:
        conditions += [
            f"{name} < '0001-01-01'",
            f"month({name}) = 0",
            f"dayofmonth({name}) = 0",
            f"dayofmonth({name}) > dayofmonth(last_day({name}))",
        ]
    return " or ".join(conditions)


def amount_of(column: Column | None) -> tuple[str, bool]:
    """SQL of the sum of a column, and whether it is a value to be summed here instead, by `summed`."""
    if column is None:
        return "null", False
    if column.kind == FIELD_TYPE.FLOAT:
        return _value(column), True
    return f"sum(cast({quoted(column.name)} as decimal(38,6)))", False


def summed(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, int, Decimal | None]]:
    """Counts and sums by day of rows of a day, a count and a FLOAT, each in its shortest digits as it lands."""
    counts: dict[Any, int] = defaultdict(int)
    sums: dict[Any, Decimal | None] = {}
    for day, count, value in rows:
        counts[day] += int(count)
        sums.setdefault(day, None)
        if value is not None:
            sums[day] = (sums[day] or Decimal(0)) + Decimal(_shortest(value)).quantize(_STORED_DECIMALS) * int(count)
    return [(day, count, sums[day]) for day, count in counts.items()]


def _value(column: Column) -> str:
    # The text of a FLOAT has six digits, that of a DOUBLE all.
    return f"({quoted(column.name)} + 0e0)" if column.kind == FIELD_TYPE.FLOAT else quoted(column.name)


def _shortest(value: str) -> str:
    """The fewest digits that give the same FLOAT again: 1999.99, not 1999.989990234375."""
    return np.format_float_positional(np.float32(value), unique=True, trim="-")


def _whole_number(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))


def _instant(value: str) -> str:
    # TIMESTAMP is an instant, sent in the session's UTC; DATETIME is a local time and stays without offset.
    return f"{value}+00:00"


_WRITTEN: dict[int, Callable[[Any], str]] = {
    FIELD_TYPE.BIT: _whole_number,
    FIELD_TYPE.FLOAT: _shortest,
    FIELD_TYPE.TIMESTAMP: _instant,
}
