"""Tables copied into the file of a generation, and compared with the warehouse; when is said in generations.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.ground.durable import sync_file
from orchestration.ground.sql_text import literal, quoted
from orchestration.ground.workspace import memory_limit

STORAGE_VERSION = "v1.0.0"  # every driver tried reads it; newer ones are unreadable to older drivers


class PublicationError(RuntimeError):
    """The written copy does not equal the warehouse, or a published file is damaged; readers keep the old one."""


@dataclass(frozen=True)
class PublishedTable:
    """A table of the warehouse that readers get.

    Attributes:
        schema: `core` or `marts`.
        name: Table.
        is_personal: True puts it in the restricted publication only.
        description: Comment for readers.
        columns: Comment by column.
    """

    schema: str
    name: str
    is_personal: bool = False
    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def relation(self) -> str:
        """Quoted schema.table."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


def digest(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    """Rows, and the sum of a hash of each."""
    row = connection.execute(f"select count(*), sum(hash(t)) from {relation} as t").fetchone()
    rows, checksum = row if row else (0, None)
    return int(rows), str(checksum or 0)


def _comments(table: PublishedTable) -> Iterable[str]:
    if table.description:
        yield f"comment on table target.{table.relation} is {literal(table.description)}"
    for column, text in table.columns.items():
        if text:
            yield f"comment on column target.{table.relation}.{quoted(column)} is {literal(text)}"


def write_copy(warehouse: Path, target: Path, tables: Sequence[PublishedTable]) -> list[tuple[str, int, str]]:
    """Copy tables into a new file; what each original held, for `verify_copy` to find in the finished file.

    A view's rows are computed once: it is the copy that is digested, and only its number of rows is asked again.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    digests = []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = true")
        connection.execute("set memory_limit = ?", [memory_limit()])
        connection.execute("set temp_directory = ?", [str(warehouse.parent / "spill")])
        # Under its own name, as the current catalog: its views name their relations by it, and its macros by none.
        connection.execute(f"attach {literal(warehouse)} as cx (read_only)")
        connection.execute("use cx")
        connection.execute(f"attach {literal(target)} as target (storage_version '{STORAGE_VERSION}')")
        for schema in sorted({table.schema for table in tables} | {"core", "marts"}):
            connection.execute(f"create schema if not exists target.{quoted(schema)}")
        views = set(
            connection.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
        )
        for table in tables:
            connection.execute(f"create table target.{table.relation} as from cx.{table.relation}")
            for statement in _comments(table):
                connection.execute(statement)
            is_view = (table.schema, table.name) in views
            found = digest(connection, f"{'target' if is_view else 'cx'}.{table.relation}")
            counted = connection.execute(f"select count(*) from cx.{table.relation}").fetchone() if is_view else None
            if counted is not None and counted != found[:1]:
                raise PublicationError(f"{table.schema}.{table.name}: the copy differs from the warehouse.")
            digests.append((f"{table.schema}.{table.name}", *found))
        connection.execute("checkpoint target")
        connection.execute("detach target")
    sync_file(target)
    return digests


def verify_copy(path: Path, expected: Sequence[tuple[str, int, str]]) -> None:
    """Open the finished file as a reader would and count again; nothing but the expected tables may be there."""
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables order by 1"
        ).fetchall()
        if found != sorted((name, "BASE TABLE") for name, _, _ in expected):
            raise PublicationError(f"{path.name}: holds other tables than those that were written.")
        for name, rows, checksum in expected:
            schema, table = name.split(".")
            if digest(connection, f"{quoted(schema)}.{quoted(table)}") != (rows, checksum):
                raise PublicationError(
                    f"{name}: the written file differs from what was copied: the disk or the memory of this machine"
                    " errs. Run again; if it comes back, have them tested."
                )
