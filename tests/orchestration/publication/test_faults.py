"""Faults while publishing files: the generation before stays whole, nothing unfinished stays, the message helps."""

from __future__ import annotations

import datetime as dt
import errno
from pathlib import Path

import duckdb
import pytest

from orchestration.publication.full_disk import full_disk_told, is_of_full_disk
from orchestration.publication.generations import PublicationError, roll_back, verified_generation
from orchestration.publication.targets.parquet import ParquetTarget
from orchestration.publication.targets.protocol import FinishedGeneration, TargetError, publish_to
from tests.orchestration.damage import flipped, full_disk
from tests.orchestration.publication.made import KEYS, change, finished, make_warehouse, publish_file

NOW = dt.datetime(2026, 7, 3, tzinfo=dt.UTC)
NEW_NOTE = "update core.dim_customer set note = 'new'"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return make_warehouse(tmp_path)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


def notes(file: str) -> int:
    """Customers of whom the new note stands, in a database or a Parquet file."""
    with duckdb.connect() as connection:
        if file.endswith(".duckdb"):
            connection.execute(f"attach '{file}' as found (read_only)")
        relation = "found.core.dim_customer" if file.endswith(".duckdb") else f"'{file}'"
        (count,) = connection.execute(f"select count(*) from {relation} where note = 'new'").fetchone() or (None,)
    return count


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_disk_that_fills_while_the_file_is_written(warehouse: Path, published: Path, share: float) -> None:
    first = publish_file(warehouse, published, 1)
    change(warehouse, NEW_NOTE)
    size = (published / "current.duckdb").stat().st_size
    with full_disk(int(size * share)), pytest.raises(PublicationError) as caught:
        publish_file(warehouse, published, 2)
    assert str(caught.value).startswith(
        f"Not published, readers keep the last generation: no space is left for {published / 'generations'}. Free some"
    )
    assert verified_generation(published) == first
    assert [path.name for path in (published / "generations").iterdir()] == ["00000001-s1"]
    publish_file(warehouse, published, 2)
    assert notes(str(published / "current.duckdb")) == 6


@pytest.mark.parametrize("which", ["core/dim_customer.parquet", "manifest.json"])
def test_a_disk_that_fills_while_parquet_is_written(warehouse: Path, published: Path, which: str) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    change(warehouse, NEW_NOTE)
    generation = finished(warehouse, published, 2)
    root = published / "parquet"
    size = (root / "current" / which).stat().st_size
    with full_disk(size // 2 if which.endswith("parquet") else size - 1), pytest.raises(TargetError) as caught:
        publish_to(ParquetTarget(published), generation)
    assert str(caught.value).startswith("Parquet not published, readers keep the last generation: no space is left")
    assert sorted(path.name for path in root.iterdir()) == ["00000001-s1", "current"]
    assert [path.name for path in (published / "restricted" / "parquet").glob(".*")] == []
    assert notes(f"{root}/current/core/dim_customer.parquet") == 0
    publish_to(ParquetTarget(published), generation)
    assert notes(f"{root}/current/core/dim_customer.parquet") == 6


def test_other_errors_are_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    assert is_of_full_disk(OSError(errno.ENOSPC, "No space left on device"))
    assert is_of_full_disk(duckdb.IOException("Could not write file: No space left on device"))
    assert not is_of_full_disk(PermissionError(errno.EACCES, "Permission denied"))
    with pytest.raises(duckdb.CatalogException), full_disk_told(tmp_path, TargetError, "Not published"):
        duckdb.sql("from no_such_table")


def damage(folder: Path) -> None:
    path = folder / "cx.duckdb"
    path.write_bytes(flipped(path.read_bytes(), path.stat().st_size // 2, 0))


def test_a_damaged_generation_goes_to_no_further_place(warehouse: Path, published: Path) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    change(warehouse, NEW_NOTE)
    publish_file(warehouse, published, 2)
    damage(published / "current")
    with pytest.raises(PublicationError, match=r"is damaged.*`cx run` publishes it anew, or `cx roll"):
        FinishedGeneration.current(published, KEYS)
    assert notes(f"{published}/parquet/current/core/dim_customer.parquet") == 0


def test_a_rollback_to_a_damaged_generation_says_what_to_do(warehouse: Path, published: Path) -> None:
    publish_file(warehouse, published, 1)
    second = publish_file(warehouse, published, 2)
    damage(published / "generations" / "00000001-s1")
    with pytest.raises(PublicationError, match=r"is damaged.*Readers keep what they have; choose another one"):
        roll_back(published, "00000001-s1", at=NOW)
    assert verified_generation(published) == second
    with pytest.raises(PublicationError, match="`cx status` lists those that there are"):
        roll_back(published, "00000009-s9", at=NOW)


def test_an_open_reader_keeps_what_is_rolled_back_and_the_next_gets_what_was_before(
    warehouse: Path, published: Path
) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    change(warehouse, NEW_NOTE)
    publish_to(ParquetTarget(published), finished(warehouse, published, 2))
    followed = (published / "parquet" / "current").resolve()
    query = "select count(*) from core.dim_customer where note = 'new'"
    with duckdb.connect(str(published / "current.duckdb"), read_only=True) as reader:
        assert reader.execute(query).fetchone() == (6,)
        roll_back(published, "00000001-s1", at=NOW)
        publish_to(ParquetTarget(published), FinishedGeneration.current(published, KEYS))
        assert reader.execute(query).fetchone() == (6,)
        assert notes(f"{followed}/core/dim_customer.parquet") == 6
        assert notes(str(published / "current.duckdb")) == 0
        assert notes(f"{published}/parquet/current/core/dim_customer.parquet") == 0
