"""Three weeks of a real database: inserts, changes, deletions, late commits; every day what landed is the table."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.landing.control_totals.totals import statement_rows
from orchestration.landing.loads.versions import History
from tests.orchestration.landing.conftest import NOW, Shop
from tests.servers.databases import Database

DAYS = 21
FIRST_DAY = datetime(2024, 5, 1, tzinfo=UTC).replace(tzinfo=None)
COLUMNS = {"id": "bigint", "amount": "decimal(18,2)", "note": "text", "changed_at": "timestamp"}
# The times of a day come in any order, hence a day. Numbers have none: late ones are found by what the server tells.
BY_TIME = {"column": "changed_at", "overlap_days": 1}
BY_NUMBER = {"column": "version", "overlap": 0}


@dataclass
class Orders:
    """A table of orders that clerks work on; one of them leaves his work open overnight now and then."""

    server: Database
    by: random.Random
    late: list[Any] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    last_id: int = 0
    version: int = 0

    def __post_init__(self) -> None:
        local = "timestamp" if self.server.kind == "postgres" else "datetime"
        self.server.run(
            "create table orders (id bigint primary key, amount numeric(12,2), note varchar(40),"
            f" changed_at {local}, version bigint)"
        )

    def day(self, number: int) -> None:
        """What happens between two pulls."""
        self.end_late()
        for _ in range(self.by.randint(3, 12)):
            self._insert(self.server.run, number)
        for identity in self._some(4):
            self._change(self.server.run, number, identity)
        for identity in self._some(2):
            self.server.run("delete from orders where id = %s", (identity,))
        if self.by.random() < 0.5:
            self._begin_late(number)
            self._insert(self.server.run, number)

    def _begin_late(self, number: int) -> None:
        session = self.server.connect()
        cursor = session.cursor()
        cursor.execute(f"{'set search_path to' if self.server.kind == 'postgres' else 'use'} {self.server.schema}")
        for _ in range(2):
            self._insert(cursor.execute, number)
        for identity in self._some(1):
            self.held.add(identity)
            self._change(cursor.execute, number, identity)
        self.late.append(session)

    def end_late(self) -> None:
        """What was left open is committed, or comes to nothing."""
        for session in self.late:
            session.commit() if self.by.random() < 0.8 else session.rollback()
            session.close()
        self.late.clear()
        self.held.clear()

    def _some(self, most: int) -> list[int]:
        there = [row[0] for row in self.server.rows("select id from orders order by id") if row[0] not in self.held]
        return self.by.sample(there, min(len(there), self.by.randint(0, most)))

    def _insert(self, run: Any, number: int) -> None:
        self.last_id += 1
        run("insert into orders values (%s, %s, %s, %s, %s)", (self.last_id, *self._values(number)))

    def _change(self, run: Any, number: int, identity: int) -> None:
        amount, note, changed_at, version = self._values(number)
        statement = "update orders set amount = %s, note = %s, changed_at = %s, version = %s where id = %s"
        run(statement, (amount, note, changed_at, version, identity))

    def _values(self, number: int) -> tuple[Decimal, str | None, datetime, int]:
        self.version += 1
        moment = FIRST_DAY + timedelta(days=number, seconds=self.by.randrange(86_400))
        return (
            Decimal(self.by.randint(-9999, 99_999)) / 100,
            self.by.choice([None, "red", "blue"]),
            moment,
            self.version,
        )


def landed(company: Shop) -> list[tuple[Any, ...]]:
    """The newest version of every key that is not known as deleted."""
    history = History(company.item, company.manifests(), company.workspace.state_dir)
    names = "id, amount, note, changed_at, version"
    with duckdb.connect() as engine:
        return engine.execute(f"select {names} from {history.present(history.columns)} order by id").fetchall()


def differences(company: Shop) -> list[tuple[Any, ...]]:
    """What the last control totals name as differing between source and landing."""
    frame = statement_rows(company.workspace.state_dir, company.manifests(), [company.item])
    return list(frame[frame.kind != "total"][["kind", "row_key"]].itertuples(index=False))


@pytest.mark.parametrize("cursor", [BY_TIME, BY_NUMBER], ids=["time", "number"])
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_every_day_what_landed_is_the_table(
    server: Database, tmp_path: Path, seed: int, cursor: dict[str, Any]
) -> None:
    orders = Orders(server, random.Random(seed))
    table = {
        "description": "Orders.",
        "relation": f"{server.schema}.orders",
        "key": ["id"],
        "cursor": cursor,
        "deletes": {"kind": "compare_keys", "max_share": 0.9},
        "reconcile": {"day": "changed_at", "amount": "amount"},
        "columns": {**COLUMNS, "version": "bigint"},
    }
    company = Shop(tmp_path, table, connection={"kind": server.kind, "url_env": "CX_TEST_URL"})
    for number in range(DAYS):
        orders.day(number)
        company.land(NOW + timedelta(days=number))
        there = server.rows("select id, amount, note, changed_at, version from orders order by id")
        assert landed(company) == there, number
        assert differences(company) == [], number
        lineage = company.rows("_load_id, _source_file, _source_row")
        assert len(lineage) == len(set(lineage)), number
    orders.end_late()
