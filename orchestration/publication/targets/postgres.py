"""PostgreSQL: schemas `<prefix>core` and `<prefix>marts`, of which only changed tables are written.

A changed table is loaded into a staging schema that readers cannot use, and takes the old one's place in a transaction
with all others. Its rows are frozen and the switch takes hold of all changed tables at once or of none, so that no
transaction of a reader, whatever its isolation, meets old and new tables together: one that has read a changed table
holds the switch up, one that has not finds all of them new.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from orchestration.connectors.databases.address import DatabaseAddress
from orchestration.connectors.databases.postgres import POSTGRES_SETTINGS
from orchestration.connectors.pulling import ConnectorError
from orchestration.declaration.settings.publication import PostgresPublication
from orchestration.ground.faults import boundary
from orchestration.publication.targets.postgres_state import (
    Names,
    TableState,
    dependents,
    drop_staged,
    existing_tables,
    expected_state,
    forget_state,
    lock_holders,
    note_generation,
    note_state,
    noted_generation,
    prepare,
    table_states,
    try_lock,
)
from orchestration.publication.targets.postgres_tables import (
    add_comments,
    add_key,
    check_names,
    copy_rows,
    create_table,
    server_digest,
    source_digest,
)
from orchestration.publication.targets.protocol import FinishedGeneration, Staged, TableShape, TargetError

_SETTINGS = "-c timezone=UTC -c datestyle=ISO,YMD -c extra_float_digits=1 -c search_path=pg_catalog"
_PAUSE_SECONDS = 0.1


@dataclass
class StagedPostgres(Staged):
    """Tables in the staging schemas.

    Attributes:
        shapes: Of every table of the generation.
        states: What is remembered once they are switched; the server's numbers are those of the tables to be seen.
        recommented: Kept tables whose comments changed.
        replaced: The server's numbers of the tables that go.
        digests: Rows and checksum of every written table, as the generation has them.
    """

    shapes: dict[str, TableShape] = field(default_factory=dict)
    states: dict[str, TableState] = field(default_factory=dict)
    recommented: list[str] = field(default_factory=list)
    replaced: dict[str, int] = field(default_factory=dict)
    digests: dict[str, tuple[int, int]] = field(default_factory=dict)


class PostgresTarget:
    """The target, over one connection that no transaction is open on."""

    name = "postgres"
    title = "PostgreSQL"

    def __init__(
        self,
        connection: Connection[Any],
        *,
        prefix: str = "",
        read_role: str | None = None,
        switch_wait_seconds: float = 300,
    ) -> None:
        self._connection = connection
        self._names = Names(prefix)
        self._read_role = read_role
        self._wait = switch_wait_seconds
        self._is_locked = False

    @classmethod
    @contextmanager
    def opened(
        cls, settings: PostgresPublication, environ: Mapping[str, str] | None = None, *, connect_seconds: int = 30
    ) -> Iterator[PostgresTarget]:
        """The target that company.yml declares, connected; every failure of the server is told without credentials.

        Args:
            settings: What company.yml declares.
            environ: Where the address is; the process's own by default.
            connect_seconds: How long a server may take to answer.

        Raises:
            TargetError: The server cannot be reached, or refused something.
        """
        where = f"PostgreSQL not published ({settings.url_env})"
        try:
            address = DatabaseAddress.read(
                settings.url_env,
                environ,
                schemes=("postgresql", "postgres"),
                default_port=5432,
                known_settings=POSTGRES_SETTINGS,
            )
        except ConnectorError as error:
            raise TargetError(f"{where}: {error}") from None
        try:
            with psycopg.connect(
                **address.postgres_arguments(),
                connect_timeout=connect_seconds,
                # A network that falls silent must not hold the run, and with it the warehouse, for hours.
                keepalives_idle=60,
                keepalives_interval=10,
                keepalives_count=6,
                autocommit=True,
                options=f"{_SETTINGS} -c statement_timeout={settings.timeout_seconds * 1000}",
                application_name="cx publication",
            ) as connection:
                yield cls(
                    connection,
                    prefix=settings.prefix,
                    read_role=settings.read_role,
                    switch_wait_seconds=settings.switch_wait_seconds,
                )
        except psycopg.Error as error:
            raise TargetError(f"{where}: {address.secret.masked(_told(error))}") from None

    def shown(self) -> str | None:
        """The generation that readers find there; None before the first. Nothing is written or created."""
        return noted_generation(self._connection, self._names)

    def stage(self, generation: FinishedGeneration) -> StagedPostgres:
        """Load changed tables into the staging schemas, with keys, comments and statistics.

        Raises:
            TargetError: Another publication is at work, or something that is not ours stands in the way.
        """
        self._begin()
        states = table_states(self._connection, self._names)
        existing = existing_tables(self._connection, self._names)
        staged = StagedPostgres(generation)
        with generation.connect() as source:
            staged.shapes = generation.shapes(source)
            self._sort(staged, states, existing)
            self._refuse_obstacles(staged, states, existing)
            with self._passing(generation) as folder:
                for table in staged.written:
                    self._load(staged, source, table, folder / "rows.tsv")
        return staged

    @contextmanager
    def _passing(self, generation: FinishedGeneration) -> Iterator[Path]:
        """A folder for rows on their way; what a killed publication left there is removed, by any publication."""
        folder = generation.folder.parent / f".{self._names.prefix}postgres.partial"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _begin(self) -> None:
        if not try_lock(self._connection, self._names):
            raise TargetError(
                "PostgreSQL not published: another publication is writing there; run again once it ended."
            )
        self._is_locked = True
        encoding = self._connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise TargetError(f"PostgreSQL not published: the database is encoded in {encoding}, not in UTF8.")
        if self._read_role is not None:
            query = "select 1 from pg_roles where rolname = %s"
            if self._connection.execute(query, (self._read_role,)).fetchone() is None:
                raise TargetError(
                    f"PostgreSQL not published: the role {self._read_role} that may read does not exist: "
                    f'create role "{self._read_role}"'
                )
        prepare(self._connection, self._names)

    def _sort(self, staged: StagedPostgres, states: dict[str, TableState], existing: dict[str, int]) -> None:
        """Which tables are written, kept and removed."""
        for table in staged.generation.tables():
            check_names(self._names.prefix + table.table, staged.shapes[table.table])
            oid = existing.get(table.table, 0)
            state = expected_state(table, staged.shapes[table.table], oid)
            staged.states[table.table] = state
            before = states.get(table.table)
            if before is None or not oid or not _is_same_content(before, state):
                staged.written.append(table.table)
                continue
            staged.kept.append(table.table)
            if before.comments != state.comments:
                staged.recommented.append(table.table)
        staged.removed = sorted(set(states) - set(staged.states))
        going = [*staged.written, *staged.removed]
        staged.replaced = {table: existing[table] for table in going if table in existing}

    def _refuse_obstacles(
        self, staged: StagedPostgres, states: dict[str, TableState], existing: dict[str, int]
    ) -> None:
        if foreign := [table for table in staged.written if table in existing and table not in states]:
            names = ", ".join(self._names.prefix + table for table in foreign)
            raise TargetError(
                f"PostgreSQL not published: {names} was not made by the publication and is not replaced: "
                "rename it, or choose another prefix."
            )
        if blocking := dependents(self._connection, list(staged.replaced.values())):
            raise TargetError(
                f"PostgreSQL not published: readers keep the last publication, because of {', '.join(blocking)}: "
                "a table that changed cannot be replaced below it. Drop it and create it again after the publication."
            )

    def _load(self, staged: StagedPostgres, source: Any, table: str, passing: Path) -> None:
        shape, name = staged.shapes[table], self._names.staged(table)
        schema = sql.Identifier(self._names.staged_schema(table))
        self._connection.execute(sql.SQL("create schema if not exists {}").format(schema))
        with self._connection.transaction():
            create_table(self._connection, name, table, shape)
            copy_rows(self._connection, name, source, table, shape, passing)
            add_key(self._connection, name, source, table, shape)
            add_comments(self._connection, name, shape)
            self._connection.execute(sql.SQL("analyze {}").format(name))
        staged.digests[table] = source_digest(source, table, shape)

    def verify(self, staged: StagedPostgres) -> None:
        """Rows and checksum of every written table, worked out by the server, against the generation.

        Raises:
            TargetError: A table differs.
        """
        for table in staged.written:
            found = server_digest(self._connection, self._names.staged(table), staged.shapes[table])
            if found != staged.digests[table] or found[0] != staged.states[table].rows:
                raise TargetError(
                    f"PostgreSQL not published: {table} has {found[0]:,} rows there, or others than the"
                    f" {staged.states[table].rows:,} of the generation."
                )

    def switch(self, staged: StagedPostgres) -> None:
        """Give readers all changed tables in one transaction.

        Raises:
            TargetError: A reader's transaction or object holds a changed table; nothing was changed.
        """
        boundary("before_postgres_switch")
        deadline = time.monotonic() + self._wait
        while True:
            try:
                with self._connection.transaction():
                    self._replace(staged)
                return
            except psycopg.errors.LockNotAvailable:
                if time.monotonic() >= deadline:
                    users = lock_holders(self._connection, list(staged.replaced.values()))
                    raise TargetError(
                        "PostgreSQL not published: changed tables are in use by a transaction that does not end:"
                        f" {', '.join(users) or 'one that has just ended; run again'}."
                    ) from None
            except psycopg.errors.DependentObjectsStillExist as error:
                raise TargetError(
                    f"PostgreSQL not published: readers keep the last publication. {error.diag.message_detail}"
                ) from None
            time.sleep(_PAUSE_SECONDS)

    def _replace(self, staged: StagedPostgres) -> None:
        names, run = self._names, self._connection.execute
        generation_id = staged.generation.record.generation_id
        if staged.replaced:
            # All or none, without waiting: a queue behind a long query would keep new readers out as well.
            tables = sql.SQL(", ").join(names.seen(table) for table in staged.replaced)
            run(sql.SQL("lock table {} in access exclusive mode nowait").format(tables))
        for readable in names.readable:
            run(sql.SQL("create schema if not exists {}").format(sql.Identifier(readable)))
        for table in staged.replaced:
            run(sql.SQL("drop table {}").format(names.seen(table)))
        for table in staged.written:
            schema = sql.Identifier(names.schema(table))
            run(sql.SQL("alter table {} set schema {}").format(names.staged(table), schema))
        for table in staged.recommented:
            add_comments(self._connection, names.seen(table), staged.shapes[table])
        self._grant(staged)
        for table in staged.removed:
            forget_state(self._connection, names, table)
        existing = existing_tables(self._connection, names)
        for table, state in staged.states.items():
            if table in staged.written or table in staged.recommented:
                written = TableState(state.rows, state.checksum, state.shape, state.comments, existing[table])
                note_state(self._connection, names, table, written, generation_id)
        note_generation(self._connection, names, staged.generation.record)
        drop_staged(self._connection, names)

    def _grant(self, staged: StagedPostgres) -> None:
        """To the tables of the publication alone; others may stand in the same schemas."""
        if self._read_role is None:
            return
        role, own = sql.Identifier(self._read_role), sql.Identifier(self._names.own)
        for readable in self._names.readable:
            schema = sql.Identifier(readable)
            self._connection.execute(sql.SQL("grant usage on schema {} to {}").format(schema, role))
        tables = sql.SQL(", ").join(self._names.seen(table) for table in staged.states)
        if staged.states:
            self._connection.execute(sql.SQL("grant select on {} to {}").format(tables, role))
        self._connection.execute(sql.SQL("grant usage on schema {} to {}").format(own, role))
        self._connection.execute(sql.SQL("grant select on {}.generation to {}").format(own, role))

    def discard(self) -> None:
        """Remove the staging schemas; what a lost connection leaves there, the next run removes."""
        if self._is_locked:
            with suppress(psycopg.Error):
                drop_staged(self._connection, self._names)


def _is_same_content(before: TableState, now: TableState) -> bool:
    return (before.rows, before.checksum, before.shape, before.oid) == (now.rows, now.checksum, now.shape, now.oid)


def _told(error: psycopg.Error) -> str:
    primary = error.diag.message_primary or next(iter(str(error).splitlines()), type(error).__name__)
    remedy = "The server's disk is full: free some space there, then run again." if _is_full(error) else ""
    return " ".join(filter(None, (primary, error.diag.message_detail, remedy)))


def _is_full(error: psycopg.Error) -> bool:
    return isinstance(error, psycopg.errors.DiskFull)
