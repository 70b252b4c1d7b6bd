"""Parquet beside the DuckDB file: equal rows, unchanged files linked, the old folder kept whole by whatever fails."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.publication.generations import roll_back
from orchestration.publication.targets.parquet import ParquetTarget, StagedParquet
from orchestration.publication.targets.protocol import FinishedGeneration, TargetError, publish_to
from tests.orchestration.damage import flipped
from tests.orchestration.publication.made import KEYS, TABLES, change, finished, make_warehouse, publish_file


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return make_warehouse(tmp_path)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


def only_in_one(published: Path, table: str, files: str, database: str = "current.duckdb") -> int:
    """Rows that stand in the Parquet files or in the published table alone; equal rows count as often as they stand."""
    with duckdb.connect(str(published / database), read_only=True) as connection:
        query = (
            f"select count(*) from ((from {table} except all from read_parquet('{files}'))"
            f" union all (from read_parquet('{files}') except all from {table}))"
        )
        return connection.execute(query).fetchone()[0]


def test_every_table_is_read_back_equal_with_a_manifest_that_tells_of_it(warehouse: Path, published: Path) -> None:
    generation = finished(warehouse, published)
    made = publish_to(ParquetTarget(published), generation)
    assert sorted(made.written) == [
        "core.dim_customer",
        "core.dim_customer_identity",
        "marts.mart_a__answer",
        "marts.mart_a__empty",
    ]
    assert (made.kept, made.removed, made.row_count) == ((), (), 6 + 1 + 7 + 0)
    current = published / "parquet" / "current"
    assert os.readlink(current) == generation.record.generation_id
    for table in ("core.dim_customer", "marts.mart_a__answer", "marts.mart_a__empty"):
        assert only_in_one(published, table, f"{current}/{table.replace('.', '/')}.parquet") == 0
    manifest = json.loads((current / "manifest.json").read_text())
    assert list(manifest["tables"]) == ["core.dim_customer", "marts.mart_a__answer", "marts.mart_a__empty"]
    told = manifest["tables"]["core.dim_customer"]
    assert (told["rows"], told["comment"], told["key"]) == (6, "One customer.", ["customer_id"])
    assert told["columns"] == [
        {"name": "customer_id", "type": "VARCHAR", "comment": "Its id."},
        {"name": "note", "type": "VARCHAR", "comment": ""},
        {"name": "score", "type": "DOUBLE", "comment": ""},
        {"name": "net_amount", "type": "DECIMAL(18,2)", "comment": ""},
        {"name": "is_active", "type": "BOOLEAN", "comment": ""},
    ]
    (file,) = told["files"]
    assert file["sha256"] == hashlib.sha256((current / file["path"]).read_bytes()).hexdigest()


def test_personal_data_stands_apart_where_the_owner_alone_reads(warehouse: Path, published: Path) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    assert not list((published / "parquet").rglob("*identity*"))
    assert b"identity" not in (published / "parquet" / "current" / "manifest.json").read_bytes()
    restricted = published / "restricted" / "parquet"
    assert restricted.stat().st_mode & 0o777 == 0o700
    file = f"{restricted}/current/core/dim_customer_identity.parquet"
    assert only_in_one(published, "core.dim_customer_identity", file, "restricted/current.duckdb") == 0


def test_unchanged_tables_are_the_same_file_and_changed_ones_are_not(warehouse: Path, published: Path) -> None:
    first = finished(warehouse, published)
    publish_to(ParquetTarget(published), first)
    change(warehouse, "insert into marts.mart_a__answer values (date '2026-06-09', 'app', 1, null)")
    second = finished(warehouse, published, 2)
    made = publish_to(ParquetTarget(published), second)
    assert made.written == ("marts.mart_a__answer",)
    assert sorted(made.kept) == ["core.dim_customer", "core.dim_customer_identity", "marts.mart_a__empty"]
    root = published / "parquet"
    old, new = root / first.record.generation_id, root / second.record.generation_id
    assert os.path.samefile(old / "core/dim_customer.parquet", new / "core/dim_customer.parquet")
    assert not os.path.samefile(old / "marts/mart_a__answer.parquet", new / "marts/mart_a__answer.parquet")
    assert only_in_one(published, "marts.mart_a__answer", f"{new}/marts/mart_a__answer.parquet") == 0
    counted = f"select count(*) from '{old}/marts/mart_a__answer.parquet'"
    assert duckdb.sql(counted).fetchone() == (7,)


def test_a_column_of_another_name_is_no_unchanged_table(warehouse: Path, published: Path) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    change(warehouse, "alter table core.dim_customer rename column note to remark")
    made = publish_to(ParquetTarget(published), finished(warehouse, published, 2))
    assert made.written == ("core.dim_customer",)
    assert only_in_one(published, "core.dim_customer", f"{published}/parquet/current/core/dim_customer.parquet") == 0


def test_a_damaged_file_is_not_handed_on(warehouse: Path, published: Path) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    path = published / "parquet" / "current" / "core" / "dim_customer.parquet"
    path.write_bytes(flipped(path.read_bytes(), path.stat().st_size // 2, 0))
    made = publish_to(ParquetTarget(published), finished(warehouse, published, 2))
    assert made.written == ("core.dim_customer",)
    assert only_in_one(published, "core.dim_customer", f"{published}/parquet/current/core/dim_customer.parquet") == 0


def test_a_large_table_is_parts_that_together_hold_each_row_once(warehouse: Path, published: Path) -> None:
    publish_to(ParquetTarget(published, part_rows=3), finished(warehouse, published))
    folder = published / "parquet" / "current" / "marts" / "mart_a__answer"
    assert {path.name: duckdb.sql(f"select count(*) from '{path}'").fetchone() for path in folder.iterdir()} == {
        "part-00000.parquet": (3,),
        "part-00001.parquet": (3,),
        "part-00002.parquet": (1,),
    }
    assert only_in_one(published, "marts.mart_a__answer", f"{folder}/*.parquet") == 0


def test_a_table_that_is_published_no_more_is_gone_from_the_next_folder(warehouse: Path, published: Path) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    made = publish_to(ParquetTarget(published), finished(warehouse, published, 2, TABLES[:-1]))
    assert made.removed == ("marts.mart_a__empty",)
    assert not (published / "parquet" / "current" / "marts" / "mart_a__empty.parquet").exists()


def test_as_many_are_kept_as_asked_and_never_less_than_what_readers_see(warehouse: Path, published: Path) -> None:
    for sequence in range(1, 5):
        publish_to(ParquetTarget(published, kept=2), finished(warehouse, published, sequence))
    names = sorted(path.name for path in (published / "parquet").iterdir())
    assert names == ["00000003-s3", "00000004-s4", "current"]


def test_the_same_generation_once_more_changes_nothing(warehouse: Path, published: Path) -> None:
    generation = finished(warehouse, published)
    publish_to(ParquetTarget(published), generation)
    folder = (published / "parquet" / "current").resolve()
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*")}
    made = publish_to(ParquetTarget(published), generation)
    assert made.written == ()
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*")} == before


def _staged_file(staged: StagedParquet, published: Path) -> Path:
    name = f".{staged.generation.record.generation_id}.partial"
    return published / "parquet" / name / "core" / "dim_customer.parquet"


@pytest.mark.parametrize("harm", ["damaged", "absent", "too many", "manifest"])
def test_verify_refuses_what_is_not_as_it_was_staged(warehouse: Path, published: Path, harm: str) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    before = os.readlink(published / "parquet" / "current")
    change(warehouse, "update core.dim_customer set note = 'new'")

    class Harmed(ParquetTarget):
        def verify(self, staged: StagedParquet) -> None:
            path = _staged_file(staged, published)
            if harm == "damaged":
                path.write_bytes(flipped(path.read_bytes(), path.stat().st_size // 2, 0))
            elif harm == "absent":
                path.unlink()
            elif harm == "too many":
                path.with_name("other.parquet").write_bytes(b"")
            else:
                manifest = path.parents[1] / "manifest.json"
                manifest.write_text(manifest.read_text().replace("One customer", "No customer"))
            super().verify(staged)

    with pytest.raises(TargetError, match="Parquet not published"):
        publish_to(Harmed(published), finished(warehouse, published, 2))
    assert os.readlink(published / "parquet" / "current") == before
    assert [path.name for path in (published / "parquet").glob(".*")] == []


def test_verify_refuses_files_with_other_rows_than_the_generation(warehouse: Path, published: Path) -> None:
    class Careless(ParquetTarget):
        def _written(self, connection, partial, table):  # type: ignore[no-untyped-def]
            paths = list(super()._written(connection, partial, table))
            if table.table == "core.dim_customer":
                query = "select * replace (score + 1 as score) from core.dim_customer"
                connection.execute(f"copy ({query}) to '{paths[0]}' (format parquet)")
            return paths

    with pytest.raises(TargetError, match=r"core\.dim_customer hold other rows"):
        publish_to(Careless(published), finished(warehouse, published))
    assert not (published / "parquet" / "current").exists()


def test_a_kill_before_the_switch_leaves_readers_the_old_folder_and_the_next_run_tidies_up(
    warehouse: Path, published: Path
) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    before = os.readlink(published / "parquet" / "current")
    change(warehouse, "update core.dim_customer set note = 'new'")
    publish_file(warehouse, published, 2)
    script = (
        "import sys; from pathlib import Path\n"
        "from orchestration.publication.targets.parquet import ParquetTarget\n"
        "from orchestration.publication.targets.protocol import FinishedGeneration, publish_to\n"
        "published = Path(sys.argv[1])\n"
        "publish_to(ParquetTarget(published), FinishedGeneration.current(published, {}))"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(published)],
        env={**os.environ, "CX_KILL_AT": "before_parquet_switch"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert os.readlink(published / "parquet" / "current") == before
    assert len(list((published / "parquet").glob(".*.partial"))) == 1
    publish_to(ParquetTarget(published), FinishedGeneration.current(published, KEYS))
    assert os.readlink(published / "parquet" / "current") == "00000002-s2"
    assert list((published / "parquet").glob(".*.partial")) == []


def test_after_a_rollback_the_earlier_folder_is_made_current_again(warehouse: Path, published: Path) -> None:
    first = finished(warehouse, published)
    publish_to(ParquetTarget(published), first)
    change(warehouse, "update core.dim_customer set note = 'new'")
    publish_to(ParquetTarget(published), finished(warehouse, published, 2))
    roll_back(published, first.record.generation_id, at=dt.datetime(2026, 7, 3, tzinfo=dt.UTC))
    publish_to(ParquetTarget(published), FinishedGeneration.current(published, KEYS))
    assert os.readlink(published / "parquet" / "current") == "00000001-s1"
    assert only_in_one(published, "core.dim_customer", f"{published}/parquet/current/core/dim_customer.parquet") == 0


def test_what_readers_saw_after_a_rollback_outlives_the_next_publication(warehouse: Path, published: Path) -> None:
    target = ParquetTarget(published, kept=2)
    for sequence in (1, 2):
        publish_to(target, finished(warehouse, published, sequence))
    roll_back(published, "00000001-s1", at=dt.datetime(2026, 7, 3, tzinfo=dt.UTC))
    publish_to(target, FinishedGeneration.current(published, KEYS))
    opened = (published / "parquet" / "current").resolve()  # as a reader that has followed the link and reads on
    publish_to(target, finished(warehouse, published, 3))
    assert duckdb.sql(f"select count(*) from '{opened}/core/dim_customer.parquet'").fetchone() == (6,)
    publish_to(target, finished(warehouse, published, 4))
    assert not opened.exists()
