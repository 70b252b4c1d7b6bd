"""What every further target of a publication does: stage, verify, switch; and the one driver that calls the three.

A target reads a finished generation, which readers of the DuckDB file have already: whatever fails here harms neither
that file nor what the target's own readers had before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import duckdb

from orchestration.ground.sql_text import literal, quoted
from orchestration.ground.workspace import memory_limit
from orchestration.publication.full_disk import full_disk_told
from orchestration.publication.generations import (
    DATABASE,
    Generation,
    PublicationError,
    TableDigest,
    check_files,
    read_generation,
)


class TargetError(PublicationError):
    """A target could not be written, or does not hold what it was given; its readers keep what they had."""


@dataclass(frozen=True)
class Column:
    """A published column: its name, DuckDB's type and the comment for readers."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class TableShape:
    """What a published table is, without its rows.

    Attributes:
        comment: Of the table.
        columns: In their order.
        key: Columns that are unique together and never null; empty where none are declared.
    """

    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class FinishedGeneration:
    """A published generation, for a target to read.

    Attributes:
        folder: Where it lies; nothing in it is written.
        record: Its generation.json.
        keys: Declared key by schema.table.
    """

    folder: Path
    record: Generation
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def current(cls, published: Path, keys: Mapping[str, tuple[str, ...]]) -> FinishedGeneration:
        """What readers of the DuckDB file see now, every byte of it compared.

        Raises:
            PublicationError: Nothing is published, or it is damaged.
        """
        link = published / "current"
        if not link.is_symlink():
            raise PublicationError("Nothing is published yet; a run publishes the DuckDB file first.")
        folder = link.resolve()
        try:
            record = read_generation(folder)
            check_files(folder, record)
        except PublicationError as error:
            raise PublicationError(
                f"{error} It goes to no further place: `cx run` publishes it anew, or `cx rollback` shows another."
            ) from error
        return cls(folder, record, keys)

    def tables(self, *, is_restricted: bool = False) -> list[TableDigest]:
        """Tables of the general publication, or those of the restricted one, by name."""
        chosen = [table for table in self.record.tables if table.is_restricted is is_restricted]
        return sorted(chosen, key=lambda table: table.table)

    def connect(self, *, is_restricted: bool = False) -> duckdb.DuckDBPyConnection:
        """The generation's file, attached read-only as the current catalog; times are in UTC."""
        path = self.folder / "restricted" / DATABASE if is_restricted else self.folder / DATABASE
        connection = duckdb.connect()
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = true")
        connection.execute("set memory_limit = ?", [memory_limit()])
        connection.execute(f"attach {literal(path)} as published (read_only); use published")
        return connection

    def shapes(self, connection: duckdb.DuckDBPyConnection) -> dict[str, TableShape]:
        """What each table of an opened file is, by schema.table."""
        comments = connection.execute(
            "select schema_name || '.' || table_name, coalesce(comment, '') from duckdb_tables() "
            "where database_name = 'published'"
        ).fetchall()
        columns: dict[str, list[Column]] = {name: [] for name, _ in comments}
        for name, *column in connection.execute(
            "select schema_name || '.' || table_name, column_name, data_type, coalesce(comment, '') "
            "from duckdb_columns() where database_name = 'published' and not internal order by 1, column_index"
        ).fetchall():
            columns[name].append(Column(*column))
        return {
            name: TableShape(comment, tuple(columns[name]), tuple(self.keys.get(name, ())))
            for name, comment in comments
        }


def relation(table: str) -> str:
    """Quoted name of schema.table."""
    return ".".join(quoted(part) for part in table.split(".", 1))


@dataclass
class Staged:
    """What a target has ready for its switch.

    Attributes:
        generation: What it was made from.
        written: Tables whose rows were copied, as schema.table.
        kept: Tables left as they stand, because their content did not change.
        removed: Tables that the target has and the generation has no more.
    """

    generation: FinishedGeneration
    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a publication to a target did.

    Attributes:
        target: Its name.
        generation_id: What its readers see now.
        written, kept, removed: Tables, as in `Staged`.
        row_count: Rows of the written tables.
    """

    target: str
    generation_id: str
    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    row_count: int


StagedT = TypeVar("StagedT", bound=Staged)


class Target(Protocol[StagedT]):
    """A place to publish to: its name in keys, and as messages to people call it."""

    name: str
    title: str

    def stage(self, generation: FinishedGeneration) -> StagedT:
        """Copy what changed to where no reader looks; leftovers of a killed publication are removed first."""
        ...

    def verify(self, staged: StagedT) -> None:
        """Read the staged copy back and compare it with the generation.

        Raises:
            TargetError: It differs.
        """
        ...

    def switch(self, staged: StagedT) -> None:
        """Give readers the staged copy, in one step."""
        ...

    def discard(self) -> None:
        """Remove whatever is staged; must not fail for want of anything staged."""
        ...


def publish_to(target: Target[StagedT], generation: FinishedGeneration) -> Outcome:
    """Stage, verify and switch; what was staged is discarded when one of them fails.

    Raises:
        TargetError: Nothing was switched, perhaps for want of space; readers of the target keep what they had.
    """
    try:
        with full_disk_told(generation.folder.parent.parent, TargetError, f"{target.title} not published"):
            staged = target.stage(generation)
            target.verify(staged)
            target.switch(staged)
    except BaseException:
        target.discard()
        raise
    rows = {table.table: table.rows for table in generation.record.tables}
    return Outcome(
        target.name,
        generation.record.generation_id,
        tuple(staged.written),
        tuple(staged.kept),
        tuple(staged.removed),
        sum(rows[table] for table in staged.written),
    )
