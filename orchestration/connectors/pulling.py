"""What is asked of a source and what comes back, whatever library reads."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

from orchestration.company import LandingTable


class ConnectorError(RuntimeError):
    """A source cannot be read; the message says which, why and what to do, and holds no credential."""


@dataclass(frozen=True)
class PullRequest:
    """Which rows of a table.

    Attributes:
        table: The table.
        low: Lowest value of the cursor column, inclusive (aware datetime or whole number); null asks for all.
        high: First value beyond the highest, for a back-fill; null is open.
    """

    table: LandingTable
    low: datetime | int | None = None
    high: datetime | int | None = None


@dataclass(frozen=True)
class Pulled:
    """Rows in a passing file.

    Attributes:
        path: The file.
        format: csv (comma, double quotes, header, UTF-8) or jsonl.
        row_count: Rows that the source says it sent.
    """

    path: Path
    format: Literal["csv", "jsonl"]
    row_count: int


class Connector(Protocol):
    """An open source; everything asked of it between opening and closing is as of one moment where it can be."""

    def pull(self, request: PullRequest, folder: Path) -> Pulled:
        """Write the rows to a file in `folder`."""
        ...

    def keys(self, table: LandingTable, folder: Path) -> Pulled:
        """Write the key columns of all rows to a file in `folder`."""
        ...

    def __enter__(self) -> Self:
        """Connect."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        ...
