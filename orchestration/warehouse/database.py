"""The private DuckDB file: the only place that opens it, beside dbt, which never has it open at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from cx_assets.contracts.python_tables import PythonTable, python_tables
from orchestration.ground import lock
from orchestration.ground.sql_text import literal, quoted, without_values
from orchestration.ground.zones import local_date_macro

OPEN_ATTEMPTS_SECONDS = 10.0


def contract_model(entity: str) -> str:
    """An entity's contract model in the warehouse."""
    return f"intermediate.int_contract__{entity}"


def repeated_keys(entity: str) -> str:
    """An entity's keys with more than one accepted version: row_key, accepted_count."""
    return f"(select row_key, accepted_count from intermediate.int_contract__repeated_key where entity = '{entity}')"


@dataclass(frozen=True)
class Replacement:
    """New rows of a Python table.

    Attributes:
        table: Declared table; columns are taken by name and cast to its types.
        rows: The new rows, with exactly the table's columns.
        where: SQL condition of the rows that they replace; null replaces all.
    """

    table: PythonTable
    rows: pd.DataFrame
    where: str | None = None


def _replace(connection: duckdb.DuckDBPyConnection, part: Replacement) -> None:
    table = part.table
    selected = ", ".join(f"cast({quoted(name)} as {kind})" for name, kind in table.types.items())
    ordering = ", ".join(f"{quoted(name)} nulls last" for name in table.key)
    connection.register("incoming_rows", part.rows)
    if part.where is None:
        # Nothing of it stays: a table that an earlier release made with other columns is mended by the way.
        connection.execute(f"create or replace table {table.relation} ({table.column_ddl})")
    else:
        connection.execute(f"delete from {table.relation} where {part.where}")
    connection.execute(f"insert into {table.relation} select {selected} from incoming_rows order by {ordering}")
    connection.unregister("incoming_rows")


@dataclass(frozen=True)
class Warehouse:
    """A company's private warehouse file and the lock that guards it.

    Attributes:
        path: The file.
        lock_path: Its lock.
        memory_limit, threads: Of the engine.
        landing_dir: The only folder whose files queries may read, beside the warehouse; None leaves all open.
    """

    path: Path
    lock_path: Path
    memory_limit: str = "4GB"
    threads: int = 2
    landing_dir: Path | None = None

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in UTC; closed on leaving, since an open one shuts dbt out.

        A process that was killed a moment ago may still be closing the file, hence the short patience.

        Raises:
            duckdb.IOException: The file is held by another process for longer than ten seconds.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + OPEN_ATTEMPTS_SECONDS
        while True:
            try:
                connection = duckdb.connect(str(self.path), read_only=read_only)
                break
            except duckdb.IOException as error:
                if "lock" not in str(error).lower() or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        try:
            connection.execute(
                f"set TimeZone = 'UTC'; set threads = {self.threads}; "
                f"set memory_limit = {literal(self.memory_limit)}; "
                f"set temp_directory = {literal(self.path.parent / 'spill')}"
            )
            if self.landing_dir is not None:
                # Staging models are views, the company's own SQL, which reads its landing and nothing else.
                connection.execute(
                    f"set allowed_directories = [{literal(self.landing_dir)}]; set enable_external_access = false"
                )
            yield connection
        except duckdb.Error as error:
            # The engine quotes the value that it could not convert, which may name a person.
            raise type(error)(without_values(str(error))) from None
        finally:
            connection.close()

    def prepare(self, time_zone: str) -> None:
        """Create what dbt reads before anything is built: the tables that Python writes, empty, and `local_date`.

        Args:
            time_zone: Zone in which the company's days are cut.
        """
        with self.connect() as connection:
            connection.execute(local_date_macro(time_zone))
            for table in python_tables().values():
                connection.execute(f"create schema if not exists {quoted(table.schema_name)}")
                connection.execute(f"create table if not exists {table.relation} ({table.column_ddl})")

    def frame(self, query: str, parameters: list[object] | None = None) -> pd.DataFrame:
        """The result of a query as a frame (decimals as float64)."""
        with self.connect(read_only=self.path.exists()) as connection:
            return connection.execute(query, parameters or []).df()

    def frames(self, queries: Sequence[str]) -> list[pd.DataFrame]:
        """The results of several queries; opening the warehouse costs more than a small query."""
        with self.connect(read_only=self.path.exists()) as connection:
            return [connection.execute(query).df() for query in queries]

    def replace(self, *parts: Replacement) -> dict[str, int]:
        """Write Python tables, each whole or the part that its condition names, in one transaction.

        Args:
            parts: Tables with their new rows; several are written together or not at all.

        Returns:
            Rows in each table afterwards, by table name.

        Raises:
            ValueError: A frame's columns are not the table's.
        """
        for part in parts:
            differing = set(part.rows.columns) ^ set(part.table.columns)
            if differing:
                names = ", ".join(sorted(differing))
                raise ValueError(f"{part.table.address}: columns differ from its declaration: {names}")
        with self.connect() as connection:
            connection.execute("begin transaction")
            for part in parts:
                _replace(connection, part)
            connection.execute("commit")
        return self.counts({part.table.name: part.table.relation for part in parts})

    def run_statements(self, statements: list[str]) -> None:
        """Run statements in one transaction (views over landings)."""
        with self.connect() as connection:
            connection.execute("begin transaction")
            for statement in statements:
                connection.execute(statement)
            connection.execute("commit")

    def counts(self, relations: Mapping[str, str]) -> dict[str, int]:
        """Rows of each relation, by the name that the caller gives it."""
        with self.connect(read_only=True) as connection:
            found = {}
            for name, relation in relations.items():
                row = connection.execute(f"select count(*) from {relation}").fetchone()
                found[name] = int(row[0]) if row else 0
        return found

    def is_busy(self) -> bool:
        """Whether a run holds the warehouse now."""
        return lock.is_locked(self.lock_path)
