"""MySQL and MariaDB: rows streamed as the server's own text into a CSV file.

One consistent read-only snapshot serves all questions. Values are taken as text (no conversion), so that
0000-00-00 and every digit of a decimal reach the landing, which judges them.
"""

import csv
import dataclasses
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import pymysql
from pymysql import converters
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from orchestration.connectors.databases.address import DatabaseAddress
from orchestration.connectors.databases.mysql_values import (
    MOMENT_TYPES,
    NUMBER_TYPES,
    Column,
    amount_of,
    as_text,
    found,
    quoted,
    selected,
    summed,
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

_FETCH_ROWS = 10_000
_UNREAD_SECONDS = 0.12
"""The server looks for open transactions anew only when nobody has asked for a tenth of a second."""


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
                # Modes of the server would fill up CHAR with blanks or refuse to compare dates that are none.
                init_command="set time_zone = '+00:00', sql_mode = ''",
                program_name="cx",
            )
            with self._connection.cursor() as cursor:
                self._position = _position(cursor)
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
        table, columns = request.table, self._columns(request.table)
        where = ""
        if table.table.cursor is not None:
            cursor = found(columns, table.source_cursor, table)
            check_cursor(table, is_number=cursor[1] in NUMBER_TYPES, is_moment=cursor[1] in MOMENT_TYPES)
            where = _window(request, cursor)
        pulled = self._write(columns, where, table, folder / "rows.csv")
        return dataclasses.replace(pulled, position=self._position)

    def keys(self, table: LandingTable, folder: Path) -> Pulled:
        """Key columns of all rows.

        Raises:
            ConnectorError: As for `pull`.
        """
        columns = self._columns(table)
        keys = [found(columns, name, table) for name in table.source_key]
        return self._write(keys, "", table, folder / "keys.csv")

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal]:
        """Rows and their sum by day, counted by the server.

        Where its days are not the company's, it counts by quarters of an hour, as far as zones lie apart: the server's
        own tables of time zones are often empty.

        Raises:
            ConnectorError: As for `pull`, or the column of the day is no date or time there.
        """
        columns = self._columns(table)
        name, kind = found(columns, table.source_day, table)[:2]
        if kind not in MOMENT_TYPES:
            raise ConnectorError(f"{table.landing_name}: {table.source_day} is no date or timestamp in {table.address}")
        column, held_in = quoted(name), "UTC" if kind == FIELD_TYPE.TIMESTAMP else table.table.time_zone
        is_day = kind == FIELD_TYPE.DATE or held_in == zone
        quarter = f"concat(date_format({column}, '%Y-%m-%d %H:'), lpad(minute({column}) div 15 * 15, 2, '0'))"
        amount = found(columns, table.source_amount, table) if table.source_amount else None
        total, is_summed_here = amount_of(amount)
        day = f"date({column})" if is_day else quarter
        query = f"select {day}, count(*), {total} from {_relation(table)} group by 1"
        rows = self._rows(f"{query}, 3" if is_summed_here else query, table)
        if is_summed_here:
            rows = summed(rows)
        if is_day:
            return [day_total(*row) for row in rows]
        return [day_total(_local_day(moment, held_in, zone), count, amount) for moment, count, amount in rows]

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        """Rows of these days.

        Raises:
            ConnectorError: As for `totals`.
        """
        columns = self._columns(table)
        day = found(columns, table.source_day, table)
        column, kind = quoted(day[0]), day[1]
        conditions = [without_place(day)] if None in days else []
        for first, following in day_stretches(days):
            low, high = (
                f"'{moment}'"
                if kind == FIELD_TYPE.DATE
                else _bound(day_start(moment, zone), table, is_aware=kind == FIELD_TYPE.TIMESTAMP)
                for moment in (first, following)
            )
            conditions.append(f"({column} >= {low} and {column} < {high})")
        return self._write(columns, f" where {' or '.join(conditions)}", table, folder / "days.csv")

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the table's columns; asking for them shows that it is there and may be read.

        Raises:
            ConnectorError: As for `pull`.
        """
        return [str(column[0]) for column in self._columns(table)]

    def _columns(self, table: LandingTable) -> list[Column]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"select * from {_relation(table)} limit 0")
                return list(cursor.description)
        except pymysql.Error as error:
            raise self._explained(error, table.landing_name) from None

    def _rows(self, query: str, table: LandingTable) -> Sequence[Sequence[Any]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        except pymysql.Error as error:
            raise self._explained(error, table.landing_name) from None

    def _write(self, columns: Sequence[Column], where: str, table: LandingTable, path: Path) -> Pulled:
        count = 0
        try:
            with self._connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as file:
                cursor.execute(f"select {selected(columns)} from {_relation(table)}{where}")
                # With this line end a lone carriage return inside a value is quoted too.
                writer = csv.writer(file, lineterminator="\r\n")
                writer.writerow([column[0] for column in columns])
                while rows := cursor.fetchmany(_FETCH_ROWS):
                    writer.writerows(as_text(rows, columns))
                    count += len(rows)
        except pymysql.Error as error:
            raise self._explained(error, table.landing_name) from None
        return Pulled(path, "csv", count)

    def _explained(self, error: pymysql.Error, where: str) -> ConnectorError:
        detail = str(error.args[1]) if len(error.args) > 1 else type(error).__name__
        return ConnectorError(f"{where}: MySQL says: {self._address.secret.masked(detail)}")


def _position(cursor: SSCursor) -> Position:
    """Transactions that have written and are open, asked for just before the snapshot is taken."""
    time.sleep(_UNREAD_SECONDS)
    cursor.execute("select utc_timestamp(6)")
    taken_at = str(cursor.fetchall()[0][0])
    try:
        cursor.execute(
            "select min(convert_tz(trx_started, 'SYSTEM', '+00:00')) from information_schema.innodb_trx"
            " where trx_weight > 0 and trx_mysql_thread_id <> connection_id()"
        )
        open_since = cursor.fetchall()[0][0]
    except pymysql.OperationalError:
        # A user without the right PROCESS may not ask; what commits late must then lie within the overlap.
        return Position(taken_at)
    return Position(taken_at, None if open_since is None else str(open_since))


def _window(request: PullRequest, column: Column) -> str:
    if request.low is None and request.high is None:
        return ""
    parts = [
        f"{quoted(column[0])} {sign} {_cursor_bound(bound, request.table, column[1])}"
        for sign, bound in ((">=", request.low), ("<", request.high))
        if bound is not None
    ]
    return f" where ({' and '.join(parts)}) or {without_place(column)}"


def _relation(table: LandingTable) -> str:
    return ".".join(quoted(part) for part in table.address.split("."))


def _cursor_bound(bound: datetime | int, table: LandingTable, kind: int) -> str:
    declared = table.table.columns[table.table.cursor.column].type if table.table.cursor else ""
    # A date lands as it stands, in no zone.
    return _bound(bound, table, is_aware=kind == FIELD_TYPE.TIMESTAMP or declared == "date")


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
