"""HTTP APIs that answer in JSON: what is requested of an endpoint, and its records written as JSON Lines.

Requests are sent in `session`, pages followed in `pages`, records become rows in `records`.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from orchestration.connectors.http.answers import field, parsed, records_of, written
from orchestration.connectors.http.pages import Page, Seen, read_pages, with_sent
from orchestration.connectors.http.records import RecordRows, spelled
from orchestration.connectors.http.session import HttpSession, Request
from orchestration.connectors.pulling import ConnectorError, DayTotal, Pulled, PullRequest, day_total
from orchestration.connectors.refusals import unmarked
from orchestration.connectors.source import Connector
from orchestration.declaration.http_connections import HttpConnection
from orchestration.declaration.reconciliation import DayTotals
from orchestration.declaration.tables import LandingTable

_GROWN_READINGS = 2
"""Readings of a list that grows while it is read, before it is taken as it was found whole."""


class HttpConnector(Connector):
    """One session with one API.

    Args:
        connection: How it is reached.
        environ: Environment with the credentials; None takes the process's own.
        clock: Tells now, up to which windows of dates are pulled.
    """

    def __init__(
        self,
        connection: HttpConnection,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connection = connection
        self._session = HttpSession(connection, environ)
        self._clock = clock

    def __enter__(self) -> Self:
        """Open the session; nothing is sent yet."""
        self._session.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self._session.__exit__(kind, error, traceback)

    def pull(self, request: PullRequest, folder: Path) -> Pulled:
        """Records of the endpoint, from the lower bound of the cursor on where the API takes one.

        An upper bound is not sent: more rows than requested do no harm.

        Raises:
            ConnectorError: The API refuses, answers no JSON, points elsewhere, or keeps holding rows back.
        """
        lists = self._lists(request.table, request.low)
        return self._write(request.table, lists, folder / "rows.jsonl", is_all=request.low is None)

    def keys(self, table: LandingTable, folder: Path) -> Pulled | None:
        """Keys of all records; an API has no shorter way than to pull the records.

        None where a refused record hides the keys of its elements: what is gone cannot be told from what is hidden.

        Raises:
            ConnectorError: As for `pull`.
        """
        path = folder / "keys.csv"
        pulled = self._write(table, self._lists(table), folder / "keys.jsonl")
        count = 0
        with pulled.path.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(table.source_key)
            for line in lines:
                refused = unmarked(line.rstrip("\n"))
                if table.table.explode and refused and refused[0] != "json_no_number":
                    return None
                writer.writerow(_key(refused[2] if refused else line, table))
                count += 1
        return Pulled(path, "csv", count)

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal] | None:
        """The API's own totals by day, where company.yml says where they are; they are of a moment after the pull.

        Raises:
            ConnectorError: As for `pull`, or an entry is not as declared.
        """
        totals = table.table.reconcile.totals if table.table.reconcile else None
        if not isinstance(totals, DayTotals):
            return None
        try:
            document = self._session.ask(Request("GET", totals.endpoint, {})).document
        except (requests.RequestException, ValueError) as error:
            raise self._session.explained(error, table.address) from None
        try:
            if totals.records is not None and field(document, totals.records) is None:
                raise ValueError
            found = []
            for entry in records_of(document, totals.records):
                amount = field(entry, totals.amount) if totals.amount else None
                found.append(day_total(_day(entry, totals.day), field(entry, totals.count), amount))
            return found
        except (ValueError, ArithmeticError):
            raise ConnectorError(f"{totals.endpoint} tells no totals by day as company.yml declares them") from None

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        """All records: an API has no common way to request days.

        Raises:
            ConnectorError: As for `pull`.
        """
        return self._write(table, self._lists(table), folder / "days.jsonl")

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the fields on the first page, of the newest window of dates; none when it holds no record.

        Raises:
            ConnectorError: As for `pull`.
        """
        try:
            page = next(self._pages(table, self._lists(table)[-1], Seen()), None)
        except (requests.RequestException, ValueError) as error:
            raise self._session.explained(error, table.address) from None
        rows = RecordRows(table)
        return list(dict.fromkeys(name for record in (page.records if page else ()) for name in rows.names(record)))

    def _pages(self, table: LandingTable, request: Request, seen: Seen) -> Iterator[Page]:
        return read_pages(self._session, table, table.table.paging or self._connection.paging, request, seen)

    def _lists(self, table: LandingTable, low: datetime | int | None = None) -> list[Request]:
        """Requests for the first pages of the lists that hold what is wanted: one, or one per window of dates."""
        declared = table.table
        is_post = declared.method == "post" or bool(declared.body)
        request = Request(
            "POST" if is_post else "GET",
            table.address,
            declared.parameters,
            declared.body if is_post else None,
            declared.failure,
        )
        parameter = declared.cursor.parameter if declared.cursor else None
        windows = declared.windows
        if parameter is not None and low is not None and not (windows and parameter == windows.from_parameter):
            sent = low if isinstance(low, int) else low.isoformat().replace("+00:00", "Z")
            request = with_sent(request, {parameter: sent})
        if windows is None:
            return [request]
        start = datetime(windows.start.year, windows.start.month, windows.start.day, tzinfo=UTC)
        if parameter == windows.from_parameter and isinstance(low, datetime):
            start = max(start, low)
        borders = _borders(start, self._clock() + timedelta(days=1), windows.days)
        texts = [
            border.strftime("%Y-%m-%d" if windows.format == "date" else "%Y-%m-%dT%H:%M:%SZ") for border in borders
        ]
        return [
            with_sent(request, {windows.from_parameter: begin, windows.to_parameter: end})
            for begin, end in pairwise(texts)
        ]

    def _write(self, table: LandingTable, lists: list[Request], path: Path, *, is_all: bool = True) -> Pulled:
        """Write all records; pull again where totals say that some are missing, or change while pages are read.

        Raises:
            ConnectorError: They still do so after the last attempt.
        """
        problem = ""
        for attempt in range(1, self._connection.max_attempts + 1):
            try:
                pulled, problem, is_whole = self._write_once(table, lists, path, is_all=is_all)
            except (requests.RequestException, ValueError) as error:
                raise self._session.explained(error, table.address) from None
            if not problem or (is_whole and attempt >= _GROWN_READINGS):
                return pulled
        raise ConnectorError(f"{table.address} {problem}; try later")

    def _write_once(
        self, table: LandingTable, lists: list[Request], path: Path, *, is_all: bool
    ) -> tuple[Pulled, str, bool]:
        """Write all records; what is wrong with their totals, and whether all are there although they changed."""
        rows, seen = RecordRows(table), Seen()
        problem, is_whole = "", True
        with path.open("w", encoding="utf-8") as file:
            for request in lists:
                totals, distinct = [], 0
                for page in self._pages(table, request, seen):
                    distinct = page.distinct_count
                    totals += [] if page.total is None else [page.total]
                    for record in page.records:
                        file.writelines(rows.lines(record))
                missing = totals[-1] - distinct if totals else 0
                if missing > 0:
                    problem = f"says that it has {missing} more records than its pages hold"
                elif len(set(totals)) > 1:
                    problem = problem or "says another total on each page: it changes while it is read"
                # A list that only grew, and has all of the highest total, lacks nothing.
                is_whole = is_whole and missing <= 0 and totals == sorted(totals)
        if is_all and rows.record_count and rows.absent_count == rows.record_count:
            explode = table.table.explode
            raise ValueError(f"none of its {rows.record_count} records has a field {explode}, which explode names")
        pulled = Pulled(path, "jsonl", rows.row_count, empty_count=rows.empty_count, repeated_count=seen.repeated_count)
        return pulled, problem, is_whole


def _borders(start: datetime, end: datetime, days: int) -> list[datetime]:
    """Borders of windows from start to end (beyond it by less than a window)."""
    borders = [start]
    while borders[-1] < end or len(borders) < 2:
        borders.append(borders[-1] + timedelta(days=days))
    return borders


def _day(entry: Any, dotted: str) -> date | None:
    """An entry's day; null is the day of rows without one. Raises ValueError where it has no such field."""
    *path, name = dotted.split(".")
    holder = field(entry, ".".join(path)) if path else entry
    if not isinstance(holder, dict) or name not in holder:
        raise ValueError
    return None if holder[name] is None else date.fromisoformat(str(holder[name]))


def _key(line: str, table: LandingTable) -> list[str | None]:
    """A row's key; of a refused record too, which may be nested still, since the source has it all the same."""
    record = parsed(line.encode())
    if not isinstance(record, dict):
        return [None for _ in table.source_key]
    folded = {name.casefold(): value for name, value in record.items()}
    found = []
    for name in table.source_key:
        value = record.get(name, folded.get(name.casefold()))
        found.append(_text(field(record, ".".join(spelled(record, name.split(".")))) if value is None else value))
    return found


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else written(value)
