"""MySQL and MariaDB: rows streamed as the server's own text into a CSV file.

One consistent read-only snapshot serves all questions. Values are taken as text (no conversion), so that
0000-00-00 and every digit of a decimal reach the landing, which judges them.
"""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import pymysql
from pymysql import converters
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

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

_FETCH_ROWS = 10_000


class MysqlConnector:
    """One connection, one transaction."""

    def __init__(self, connection: DatabaseConnection, environ: Mapping[str, str] | None = None) -> None:
        self._timeout = connection.timeout_seconds
        self._address = mysql_address(connection, environ)

    def __enter__(self) -> Self:
        """Connect and begin the transaction.

        Raises:
            ConnectorError: The server cannot be reached or refuses.
        """
        try:
            self._connection = pymysql.connect(
                **self._address.mysql_arguments(),
                charset="utf8mb4",
                # No conversions: every value arrives as the server's text.
                conv=dict(converters.encoders),
                cursorclass=SSCursor,
                connect_timeout=min(self._timeout, 30),
                read_timeout=self._timeout,
                init_command="set time_zone = '+00:00'",
                program_name="cx",
            )
            with self._connection.cursor() as cursor:
                cursor.execute("set session transaction isolation level repeatable read")
                cursor.execute("start transaction with consistent snapshot, read only")
        except pymysql.Error as error:
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
        query = f"select * from {_relation(request.table)}"
        if request.low is not None or request.high is not None:
            query += f" where {self._window(request)}"
        return self._write(query, request.table, folder / "rows.csv")

    def keys(self, table: LandingTable, folder: Path) -> Pulled:
        """Key columns of all rows.

        Raises:
            ConnectorError: As for `pull`.
        """
        names = ", ".join(_quoted(name) for name in table.source_key)
        return self._write(f"select {names} from {_relation(table)}", table, folder / "keys.csv")

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal]:
        """Rows and their sum by day, counted by the server.

        Where its days are not the company's, it counts by quarters of an hour, as far as zones lie apart: the server's
        own tables of time zones are often empty.

        Raises:
            ConnectorError: As for `pull`, or the column of the day is no date or time there.
        """
        column, kind = _quoted(table.source_day), self._type_of(table, table.source_day)
        if kind not in (FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP):
            raise ConnectorError(f"{table.landing_name}: {table.source_day} is no date or timestamp in {table.address}")
        held_in = "UTC" if kind == FIELD_TYPE.TIMESTAMP else table.table.time_zone
        is_day = kind == FIELD_TYPE.DATE or held_in == zone
        quarter = f"concat(date_format({column}, '%Y-%m-%d %H:'), lpad(minute({column}) div 15 * 15, 2, '0'))"
        total = f"sum(cast({_quoted(table.source_amount)} as decimal(38,6)))" if table.source_amount else "null"
        query = (
            f"select {f'date({column})' if is_day else quarter}, count(*), {total} from {_relation(table)} group by 1"
        )
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query)
                rows = cursor.fetchall()
        except pymysql.Error as error:
            raise self._explained(error, table.landing_name) from None
        if is_day:
            return [day_total(*row) for row in rows]
        return [day_total(_local_day(moment, held_in, zone), count, amount) for moment, count, amount in rows]

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        """Rows of these days.

        Raises:
            ConnectorError: As for `totals`.
        """
        column, kind = _quoted(table.source_day), self._type_of(table, table.source_day)
        conditions = [f"{column} is null"] if None in days else []
        for first, following in day_stretches(days):
            low, high = (
                f"'{day}'"
                if kind == FIELD_TYPE.DATE
                else _bound(day_start(day, zone), table, is_aware=kind == FIELD_TYPE.TIMESTAMP)
                for day in (first, following)
            )
            conditions.append(f"({column} >= {low} and {column} < {high})")
        query = f"select * from {_relation(table)} where {' or '.join(conditions)}"
        return self._write(query, table, folder / "days.csv")

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the table's columns; asking for them shows that it is there and may be read.

        Raises:
            ConnectorError: As for `pull`.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"select * from {_relation(table)} limit 0")
                return [str(column[0]) for column in cursor.description]
        except pymysql.Error as error:
            raise self._explained(error, table.landing_name) from None

    def _window(self, request: PullRequest) -> str:
        name = request.table.source_cursor
        column = _quoted(name)
        is_aware = self._type_of(request.table, name) == FIELD_TYPE.TIMESTAMP
        parts = [
            f"{column} {sign} {_bound(bound, request.table, is_aware=is_aware)}"
            for sign, bound in ((">=", request.low), ("<", request.high))
            if bound is not None
        ]
        # A row without a cursor value would never be asked for again.
        return f"({' and '.join(parts)}) or {column} is null"

    def _type_of(self, table: LandingTable, column: str) -> int:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"select {_quoted(column)} from {_relation(table)} limit 0")
                return int(cursor.description[0][1])
        except pymysql.Error as error:
            raise self._explained(error, table.landing_name) from None

    def _write(self, query: str, table: LandingTable, path: Path) -> Pulled:
        count = 0
        try:
            with self._connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as file:
                cursor.execute(query)
                described = cursor.description
                # With this line end a lone carriage return inside a value is quoted too.
                writer = csv.writer(file, lineterminator="\r\n")
                writer.writerow([column[0] for column in described])
                moments = [n for n, column in enumerate(described) if column[1] == FIELD_TYPE.TIMESTAMP]
                while rows := cursor.fetchmany(_FETCH_ROWS):
                    writer.writerows(_as_text(rows, moments))
                    count += len(rows)
        except pymysql.Error as error:
            raise self._explained(error, table.landing_name) from None
        return Pulled(path, "csv", count)

    def _explained(self, error: pymysql.Error, where: str) -> ConnectorError:
        detail = str(error.args[1]) if len(error.args) > 1 else type(error).__name__
        return ConnectorError(f"{where}: MySQL says: {self._address.secret.masked(detail)}")


def _as_text(rows: Iterable[Sequence[Any]], moments: list[int]) -> Iterable[list[str | None]]:
    for row in rows:
        values = [value.hex() if isinstance(value, bytes) else value for value in row]
        for position in moments:
            # TIMESTAMP is an instant, sent in the session's UTC; DATETIME is a local time and stays without offset.
            if values[position] is not None:
                values[position] = f"{values[position]}+00:00"
        yield values


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _relation(table: LandingTable) -> str:
    return ".".join(_quoted(part) for part in table.address.split("."))


def _bound(bound: datetime | int, table: LandingTable, *, is_aware: bool) -> str:
    if isinstance(bound, int):
        return str(bound)
    moment = bound.astimezone(UTC if is_aware else ZoneInfo(table.table.time_zone)).replace(tzinfo=None)
    return f"'{moment.isoformat(sep=' ')}'"


def _local_day(moment: str | None, held_in: str, zone: str) -> date | None:
    """Day in one zone of a quarter of an hour in another, read as the landing reads it (see `cast_sql`)."""
    try:
        local = datetime.fromisoformat(moment or "").replace(tzinfo=ZoneInfo(held_in))
    except ValueError:
        return None
    second = local.replace(fold=1)
    repeated = (local.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
    return (second if repeated else local).astimezone(UTC).astimezone(ZoneInfo(zone)).date()


def mysql_address(connection: DatabaseConnection, environ: Mapping[str, str] | None) -> DatabaseAddress:
    """Where the server is.

    Raises:
        ConnectorError: The variable is not set or holds no URL of MySQL.
    """
    return DatabaseAddress.read(
        connection.url_env,
        environ,
        schemes=("mysql", "mariadb"),
        default_port=3306,
        known_settings=frozenset({"tls"}),
    )
