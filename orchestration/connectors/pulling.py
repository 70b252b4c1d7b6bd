"""What is pulled from a source and what comes back, whatever library reads."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from orchestration.declaration.tables import LandingTable


class ConnectorError(RuntimeError):
    """A source cannot be read; the message says which, why and what to do, and holds no credential."""


@dataclass(frozen=True)
class Position:
    """What a server told of writers at work when a pull began: what they commit later, the pull has not seen.

    Attributes:
        taken_at: When the pull began, by the server's clock in UTC (text that sorts); null where it is of no use.
        open_since: Since when the oldest transaction was open that had written; null without one, or where it is not
            told.
        transaction: PostgreSQL's number of the oldest transaction that was open; null without one. Rows that the pull
            could not see have this number or a later one.
    """

    taken_at: str | None = None
    open_since: str | None = None
    transaction: int | None = None


@dataclass(frozen=True)
class PullRequest:
    """Which rows of a table.

    Attributes:
        table: The table.
        low: Lowest value of the cursor column, inclusive (aware datetime or whole number); None pulls all.
        high: First value beyond the highest, for a backfill; None is open.
        transaction: Pull as well rows that this transaction or a later one wrote (`Position`); None does not.
    """

    table: LandingTable
    low: datetime | int | None = None
    high: datetime | int | None = None
    transaction: int | None = None


@dataclass(frozen=True)
class Pulled:
    """Rows in a passing file.

    Attributes:
        path: The file.
        format: csv (comma, double quotes, header, UTF-8) or jsonl.
        row_count: Rows that the source says it sent.
        position: Writers at work; null where the source tells none.
        empty_count: Records that gave no row, because the list that gives rows is empty, null or absent.
        repeated_count: Records that came again on a later page, equal to the letter, and were dropped.
    """

    path: Path
    format: Literal["csv", "jsonl"]
    row_count: int
    position: Position | None = None
    empty_count: int = 0
    repeated_count: int = 0


@dataclass(frozen=True)
class DayTotal:
    """What a source says of one day.

    Attributes:
        day: In the company's zone; null for rows without a readable day.
        row_count: Rows.
        amount: Their sum; null without an amount.
    """

    day: date | None
    row_count: int
    amount: Decimal | None


def day_stretches(days: Collection[date | None]) -> list[tuple[date, date]]:
    """Days joined where they follow each other: first day, and the day after the last."""
    stretches: list[tuple[date, date]] = []
    for day in sorted(day for day in days if day is not None):
        following = day + timedelta(days=1)
        if stretches and stretches[-1][1] == day:
            stretches[-1] = (stretches[-1][0], following)
        else:
            stretches.append((day, following))
    return stretches


def day_start(day: date, zone: str) -> datetime:
    """The instant at which a local day begins."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone))


def check_cursor(table: LandingTable, *, is_number: bool, is_moment: bool) -> None:
    """Refuse a cursor whose order in the source is not the order of its declared values.

    Text sorts 10 before 9, and a window of it would miss rows without a word, or fail on the second day.

    Raises:
        ConnectorError: The column is neither, or not what is declared.
    """
    if table.table.cursor is None:
        return
    declared = table.table.columns[table.table.cursor.column].type
    if not (is_number if declared == "bigint" else is_moment):
        kind = "a whole number" if declared == "bigint" else "a date or timestamp"
        raise ConnectorError(
            f"the cursor {table.source_cursor} is declared as {declared}, but is not {kind} in {table.address}, so its"
            " order says nothing of what is new: take another column, or leave the cursor out"
        )


def day_total(day: object, row_count: object, amount: object) -> DayTotal:
    """What a source wrote as text: a day of no calendar (0000-00-00, infinity) or before Christ counts as none."""
    try:
        found = None if day is None or str(day).endswith("BC") else date.fromisoformat(str(day)[:10])
    except ValueError:
        found = None
    return DayTotal(found, int(str(row_count)), None if amount is None else Decimal(str(amount)))
