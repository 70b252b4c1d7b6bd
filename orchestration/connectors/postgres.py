"""PostgreSQL: tables as CSV text by COPY, the server's own fastest and most faithful way out.

Text keeps every digit of a numeric and leaves it to the landing to judge what cannot be cast. One read-only
transaction serves all questions, so that rows, keys and totals are of one moment.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from orchestration.connections import DatabaseConnection
from orchestration.connectors.address import DatabaseAddress
from orchestration.connectors.pulling import (
    ConnectorError,
    DayTotal,
    Pulled,
    PullRequest,
    day_start,
    day_stretches,
    day_total,
)
from orchestration.declared_tables import LandingTable

_KNOWN_SETTINGS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"})
_SETTINGS = "-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c bytea_output=hex"


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
        query = sql.SQL("select * from {}").format(_relation(request.table))
        if request.low is not None or request.high is not None:
            query += sql.SQL(" where ") + self._window(request)
        return self._copy(query, request.table, folder / "rows.csv")

    def keys(self, table: LandingTable, folder: Path) -> Pulled:
        """Key columns of all rows.

        Raises:
            ConnectorError: As for `pull`.
        """
        names = sql.SQL(", ").join(sql.Identifier(name) for name in table.source_key)
        query = sql.SQL("select {} from {}").format(names, _relation(table))
        return self._copy(query, table, folder / "keys.csv")

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal]:
        """Rows and their sum by day, counted by the server.

        Raises:
            ConnectorError: As for `pull`, or the column of the day is no date or time there.
        """
        amount = table.source_amount
        total = sql.SQL("sum({}::numeric)::text").format(sql.Identifier(amount)) if amount else sql.SQL("null")
        query = sql.SQL("select ({})::text, count(*), {} from {} group by 1").format(
            self._day(table, zone), total, _relation(table)
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
        column = sql.Identifier(table.source_day)
        kind = self._type_of(table, table.source_day)
        conditions: list[sql.Composable] = [sql.SQL("{} is null").format(column)] if None in days else []
        for first, following in day_stretches(days):
            low, high = (
                day if kind == "date" else _bound(day_start(day, zone), table, is_aware=kind == "timestamptz")
                for day in (first, following)
            )
            conditions.append(sql.SQL("({0} >= {1} and {0} < {2})").format(column, low, high))
        query = sql.SQL("select * from {} where {}").format(_relation(table), sql.SQL(" or ").join(conditions))
        return self._copy(query, table, folder / "days.csv")

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the table's columns; asking for them shows that it is there and may be read.

        Raises:
            ConnectorError: As for `pull`.
        """
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("select * from {} limit 0").format(_relation(table)))
            except psycopg.Error as error:
                raise self._explained(error, table.landing_name) from None
            return [column.name for column in cursor.description or ()]

    def _day(self, table: LandingTable, zone: str) -> sql.Composable:
        column, local = sql.Identifier(table.source_day), table.table.time_zone
        kind = self._type_of(table, table.source_day)
        if kind == "timestamptz":
            return sql.SQL("({} at time zone {})::date").format(column, sql.Literal(zone))
        if kind == "date" or (kind == "timestamp" and local == zone):
            return sql.SQL("{}::date").format(column)
        if kind == "timestamp":
            return sql.SQL("({} at time zone {} at time zone {})::date").format(
                column, sql.Literal(local), sql.Literal(zone)
            )
        raise ConnectorError(f"{table.landing_name}: {table.source_day} is no date or timestamp in {table.address}")

    def _window(self, request: PullRequest) -> sql.Composable:
        name = request.table.source_cursor
        column = sql.Identifier(name)
        is_aware = self._type_of(request.table, name) == "timestamptz"
        parts: list[sql.Composable] = []
        for sign, bound in ((">=", request.low), ("<", request.high)):
            if bound is not None:
                value = sql.Literal(_bound(bound, request.table, is_aware=is_aware))
                parts.append(sql.SQL("{} {} {}").format(column, sql.SQL(sign), value))
        # A row without a cursor value would never be asked for again.
        return sql.SQL("({}) or {} is null").format(sql.SQL(" and ").join(parts), column)

    def _type_of(self, table: LandingTable, column: str) -> str:
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("select {} from {} limit 0").format(sql.Identifier(column), _relation(table)))
            except psycopg.Error as error:
                raise self._explained(error, table.landing_name) from None
            described = cursor.description[0].type_code if cursor.description else 0
        info = psycopg.adapters.types.get(described)
        return info.name if info else ""

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
