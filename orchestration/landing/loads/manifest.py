"""A manifest: what one load consists of, and how it came about."""

from dataclasses import dataclass, field
from datetime import datetime

from orchestration.connectors.pulling import Position
from orchestration.landing.quarantine.reasons import QuarantineReason, Release


@dataclass(frozen=True)
class StoredFile:
    """A Parquet file of a load.

    Attributes:
        path: Relative to the state folder.
        rows: Rows in it.
        bytes: Its size.
        sha256: Its content.
    """

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class SourceFile:
    """A source file as it was read.

    Attributes:
        path: Relative to the source folder; the whole URL of an object in a bucket.
        bytes: Its size.
        sha256: Its content.
        modified_ns: Modification time in nanoseconds since 1970.
        changed_ns: Time of the last change of content or attributes, which no program can set; 0 for an object.
        etag: What a bucket calls this content; None for a file on disk.
    """

    path: str
    bytes: int
    sha256: str
    modified_ns: int
    changed_ns: int
    etag: str | None = None


@dataclass(frozen=True)
class ColumnRange:
    """Smallest and largest value of a date or timestamp column, as ISO text (UTC); None without values.

    Attributes:
        min: Smallest.
        max: Largest.
        latest: Largest that does not lie after the landing, so that a typing error in the year moves nothing.
    """

    min: str | None
    max: str | None
    latest: str | None


@dataclass(frozen=True)
class Part:
    """What one source file gave: its rows landed and its rows quarantined.

    Attributes:
        source: The file.
        record_count: Records in it, counted apart from what landed.
        landed: Accepted rows.
        quarantined: Refused rows; None when there are none.
        reasons: Refused rows by reason; the counts add up to the refused rows.
        schema: Logical type by column.
        undeclared: Column name as landed by name in the source.
        sums: Exact sum of every numeric column as text, to six decimals for doubles; None without values.
        ranges: Range of every date and timestamp column.
        defaulted: Invalid values that gave way to their column's default, by column.
        maxima: Largest value of every whole-number column as text; None without values.
        control_totals: What the source says of its rows by day; None where that is not configured, and for pulled
            rows, whose control totals stand with the pull.
        is_departure: Whether it holds the last versions of rows that left a full export, and no file's rows.
    """

    source: SourceFile
    record_count: int
    landed: StoredFile
    quarantined: StoredFile | None
    reasons: tuple[QuarantineReason, ...]
    schema: dict[str, str]
    undeclared: dict[str, str]
    sums: dict[str, str | None]
    ranges: dict[str, ColumnRange]
    maxima: dict[str, str | None]
    defaulted: dict[str, int] = field(default_factory=dict)
    control_totals: StoredFile | None = None
    is_departure: bool = False

    @property
    def quarantined_count(self) -> int:
        """Rows that are refused still; those that were released no longer count in `current_parts`."""
        return sum(reason.row_count for reason in self.reasons)


@dataclass(frozen=True)
class Pull:
    """How pulled rows came about.

    Attributes:
        mode: first (all rows of a new declaration), window (from the cursor on), full (all, compared), backfill.
        low, high: Bounds of the pull's window, as text; high excluded; None is open.
        row_count: Rows that the source says it sent.
        known_count: Those of them that had landed or been refused before.
        deleted_count: Keys that the source no longer has.
        empty_count: Records that gave no row, because the list that gives rows is empty, null or absent.
        repeated_count: Records that came again on a later page, equal to the letter, and were dropped.
        control_totals: What the source says of all its rows by day; None where that is not configured.
        position: What the server told of writers that were at work; None where it told nothing, and for a backfill,
            which says nothing of how far the table has been read.
    """

    mode: str
    low: str | None
    high: str | None
    row_count: int
    known_count: int
    deleted_count: int
    control_totals: StoredFile | None = None
    position: Position | None = None
    empty_count: int = 0
    repeated_count: int = 0


@dataclass(frozen=True)
class Manifest:
    """One load of one table.

    Attributes:
        sequence: Position among all loads of the company, from 1.
        load_id: Hash of table, declaration and source files: the same input gives the same id.
        source_name: Source.
        table_name: Table within the source.
        landed_at: When it was landed (UTC, ISO).
        declaration: Hash of the table's declaration in company.yml and of the version of the casting rules.
        parts: One per source file, in the order of their paths.
        pull: How the rows were pulled; None for files.
        release: How they came out of quarantine; None for rows of files and pulls.
        full_export: SHA-256 by path of the files that were the whole table; None where files are appended.
        withheld_count: Keys that are not in a full export and stay all the same; see `full_exports.Departure`.
    """

    sequence: int
    load_id: str
    source_name: str
    table_name: str
    landed_at: str
    declaration: str
    parts: tuple[Part, ...]
    pull: Pull | None = None
    release: Release | None = None
    full_export: dict[str, str] | None = None
    withheld_count: int = 0

    @property
    def is_of_files(self) -> bool:
        """Whether it landed files as a whole."""
        return self.pull is None and self.release is None

    @property
    def landing_name(self) -> str:
        """Name of the table in the schema `landing`."""
        return f"{self.source_name}__{self.table_name}"

    @property
    def landed_moment(self) -> datetime:
        """When it was landed, aware."""
        return datetime.fromisoformat(self.landed_at)

    @property
    def row_count(self) -> int:
        """Accepted rows."""
        return sum(part.landed.rows for part in self.parts)

    @property
    def quarantined_count(self) -> int:
        """Refused rows."""
        return sum(part.quarantined_count for part in self.parts)

    @property
    def stored_files(self) -> list[StoredFile]:
        """Its Parquet files: landed, refused, and what the source says of itself."""
        files = [file for part in self.parts for file in (part.landed, part.quarantined, part.control_totals)]
        files += [self.pull.control_totals] if self.pull else []
        return [file for file in files if file is not None]

    @property
    def undeclared(self) -> dict[str, str]:
        """Undeclared columns: name as landed by name in the source."""
        return {name: header for part in self.parts for name, header in part.undeclared.items()}
