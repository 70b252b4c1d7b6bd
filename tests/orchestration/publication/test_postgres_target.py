"""Publication to a real PostgreSQL: equal rows, changed tables only, readers see the old whole or the new whole."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchestration.declaration.settings.publication import PostgresPublication
from orchestration.publication.generations import roll_back
from orchestration.publication.targets.postgres import PostgresTarget
from orchestration.publication.targets.protocol import FinishedGeneration, Outcome, TargetError, publish_to
from tests.conftest import POSTGRES_URL
from tests.orchestration.damage import full_disk
from tests.orchestration.publication.made import KEYS, TABLES, change, finished, make_warehouse, publish_file

pytestmark = pytest.mark.needs_postgres
NEW_NOTE = "update core.dim_customer set note = 'new'"


class Server:
    """Schemas and a role of one test, removed after it."""

    def __init__(self) -> None:
        self.prefix = f"t{uuid.uuid4().hex[:10]}_"
        self.role = f"{self.prefix}reader"
        self.admin = psycopg.connect(POSTGRES_URL, autocommit=True)
        self.admin.execute(f"create role {self.role} login")
        self.settings = PostgresPublication(
            url_env="CX_TARGET", prefix=self.prefix, read_role=self.role, switch_wait_seconds=30
        )

    def publish(self, generation: FinishedGeneration, kind: type[PostgresTarget] = PostgresTarget) -> Outcome:
        with kind.opened(self.settings, {"CX_TARGET": POSTGRES_URL}) as target:
            return publish_to(target, generation)

    def rows(self, query: str, connection: psycopg.Connection[Any] | None = None) -> list[tuple[Any, ...]]:
        return (connection or self.admin).execute(query.replace("@", self.prefix)).fetchall()

    def reader(self, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        connection = psycopg.connect(POSTGRES_URL, user=self.role, autocommit=autocommit, application_name="a report")
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return connection

    def notes(self, connection: psycopg.Connection[Any] | None = None) -> int:
        """Customers of whom the new note stands."""
        return self.rows("select count(*) from @core.dim_customer where note = 'new'", connection)[0][0]

    def schemas(self) -> list[str]:
        found = self.rows(r"select nspname from pg_namespace where starts_with(nspname, '@') order by 1")
        return [name.removeprefix(self.prefix) for (name,) in found]

    def remove(self) -> None:
        for name in self.schemas():
            self.admin.execute(f"drop schema {self.prefix}{name} cascade")
        self.admin.execute(f"drop owned by {self.role}; drop role {self.role}")
        self.admin.close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.remove()


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return make_warehouse(tmp_path)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


def test_rows_arrive_with_every_character_and_digit(server: Server, warehouse: Path, published: Path) -> None:
    made = server.publish(finished(warehouse, published))
    assert made.written == ("core.dim_customer", "marts.mart_a__answer", "marts.mart_a__empty")
    assert (made.generation_id, made.row_count) == ("00000001-s1", 6 + 7 + 0)
    rows = server.rows("select * from @core.dim_customer order by customer_id")
    assert [row[:2] for row in rows] == [
        ("c1", 'tab\tand "quote", comma'),
        ("c2", "line\n\\.\nend\r"),
        ("c3", "\\N"),
        ("c4", ""),
        ("c5", None),
        ("c6", "Zoë 🙂 \\\\ \\n"),
    ]
    assert [str(row[2]) for row in rows] == ["0.1", "1e+300", "-0.0", "nan", "-inf", "123456789.12345679"]
    assert [row[3] for row in rows] == [
        Decimal("1.50"),
        Decimal("-0.05"),
        Decimal("9999999999999999.99"),
        Decimal("0.00"),
        None,
        Decimal("0.01"),
    ]
    assert [row[4] for row in rows] == [True, False, None, True, None, False]
    assert server.rows(
        "select min(day), max(day), max(seen_at)::text, sum(answer_count) from @marts.mart_a__answer"
    ) == [(dt.date(2026, 6, 1), dt.date(2026, 6, 7), "2026-06-30 23:59:59.999999", 21)]
    assert server.schemas() == ["core", "marts", "publication"]


def test_types_keys_and_comments_are_carried_over(server: Server, warehouse: Path, published: Path) -> None:
    server.publish(finished(warehouse, published))
    assert server.rows(
        "select column_name, case data_type when 'numeric' then 'numeric ' || numeric_precision || ' ' || numeric_scale"
        " else data_type end from information_schema.columns where table_schema in ('@core', '@marts')"
        " order by table_name, ordinal_position"
    ) == [
        ("customer_id", "text"),
        ("note", "text"),
        ("score", "double precision"),
        ("net_amount", "numeric 18 2"),
        ("is_active", "boolean"),
        ("day", "date"),
        ("channel", "text"),
        ("answer_count", "bigint"),
        ("seen_at", "timestamp without time zone"),
        ("n", "integer"),
    ]
    assert server.rows(
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace in ('@core'::regnamespace, '@marts'::regnamespace) order by 1"
    ) == [
        (f"{server.prefix}core.dim_customer", "PRIMARY KEY (customer_id)"),
        (f"{server.prefix}marts.mart_a__answer", "PRIMARY KEY (day, channel)"),
    ]
    assert server.rows(
        "select obj_description('@core.dim_customer'::regclass), col_description('@core.dim_customer'::regclass, 1),"
        " col_description('@marts.mart_a__answer'::regclass, 4)"
    ) == [("One customer.", "Its id.", "When. In UTC.")]


def test_a_key_with_a_null_is_unique_and_no_primary_key(server: Server, warehouse: Path, published: Path) -> None:
    change(warehouse, "update marts.mart_a__answer set channel = null where answer_count = 1")
    server.publish(finished(warehouse, published))
    query = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = '@marts.mart_a__answer'::regclass"
    assert server.rows(query) == [("UNIQUE (day, channel)",)]


def test_the_reading_role_reads_and_does_nothing_else(server: Server, warehouse: Path, published: Path) -> None:
    server.publish(finished(warehouse, published))
    with server.reader() as reader:
        assert server.rows("select count(*) from @core.dim_customer", reader) == [(6,)]
        assert server.rows("select generation_id, company, as_of_date from @publication.generation", reader) == [
            ("00000001-s1", "tiny", dt.date(2026, 6, 30))
        ]
        for statement in (
            "delete from @core.dim_customer",
            "insert into @marts.mart_a__empty values (1)",
            "create table @core.mine (n int)",
            "drop table @core.dim_customer",
            "update @publication.table_state set row_count = 0",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement.replace("@", server.prefix))


def test_personal_data_is_not_there(server: Server, warehouse: Path, published: Path) -> None:
    server.publish(finished(warehouse, published))
    everything = "select relname from pg_class where relkind = 'r' and relnamespace::regnamespace::text ~ '^@'"
    assert sorted(server.rows(everything)) == [
        ("dim_customer",),
        ("generation",),
        ("mart_a__answer",),
        ("mart_a__empty",),
        ("table_state",),
    ]


def files(server: Server) -> dict[str, tuple[int, int]]:
    """Number and data file of each published table."""
    found = server.rows(
        "select relname, oid::bigint, pg_relation_filenode(oid)::bigint from pg_class where relkind = 'r'"
        " and relnamespace in ('@core'::regnamespace, '@marts'::regnamespace)"
    )
    return {name: (oid, node) for name, oid, node in found}


def test_only_the_changed_table_is_written_again(server: Server, warehouse: Path, published: Path) -> None:
    server.publish(finished(warehouse, published))
    before = files(server)
    change(warehouse, NEW_NOTE)
    made = server.publish(finished(warehouse, published, 2))
    assert (made.written, made.kept) == (("core.dim_customer",), ("marts.mart_a__answer", "marts.mart_a__empty"))
    after = files(server)
    assert {name for name in after if after[name] != before[name]} == {"dim_customer"}
    assert server.notes() == 6
    assert server.rows("select generation_id from @publication.generation") == [("00000002-s2",)]
    with server.reader() as reader:
        assert server.notes(reader) == 6


def test_another_comment_alone_rewrites_no_rows(server: Server, warehouse: Path, published: Path) -> None:
    server.publish(finished(warehouse, published))
    before = files(server)
    tables = [*TABLES[:-1], type(TABLES[-1])("marts", "mart_a__empty", description="None yet.")]
    made = server.publish(finished(warehouse, published, 2, tables))
    assert (made.written, files(server)) == ((), before)
    assert server.rows("select obj_description('@marts.mart_a__empty'::regclass)") == [("None yet.",)]


def test_a_table_that_is_published_no_more_goes(server: Server, warehouse: Path, published: Path) -> None:
    server.publish(finished(warehouse, published))
    made = server.publish(finished(warehouse, published, 2, TABLES[:-1]))
    assert made.removed == ("marts.mart_a__empty",)
    assert set(files(server)) == {"dim_customer", "mart_a__answer"}


def test_a_table_that_somebody_dropped_or_made_anew_is_written_again(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    server.admin.execute(f"drop table {server.prefix}core.dim_customer, {server.prefix}marts.mart_a__empty")
    server.admin.execute(f"create table {server.prefix}core.dim_customer (n int)")
    made = server.publish(finished(warehouse, published, 2))
    assert made.written == ("core.dim_customer", "marts.mart_a__empty")
    assert server.rows("select count(note) from @core.dim_customer") == [(5,)]


def test_a_reader_in_a_transaction_sees_the_old_whole_and_holds_the_switch_up(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    change(warehouse, NEW_NOTE)
    change(warehouse, "delete from marts.mart_a__answer")
    generation = finished(warehouse, published, 2)
    reader = server.reader(autocommit=False)
    assert server.notes(reader) == 0
    outcomes: list[Outcome] = []
    publisher = threading.Thread(target=lambda: outcomes.append(server.publish(generation)))
    publisher.start()
    publisher.join(timeout=2)
    # The other changed table was not read before: it is the old one too, and reading it waits for nobody.
    assert server.rows("select count(*) from @marts.mart_a__answer", reader) == [(7,)]
    assert server.notes(reader) == 0
    assert publisher.is_alive()
    reader.commit()
    publisher.join(timeout=30)
    assert [made.written for made in outcomes] == [("core.dim_customer", "marts.mart_a__answer")]
    assert server.notes(reader) == 6
    assert server.rows("select count(*) from @marts.mart_a__answer", reader) == [(0,)]
    reader.close()


def test_a_snapshot_older_than_the_switch_finds_new_tables_full(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    change(warehouse, NEW_NOTE)
    generation = finished(warehouse, published, 2)
    with server.reader(autocommit=False) as reader:
        assert server.rows("select count(*) from @marts.mart_a__answer", reader) == [(7,)]
        server.publish(generation)
        assert server.rows("select count(*) from @core.dim_customer", reader) == [(6,)]
        assert server.notes(reader) == 6


def test_a_transaction_that_does_not_end_is_named_and_the_old_stays_whole(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    before = files(server)
    change(warehouse, NEW_NOTE)
    server.settings = server.settings.model_copy(update={"switch_wait_seconds": 0})
    with server.reader(autocommit=False) as reader:
        assert server.notes(reader) == 0
        with pytest.raises(
            TargetError, match=rf"in use .*{server.role} \(a report, process {reader.info.backend_pid}\)"
        ):
            server.publish(finished(warehouse, published, 2))
    assert files(server) == before
    assert server.schemas() == ["core", "marts", "publication"]
    assert server.rows("select generation_id from @publication.generation") == [("00000001-s1",)]


def test_a_view_on_a_changed_table_is_named_and_nothing_is_dropped(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    view = f"{server.prefix}core.of_theirs"
    server.admin.execute(f"create view {view} as select note from {server.prefix}core.dim_customer")
    server.admin.execute(f"create view {server.prefix}marts.other as select * from {server.prefix}marts.mart_a__empty")
    change(warehouse, NEW_NOTE)
    change(warehouse, "delete from marts.mart_a__answer")
    generation = finished(warehouse, published, 2)
    with pytest.raises(TargetError, match=rf"because of view {view} on {server.prefix}core\.dim_customer: "):
        server.publish(generation)
    assert server.notes() == 0
    assert server.rows("select count(*) from @marts.mart_a__answer") == [(7,)]
    assert server.rows("select count(*) from @core.of_theirs") == [(6,)]
    server.admin.execute(f"drop view {view}")
    assert server.publish(generation).written == ("core.dim_customer", "marts.mart_a__answer")


def test_a_function_on_a_changed_table_is_not_in_the_way_and_finds_the_new_rows(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    body = f"select count(*) from {server.prefix}core.dim_customer where note = 'new'"
    name = f"{server.prefix}publication.new_notes()"
    server.admin.execute(f"create function {name} returns table (n bigint) language sql as $$ {body} $$")
    change(warehouse, NEW_NOTE)
    server.publish(finished(warehouse, published, 2))
    assert server.rows(f"select n from {name}") == [(6,)]


def test_a_view_made_while_tables_are_staged_is_named_by_the_server(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    change(warehouse, NEW_NOTE)

    class Late(PostgresTarget):
        def verify(self, staged: Any) -> None:
            super().verify(staged)
            server.admin.execute(
                f"create view {server.prefix}core.late as select note from {server.prefix}core.dim_customer"
            )

    with pytest.raises(TargetError, match=rf"view {server.prefix}core\.late depends on"):
        server.publish(finished(warehouse, published, 2), Late)
    assert server.notes() == 0
    assert server.schemas() == ["core", "marts", "publication"]


@pytest.mark.parametrize(
    "harm",
    [
        "delete from {} where customer_id = 'c1'",
        "update {} set score = 0 where customer_id = 'c3'",  # 0 for -0
        "update {} set note = '' where customer_id = 'c5'",  # for null
        "update {} set net_amount = net_amount + 0.01 where customer_id = 'c1'",
        "update {} set customer_id = 'c7' where customer_id = 'c1'",
    ],
)
def test_what_the_server_holds_otherwise_is_refused_and_the_old_stays_whole(
    server: Server, warehouse: Path, published: Path, harm: str
) -> None:
    server.publish(finished(warehouse, published))
    before = files(server)
    change(warehouse, "update core.dim_customer set is_active = true where customer_id = 'c2'")

    class Harmed(PostgresTarget):
        def verify(self, staged: Any) -> None:
            server.admin.execute(harm.format(f"{server.prefix}core__staged.dim_customer"))
            super().verify(staged)

    with pytest.raises(TargetError, match=r"core\.dim_customer has [56] rows there, or others than the 6"):
        server.publish(finished(warehouse, published, 2), Harmed)
    assert files(server) == before
    assert server.schemas() == ["core", "marts", "publication"]


@pytest.mark.parametrize("moment", ["mid_postgres_rows", "before_postgres_switch"])
def test_what_a_killed_publication_staged_is_removed_by_the_next(
    server: Server, warehouse: Path, published: Path, moment: str
) -> None:
    server.publish(finished(warehouse, published))
    change(warehouse, NEW_NOTE)
    publish_file(warehouse, published, 2)
    script = (
        "import sys; from pathlib import Path\n"
        "from orchestration.declaration.settings.publication import PostgresPublication\n"
        "from orchestration.publication.targets.postgres import PostgresTarget\n"
        "from orchestration.publication.targets.protocol import FinishedGeneration, publish_to\n"
        "settings = PostgresPublication(url_env='CX_TARGET', prefix=sys.argv[2])\n"
        "with PostgresTarget.opened(settings) as target:\n"
        "    publish_to(target, FinishedGeneration.current(Path(sys.argv[1]), {}))"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(published), server.prefix],
        env={**os.environ, "CX_KILL_AT": moment, "CX_TARGET": POSTGRES_URL},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert server.notes() == 0
    rows_on_their_way = published / "generations" / f".{server.prefix}postgres.partial"
    if moment == "mid_postgres_rows":
        assert (rows_on_their_way / "rows.tsv").stat().st_size > 0
        assert rows_on_their_way.stat().st_mode & 0o777 == 0o700
        assert server.schemas() == ["core", "core__staged", "marts", "publication"]
    else:
        assert server.schemas() == ["core", "core__staged", "marts", "marts__staged", "publication"]
    made = server.publish(FinishedGeneration.current(published, {}))
    assert made.written == ("core.dim_customer", "marts.mart_a__answer")  # the latter lost its declared key
    assert not rows_on_their_way.exists()
    assert server.schemas() == ["core", "marts", "publication"]
    assert server.notes() == 6


def test_two_publishers_do_not_mix(server: Server, warehouse: Path, published: Path) -> None:
    generation = finished(warehouse, published)

    class Slow(PostgresTarget):
        def verify(self, staged: Any) -> None:
            with pytest.raises(TargetError, match="another publication is writing there"):
                server.publish(generation)
            super().verify(staged)

    assert len(server.publish(generation, Slow).written) == 3
    assert server.rows("select count(*) from @core.dim_customer") == [(6,)]


def test_what_the_publication_did_not_make_is_never_replaced(server: Server, warehouse: Path, published: Path) -> None:
    server.admin.execute(f"create schema {server.prefix}core")
    server.admin.execute(f"create table {server.prefix}core.dim_customer as select 1 as theirs")
    with pytest.raises(TargetError, match=rf"{server.prefix}core\.dim_customer was not made by the publication"):
        server.publish(finished(warehouse, published))
    assert server.rows("select * from @core.dim_customer") == [(1,)]


def test_a_missing_role_and_an_unreachable_server_are_told_without_a_password(
    server: Server, warehouse: Path, published: Path
) -> None:
    generation = finished(warehouse, published)
    server.settings = server.settings.model_copy(update={"read_role": "nobody_there"})
    with pytest.raises(TargetError, match="the role nobody_there that may read does not exist"):
        server.publish(generation)
    for url in ("postgresql://cx:geheim123@127.0.0.1:1/db", "postgresql://cx:geheim123@127.0.0.1:5432/no_such_db"):
        with (
            pytest.raises(TargetError, match="not published") as caught,
            PostgresTarget.opened(server.settings, {"CX_TARGET": url}),
        ):
            pass
        assert "geheim123" not in str(caught.value)
    with pytest.raises(TargetError, match="CX_TARGET is not set"), PostgresTarget.opened(server.settings, {}):
        pass


def test_a_full_disk_here_and_a_full_disk_there_leave_the_old_whole_and_say_whose_it_is(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    before = files(server)
    change(warehouse, NEW_NOTE)
    generation = finished(warehouse, published, 2)
    with full_disk(10), pytest.raises(TargetError) as here:
        server.publish(generation)
    assert "PostgreSQL not published, readers keep the last generation: no space is left" in str(here.value)
    assert "then run again" in str(here.value)

    class OnAFullServer(PostgresTarget):
        def verify(self, staged: Any) -> None:
            raise psycopg.errors.DiskFull("could not extend file: No space left on device")

    with pytest.raises(TargetError, match=r"CX_TARGET.*No space.*The server's disk is full: free some"):
        server.publish(generation, OnAFullServer)
    assert (files(server), server.notes()) == (before, 0)
    assert server.schemas() == ["core", "marts", "publication"]
    assert list((published / "generations").glob(".*")) == []
    assert server.publish(generation).written == ("core.dim_customer",)


def test_a_reader_in_a_transaction_keeps_what_is_rolled_back_until_it_ends(
    server: Server, warehouse: Path, published: Path
) -> None:
    server.publish(finished(warehouse, published))
    change(warehouse, NEW_NOTE)
    server.publish(finished(warehouse, published, 2))
    roll_back(published, "00000001-s1", at=dt.datetime(2026, 7, 3, tzinfo=dt.UTC))
    back = FinishedGeneration.current(published, KEYS)
    server.settings = server.settings.model_copy(update={"switch_wait_seconds": 0})
    with server.reader(autocommit=False) as reader:
        assert server.notes(reader) == 6
        with pytest.raises(TargetError, match="in use by a transaction that does not end"):
            server.publish(back)
        assert server.notes(reader) == 6
        reader.commit()
        assert server.publish(back).written == ("core.dim_customer",)
        assert server.notes(reader) == 0
    assert server.rows("select generation_id from @publication.generation") == [("00000001-s1",)]
