"""Rows pulled from real databases: first load, window, changes, deletions, re-load; nothing twice, nothing lost."""

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
COLUMNS = {"contact_id": "text", "amount": "decimal(18,2)", "note": "text", "changed_at": "timestamp"}
TABLE: dict[str, object] = {
    "description": "Contacts.",
    "relation": "contacts",
    "key": ["contact_id"],
    "required": ["contact_id"],
    "cursor": {"column": "changed_at", "overlap_days": 2},
    "columns": COLUMNS,
}


pytestmark = pytest.mark.usefixtures("alone_on_the_server")


def shop(server: Database, folder: Path, **table: object) -> Shop:
    given = {**TABLE, "relation": f"{server.schema}.contacts", **table}
    given = {name: value for name, value in given.items() if value is not None}
    return Shop(folder, given, connection={"kind": server.kind, "url_env": "CX_TEST_URL"})


def facts(company: Shop) -> list[tuple[object, ...]]:
    return company.rows("contact_id, amount, note, _load_sequence")


def test_the_first_load_brings_every_row_as_it_stands(server, tmp_path):
    server.insert(
        ("a", Decimal("12.34"), 'says "hi", twice\nand leaves', "2024-05-01 10:00:00"),
        ("b", None, "", "2024-05-02 10:00:00"),
        ("c", Decimal("-0.10"), "Größe 👍 שלום", None),
    )
    company = shop(server, tmp_path, time_zone="Europe/Berlin")
    result = company.land()
    assert (result.status, result.landed_count, result.quarantined_count) == ("landed", 3, 0)
    assert facts(company) == [
        ("a", Decimal("12.34"), 'says "hi", twice\nand leaves', 1),
        ("b", None, None, 1),
        ("c", Decimal("-0.10"), "Größe 👍 שלום", 1),
    ]
    # 10:00 in Berlin in May is 08:00 in UTC.
    assert company.rows("cast(changed_at as varchar)")[0] == ("2024-05-01 08:00:00",)
    assert company.manifests()[0].pull.mode == "first"


def test_nothing_new_makes_no_load(server, tmp_path):
    server.insert(("a", 1, None, "2024-05-01 10:00:00"), ("b", 2, None, None))
    company = shop(server, tmp_path)
    company.land()
    again = company.land(NOW + DAY)
    assert (again.status, again.manifest, again.total_row_count) == ("unchanged", None, 2)
    assert len(company.manifests()) == 1


def test_a_change_and_a_late_row_land_once_and_the_rest_is_known(server, tmp_path):
    server.insert(
        ("a", 1, None, "2024-05-01 10:00:00"),
        ("b", 2, None, "2024-05-09 10:00:00"),
        ("c", 3, None, "2024-05-10 10:00:00"),
    )
    company = shop(server, tmp_path)
    company.land()
    server.run("update contacts set amount = 20, changed_at = '2024-05-11 09:00:00' where contact_id = 'b'")
    server.insert(("d", 4, None, "2024-05-08 23:00:00"))  # visible late, within two days of the highest
    server.insert(("e", 5, None, "2024-05-01 00:00:00"))  # too late for the window
    result = company.land(NOW + DAY)
    pull = result.manifest.pull
    # Pulled from 8 May 10:00 on: b (new), c (known), d (new).
    assert (pull.mode, pull.row_count, pull.known_count, result.landed_count) == ("window", 3, 1, 2)
    assert facts(company)[3:] == [("b", Decimal("20.00"), None, 2), ("d", Decimal("4.00"), None, 2)]
    late = company.land(NOW + 2 * DAY, PullWindow(is_reload=True))
    assert (late.manifest.pull.mode, late.landed_count) == ("full", 1)
    assert facts(company)[5:] == [("e", Decimal("5.00"), None, 3)]


def test_a_range_can_be_pulled_again(server, tmp_path):
    server.insert(("a", 1, None, "2024-05-01 10:00:00"), ("b", 2, None, "2024-05-20 10:00:00"))
    company = shop(server, tmp_path)
    company.land()
    server.insert(("x", 3, None, "2024-05-03 10:00:00"), ("y", 4, None, "2024-05-04 00:00:00"))
    window = PullWindow(low=datetime(2024, 5, 3, tzinfo=UTC), high=datetime(2024, 5, 4, tzinfo=UTC))
    result = company.land(NOW + DAY, window)
    assert (result.manifest.pull.mode, result.manifest.pull.row_count) == ("backfill", 1)
    assert facts(company)[2:] == [("x", Decimal("3.00"), None, 2)]


def test_a_wrong_year_in_the_cursor_hides_nothing(server, tmp_path):
    server.insert(("a", 1, None, "2099-01-01 00:00:00"), ("b", 2, None, "2024-05-10 10:00:00"))
    company = shop(server, tmp_path)
    company.land()
    server.insert(("c", 3, None, "2024-05-11 10:00:00"))
    assert company.land(NOW + DAY).landed_count == 1
    assert facts(company)[2:] == [("c", Decimal("3.00"), None, 2)]


def test_without_a_cursor_the_whole_table_is_compared(server, tmp_path):
    server.insert(("a", 1, "red", None), ("b", 2, None, None))
    company = shop(server, tmp_path, cursor=None)
    company.land()
    server.run("update contacts set note = 'blue' where contact_id = 'a'")
    assert company.land(NOW + DAY).landed_count == 1
    server.run("update contacts set note = 'red' where contact_id = 'a'")
    assert company.land(NOW + 2 * DAY).landed_count == 1
    assert [note for (note,) in company.rows("note") if note] == ["red", "blue", "red"]
    assert company.land(NOW + 3 * DAY).status == "unchanged"


def test_a_key_that_is_none_is_refused(server, tmp_path):
    server.insert(("a", 1, "x", None), ("a", 2, "y", None))
    company = shop(server, tmp_path, cursor=None)
    for day in range(2):
        with pytest.raises(LandingError, match=r"1 keys \(contact_id\) stand on several rows"):
            company.land(NOW + day * DAY)
    assert company.manifests() == []
    server.run("delete from contacts where note = 'y'")
    assert company.land().landed_count == 1


def deletions(company: Shop) -> list[tuple[object, ...]]:
    import duckdb

    files = [str(company.workspace.state_dir / part.landed.path) for load in company.manifests() for part in load.parts]
    return (
        duckdb.read_parquet(files, union_by_name=True)
        .filter("_is_deleted")
        .order("_load_sequence, _source_row")
        .project("contact_id, amount, _load_sequence, _source_row")
        .fetchall()
    )


def test_deleted_keys_land_as_deleted_and_come_back(server, tmp_path):
    server.insert(*[(f"k{n}", n, None, "2024-05-01 10:00:00") for n in range(6)])
    company = shop(server, tmp_path, deletes={"kind": "compare_keys"})
    company.land()
    server.run("delete from contacts where contact_id in ('k1', 'k4')")
    gone = company.land(NOW + DAY)
    assert (gone.manifest.pull.deleted_count, gone.manifest.pull.known_count) == (2, 4)
    assert deletions(company) == [("k1", Decimal("1.00"), 2, 5), ("k4", Decimal("4.00"), 2, 6)]  # after the 4 that came
    assert company.land(NOW + 2 * DAY).status == "unchanged"
    server.insert(("k4", 4, None, "2024-05-01 10:00:00"))  # restored as it was
    back = company.land(NOW + 3 * DAY)
    assert (back.landed_count, back.manifest.pull.deleted_count) == (1, 0)
    assert company.land(NOW + 4 * DAY).status == "unchanged"


def test_changes_and_deletions_of_one_pull_are_told_apart_by_their_numbers(server, tmp_path):
    server.insert(*[(f"k{n}", n, None, "2024-05-01 10:00:00") for n in range(4)])
    company = shop(server, tmp_path, columns={**COLUMNS, "note": "bigint"}, deletes={"kind": "compare_keys"})
    company.land()
    server.run("delete from contacts where contact_id in ('k0', 'k3')")
    server.run("update contacts set amount = 10, changed_at = '2024-05-02 10:00:00' where contact_id = 'k1'")
    server.run("update contacts set note = 'x', changed_at = '2024-05-02 10:00:00' where contact_id = 'k2'")
    result = company.land(NOW + DAY)
    assert (result.landed_count, result.quarantined_count, result.manifest.pull.deleted_count) == (3, 1, 2)
    numbers = company.rows("_load_sequence, _source_file, _source_row")
    numbers += company.quarantined("_load_sequence, _source_file, _source_row")
    assert len(numbers) == len(set(numbers)) == 8


def test_an_emptied_table_deletes_nothing(server, tmp_path):
    server.insert(*[(f"k{n}", n, None, "2024-05-01 10:00:00") for n in range(30)])
    company = shop(server, tmp_path, deletes={"kind": "compare_keys", "max_share": 0.2})
    company.land()
    server.run("delete from contacts")
    with pytest.raises(LandingError, match=r"30 of 30 keys are no longer in .*max_share \(0.2\)"):
        company.land(NOW + DAY)
    assert len(company.manifests()) == 1


def test_a_flag_marks_deleted_rows(server, tmp_path):
    server.run("alter table contacts add column gone_at " + ("timestamp" if server.kind == "postgres" else "datetime"))
    server.run("insert into contacts values ('a', 1, null, '2024-05-01 10:00:00', null)")
    company = shop(
        server, tmp_path, deletes={"kind": "flag", "column": "gone_at"}, columns={**COLUMNS, "gone_at": "timestamp"}
    )
    company.land()
    server.run("update contacts set gone_at = '2024-05-02 08:00:00', changed_at = '2024-05-02 08:00:00'")
    assert company.land(NOW + DAY).landed_count == 1
    assert deletions(company) == [("a", Decimal("1.00"), 2, 1)]


def test_what_cannot_be_cast_is_refused_once_with_its_text(server, tmp_path):
    server.insert(("a", Decimal("1.00"), "twelve", "2024-05-01 10:00:00"), (None, 2, "3", "2024-05-01 11:00:00"))
    company = shop(server, tmp_path, columns={**COLUMNS, "note": "bigint"})
    first = company.land()
    assert (first.landed_count, first.quarantined_count) == (0, 2)
    assert company.quarantined("rule, raw_text") == [
        ("note_type", "a,1.00,twelve,2024-05-01 10:00:00"),
        ("contact_id_required", ",2.00,3,2024-05-01 11:00:00"),
    ]
    assert company.land(NOW + DAY).status == "unchanged"
    server.insert(("b", 3, "4", "2024-05-01 12:00:00"))
    assert (company.land(NOW + DAY).landed_count, len(company.quarantined())) == (1, 2)


def test_a_new_column_is_kept_and_reported(server, tmp_path):
    server.insert(("a", 1, None, "2024-05-01 10:00:00"))
    company = shop(server, tmp_path)
    company.land()
    server.run("alter table contacts add column city varchar(20)")
    assert company.land(NOW + DAY).status == "unchanged"
    server.run("insert into contacts values ('b', 2, null, '2024-05-01 11:00:00', 'Bonn')")
    result = company.land(NOW + 2 * DAY)
    assert (result.undeclared_columns, result.landed_count) == (("city",), 1)
    assert company.rows("contact_id, city") == [("a", None), ("b", "Bonn")]


def test_a_lost_column_stops_the_table(server, tmp_path):
    server.insert(("a", 1, None, "2024-05-01 10:00:00"))
    server.run("alter table contacts drop column amount")
    with pytest.raises(LandingError, match=r"crm__contacts: .*contacts lacks the declared column\(s\) amount"):
        shop(server, tmp_path).land()


def test_a_changed_declaration_brings_everything_anew(server, tmp_path):
    server.insert(("a", 1, "5", "2024-05-01 10:00:00"), ("b", 2, "6", "2024-05-01 10:00:00"))
    shop(server, tmp_path).land()
    company = shop(server, tmp_path, columns={**COLUMNS, "note": "bigint"})
    result = company.land(NOW + DAY)
    assert (result.manifest.pull.mode, result.landed_count, result.total_row_count) == ("first", 2, 2)
    assert company.rows("note, _load_sequence") == [(5, 2), (6, 2)]


def test_an_empty_table_lands_as_an_empty_load(server, tmp_path):
    company = shop(server, tmp_path)
    assert (company.land().status, company.land().status) == ("landed", "unchanged")
    assert company.rows() == []
    server.insert(("a", 1, None, "2024-05-01 10:00:00"))
    assert company.land().landed_count == 1


def test_names_are_not_sql(server, tmp_path):
    name = 'we"ird; drop' if server.kind == "postgres" else "we'ird; drop"
    with pytest.raises(Exception, match="give a table or view as name"):
        shop(server, tmp_path, relation=name).land()
    with pytest.raises(LandingError, match="says"):
        shop(server, tmp_path, relation=f"{server.schema}.missing").land()
    quote = '"' if server.kind == "postgres" else "`"
    server.run(
        f"alter table contacts rename column note to {quote}a 'note', or not{quote}"
        if server.kind == "postgres"
        else "alter table contacts change note `a 'note', or not` text"
    )
    server.insert(("a", 1, "x", "2024-05-01 10:00:00"))
    columns = {**COLUMNS, "note": {"type": "text", "source_name": "a 'note', or not"}}
    company = shop(server, tmp_path, columns=columns, key=["note"], deletes={"kind": "compare_keys"})
    assert (company.land().landed_count, company.land().status) == (1, "unchanged")


def test_an_unset_variable_and_a_wrong_password_are_told_without_the_secret(server, tmp_path, monkeypatch):
    monkeypatch.delenv("CX_TEST_URL")
    with pytest.raises(LandingError, match="the environment variable CX_TEST_URL is not set"):
        shop(server, tmp_path).land()
    scheme = "postgresql" if server.kind == "postgres" else "mysql"
    for url in (
        f"{scheme}://nobody:s3cr%40t-word@127.0.0.1:1/db",
        "s3cr@t-word",
        f"{scheme}://x:s3cr@t-word@[::1",
        f"{scheme}://nobody:s3cr%40t-word@127.0.0.1:notaport/db",
    ):
        monkeypatch.setenv("CX_TEST_URL", url)
        with pytest.raises(LandingError) as caught:
            shop(server, tmp_path).land()
        assert caught.value.__cause__ is None
        assert "t-word" not in str(caught.value)
        assert "s3cr" not in str(caught.value)
