"""Write, audit, publish on a small warehouse: complete or absent, switched at once, personal data apart."""

import datetime as dt
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.publication import generations as publication
from orchestration.publication import withdrawal
from orchestration.publication.generations import PublicationError, PublishedTable
from tests.orchestration.damage import damages, flipped

NOW = dt.datetime(2026, 7, 2, 8, tzinfo=dt.UTC)
TABLES = [
    PublishedTable("core", "dim_customer", description="One customer.", columns={"customer_id": "Its id."}),
    PublishedTable("core", "dim_customer_identity", is_personal=True),
    PublishedTable("marts", "mart_a__b"),
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse" / "cx.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema marts; create schema staging")
        connection.execute("create table core.dim_customer as select 'c' || i as customer_id from range(3) t(i)")
        connection.execute("create table core.dim_customer_identity as select 'c0' as customer_id, 'Ann' as name")
        connection.execute("create table marts.mart_a__b as select 1 as n where false")
        connection.execute("create view staging.v as select 1 as n")
    return path


def publish(warehouse: Path, published: Path, sequence: int = 1) -> publication.Generation:
    return publication.publish(
        warehouse,
        published,
        TABLES,
        company="tiny",
        snapshot_id=f"s{sequence}",
        snapshot_sequence=sequence,
        as_of_date="2026-06-30",
        published_at="2026-07-02T06:00:00+00:00",
        run_id="r",
        checks_declared=2,
        checks_passed=2,
        warnings=[],
    )


def tables_of(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables order by 1"
        ).fetchall()


def test_readers_get_tables_only_and_personal_data_stands_apart(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    made = publish(warehouse, published)
    assert tables_of(published / "current.duckdb") == [
        ("core.dim_customer", "BASE TABLE"),
        ("marts.mart_a__b", "BASE TABLE"),
    ]
    assert tables_of(published / "restricted" / "current.duckdb") == [("core.dim_customer_identity", "BASE TABLE")]
    assert (published / "restricted").stat().st_mode & 0o777 == 0o700
    assert {table.table: table.rows for table in made.tables} == {
        "core.dim_customer": 3,
        "core.dim_customer_identity": 1,
        "marts.mart_a__b": 0,
    }
    with duckdb.connect(str(published / "current.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select comment from duckdb_columns() where table_name = 'dim_customer'"
        ).fetchall() == [("Its id.",)]
    assert publication.current_generation(published) == made


def test_an_open_reader_keeps_its_generation_and_the_next_reader_gets_the_new_one(
    warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published"
    publish(warehouse, published)
    count = "select count(*) from core.dim_customer"
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys\n"
            "c = duckdb.connect(sys.argv[1], read_only=True)\n"
            "print('open', flush=True); sys.stdin.readline()\n"
            f"print(c.execute('{count}').fetchone()[0])",
            str(published / "current.duckdb"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "open\n"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("insert into core.dim_customer values ('c9')")
    publish(warehouse, published, sequence=2)
    answer, _ = reader.communicate("go\n")
    assert answer.strip() == "3"
    with duckdb.connect(str(published / "current.duckdb"), read_only=True) as connection:
        assert connection.execute(count).fetchone() == (4,)


def test_equal_content_gives_equal_checksums_and_a_changed_value_another(warehouse: Path, tmp_path: Path) -> None:
    first = publish(warehouse, tmp_path / "published")
    again = publish(warehouse, tmp_path / "published")
    assert again.tables == first.tables
    assert again.generation_id != first.generation_id
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update core.dim_customer set customer_id = 'x' where customer_id = 'c1'")
    changed = publish(warehouse, tmp_path / "published", sequence=2)
    assert changed.tables[0] != first.tables[0]
    assert changed.tables[1:] == first.tables[1:]


def test_a_missing_table_publishes_nothing(warehouse: Path, tmp_path: Path) -> None:
    first = publish(warehouse, tmp_path / "published")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table marts.mart_a__b")
    with pytest.raises(duckdb.CatalogException):
        publish(warehouse, tmp_path / "published", sequence=2)
    assert publication.current_generation(tmp_path / "published") == first


def test_a_kill_before_the_switch_leaves_the_old_generation_and_the_next_publication_works(
    warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published"
    first = publish(warehouse, published)
    child = os.fork()
    if child == 0:
        os.environ["CX_KILL_AT"] = "before_switch"
        publish(warehouse, published, sequence=2)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == 9
    assert publication.current_generation(published) == first
    assert publish(warehouse, published, sequence=2).snapshot_sequence == 2


def test_a_generation_record_cut_at_any_byte_is_named_as_damaged(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(warehouse, published)
    record = (published / "current").resolve() / "generation.json"
    text = record.read_text()
    for length in (0, 1, len(text) // 2, len(text) - 1):
        record.write_text(text[:length])
        with pytest.raises(PublicationError, match=r"generation\.json"):
            publication.current_generation(published)


def state_files(published: Path) -> list[Path]:
    folder = (published / "current").resolve()
    return [folder / "cx.duckdb", folder / "restricted" / "cx.duckdb", folder / "generation.json"]


def test_every_cut_and_flipped_bit_of_what_readers_see_is_found(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    made = publish(warehouse, published)
    for path in state_files(published):
        whole = path.read_bytes()
        for damaged in damages(whole, random.Random(11)):
            path.write_bytes(damaged)
            with pytest.raises(PublicationError, match=str(path)):
                publication.verified_generation(published)
        path.unlink()
        with pytest.raises(PublicationError, match=str(path)):
            publication.verified_generation(published)
        path.write_bytes(whole)
    assert publication.verified_generation(published) == made


def test_links_that_lead_elsewhere_are_found_and_the_next_publication_mends_them(
    warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published"
    assert publication.verified_generation(published) is None
    publish(warehouse, published)
    for name in ("current", "current.duckdb", "restricted/current.duckdb"):
        for spoil in (lambda link: None, lambda link: link.symlink_to("nowhere"), lambda link: link.mkdir()):
            (published / name).unlink()
            spoil(published / name)
            with pytest.raises(PublicationError):
                publication.verified_generation(published)
            made = publish(warehouse, published, sequence=2)
            assert publication.verified_generation(published) == made


def test_a_damaged_generation_is_no_target_of_a_rollback(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    first, second = publish(warehouse, published), publish(warehouse, published, sequence=2)
    path = published / "generations" / first.generation_id / "cx.duckdb"
    path.write_bytes(flipped(path.read_bytes(), 5000, 0))
    with pytest.raises(PublicationError, match="is damaged"):
        publication.roll_back(published, first.generation_id, at=NOW)
    assert publication.verified_generation(published) == second
    assert withdrawn(published) == []


def test_the_record_of_the_last_look_is_believed_only_whole(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    made = publish(warehouse, published)
    publication.note_up_to_date(published, at=NOW)
    assert publication.last_known_fresh(published) == NOW
    path = published / "last_looked"
    for damaged in damages(path.read_bytes(), random.Random(12)):
        path.write_bytes(damaged)
        assert publication.last_known_fresh(published) == dt.datetime.fromisoformat(made.published_at)


def test_rolling_back_shows_an_earlier_generation_again(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    first = publish(warehouse, published)
    publish(warehouse, published, sequence=2)
    assert publication.roll_back(published, first.generation_id, at=NOW) == first
    assert publication.current_generation(published) == first
    with pytest.raises(PublicationError, match="No finished generation nothing"):
        publication.roll_back(published, "nothing", at=NOW)


def withdrawn(published: Path) -> list[str]:
    return [item.generation_id for item in withdrawal.withdrawals(published)]


def test_a_rollback_withdraws_what_readers_saw_since_until_it_is_published_again(
    warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published"
    first, second, third = (publish(warehouse, published, sequence=sequence) for sequence in (1, 2, 3))
    assert not withdrawal.is_withdrawn(published, "s3")
    publication.roll_back(published, first.generation_id, at=NOW)
    assert withdrawal.withdrawals(published) == [
        withdrawal.Withdrawal(second.generation_id, "s2", "2026-07-02T08:00:00+00:00"),
        withdrawal.Withdrawal(third.generation_id, "s3", "2026-07-02T08:00:00+00:00"),
    ]
    publication.roll_back(published, first.generation_id, at=NOW)
    assert withdrawn(published) == [second.generation_id, third.generation_id]
    publication.roll_back(published, second.generation_id, at=NOW)
    assert withdrawn(published) == [third.generation_id]
    publish(warehouse, published, sequence=3)
    assert withdrawn(published) == []


def test_a_generation_made_again_from_the_same_inputs_can_be_rolled_back(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    first = publish(warehouse, published)
    publish(warehouse, published)
    publication.roll_back(published, first.generation_id, at=NOW)
    assert withdrawn(published) == []


def test_a_damaged_generation_can_be_rolled_back(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    first, second = publish(warehouse, published), publish(warehouse, published, sequence=2)
    (published / "current" / "generation.json").write_text("{")
    assert publication.roll_back(published, first.generation_id, at=NOW) == first
    assert withdrawn(published) == [second.generation_id]


def test_a_damaged_record_of_withdrawals_still_withdraws_what_is_newer(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    first, second = publish(warehouse, published), publish(warehouse, published, sequence=2)
    publication.roll_back(published, first.generation_id, at=NOW)
    record = published / "withdrawn.json"
    for damaged in damages(record.read_bytes(), random.Random(13)):
        record.write_bytes(damaged)
        assert withdrawn(published) == [second.generation_id]
    publish(warehouse, published, sequence=3)
    assert withdrawn(published) == []


def test_only_the_newest_generations_are_kept_and_never_the_current_one_removed(
    warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published"
    for sequence in range(1, 8):
        publish(warehouse, published, sequence=sequence)
    kept = [made.snapshot_sequence for made in publication.generations(published)]
    assert kept == [3, 4, 5, 6, 7]
    assert json.loads(((published / "current") / "generation.json").read_text())["snapshot_sequence"] == 7


def test_what_readers_saw_after_a_rollback_outlives_the_next_publication_alone(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    made = [publish(warehouse, published, number).generation_id for number in range(1, 6)]
    publication.roll_back(published, made[0], at=NOW)
    opened = (published / "current").resolve()  # as a reader that has followed the link and reads on
    publish(warehouse, published, 6)
    assert (opened / "cx.duckdb").is_file()
    publish(warehouse, published, 7)
    assert sorted(path.name[:8] for path in (published / "generations").iterdir()) == [
        f"{number:08d}" for number in range(3, 8)
    ]
