"""What no cursor finds: rows without a place in its order, and rows that writers commit late below it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.pulls.window import PullWindow
from tests.orchestration.landing.conftest import NOW, Shop
from tests.servers.databases import Database

DAY = timedelta(days=1)


def shop(server: Database, folder: Path, relation: str, columns: dict[str, object], **table: object) -> Shop:
    given = {"description": "Rows.", "relation": f"{server.schema}.{relation}", "key": ["id"], "columns": columns}
    return Shop(folder, {**given, **table}, connection={"kind": server.kind, "url_env": "CX_TEST_URL"})


@pytest.mark.needs_mysql
@pytest.mark.parametrize("server", ["mysql"], indirect=True)
@pytest.mark.parametrize("kind", ["date", "datetime", "timestamp"])
@pytest.mark.parametrize(("null", "if_invalid"), [("null", "default"), ("not null", "quarantine")])
def test_zero_dates_are_pulled_every_time(server, tmp_path, kind, null, if_invalid):
    server.run("set sql_mode = 'ALLOW_INVALID_DATES'")
    server.run(f"create table customers (id int primary key, changed_at {kind} {null})")
    server.run("insert into customers values (1, '2024-03-01'), (2, 0), (3, '2024-03-05')")
    columns = {"id": "bigint", "changed_at": {"type": "timestamp", "if_invalid": if_invalid}}
    company = shop(server, tmp_path, "customers", columns, cursor={"column": "changed_at"})
    company.land()
    server.run("insert into customers values (4, 0), (5, '2024-03-06')")
    strange = set() if kind == "timestamp" else {6, 7, 8}
    if strange:
        server.run("insert into customers values (6, '2023-00-00'), (7, '2023-05-00'), (8, '2023-02-30')")
    company.land(NOW + DAY)
    landed = [identity for (identity,) in company.rows("id")]
    refused = [int(text.split(",")[0]) for (text,) in company.quarantined("raw_text")]
    without_date = {2, 4} | strange
    assert sorted(landed + refused) == sorted({1, 3, 5} | without_date)
    assert set(refused) == (set() if if_invalid == "default" else without_date)
    assert company.land(NOW + 2 * DAY).status == "unchanged"


@pytest.mark.needs_postgres
@pytest.mark.parametrize("server", ["postgres"], indirect=True)
@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
def test_infinite_dates_are_pulled_every_time(server, tmp_path, kind):
    server.run(f"create table customers (id int primary key, changed_at {kind})")
    server.run("insert into customers values (1, '2024-03-01'), (2, '-infinity'), (3, '2024-03-05')")
    columns = {"id": "bigint", "changed_at": {"type": "timestamp", "if_invalid": "default"}}
    company = shop(server, tmp_path, "customers", columns, cursor={"column": "changed_at"})
    company.land()
    values = "(4, '-infinity'), (5, 'infinity'), (6, null), (7, '0044-03-15 BC'), (8, '2024-03-06')"
    server.run(f"insert into customers values {values}")
    assert company.land(NOW + DAY).landed_count == 5
    assert [identity for (identity,) in company.rows("id")] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert company.land(NOW + 2 * DAY).status == "unchanged"


def test_a_row_may_go_back_to_what_it_was_without_moving_the_cursor(server, tmp_path):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "note": "text", "changed_at": "timestamp"}
    server.insert(("a", 1, None, None), ("b", 1, None, "2024-05-01 10:00:00"))
    company = shop(server, tmp_path, "contacts", columns, key=["contact_id"], cursor={"column": "changed_at"})
    company.land()
    for day, amount in enumerate((2, 1, 1), start=1):
        server.run("update contacts set amount = %s", (amount,))
        assert company.land(NOW + day * DAY).landed_count == (0 if day == 3 else 2)
    amounts = company.rows("contact_id, amount, _load_sequence")
    assert amounts[-2:] == [("a", Decimal(1), 3), ("b", Decimal(1), 3)]


def test_versions_that_stand_side_by_side_land_once(server, tmp_path):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "note": "text", "changed_at": "timestamp"}
    server.insert(("a", 1, None, None), ("a", 2, None, None))
    company = shop(server, tmp_path, "contacts", columns, key=["contact_id"], cursor={"column": "changed_at"})
    company.land()
    server.insert(("a", 3, None, None))
    assert [company.land(NOW + day * DAY).landed_count for day in (1, 2, 3)] == [1, 0, 0]


EVENTS = {"id": "bigint", "who": "text"}


def events(server: Database) -> None:
    identity = "generated always as identity" if server.kind == "postgres" else "auto_increment"
    server.run(f"create table events (id bigint {identity} primary key, who varchar(20))")


@pytest.mark.parametrize("overlap", [None, 0])
def test_a_row_that_is_committed_late_lands(server, tmp_path, overlap):
    """By the overlap as it is unless said otherwise, or without any by what the server tells of open transactions."""
    events(server)
    cursor = {"column": "id"} if overlap is None else {"column": "id", "overlap": overlap}
    company = shop(server, tmp_path, "events", EVENTS, cursor=cursor)
    server.run("insert into events (who) values ('first')")
    company.land()
    slow = server.connect()
    slow.cursor().execute(f"insert into {server.schema}.events (who) values ('slow')")
    server.run("insert into events (who) values ('fast')")
    assert company.land(NOW + DAY).landed_count == 1
    server.run("insert into events (who) values ('while it is open')")
    assert company.land(NOW + 2 * DAY).landed_count == 1
    slow.commit()
    slow.close()
    server.run("insert into events (who) values ('next')")
    company.land(NOW + 3 * DAY)
    landed = sorted(who for (who,) in company.rows("who"))
    assert landed == ["fast", "first", "next", "slow", "while it is open"]
    assert company.land(NOW + 4 * DAY).status == "unchanged"


def test_savepoints_and_changes_of_a_late_transaction_land(server, tmp_path):
    events(server)
    company = shop(server, tmp_path, "events", EVENTS, cursor={"column": "id", "overlap": 0})
    server.run("insert into events (who) values ('first'), ('second')")
    slow = server.connect()
    with slow.cursor() as cursor:
        cursor.execute(f"update {server.schema}.events set who = 'changed' where id = 1")
        cursor.execute("savepoint inner_one")
        cursor.execute(f"insert into {server.schema}.events (who) values ('slow')")
    server.run("insert into events (who) values ('fast')")
    company.land()
    slow.commit()
    slow.close()
    company.land(NOW + DAY)
    newest = dict(company.rows("id, who"))
    assert sorted(newest.values()) == ["changed", "fast", "second", "slow"]


def test_a_time_that_is_committed_late_lands(server, tmp_path):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "note": "text", "changed_at": "timestamp"}
    server.insert(("a", 1, None, "2024-05-01 10:00:00"))
    cursor = {"column": "changed_at", "overlap_days": 0}
    company = shop(server, tmp_path, "contacts", columns, key=["contact_id"], cursor=cursor)
    company.land()
    slow = server.connect()
    slow.cursor().execute(f"insert into {server.schema}.contacts values ('slow', 2, null, '2024-05-02 10:00:00')")
    server.insert(("fast", 3, None, "2024-05-09 10:00:00"))
    company.land(NOW + DAY)
    slow.commit()
    slow.close()
    company.land(NOW + 2 * DAY)
    assert sorted(contact for (contact,) in company.rows("contact_id")) == ["a", "fast", "slow"]


def test_a_writer_elsewhere_costs_no_row(server, tmp_path):
    events(server)
    server.run("create table others (id int)")
    company = shop(server, tmp_path, "events", EVENTS, cursor={"column": "id", "overlap": 0})
    other = server.connect()
    other.cursor().execute(f"insert into {server.schema}.others values (1)")
    server.run("insert into events (who) values ('first')")
    company.land()
    assert company.land(NOW + DAY).status == "unchanged"
    server.run("insert into events (who) values ('second')")
    assert company.land(NOW + 2 * DAY).landed_count == 1
    other.rollback()
    other.close()
    assert company.land(NOW + 3 * DAY).status == "unchanged"


@pytest.mark.needs_mysql
@pytest.mark.parametrize("server", ["mysql"], indirect=True)
def test_who_may_not_ask_for_open_transactions_has_the_overlap(server, tmp_path, monkeypatch):
    events(server)
    server.run(f"create user {server.schema} identified by 'secret'")
    try:
        server.run(f"grant select on {server.schema}.* to {server.schema}")
        address = server.url.partition("@")[2].rpartition("/")[0]
        monkeypatch.setenv("CX_TEST_URL", f"mysql://{server.schema}:secret@{address}/{server.schema}")
        company = shop(server, tmp_path, "events", EVENTS, cursor={"column": "id"})
        server.run("insert into events (who) values ('first')")
        assert company.land().landed_count == 1
        assert company.manifests()[0].pull.position.open_since is None
        server.run("insert into events values (3, 'third')")
        company.land(NOW + DAY)
        server.run("insert into events values (2, 'second')")
        assert company.land(NOW + 2 * DAY).landed_count == 1
    finally:
        server.run(f"drop user {server.schema}")


def test_a_view_is_pulled_by_its_cursor(server, tmp_path):
    events(server)
    server.run("create view seen as select * from events")
    company = shop(server, tmp_path, "seen", EVENTS, cursor={"column": "id"})
    slow = server.connect()
    slow.cursor().execute(f"insert into {server.schema}.events (who) values ('slow')")
    server.run("insert into events (who) values ('fast')")
    assert company.land().landed_count == 1
    slow.commit()
    slow.close()
    assert company.land(NOW + DAY).landed_count == 1


def test_a_back_fill_does_not_say_how_far_the_source_has_been_read(server, tmp_path):
    columns = {"contact_id": "text", "amount": "decimal(18,2)", "note": "text", "changed_at": "timestamp"}
    server.insert(("a", 1, None, "2024-05-01 10:00:00"))
    company = shop(server, tmp_path, "contacts", columns, key=["contact_id"], cursor={"column": "changed_at"})
    company.land()
    server.insert(("b", 2, None, "2024-05-10 10:00:00"), ("c", 3, None, "2024-05-20 10:00:00"))
    window = PullWindow(low=datetime(2024, 5, 19, tzinfo=UTC), high=datetime(2024, 5, 21, tzinfo=UTC))
    assert company.land(NOW + DAY, window).landed_count == 1
    assert company.land(NOW + 2 * DAY).landed_count == 1
    assert sorted(contact for (contact,) in company.rows("contact_id")) == ["a", "b", "c"]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_date_lies_in_no_zone(server, tmp_path, zone):
    server.run("create table visits (id int, visited_on date)")
    server.run("insert into visits values (1, '2024-05-01')")
    columns = {"id": "bigint", "visited_on": "date"}
    cursor = {"column": "visited_on", "overlap_days": 0}
    company = shop(server, tmp_path, "visits", columns, cursor=cursor, time_zone=zone)
    company.land()
    server.run("insert into visits values (2, '2024-05-01')")
    assert company.land(NOW + DAY).landed_count == 1
    assert company.rows("id") == [(1,), (2,)]


@pytest.mark.parametrize(
    ("kind", "declared", "value"),
    [
        ("varchar(20)", "bigint", "'9'"),
        ("varchar(20)", "timestamp", "'2024-05-01 10:00:00'"),
        ("varchar(20)", "date", "'2024-05-01'"),
        ("bigint", "timestamp", "20240501"),
        ("date", "bigint", "'2024-05-01'"),
    ],
)
def test_a_cursor_of_another_order_is_refused_on_the_first_day(server, tmp_path, kind, declared, value):
    server.run(f"create table strange (id int, place {kind})")
    server.run(f"insert into strange values (1, {value})")
    columns = {"id": "bigint", "place": declared}
    company = shop(server, tmp_path, "strange", columns, cursor={"column": "place"})
    with pytest.raises(LandingError, match=rf"crm__contacts: the cursor place is declared as {declared}, but is not"):
        company.land()
    assert company.manifests() == []
