"""What the target's own schema in PostgreSQL remembers of published tables, and what the server says of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from orchestration.publication.generations import READABLE_SCHEMAS, Generation, TableDigest
from orchestration.publication.targets.postgres_tables import server_type
from orchestration.publication.targets.protocol import TableShape

_LOCK_SPACE = 0x6378_7075
"""First half of the advisory lock's number; the second is made from the prefix."""


@dataclass(frozen=True)
class TableState:
    """A published table as it was last written.

    Attributes:
        rows, checksum: Of the generation's record.
        shape: Hash of columns, types and key.
        comments: Hash of the comments.
        oid: The server's number of the table; another one means that somebody else made it anew.
    """

    rows: int
    checksum: str
    shape: str
    comments: str
    oid: int


@dataclass(frozen=True)
class Names:
    """Schemas of one publication on a server, all behind its prefix."""

    prefix: str

    @property
    def own(self) -> str:
        """Schema of the target's own tables."""
        return f"{self.prefix}publication"

    def schema(self, table: str) -> str:
        """Schema that readers find a table in."""
        return self.prefix + table.split(".", 1)[0]

    def seen(self, table: str) -> sql.Identifier:
        """A table where readers find it."""
        return sql.Identifier(self.schema(table), table.split(".", 1)[1])

    def staged_schema(self, table: str) -> str:
        """Schema that a table is staged in."""
        return f"{self.schema(table)}__staged"

    def staged(self, table: str) -> sql.Identifier:
        """A table while it is staged."""
        return sql.Identifier(self.staged_schema(table), table.split(".", 1)[1])

    @property
    def readable(self) -> list[str]:
        """Schemas that readers may use."""
        return [self.prefix + schema for schema in READABLE_SCHEMAS]


def try_lock(connection: Connection[Any], names: Names) -> bool:
    """Take the lock of this publication for the session; False when another session has it."""
    row = connection.execute("select pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK_SPACE, names.prefix)).fetchone()
    return bool(row and row[0])


def prepare(connection: Connection[Any], names: Names) -> None:
    """Remove what a killed publication staged, and create the target's own tables."""
    own = sql.Identifier(names.own)
    with connection.transaction():
        drop_staged(connection, names)
        connection.execute(sql.SQL("create schema if not exists {}").format(own))
        connection.execute(
            sql.SQL(
                "create table if not exists {}.table_state (table_name text primary key, row_count bigint not null,"
                " checksum text not null, shape text not null, comments text not null, oid bigint not null,"
                " generation_id text not null)"
            ).format(own)
        )
        connection.execute(
            sql.SQL(
                "create table if not exists {}.generation (is_only boolean primary key default true check (is_only),"
                " generation_id text not null, company text not null, as_of_date date not null,"
                " published_at timestamptz not null)"
            ).format(own)
        )


def drop_staged(connection: Connection[Any], names: Names) -> None:
    """Remove the staging schemas with all that is in them."""
    for schema in names.readable:
        statement = sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(f"{schema}__staged"))
        connection.execute(statement)


def table_states(connection: Connection[Any], names: Names) -> dict[str, TableState]:
    """Every published table, by schema.table without the prefix."""
    query = sql.SQL("select table_name, row_count, checksum, shape, comments, oid from {}.table_state")
    rows = connection.execute(query.format(sql.Identifier(names.own))).fetchall()
    return {name: TableState(*fields) for name, *fields in rows}


def existing_tables(connection: Connection[Any], names: Names) -> dict[str, int]:
    """The server's number of every table, view or the like in the readable schemas, by schema.table."""
    rows = connection.execute(
        "select substr(n.nspname, %s) || '.' || c.relname, c.oid::bigint from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(%s) and c.relkind not in ('i', 'I', 't')",
        (len(names.prefix) + 1, names.readable),
    ).fetchall()
    return dict(rows)


def note_state(connection: Connection[Any], names: Names, table: str, state: TableState, generation_id: str) -> None:
    """Remember what was written of a table."""
    connection.execute(
        sql.SQL(
            "insert into {}.table_state (table_name, row_count, checksum, shape, comments, oid, generation_id)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict (table_name) do update set"
            " row_count = excluded.row_count, checksum = excluded.checksum, shape = excluded.shape,"
            " comments = excluded.comments, oid = excluded.oid, generation_id = excluded.generation_id"
        ).format(sql.Identifier(names.own)),
        (table, state.rows, state.checksum, state.shape, state.comments, state.oid, generation_id),
    )


def forget_state(connection: Connection[Any], names: Names, table: str) -> None:
    """Forget a table that is published no more."""
    query = sql.SQL("delete from {}.table_state where table_name = %s").format(sql.Identifier(names.own))
    connection.execute(query, (table,))


def note_generation(connection: Connection[Any], names: Names, made: Generation) -> None:
    """Tell readers which generation they see."""
    own = sql.Identifier(names.own)
    connection.execute(sql.SQL("delete from {}.generation").format(own))
    connection.execute(
        sql.SQL(
            "insert into {}.generation (generation_id, company, as_of_date, published_at) values (%s, %s, %s, %s)"
        ).format(own),
        (made.generation_id, made.company, made.as_of_date, made.published_at),
    )


def noted_generation(connection: Connection[Any], names: Names) -> str | None:
    """The generation that readers are told of; None where nothing was published yet."""
    query = "select to_regclass(quote_ident(%s) || '.generation') is not null"
    row = connection.execute(query, (names.own,)).fetchone()
    if row is None or not row[0]:
        return None
    told = sql.SQL("select generation_id from {}.generation").format(sql.Identifier(names.own))
    found = connection.execute(told).fetchone()
    return None if found is None else str(found[0])


def expected_state(table: TableDigest, shape: TableShape, oid: int) -> TableState:
    """What `table_state` holds once this table is published."""
    columns = [(column.name, server_type(column, table.table)) for column in shape.columns]
    comments = [shape.comment, [column.comment for column in shape.columns]]
    return TableState(table.rows, table.checksum, _hash([columns, shape.key]), _hash(comments), oid)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()


def dependents(connection: Connection[Any], oids: list[int]) -> list[str]:
    """Views that others have built on tables, as `view a.b on c.d`."""
    rows = connection.execute(
        "select distinct case v.relkind when 'm' then 'materialized view ' else 'view ' end"
        " || v.oid::regclass::text || ' on ' || d.refobjid::regclass::text from pg_depend d"
        " join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid"
        " join pg_class v on v.oid = r.ev_class"
        " where d.refclassid = 'pg_class'::regclass and d.refobjid = any(%s) and v.oid <> d.refobjid order by 1",
        (oids,),
    ).fetchall()
    return [name for (name,) in rows]


def lock_holders(connection: Connection[Any], oids: list[int]) -> list[str]:
    """Sessions that use tables at the moment, as user, application and process."""
    rows = connection.execute(
        "select distinct coalesce(a.usename, '?') || ' (' || coalesce(nullif(a.application_name, ''), 'no name')"
        " || ', process ' || l.pid || ')' from pg_locks l left join pg_stat_activity a on a.pid = l.pid"
        " where l.granted and l.relation = any(%s) and l.pid <> pg_backend_pid() order by 1",
        (oids,),
    ).fetchall()
    return [name for (name,) in rows]
