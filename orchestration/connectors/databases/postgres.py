"""PostgreSQL: tables as CSV text by COPY, the server's own fastest and most faithful way out.

Text keeps every digit of a numeric and leaves it to the landing to judge what cannot be cast.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from orchestration.connectors.databases.address import DatabaseAddress
from orchestration.connectors.databases.connector import Column, DatabaseConnector, Types
from orchestration.connectors.databases.postgres_columns import (
    DATE,
    MOMENT_TYPES,
    NUMBER_TYPES,
    TIMESTAMP,
    TIMESTAMPTZ,
    amount_of,
    selected,
    without_place,
)
from orchestration.connectors.pulling import DayTotal, Position, day_total
from orchestration.declaration.connections import DatabaseConnection
from orchestration.declaration.tables import LandingTable

POSTGRES_SETTINGS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"})
"""What may stand behind the question mark of a URL."""
_SETTINGS = "-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1"
_COMPARABLE_TRANSACTIONS = 2_000_000_000
"""Rows carry 32 bits of a transaction's number."""


class PostgresConnector(DatabaseConnector[sql.Composable]):
    """The dialect."""

    server = "PostgreSQL"
    driver_error = psycopg.Error
    types = Types(DATE, TIMESTAMPTZ, MOMENT_TYPES, NUMBER_TYPES)

    @staticmethod
    def address(connection: DatabaseConnection, environ: Mapping[str, str] | None) -> DatabaseAddress:
        """Where the server is."""
        return DatabaseAddress.read(
            connection.url_env,
            environ,
            schemes=("postgresql", "postgres"),
            default_port=5432,
            known_settings=POSTGRES_SETTINGS,
        )

    def _connect(self) -> None:
        self._connection = psycopg.connect(
            **self._address.postgres_arguments(),
            connect_timeout=min(self._timeout, 30),
            options=f"{_SETTINGS} -c statement_timeout={self._timeout * 1000}",
            application_name="cx",
        )
        self._connection.read_only = True
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

    def _position(self) -> Position:
        """The oldest transaction that the snapshot does not see the end of."""
        oldest, following = self._snapshot()
        return Position(transaction=oldest if oldest < following else None)

    def _described(self, table: LandingTable) -> list[Column]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql.SQL("select * from {} limit 0").format(_relation(table)))
            return [Column(column.name, column.type_code) for column in cursor.description or ()]

    def _literal(self, value: datetime | date | int) -> sql.Composable:
        return sql.Literal(value)

    def _range(self, column: Column, low: sql.Composable | None, high: sql.Composable | None) -> sql.Composable:
        compared = [
            sql.SQL("{} {} {}").format(sql.Identifier(column.name), sign, bound)
            for sign, bound in ((sql.SQL(">="), low), (sql.SQL("<"), high))
            if bound is not None
        ]
        return sql.SQL("({})").format(sql.SQL(" and ").join(compared))

    def _without_place(self, column: Column) -> sql.Composable:
        return without_place(column)

    def _snapshot(self) -> tuple[int, int]:
        # These names are understood by every version; the newer ones begin with 13.
        query = "select txid_snapshot_xmin(s), txid_snapshot_xmax(s) from txid_current_snapshot() as s"
        row = self._connection.execute(query).fetchone() or (0, 0)
        return int(row[0]), int(row[1])

    def _written_since(self, transaction: int, table: LandingTable) -> sql.Composable:
        """SQL: whether this transaction or a later one wrote a row; false for a view, whose rows do not tell."""
        _, following = self._snapshot()
        if not 0 <= following - transaction < _COMPARABLE_TRANSACTIONS:
            # Another server than the last time, or so long ago that its short numbers have come round.
            return sql.SQL("true")
        name = sql.Literal(_relation(table).as_string(self._connection))
        query = sql.SQL("select relkind in ('r', 'p') from pg_class where oid = to_regclass({})").format(name)
        is_table = self._connection.execute(query).fetchone()
        if is_table is None or not is_table[0]:
            return sql.SQL("false")
        return sql.SQL("age(xmin) <= age({}::xid)").format(sql.Literal(str(transaction % 2**32)))

    def _write(
        self, columns: Sequence[Column], conditions: Sequence[sql.Composable], table: LandingTable, path: Path
    ) -> int:
        query = sql.SQL("select {} from {}").format(selected(columns, table), _relation(table))
        if conditions:
            query += sql.SQL(" where ") + sql.SQL(" or ").join(conditions)
        statement = sql.SQL("copy ({}) to stdout with (format csv, header true, encoding 'UTF8')").format(query)
        with self._connection.cursor() as cursor, path.open("wb") as file:
            with cursor.copy(statement) as copy:
                for block in copy:
                    file.write(block)
            return int(cursor.rowcount)

    def _totals(self, day: Column, amount: Column | None, table: LandingTable, zone: str) -> list[DayTotal]:
        total = amount_of(amount, table) if amount else sql.SQL("null")
        query = sql.SQL("select ({})::text, count(*), {} from {} group by 1").format(
            _day(day, table, zone), total, _relation(table)
        )
        with self._connection.transaction(), self._connection.cursor() as cursor:
            return [day_total(*row) for row in cursor.execute(query).fetchall()]

    def _detail(self, error: psycopg.Error) -> str:
        return error.diag.message_primary or next(iter(str(error).splitlines()), type(error).__name__)


def _relation(table: LandingTable) -> sql.Identifier:
    return sql.Identifier(*table.address.split("."))


def _day(column: Column, table: LandingTable, zone: str) -> sql.Composable:
    name, kind, local = sql.Identifier(column.name), column.kind, table.table.time_zone
    if kind == TIMESTAMPTZ:
        return sql.SQL("({} at time zone {})::date").format(name, sql.Literal(zone))
    if kind == TIMESTAMP and local != zone:
        return sql.SQL("({} at time zone {} at time zone {})::date").format(name, sql.Literal(local), sql.Literal(zone))
    return sql.SQL("{}::date").format(name)
