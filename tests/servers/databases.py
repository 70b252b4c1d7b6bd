"""A schema of its own on a real PostgreSQL or MariaDB, removed after the test."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql

from tests.conftest import MYSQL_URL, POSTGRES_URL


class Database:
    """A database with one table of contacts in a schema of its own."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.schema = f"cx_{uuid.uuid4().hex[:12]}"
        if kind == "postgres":
            self.url = POSTGRES_URL
        else:
            self.url = MYSQL_URL
        self._connection = self.connect(autocommit=True)
        self.run(f"create schema {self.schema}" + ("" if kind == "postgres" else " character set utf8mb4"))
        self.run(f"{'set search_path to' if kind == 'postgres' else 'use'} {self.schema}")
        local = "timestamp" if kind == "postgres" else "datetime"
        self.run(f"create table contacts (contact_id varchar(20), amount numeric(12,2), note text, changed_at {local})")

    def connect(self, *, autocommit: bool = False) -> Any:
        """Another session, whose transactions stay open until it says otherwise."""
        if self.kind == "postgres":
            return psycopg.connect(POSTGRES_URL, autocommit=autocommit)
        parts = urlsplit(MYSQL_URL)
        return pymysql.connect(
            host=parts.hostname,
            port=parts.port or 3306,
            user=parts.username,
            password=parts.password or "",
            autocommit=autocommit,
            charset="utf8mb4",
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def insert(self, *rows: tuple[object, ...]) -> None:
        for row in rows:
            self.run("insert into contacts values (%s, %s, %s, %s)", row)

    def wait_until_alone(self) -> None:
        """Until nobody has a transaction open on the PostgreSQL that has written, at most half a minute."""
        query = "select txid_snapshot_xmin(s) = txid_snapshot_xmax(s) from txid_current_snapshot() as s"
        for _ in range(300):
            if self.rows(query)[0][0]:
                return
            time.sleep(0.1)

    def close(self) -> None:
        self.run(
            f"drop {'schema' if self.kind == 'postgres' else 'database'} {self.schema}"
            + (" cascade" if self.kind == "postgres" else "")
        )
        self._connection.close()
