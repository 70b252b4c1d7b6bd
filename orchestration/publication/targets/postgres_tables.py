"""How a published table becomes one of PostgreSQL: its types, the text of COPY, and a checksum both engines compute.

When and where tables are written is in postgres.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from psycopg import Connection, sql

from orchestration.ground.faults import boundary
from orchestration.ground.sql_text import literal, quoted
from orchestration.publication.targets.protocol import Column, TableShape, TargetError, relation

LONGEST_NAME = 63
"""Bytes of an identifier; the server would cut longer ones without a word."""
_TYPES = {
    "VARCHAR": "text",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(39,0)",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "BOOLEAN": "boolean",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)\Z")
_BLOCK_BYTES = 1 << 20
_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_NULL, _SEPARATOR = "\x1e", "\x1f"
"""In the text of a row of which the checksum is made."""


def server_type(column: Column, table: str) -> str:
    """PostgreSQL's type of a column.

    Raises:
        TargetError: It has none that keeps every value.
    """
    if match := _DECIMAL.match(column.type):
        return f"numeric({match[1]},{match[2]})"
    try:
        return _TYPES[column.type]
    except KeyError:
        raise TargetError(
            f"{table}.{column.name} is {column.type}, for which PostgreSQL has no type here: cast it in the model"
        ) from None


def check_names(table: str, shape: TableShape) -> None:
    """Refuse names that the server would cut.

    Raises:
        TargetError: One is too long.
    """
    for name in (*table.split(".", 1), *(column.name for column in shape.columns)):
        if len(name.encode()) > LONGEST_NAME:
            raise TargetError(f"{table}: {name} is longer than {LONGEST_NAME} bytes, the most that PostgreSQL keeps")


def create_table(connection: Connection[Any], name: sql.Identifier, table: str, shape: TableShape) -> None:
    """Create an empty table."""
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(server_type(column, table)))
        for column in shape.columns
    ]
    connection.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(columns)))


def copy_rows(
    connection: Connection[Any],
    name: sql.Identifier,
    source: duckdb.DuckDBPyConnection,
    table: str,
    shape: TableShape,
    passing: Path,
) -> None:
    """Copy a table's rows by way of a passing file.

    They are frozen: a reader whose snapshot is older sees them, not an empty table. For that the table must
    have been created in the same transaction.
    """
    values = ", ".join(_copied(column) for column in shape.columns)
    # Escaped above, so that nothing is left to quote: the text format of COPY, which no value can end early.
    source.execute(
        f"copy (select {values} from {relation(table)}) to {literal(passing)} "
        r"(format csv, header false, delimiter '\t', quote '', escape '', nullstr '\N')"
    )
    boundary("mid_postgres_rows", half_written=passing)
    statement = sql.SQL("copy {} from stdin with (format text, freeze true, encoding 'UTF8')").format(name)
    try:
        with connection.cursor() as cursor, passing.open("rb") as file, cursor.copy(statement) as copy:
            while block := file.read(_BLOCK_BYTES):
                copy.write(block)
    finally:
        passing.unlink(missing_ok=True)


def _copied(column: Column) -> str:
    text = quoted(column.name)
    if column.type == "VARCHAR":
        for plain, escaped in _ESCAPES:
            text = f"replace({text}, {_chr(plain)}, {literal(escaped)})"
    return text


def _chr(character: str) -> str:
    return f"chr({ord(character)})"


def add_comments(
    connection: Connection[Any], name: sql.Identifier, shape: TableShape, columns: Sequence[str] | None = None
) -> None:
    """Comments of a table and its columns; of timestamps without a zone it is said that they are in UTC."""
    connection.execute(sql.SQL("comment on table {} is {}").format(name, sql.Literal(shape.comment or None)))
    for column in shape.columns:
        text = column.comment
        if column.type == "TIMESTAMP" and "UTC" not in text:
            text = f"{text} In UTC.".strip()
        target = sql.SQL("{}.{}").format(name, sql.Identifier(column.name))
        connection.execute(sql.SQL("comment on column {} is {}").format(target, sql.Literal(text or None)))


def add_key(
    connection: Connection[Any],
    name: sql.Identifier,
    source: duckdb.DuckDBPyConnection,
    table: str,
    shape: TableShape,
) -> None:
    """Declare the key: a primary key, or, where a part of it is null in some row, unique."""
    if not shape.key:
        return
    is_null = " or ".join(f"{quoted(column)} is null" for column in shape.key)
    row = source.execute(f"select exists (from {relation(table)} where {is_null})").fetchone()
    kind = sql.SQL("unique" if row and row[0] else "primary key")
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in shape.key)
    connection.execute(sql.SQL("alter table {} add {} ({})").format(name, kind, columns))


def source_digest(source: duckdb.DuckDBPyConnection, table: str, shape: TableShape) -> tuple[int, int]:
    """Rows of a published table, and the sum over them of the first 60 bits of MD5 of the row's text."""
    text = f" || {_chr(_SEPARATOR)} || ".join(
        f"coalesce({_source_text(column)}, {_chr(_NULL)})" for column in shape.columns
    )
    row = source.execute(
        f"select count(*), coalesce(sum(cast('0x' || substr(md5({text}), 1, 15) as bigint)), 0) from {relation(table)}"
    ).fetchone() or (0, 0)
    return int(row[0]), int(row[1])


def _source_text(column: Column) -> str:
    name = quoted(column.name)
    if column.type == "DOUBLE":  # by its bits: engines write the same number differently
        return f"case when isnan({name}) then 'nan' else cast(cast(cast({name} as bit) as bigint) as varchar) end"
    if column.type.startswith("TIMESTAMP"):
        return f"cast(epoch_us({name}) as varchar)"
    return f"cast({name} as varchar)"


def server_digest(connection: Connection[Any], name: sql.Identifier, shape: TableShape) -> tuple[int, int]:
    """The same of the server's table, worked out by the server."""
    separator = sql.SQL(f" || chr({ord(_SEPARATOR)}) || ")
    parts = [sql.SQL("coalesce({}, {})").format(_server_text(column), sql.Literal(_NULL)) for column in shape.columns]
    query = sql.SQL(
        "select count(*), coalesce(sum(('x' || substr(md5({}), 1, 15))::bit(60)::bigint), 0) from {}"
    ).format(separator.join(parts), name)
    row = connection.execute(query).fetchone() or (0, 0)
    return int(row[0]), int(row[1])


def _server_text(column: Column) -> sql.Composable:
    pattern = "{0}::text"
    if column.type == "DOUBLE":
        pattern = (
            "case when {0} = 'nan' then 'nan' else (('x' || encode(float8send({0}), 'hex'))::bit(64)::bigint)::text end"
        )
    elif column.type.startswith("TIMESTAMP"):
        pattern = "((extract(epoch from {0}) * 1000000)::bigint)::text"
    return sql.SQL(pattern).format(sql.Identifier(column.name))
