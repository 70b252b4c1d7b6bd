"""What a format of files is to the landing: its header, one reading for the landing, another for its control totals.

The formats lie in `file_formats`, one module each; they are called by their names in `readers`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import duckdb

from orchestration.declaration.tables import LandingTable
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import RawColumn
from orchestration.landing.formats.records import HeaderError, Record
from orchestration.landing.quarantine.refused_file import Quarantine

T = TypeVar("T")

STREAM = "landing_stream"
"""Name under which a format registers its records in the engine."""
LINE_LIMIT = "max_line_size=16777216, buffer_size=33554432"


class UnreadableError(RuntimeError):
    """The second reader cannot read the file; the message says why and holds no value of it."""


@dataclass(frozen=True)
class Reading:
    """A file ready to be cast.

    Attributes:
        relation: SQL relation with one row per well-formed record, in file order.
        row: SQL of the record's position in the file, from 1.
        columns: Columns as they land.
        record_count: Gives the records in the file, counted apart from the engine's reader, once it was read.
        malformed: SQL that is TRUE for a record that the format refuses after all; None when there is none.
        raw_json: SQL of the row as JSON, for formats without text.
        opened: Opens the relation for one reading.
        failed: Raises what the engine met in the relation and only repeats as text.
        record_at: Gives a record by its row, for the raw text of those that cannot be cast; rows ascend.
    """

    relation: str
    row: str
    columns: list[RawColumn]
    record_count: Callable[[], int]
    malformed: str | None = None
    raw_json: str | None = None
    opened: Callable[[], None] = lambda: None
    failed: Callable[[], None] = lambda: None
    record_at: Callable[[int], Record | None] | None = None


@dataclass(frozen=True)
class RawRows:
    """A file as a relation: columns `day`, `amount`, `row_key` and `cursor`, where there is one.

    Attributes:
        columns: SQL of all rows.
        at: SQL of the rows at some positions with `_row`, the position from 1; given SQL that selects the positions.
    """

    columns: str
    at: Callable[[str], str]


class Format(Protocol):
    """One format of files.

    Attributes:
        version: Raise it when the same file would be read to other raw values; files of it are landed again.
        suffix: How a file's name must end for its reader; empty where it goes by no name.
        is_read_twice: Whether there is a second reader of it, by which its files are counted.
    """

    version: int = 0
    suffix: str = ""
    is_read_twice: bool = True

    def header(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
    ) -> list[str] | None:
        """Names of the columns, without reading a row; None for a format without a header.

        Raises:
            LandingError: The file has no readable header.
        """
        ...

    def read(
        self,
        engine: duckdb.DuckDBPyConnection,
        item: LandingTable,
        path: Path,
        source_file: str,
        scratch: Path,
        quarantine: Quarantine,
    ) -> Reading:
        """Prepare a file to be cast; see `readers.open_reading`."""
        ...

    def reread(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
    ) -> Iterator[RawRows]:
        """Ways to read a file by another reader, the fastest first; see `readers.open_rows`."""
        ...


def checked(read: Callable[[], T], item: LandingTable, source_file: str) -> T:
    """The result of reading a text file.

    Raises:
        LandingError: Its encoding or its header is not what company.yml says.
    """
    try:
        return read()
    except UnicodeError as error:
        raise encoding_error(item, source_file, error) from error
    except HeaderError as error:
        raise LandingError(
            f"{item.landing_name}: {source_file}: {error}; fix the file, or check delimiter and quote in company.yml"
        ) from error


def encoding_error(item: LandingTable, source_file: str, error: UnicodeError) -> LandingError:
    """What is said of a file in another encoding."""
    # Its subclasses quote bytes of the file; the plain one tells only what is wrong.
    detail = f" ({error})" if type(error) is UnicodeError else ""
    return LandingError(
        f"{item.landing_name}: {source_file} cannot be read as {item.table.options.encoding}:"
        f" declare its encoding in company.yml{detail}"
    )
