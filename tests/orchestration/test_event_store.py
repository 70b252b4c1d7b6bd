"""Dagster's SQLite files: damage is found and set aside, what another process has open is left alone."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from orchestration.runs.event_store import (
    FILES,
    database_damage,
    mark_in_use,
    mend_store,
    seal_store,
    store_damage,
)
from orchestration.runs.recovery import WRITES_WAREHOUSE, recover_dead_runs
from tests.conftest import ROOT
from tests.orchestration.damage import damages, flipped


@dg.op
def counted() -> int:
    return 1


@dg.job(executor_def=dg.in_process_executor)
def counts() -> None:
    counted()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that one run was written into, closed and sealed."""
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_DAGSTER_DIR", str(folder))
        patch.setenv("DAGSTER_HOME", str(ROOT))
        with dg.DagsterInstance.get() as instance:
            counts.execute_in_process(instance=instance)
            assert store_damage(folder) == {}, "in use, and whole"
    seal_store(folder)
    return folder


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "dagster"))


def mended(folder: Path) -> list[str]:
    said: list[str] = []
    mend_store(folder, said.append)
    return said


def test_a_whole_store_is_sealed_and_left_alone(store: Path) -> None:
    assert (store / "sealed.json").exists()
    assert store_damage(store) == {}
    assert mended(store) == []
    assert mended(store / "none") == []


@pytest.mark.parametrize("name", FILES)
def test_every_cut_and_flipped_bit_of_a_sealed_file_is_found(store: Path, name: str) -> None:
    path = store / name
    whole = path.read_bytes()
    for damaged in damages(whole, random.Random(41)):
        path.write_bytes(damaged)
        assert list(store_damage(store)) == [name]
    (said,) = mended(store)
    assert f"{path} is damaged" in said
    assert f"set aside as {path}.damaged-1" in said
    assert not path.exists()
    assert mended(store) == []


def test_a_damaged_seal_leaves_the_judgement_to_sqlite(store: Path) -> None:
    seal = store / "sealed.json"
    for damaged in damages(seal.read_bytes(), random.Random(43)):
        seal.write_bytes(damaged)
        assert store_damage(store) == {}


def test_without_a_seal_broken_pages_and_cuts_are_found(store: Path) -> None:
    (store / "sealed.json").unlink()
    for name in FILES:
        path = store / name
        whole = path.read_bytes()
        for damaged in (b"", whole[:100], whole[: len(whole) // 2], flipped(whole, 0, 1), whole[:4096] + bytes(4096)):
            path.write_bytes(damaged)
            assert list(store_damage(store)) == [name]
        path.write_bytes(whole)


def test_an_open_store_has_no_seal_and_its_files_stay(store: Path) -> None:
    with mark_in_use(store):
        assert not (store / "sealed.json").exists()
        seal_store(store)
        assert not (store / "sealed.json").exists()
        path = store / FILES[0]
        path.write_bytes(path.read_bytes()[:5000])
        (said,) = mended(store)
        assert "end `cx dev`" in said
        assert path.exists()
    assert "set aside" in mended(store)[0]


def test_a_log_is_set_aside_with_its_database(store: Path) -> None:
    path = store / FILES[1]
    log = path.with_name("index.db-wal")
    log.write_bytes(b"another file's changes")
    path.write_bytes(b"")
    assert len(mended(store)) == 1
    assert {found.name for found in path.parent.glob("index.db*")} == {"index.db.damaged-1", "index.db-wal.damaged-1"}


def test_dagster_begins_anew_what_was_set_aside(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DAGSTER_DIR", str(store))
    monkeypatch.setenv("DAGSTER_HOME", str(ROOT))
    for name in FILES:
        path = store / name
        path.write_bytes(path.read_bytes()[:3000])
    assert len(mended(store)) == len(FILES)
    with dg.DagsterInstance.get() as instance:
        assert counts.execute_in_process(instance=instance).success
        assert len(instance.get_runs()) == 1
    assert store_damage(store) == {}


def test_a_dead_run_whose_log_is_damaged_is_closed(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DAGSTER_DIR", str(store))
    monkeypatch.setenv("DAGSTER_HOME", str(ROOT))
    with dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(counts, tags={WRITES_WAREHOUSE: "true"}, status=dg.DagsterRunStatus.STARTED)
        log = store / "history" / "runs" / f"{run.run_id}.db"
        log.write_bytes(os.urandom(9000))
        assert database_damage(log) is not None
        assert recover_dead_runs(instance, alive_run_id=None) == [run.run_id]
        assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE
    with sqlite3.connect(log) as connection:
        assert connection.execute("select count(*) from event_logs").fetchone()[0] > 0
