"""What the landing asks of a source that is opened: rows of a database or an API, or files of a store.

A kind is one module with a class that fulfils one of the two, a line in `SOURCES`, and its declaration
(`declaration.connections`, `declaration.source_kinds`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from orchestration.connectors.pulling import DayTotal, Pulled, PullRequest
from orchestration.declaration.tables import LandingTable

SOURCES: dict[str, str] = {
    "postgres": "orchestration.connectors.databases.postgres:PostgresConnector",
    "mysql": "orchestration.connectors.databases.mysql:MysqlConnector",
    "http": "orchestration.connectors.http.api:HttpConnector",
    "object_storage": "orchestration.connectors.objects.storage:ObjectStorage",
}
"""Class by kind of connection; its driver is imported only where it is asked for."""


class Connector(Protocol):
    """An open source; everything asked of it between opening and closing is as of one moment where it can be."""

    def pull(self, request: PullRequest, folder: Path) -> Pulled:
        """Write the rows to a file in `folder`."""
        ...

    def keys(self, table: LandingTable, folder: Path) -> Pulled | None:
        """Write the key columns of all rows to a file in `folder`; null where they cannot all be told this time."""
        ...

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal] | None:
        """Rows and their sum by day, counted by the source; null where it counts none."""
        ...

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        """Write all rows of these days (at least) to a file in `folder`."""
        ...

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the columns that the source has, without reading rows where that can be avoided."""
        ...

    def __enter__(self) -> Self:
        """Connect."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        ...


@dataclass(frozen=True)
class FoundObject:
    """A file as the store's listing shows it.

    Attributes:
        url: Its whole URL.
        key: Its name in the store.
        bytes: Its size.
        modified_ns: When it was written, in nanoseconds since 1970.
        etag: What the store calls its content; None for stores that call it nothing.
    """

    url: str
    key: str
    bytes: int
    modified_ns: int
    etag: str | None


class FileStore(Protocol):
    """Files that are fetched before they are read; nothing is held open.

    Attributes:
        url: Where it is, for messages.
    """

    url: str

    def find(self, pattern: str) -> list[FoundObject]:
        """Files that match a glob below the URL, sorted by their names."""
        ...

    def fetch(self, found: FoundObject, path: Path) -> str:
        """Write a file's content to a path; its SHA-256."""
        ...

    def check_readable(self, found: FoundObject) -> None:
        """Read as little of a file as shows that it can be read."""
        ...
