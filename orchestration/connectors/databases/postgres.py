"""PostgreSQL: tables as CSV text by COPY, the server's own fastest and most faithful way out.

Text keeps every digit of a numeric and leaves it to the landing to judge what cannot be cast. One read-only
transaction serves all questions, so that rows, keys and totals are of one moment.
"""

import dataclasses
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from orchestration.connectors.databases.address import DatabaseAddress
from orchestration.connectors.databases.postgres_columns import (
    DATE,
    MOMENT_TYPES,
    NUMBER_TYPES,
    TIMESTAMP,
    TIMESTAMPTZ,
    Column,
    amount_of,
    found,
    selected,
    without_place,
)
from orchestration.connectors.pulling import (
    ConnectorError,
    DayTotal,
    Position,
    Pulled,
    PullRequest,
    check_cursor,
    day_start,
    day_stretches,
    day_total,
)
from orchestration.declaration.connections import DatabaseConnection
from orchestration.declaration.tables import LandingTable

_KNOWN_SETTINGS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"})
_SETTINGS = "-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1"


_COMPARABLE_TRANSACTIONS = 2_000_000_000
"""Rows carry 32 bits of a transaction's number."""


class PostgresConnector:
    """One connection, one transaction."""

    def __init__(self, connection: DatabaseConnection, environ: Mapping[str, str] | None = None) -> None:
        self._timeout = connection.timeout_seconds
        self._address = postgres_address(connection, environ)

    def __enter__(self) -> Self:
        """Connect and begin the transaction.

        Raises:
            ConnectorError: The server cannot be reached or refuses.
        """
        try:
            self._connection = psycopg.connect(
                **self._address.postgres_arguments(),
                connect_timeout=min(self._timeout, 30),
                options=f"{_SETTINGS} -c statement_timeout={self._timeout * 1000}",
                application_name="cx",
            )
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        except psycopg.Error as error:
            raise self._explained(error, "cannot connect") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self._connection.close()

    def pull(self, request: PullRequest, folder: Path) -> Pulled:
        """Rows of the table, of one window of its cursor column where one is asked for.

        Raises:
            ConnectorError: The table does not exist, may not be read, or the connection broke.
        """
        table, columns = request.table, self._columns(request.table)
        if table.table.cursor is not None:
            kind = found(columns, table.source_cursor, table)[1]
            check_cursor(table, is_number=kind in NUMBER_TYPES, is_moment=kind in MOMENT_TYPES)
        query = sql.SQL("select {} from {}").format(selected(columns, table), _relation(table))
        if request.low is not None or request.high is not None:
            query += sql.SQL(" where ") + self._window(request, found(columns, table.source_cursor, table))
        position = self._position()
        return dataclasses.replace(self._copy(query, table, folder / "rows.csv"), position=position)

    def keys(self, table: LandingTable, folder: Path) -> Pulled:
        """Key columns of all rows.

        Raises:
            ConnectorError: As for `pull`.
        """
        columns = self._columns(table)
        names = selected([found(columns, name, table) for name in table.source_key], table)
        query = sql.SQL("select {} from {}").format(names, _relation(table))
        return self._copy(query, table, folder / "keys.csv")

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal]:
        """Rows and their sum by day, counted by the server.

        Raises:
            ConnectorError: As for `pull`, or the column of the day is no date or time there.
        """
        columns, amount = self._columns(table), table.source_amount
        total = amount_of(found(columns, amount, table), table) if amount else sql.SQL("null")
        query = sql.SQL("select ({})::text, count(*), {} from {} group by 1").format(
            _day(found(columns, table.source_day, table), table, zone), total, _relation(table)
        )
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                rows = cursor.execute(query).fetchall()
        except psycopg.Error as error:
            raise self._explained(error, table.landing_name) from None
        return [day_total(day, count, amount) for day, count, amount in rows]

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        """Rows of these days.

        Raises:
            ConnectorError: As for `totals`.
        """
        columns = self._columns(table)
        day = found(columns, table.source_day, table)
        conditions = [without_place(day)] if None in days else []
        for first, following in day_stretches(days):
            low, high = (
                moment if day[1] == DATE else _bound(day_start(moment, zone), table, is_aware=day[1] == TIMESTAMPTZ)
                for moment in (first, following)
            )
            conditions.append(sql.SQL("({0} >= {1} and {0} < {2})").format(sql.Identifier(day[0]), low, high))
        query = sql.SQL("select {} from {} where {}").format(
            selected(columns, table), _relation(table), sql.SQL(" or ").join(conditions)
        )
        return self._copy(query, table, folder / "days.csv")

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the table's columns; asking for them shows that it is there and may be read.

        Raises:
            ConnectorError: As for `pull`.
        """
        return [name for name, _ in self._columns(table)]

    def _columns(self, table: LandingTable) -> list[Column]:
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("select * from {} limit 0").format(_relation(table)))
            except psycopg.Error as error:
                raise self._explained(error, table.landing_name) from None
            return [(column.name, column.type_code) for column in cursor.description or ()]

    def _window(self, request: PullRequest, column: Column) -> sql.Composable:
        table, (name, kind) = request.table, column
        parts: list[sql.Composable] = []
        for sign, bound in ((">=", request.low), ("<", request.high)):
            if bound is not None:
                value = sql.Literal(_cursor_bound(bound, table, kind))
                parts.append(sql.SQL("{} {} {}").format(sql.Identifier(name), sql.SQL(sign), value))
        asked = [sql.SQL("({})").format(sql.SQL(" and ").join(parts)), without_place(column)]
        if request.transaction is not None:
            asked.append(self._written_since(request.transaction, table))
        return sql.SQL(" or ").join(asked)

    def _position(self) -> Position:
        """The oldest transaction that the snapshot does not see the end of."""
        oldest, following = self._snapshot()
        return Position(transaction=oldest if oldest < following else None)

    def _snapshot(self) -> tuple[int, int]:
        # These names are understood by every version; the newer ones begin with 13.
        query = "select txid_snapshot_xmin(s), txid_snapshot_xmax(s) from txid_current_snapshot() as s"
        try:
            row = self._connection.execute(query).fetchone() or (0, 0)
        except psycopg.Error as error:
            raise self._explained(error, "open transactions") from None
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

    def _copy(self, query: sql.Composable, table: LandingTable, path: Path) -> Pulled:
        statement = sql.SQL("copy ({}) to stdout with (format csv, header true, encoding 'UTF8')").format(query)
        try:
            with self._connection.cursor() as cursor, path.open("wb") as file:
                with cursor.copy(statement) as copy:
                    for block in copy:
                        file.write(block)
                return Pulled(path, "csv", cursor.rowcount)
        except psycopg.Error as error:
            raise self._explained(error, table.landing_name) from None

    def _explained(self, error: psycopg.Error, where: str) -> ConnectorError:
        detail = error.diag.message_primary or next(iter(str(error).splitlines()), type(error).__name__)
        return ConnectorError(f"{where}: PostgreSQL says: {self._address.secret.masked(detail)}")


def _relation(table: LandingTable) -> sql.Identifier:
    return sql.Identifier(*table.address.split("."))


def _day(column: Column, table: LandingTable, zone: str) -> sql.Composable:
    name, kind, local = sql.Identifier(column[0]), column[1], table.table.time_zone
    if kind == TIMESTAMPTZ:
        return sql.SQL("({} at time zone {})::date").format(name, sql.Literal(zone))
    if kind == DATE or (kind == TIMESTAMP and local == zone):
        return sql.SQL("{}::date").format(name)
    if kind == TIMESTAMP:
        return sql.SQL("({} at time zone {} at time zone {})::date").format(name, sql.Literal(local), sql.Literal(zone))
    raise ConnectorError(f"{table.landing_name}: {table.source_day} is no date or timestamp in {table.address}")


def _cursor_bound(bound: datetime | int, table: LandingTable, kind: int) -> datetime | int:
    declared = table.table.columns[table.table.cursor.column].type if table.table.cursor else ""
    if isinstance(bound, datetime) and declared == "date" and kind != TIMESTAMPTZ:
        # A date lands as it stands, in no zone.
        return bound.replace(tzinfo=None)
    return _bound(bound, table, is_aware=kind == TIMESTAMPTZ)


def _bound(bound: datetime | int, table: LandingTable, *, is_aware: bool) -> datetime | int:
    if isinstance(bound, int) or is_aware:
        return bound
    return bound.astimezone(ZoneInfo(table.table.time_zone)).replace(tzinfo=None)


def postgres_address(connection: DatabaseConnection, environ: Mapping[str, str] | None) -> DatabaseAddress:
    """Where the server is.

    Raises:
        ConnectorError: The variable is not set or holds no URL of PostgreSQL.
    """
    return DatabaseAddress.read(
        connection.url_env,
        environ,
        schemes=("postgresql", "postgres"),
        default_port=5432,
        known_settings=_KNOWN_SETTINGS,
    )
