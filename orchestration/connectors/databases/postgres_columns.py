"""How values of PostgreSQL are asked for, where COPY's own text would land as another value.

What is not named here goes as COPY writes it.
"""

from collections.abc import Sequence

from psycopg import sql

from cx_assets.contracts.entity import NUMERIC_TYPES
from orchestration.connectors.databases.connector import Column
from orchestration.declaration.tables import LandingTable

_BIT_TYPES = (1560, 1562)
_CASTS = {
    # Blanks that fill up a char(n) are no part of the value: SQL compares without them.
    1042: "{}::text",
    1014: "{}::text[]",
    # Written as the server's locale has it otherwise: $1,234.50.
    790: "{}::numeric",
    791: "{}::numeric[]",
}
_BITS_AS_NUMBER = "case when length({0}) < 64 then lpad({0}::text, 64, '0')::bit(64)::bigint::text else {0}::text end"
_NO_NUMBERS = "('NaN', 'Infinity', '-Infinity')"


def selected(columns: Sequence[Column], table: LandingTable) -> sql.Composable:
    """The columns of a query whose answer is copied as CSV."""
    values = [value_of(column, table) for column in columns]
    if len(values) == 1:
        # COPY writes a null that stands alone as a blank line, which no reader tells from none; a blank text is quoted.
        values = [sql.SQL("coalesce(({})::text, '')").format(values[0])]
    pairs = zip(values, columns, strict=True)
    named = [sql.SQL("{} as {}").format(value, sql.Identifier(name)) for value, (name, _) in pairs]
    return sql.SQL(", ").join(named)


def value_of(column: Column, table: LandingTable) -> sql.Composable:
    """SQL of one column's value."""
    name, kind = column
    cast = _CASTS.get(kind, "{}")
    if kind in _BIT_TYPES and _declared_type(name, table) in NUMERIC_TYPES:
        # Its digits would pass as another number: 00010000 is 16, not ten thousand.
        cast = _BITS_AS_NUMBER
    return sql.SQL(cast).format(sql.Identifier(name))


def amount_of(column: Column, table: LandingTable) -> sql.Composable:
    """SQL of the sum of a column as exact text; values that are no numbers are refused by the landing and left out."""
    text = sql.SQL("({})::text").format(value_of(column, table))
    return sql.SQL("(sum({0}::numeric) filter (where {0} not in " + _NO_NUMBERS + "))::text").format(text)


def without_place(column: Column) -> sql.Composable:
    """SQL: whether a cursor's value is none by which a row could be found later: null, infinite, before Christ."""
    name, kind = column
    conditions = ["{0} is null"]
    if kind in MOMENT_TYPES:
        conditions += ["{0} < '0001-01-01'", "{0} = 'infinity'"]
    return sql.SQL(" or ".join(conditions)).format(sql.Identifier(name))


DATE, TIMESTAMP, TIMESTAMPTZ = 1082, 1114, 1184
MOMENT_TYPES = (DATE, TIMESTAMP, TIMESTAMPTZ)
NUMBER_TYPES = (20, 21, 23, 1700)


def _declared_type(name: str, table: LandingTable) -> str | None:
    types = {column.source_name or own: column.type for own, column in table.table.columns.items()}
    return types.get(name)
