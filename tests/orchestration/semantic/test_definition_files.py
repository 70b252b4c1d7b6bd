"""What a generation gets to explain its metrics, and what is said where it has none."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.publication.generations import PublicationError, check_files, current_generation, publish
from orchestration.semantic.definitions import MANIFEST, VIEWS, MetricError, definition_files, read_definitions
from orchestration.semantic.layer import MetricLayer


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse" / "cx.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema semantic")
        connection.execute("create table cx.core.fct_a as select 1 as a_id")
        connection.execute(
            'create view "cx"."semantic"."sem_a" as select a_id as "key AS it was" from "cx"."core"."fct_a"'
        )
        # Of an earlier project: its table is gone.
        connection.execute("create table cx.core.fct_b as select 1 as b_id")
        connection.execute("create view cx.semantic.sem_b as select b_id from cx.core.fct_b")
        connection.execute("drop table cx.core.fct_b")
    return path


def manifest(folder: Path, *views: str) -> Path:
    models = [{"node_relation": {"alias": view}} for view in views]
    path = folder / MANIFEST
    path.write_text(json.dumps({"semantic_models": models, "project_configuration": {}, "metrics": []}))
    return path


def files(warehouse: Path, *views: str) -> dict[str, str]:
    found = manifest(warehouse.parent, *views)
    return definition_files(warehouse, found, minimum_answers=30, currency_code="EUR")


def test_the_views_that_the_manifest_names(warehouse: Path) -> None:
    told = json.loads(files(warehouse, "sem_a")[VIEWS])
    assert told["views"] == {"sem_a": 'SELECT a_id AS "key AS it was" FROM cx.core.fct_a'}
    assert (told["minimum_answers"], told["currency_code"]) == (30, "EUR")


def test_a_view_that_is_absent_or_reads_nothing_stops_the_publication(warehouse: Path) -> None:
    with pytest.raises(MetricError, match="sem_c"):
        files(warehouse, "sem_a", "sem_c")
    with pytest.raises(MetricError, match="sem_b: Catalog Error"):
        files(warehouse, "sem_b")


def test_definitions_are_part_of_the_generation_and_of_its_checksums(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(
        warehouse,
        published,
        [],
        company="small",
        snapshot_id="snapshot",
        snapshot_sequence=1,
        as_of_date="2026-03-31",
        published_at="2026-04-01T06:00:00+00:00",
        run_id="run",
        checks_declared=0,
        checks_passed=0,
        warnings=[],
        documents=files(warehouse, "sem_a"),
    )
    generation, folder = current_generation(published), (published / "current").resolve()
    assert generation is not None
    check_files(folder, generation)
    assert read_definitions(folder).minimum_answers == 30
    (folder / VIEWS).write_text((folder / VIEWS).read_text().replace("30", "3"))
    with pytest.raises(PublicationError, match=VIEWS):
        check_files(folder, generation)
    (folder / VIEWS).unlink()
    with pytest.raises(MetricError, match="cx run --force"):
        MetricLayer.open(published)


def test_before_the_first_publication(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="run `cx run` first"):
        MetricLayer.open(tmp_path)
