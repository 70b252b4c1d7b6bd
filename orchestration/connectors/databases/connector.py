"""What every database is asked, in which order, and how its failures are told; how one server says it is its dialect.

A dialect is a class below `DatabaseConnector`, one module a server; how values are written lies beside it.
"""

import dataclasses
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar
from zoneinfo import ZoneInfo

from orchestration.connectors.databases.address import DatabaseAddress
from orchestration.connectors.pulling import (
    ConnectorError,
    DayTotal,
    Position,
    Pulled,
    PullRequest,
    check_cursor,
    day_start,
    day_stretches,
)
from orchestration.connectors.source import Connector
from orchestration.declaration.connections import DatabaseConnection
from orchestration.declaration.tables import LandingTable

Sql = TypeVar("Sql")
"""How the driver takes a piece of SQL."""


class Column(NamedTuple):
    """A column as the server describes it: its name, and the number of its type (of a domain, the type below it)."""

    name: str
    kind: int


@dataclasses.dataclass(frozen=True)
class Types:
    """Numbers of a server's types.

    Attributes:
        date: Days without a time.
        instant: Times that are instants; other times are local ones of the table's zone.
        moments: Dates and times, all of them.
        numbers: Exact numbers.
    """

    date: int
    instant: int
    moments: tuple[int, ...]
    numbers: tuple[int, ...]


class DatabaseConnector(Connector, Generic[Sql]):
    """One connection, one read-only transaction: rows, keys and totals are of one moment.

    A dialect implements what is abstract; the driver's own errors may leave it, for they are told here.

    Attributes:
        server: The server's name for messages.
        driver_error: What the driver raises.
        types: Numbers of its types.
        is_any_case: Whether it reads a column's name in any case.
    """

    server: ClassVar[str]
    driver_error: ClassVar[type[Exception]]
    types: ClassVar[Types]
    is_any_case: ClassVar[bool] = False

    def __init__(self, connection: DatabaseConnection, environ: Mapping[str, str] | None = None) -> None:
        self._timeout = connection.timeout_seconds
        self._address = self.address(connection, environ)
        self._connection: Any = None

    @staticmethod
    @abstractmethod
    def address(connection: DatabaseConnection, environ: Mapping[str, str] | None) -> DatabaseAddress:
        """Where the server is.

        Raises:
            ConnectorError: The variable is not set or holds no URL of such a server.
        """

    @abstractmethod
    def _connect(self) -> None:
        """Set `_connection`, and begin the transaction."""

    @abstractmethod
    def _position(self) -> Position:
        """Writers at work that the transaction does not see."""

    @abstractmethod
    def _described(self, table: LandingTable) -> list[Column]:
        """The table's columns, by a query that needs the right to read it."""

    @abstractmethod
    def _literal(self, value: datetime | date | int) -> Sql:
        """A value in SQL; aware datetimes are compared with instants alone."""

    @abstractmethod
    def _range(self, column: Column, low: Sql | None, high: Sql | None) -> Sql:
        """Whether a value lies within bounds (low inclusive, high not), in parentheses."""

    @abstractmethod
    def _without_place(self, column: Column) -> Sql:
        """Whether a cursor's value is none by which a row could be found later."""

    @abstractmethod
    def _write(self, columns: Sequence[Column], conditions: Sequence[Sql], table: LandingTable, path: Path) -> int:
        """Write rows for which any condition holds, or all without one, as CSV with a header; their number."""

    @abstractmethod
    def _totals(self, day: Column, amount: Column | None, table: LandingTable, zone: str) -> list[DayTotal]:
        """Rows and their sum by day, counted by the server."""

    @abstractmethod
    def _detail(self, error: Any) -> str:
        """What the server says is wrong."""

    def _written_since(self, transaction: int, table: LandingTable) -> Sql | None:
        """Whether this transaction or a later one wrote a row; None where the server numbers none."""
        return None

    def __enter__(self) -> Self:
        """Connect and begin the transaction.

        Raises:
            ConnectorError: The server cannot be reached or refuses.
        """
        with self._told("cannot connect"):
            self._connect()
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
        conditions: list[Sql] = []
        if table.table.cursor is not None:
            cursor = self._found(columns, table.source_cursor, table)
            check_cursor(
                table, is_number=cursor.kind in self.types.numbers, is_moment=cursor.kind in self.types.moments
            )
            conditions = self._window(request, cursor)
        with self._told("open transactions"):
            position = self._position()
        return dataclasses.replace(self._copy(columns, conditions, table, folder / "rows.csv"), position=position)

    def keys(self, table: LandingTable, folder: Path) -> Pulled:
        """Key columns of all rows.

        Raises:
            ConnectorError: As for `pull`.
        """
        columns = self._columns(table)
        keys = [self._found(columns, name, table) for name in table.source_key]
        return self._copy(keys, (), table, folder / "keys.csv")

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal]:
        """Rows and their sum by day, counted by the server.

        Raises:
            ConnectorError: As for `pull`, or the column of the day is no date or time there.
        """
        columns = self._columns(table)
        day = self._found(columns, table.source_day, table)
        if day.kind not in self.types.moments:
            raise ConnectorError(f"{table.landing_name}: {table.source_day} is no date or timestamp in {table.address}")
        amount = self._found(columns, table.source_amount, table) if table.source_amount else None
        with self._told(table.landing_name):
            return self._totals(day, amount, table, zone)

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        """Rows of these days.

        Raises:
            ConnectorError: As for `totals`.
        """
        columns = self._columns(table)
        day = self._found(columns, table.source_day, table)
        conditions = [self._without_place(day)] if None in days else []
        for first, following in day_stretches(days):
            low, high = (
                self._literal(
                    moment if day.kind == self.types.date else self._held(day_start(moment, zone), day.kind, table)
                )
                for moment in (first, following)
            )
            conditions.append(self._range(day, low, high))
        return self._copy(columns, conditions, table, folder / "days.csv")

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the table's columns; asking for them shows that it is there and may be read.

        Raises:
            ConnectorError: As for `pull`.
        """
        return [column.name for column in self._columns(table)]

    def _columns(self, table: LandingTable) -> list[Column]:
        with self._told(table.landing_name):
            return self._described(table)

    def _found(self, columns: Sequence[Column], name: str, table: LandingTable) -> Column:
        for column in columns:
            if column.name == name or (self.is_any_case and column.name.lower() == name.lower()):
                return column
        raise ConnectorError(f"{table.address} lacks the declared column(s) {name}")

    def _copy(self, columns: Sequence[Column], conditions: Sequence[Sql], table: LandingTable, path: Path) -> Pulled:
        with self._told(table.landing_name):
            return Pulled(path, "csv", self._write(columns, conditions, table, path))

    def _window(self, request: PullRequest, column: Column) -> list[Sql]:
        if request.low is None and request.high is None:
            return []
        low, high = (
            None if bound is None else self._literal(self._cursor_bound(bound, column.kind, request.table))
            for bound in (request.low, request.high)
        )
        conditions = [self._range(column, low, high), self._without_place(column)]
        if request.transaction is not None:
            with self._told("open transactions"):
                written = self._written_since(request.transaction, request.table)
            conditions += [] if written is None else [written]
        return conditions

    def _cursor_bound(self, bound: datetime | int, kind: int, table: LandingTable) -> datetime | int:
        declared = table.table.columns[table.table.cursor.column].type if table.table.cursor else ""
        if isinstance(bound, datetime) and declared == "date" and kind != self.types.instant:
            # A date lands as it stands, in no zone.
            return bound.replace(tzinfo=None)
        return bound if isinstance(bound, int) else self._held(bound, kind, table)

    def _held(self, moment: datetime, kind: int, table: LandingTable) -> datetime:
        """An instant as a column of this type holds it: as such, or as local time of the table's zone."""
        if kind == self.types.instant:
            return moment
        return moment.astimezone(ZoneInfo(table.table.time_zone)).replace(tzinfo=None)

    @contextmanager
    def _told(self, where: str) -> Iterator[None]:
        """Drivers' errors leave as ours, without the credentials that they quote."""
        try:
            yield
        except self.driver_error as error:
            detail = self._address.secret.masked(self._detail(error))
            raise ConnectorError(f"{where}: {self.server} says: {detail}") from None
