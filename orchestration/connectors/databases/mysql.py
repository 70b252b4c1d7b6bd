"""MySQL and MariaDB: rows streamed as the server's own text into a CSV file.

Values are taken as text (no conversion), so that 0000-00-00 and every digit of a decimal reach the landing, which
judges them.
"""

import csv
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pymysql
from pymysql import converters
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from orchestration.connectors.databases.address import DatabaseAddress
from orchestration.connectors.databases.connector import Column, DatabaseConnector, Types
from orchestration.connectors.databases.mysql_values import (
    MOMENT_TYPES,
    NUMBER_TYPES,
    amount_of,
    as_text,
    quoted,
    selected,
    summed,
    without_place,
)
from orchestration.connectors.pulling import DayTotal, Position, day_total
from orchestration.declaration.connections import DatabaseConnection
from orchestration.declaration.tables import LandingTable

_FETCH_ROWS = 10_000
_UNREAD_SECONDS = 0.12
"""The server looks for open transactions anew only when nobody has asked for a tenth of a second."""


class MysqlConnector(DatabaseConnector[str]):
    """The dialect; the transaction is a consistent snapshot from its first moment on."""

    server = "MySQL"
    driver_error = pymysql.Error
    types = Types(FIELD_TYPE.DATE, FIELD_TYPE.TIMESTAMP, MOMENT_TYPES, NUMBER_TYPES)
    is_any_case = True

    @staticmethod
    def address(connection: DatabaseConnection, environ: Mapping[str, str] | None) -> DatabaseAddress:
        """Where the server is."""
        return DatabaseAddress.read(
            connection.url_env,
            environ,
            schemes=("mysql", "mariadb"),
            default_port=3306,
            known_settings=frozenset({"tls"}),
        )

    def _connect(self) -> None:
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
            self._writers = _open_writers(cursor)
            cursor.execute("set session transaction isolation level repeatable read")
            cursor.execute("start transaction with consistent snapshot, read only")

    def _position(self) -> Position:
        return self._writers

    def _described(self, table: LandingTable) -> list[Column]:
        with self._connection.cursor() as cursor:
            cursor.execute(f"select * from {_relation(table)} limit 0")
            return [Column(str(name), kind) for name, kind, *_ in cursor.description]

    def _literal(self, value: datetime | date | int) -> str:
        if isinstance(value, int):
            return str(value)
        if isinstance(value, datetime):
            return f"'{(value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat(sep=' ')}'"
        return f"'{value}'"

    def _range(self, column: Column, low: str | None, high: str | None) -> str:
        bounds = ((">=", low), ("<", high))
        compared = [f"{quoted(column.name)} {sign} {bound}" for sign, bound in bounds if bound is not None]
        return f"({' and '.join(compared)})"

    def _without_place(self, column: Column) -> str:
        return without_place(column)

    def _write(self, columns: Sequence[Column], conditions: Sequence[str], table: LandingTable, path: Path) -> int:
        count = 0
        where = f" where {' or '.join(conditions)}" if conditions else ""
        with self._connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as file:
            cursor.execute(f"select {selected(columns)} from {_relation(table)}{where}")
            # With this line end a lone carriage return inside a value is quoted too.
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([column.name for column in columns])
            while rows := cursor.fetchmany(_FETCH_ROWS):
                writer.writerows(as_text(rows, columns))
                count += len(rows)
        return count

    def _totals(self, day: Column, amount: Column | None, table: LandingTable, zone: str) -> list[DayTotal]:
        # Where its days are not the company's, it counts by quarters of an hour, as far as zones lie apart: the
        # server's own tables of time zones are often empty.
        column, held_in = quoted(day.name), "UTC" if day.kind == FIELD_TYPE.TIMESTAMP else table.table.time_zone
        is_day = day.kind == FIELD_TYPE.DATE or held_in == zone
        quarter = f"concat(date_format({column}, '%Y-%m-%d %H:'), lpad(minute({column}) div 15 * 15, 2, '0'))"
        total, is_summed_here = amount_of(amount)
        counted = f"date({column})" if is_day else quarter
        query = f"select {counted}, count(*), {total} from {_relation(table)} group by 1"
        rows = self._rows(f"{query}, 3" if is_summed_here else query)
        if is_summed_here:
            rows = summed(rows)
        if is_day:
            return [day_total(*row) for row in rows]
        return [day_total(_local_day(moment, held_in, zone), count, sums) for moment, count, sums in rows]

    def _rows(self, query: str) -> Sequence[Sequence[Any]]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def _detail(self, error: pymysql.Error) -> str:
        return str(error.args[1]) if len(error.args) > 1 else type(error).__name__


def _open_writers(cursor: SSCursor) -> Position:
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


def _relation(table: LandingTable) -> str:
    return ".".join(quoted(part) for part in table.address.split("."))


def _local_day(moment: str | None, held_in: str, zone: str) -> date | None:
    """Day in one zone of a quarter of an hour in another, read as the landing reads it (see `cast_sql`)."""
    try:
        local = datetime.fromisoformat(moment or "").replace(tzinfo=ZoneInfo(held_in))
    except ValueError:
        return None
    second = local.replace(fold=1)
    repeated = (local.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
    return (second if repeated else local).astimezone(UTC).astimezone(ZoneInfo(zone)).date()
