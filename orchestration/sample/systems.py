"""Fills the sample company's databases from its generated files, so that the job can be tried against real servers.

Only rows that a typed table can hold go in: a broken line of a file has no place in a database.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pymysql
from psycopg import sql

from orchestration.connectors.databases.mysql import MysqlConnector
from orchestration.connectors.databases.postgres import PostgresConnector
from orchestration.declaration.company import Company, load_company
from orchestration.declaration.connections import DatabaseConnection
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, quoted
from orchestration.ground.workspace import Workspace
from orchestration.landing.extraction import extract_table
from orchestration.landing.loads.manifest import Manifest

PROFILE = "systems"
_BATCH_ROWS = 5_000
_POSTGRES_TYPES = {"text": "text", "double": "double precision", "decimal(18,2)": "numeric(18,2)"}
_MYSQL_TYPES = {"text": "text", "timestamp": "datetime", "decimal(18,2)": "decimal(18,2)"}


@dataclass(frozen=True)
class FilledTable:
    """A table of a database, with the rows that went in and those of the files that could not."""

    relation: str
    row_count: int
    refused_count: int


@dataclass(frozen=True)
class Rows:
    """A query over the landed files; null for a table without files."""

    query: str | None

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """Lists of rows."""
        if self.query is None:
            return
        with duckdb.connect() as engine:
            cursor = engine.execute(self.query)
            while rows := cursor.fetchmany(_BATCH_ROWS):
                yield rows


def fill_systems(workspace: Workspace, say: Callable[[str], None]) -> list[FilledTable]:
    """Drop and write every table of the profile `systems` that lies in a database.

    Args:
        workspace: The sample company with its generated files.
        say: Called with a line of progress.

    Raises:
        ConnectorError: A variable that the profile names is not set or holds no URL.
    """
    as_files = load_company(replace(workspace, profile=None))
    as_systems = load_company(replace(workspace, profile=PROFILE))
    filled = []
    for item in as_systems.tables():
        connection = as_systems.sources[item.source_name].connection
        if not isinstance(connection, DatabaseConnection):
            continue
        with tempfile.TemporaryDirectory(prefix="cx-sample-") as scratch:
            apart = replace(workspace, state_dir=Path(scratch), profile=None)
            result = extract_table(as_files, item.source_name, item.table_name, apart, now=datetime.now(UTC))
            count = _WRITERS[connection.kind](connection, item, _rows(as_files, item, result.manifest, apart))
        say(f"{item.address}: {count} rows, {result.quarantined_count} broken lines left out")
        filled.append(FilledTable(item.address, count, result.quarantined_count))
    return filled


def _rows(company: Company, item: LandingTable, load: Manifest | None, workspace: Workspace) -> Rows:
    parts = load.parts if load else ()
    paths = ", ".join(literal(workspace.state_dir / part.landed.path) for part in parts)
    zone = literal(company.table(item.source_name, item.table_name).table.time_zone)
    # Landed times are UTC; the system keeps its own local time, as the file did.
    selected = ", ".join(
        f"timezone({zone}, timezone('UTC', {quoted(name)})) as {quoted(name)}"
        if column.type == "timestamp"
        else quoted(name)
        for name, column in item.table.columns.items()
    )
    return Rows(f"select {selected} from read_parquet([{paths}], union_by_name=true)" if parts else None)


def _write_postgres(connection: DatabaseConnection, item: LandingTable, rows: Rows) -> int:
    address = PostgresConnector.address(connection, os.environ)
    count = 0
    with psycopg.connect(**address.postgres_arguments()) as server, server.cursor() as cursor:
        schema, _, name = item.address.rpartition(".")
        relation = sql.Identifier(schema, name) if schema else sql.Identifier(name)
        if schema:
            cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        cursor.execute(sql.SQL("drop table if exists {}").format(relation))
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_POSTGRES_TYPES.get(kind, kind)))
            for column, kind in _declared(item)
        )
        cursor.execute(sql.SQL("create table {} ({})").format(relation, columns))
        with cursor.copy(sql.SQL("copy {} from stdin").format(relation)) as copy:
            for batch in rows.batches():
                for row in batch:
                    copy.write_row(row)
                count += len(batch)
    return count


def _write_mysql(connection: DatabaseConnection, item: LandingTable, rows: Rows) -> int:
    address = MysqlConnector.address(connection, os.environ)
    count = 0
    with pymysql.connect(**address.mysql_arguments(), charset="utf8mb4") as server, server.cursor() as cursor:
        relation = ".".join(f"`{part}`" for part in item.address.split("."))
        cursor.execute(f"drop table if exists {relation}")
        columns = ", ".join(f"`{column}` {_MYSQL_TYPES.get(kind, kind)}" for column, kind in _declared(item))
        cursor.execute(f"create table {relation} ({columns}) character set utf8mb4")
        marks = ", ".join(["%s"] * len(item.table.columns))
        for batch in rows.batches():
            cursor.executemany(f"insert into {relation} values ({marks})", batch)
            count += len(batch)
        server.commit()
    return count


def _declared(item: LandingTable) -> list[tuple[str, str]]:
    return [(column.source_name or name, column.type) for name, column in item.table.columns.items()]


_WRITERS = {"postgres": _write_postgres, "mysql": _write_mysql}
