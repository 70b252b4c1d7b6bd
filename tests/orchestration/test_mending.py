"""A damaged warehouse is found, set aside and begun anew; customer ids and what models said come back from a copy."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt.metadata import kept_lineage
from orchestration.ground.durable import write_document
from orchestration.ground.workspace import Workspace
from orchestration.warehouse import build_basis
from orchestration.warehouse.build_basis import BuildBasis
from orchestration.warehouse.history import HistoryLostError, copies, damage, keep_history
from orchestration.warehouse.mending import open_warehouse, seal_path, seal_warehouse, warehouse_damage
from tests.orchestration.damage import damages, flipped

BASIS = BuildBasis("code", "2026-06-30", 1, "s1", ["day-1.parquet"])
IDS = [("r1", "c1"), ("r2", "c1"), ("r3", "c3")]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A company whose warehouse was built, copied and sealed as a run leaves it."""
    found = Workspace("tiny", tmp_path / "tiny", tmp_path / "source", tmp_path / "state")
    build(found)
    keep_history(found.warehouse_path, found.history_dir, "00000001")
    build_basis.remember(found, "core", BASIS)
    seal_warehouse(found)
    return found


def build(workspace: Workspace) -> None:
    workspace.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(workspace.warehouse_path)) as connection:
        connection.execute("create schema identity; create schema core")
        connection.execute("create table identity.record_customer (record_id varchar, customer_id varchar)")
        connection.executemany("insert into identity.record_customer values (?, ?)", IDS)
        connection.execute("create table core.fact as select i, hash(i) as h from range(200000) t(i)")


def ids(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("from identity.record_customer order by record_id").fetchall()


def tables(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return [name for (name,) in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()]


def opened(workspace: Workspace) -> list[str]:
    said: list[str] = []
    open_warehouse(workspace, said.append)
    return said


def test_a_whole_warehouse_is_opened_without_a_word_and_unsealed_until_the_run_ends(workspace: Workspace) -> None:
    assert opened(workspace) == []
    assert not seal_path(workspace).exists()
    assert opened(workspace) == [], "a run that died left a readable file"
    assert build_basis.recorded(workspace, "core") == BASIS
    seal_warehouse(workspace)
    assert warehouse_damage(workspace) is None


def test_every_cut_and_flipped_bit_sets_it_aside_with_the_ids_kept(workspace: Workspace) -> None:
    path = workspace.warehouse_path
    whole, seal = path.read_bytes(), seal_path(workspace).read_bytes()
    for damaged in damages(whole, random.Random(19)):
        path.write_bytes(damaged)
        seal_path(workspace).write_bytes(seal)
        build_basis.remember(workspace, "core", BASIS)
        said = opened(workspace)
        assert len(said) == 2
        assert "is damaged: it is not what the last run left. It was set aside as" in said[0]
        assert ids(path) == IDS
        assert tables(path) == ["record_customer"]
        assert build_basis.recorded(workspace, "core") is None, "nothing may be extended"
        aside = path.with_name("cx.duckdb.damaged-1")
        assert aside.read_bytes() == damaged
        aside.unlink()


def test_damage_after_a_run_that_died_is_found_by_reading_every_block(workspace: Workspace) -> None:
    path = workspace.warehouse_path
    whole = path.read_bytes()
    for position in range(9, len(whole), len(whole) // 16):
        seal_path(workspace).unlink(missing_ok=True)
        path.write_bytes(flipped(whole, position, 4))
        said = opened(workspace)
        if said:
            assert "DuckDB cannot read it" in said[0]
        else:  # nobody reads these bytes: a free block, or the older of two headers
            assert tables(path) == ["fact", "record_customer"]
        assert ids(path) == IDS
    path.write_bytes(whole[: len(whole) // 2])
    assert "DuckDB cannot read it" in opened(workspace)[0]


def test_a_damaged_seal_lets_the_file_itself_be_read(workspace: Workspace) -> None:
    for damaged in damages(seal_path(workspace).read_bytes(), random.Random(23)):
        seal_path(workspace).write_bytes(damaged)
        assert opened(workspace) == []


def test_what_is_no_file_is_set_aside(workspace: Workspace) -> None:
    path = workspace.warehouse_path
    for spoil in (path.mkdir, lambda: path.symlink_to("nowhere")):
        path.unlink()
        spoil()
        assert "is no file" in opened(workspace)[0]
        assert ids(path) == IDS


def test_a_deleted_warehouse_gets_its_ids_back_and_a_first_one_has_none(workspace: Workspace) -> None:
    workspace.warehouse_path.unlink()
    (said,) = opened(workspace)
    assert "Customer ids and earlier scores were taken from" in said
    assert ids(workspace.warehouse_path) == IDS
    workspace.warehouse_path.unlink()
    shutil.rmtree(workspace.history_dir)
    assert opened(workspace) == []
    assert not workspace.warehouse_path.exists()


def test_the_newest_whole_copy_counts_and_without_one_the_run_stops(workspace: Workspace) -> None:
    folder, path = workspace.history_dir, workspace.warehouse_path
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into identity.record_customer values ('r4', 'c4')")
    for name in ("00000002", "00000003"):
        keep_history(path, folder, name)
    assert [copy.stem for copy in copies(folder)] == ["00000002", "00000003"]
    assert sorted(found.name for found in folder.iterdir()) == sorted(
        f"{name}.{ending}" for name in ("00000002", "00000003") for ending in ("duckdb", "json")
    )
    older, newer = copies(folder)
    for file in (newer, newer.with_suffix(".json")):
        whole = file.read_bytes()
        for damaged in damages(whole, random.Random(29)):
            file.write_bytes(damaged)
            assert damage(newer) is not None
        file.write_bytes(whole)
        assert damage(newer) is None
    newer.write_bytes(newer.read_bytes()[:-1])
    path.unlink()
    assert str(older) in opened(workspace)[0]
    assert ids(path) == [*IDS, ("r4", "c4")]
    older.write_bytes(b"")
    path.unlink()
    with pytest.raises(HistoryLostError, match="delete the folder, and customers get ids anew"):
        opened(workspace)
    assert not path.exists()


def test_a_kill_while_the_ids_come_back_leaves_none_half_restored(workspace: Workspace) -> None:
    workspace.warehouse_path.unlink()
    making = workspace.warehouse_path.parent / ".restoring"
    making.mkdir()
    (making / "cx.duckdb").write_bytes(b"half")
    opened(workspace)
    assert ids(workspace.warehouse_path) == IDS
    assert not making.exists()


def test_a_log_of_changes_of_a_killed_process_is_no_damage(workspace: Workspace) -> None:
    opened(workspace)
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
        "c.execute(\"insert into identity.record_customer values ('r4', 'c4')\"); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(workspace.warehouse_path)], check=True)
    assert workspace.warehouse_path.with_name("cx.duckdb.wal").exists()
    seal_warehouse(workspace)
    assert not seal_path(workspace).exists(), "the file alone is not whole"
    assert opened(workspace) == []
    with duckdb.connect(str(workspace.warehouse_path)) as connection:
        assert connection.execute("select count(*) from identity.record_customer").fetchone() == (4,)


def test_damaged_records_of_a_build_and_of_lineage_count_as_absent(workspace: Workspace, tmp_path: Path) -> None:
    record = workspace.warehouse_path.parent / "built_from_core.json"
    for damaged in damages(record.read_bytes(), random.Random(31)):
        record.write_bytes(damaged)
        assert build_basis.needs_full_refresh(workspace, "core", BASIS)
    kept = tmp_path / "lineage" / "a.json"
    assert kept_lineage(kept) is None
    write_document(kept, {"columns": {"a": [["core.fact", "i"]]}})
    assert kept_lineage(kept) == {"a": [["core.fact", "i"]]}
    for damaged in damages(kept.read_bytes(), random.Random(37)):
        kept.write_bytes(damaged)
        assert kept_lineage(kept) is None
