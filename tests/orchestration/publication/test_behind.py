"""Which places are behind the DuckDB file, and who is told: after a failure or a rollback, and no more once mended."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from orchestration.cli.report import print_behind
from orchestration.cli.run_job import JobOutcome, StepFailure, _with_targets
from orchestration.declaration.settings.publication import PublicationSettings
from orchestration.defs.publication.targets import PARQUET as PARQUET_KEY
from orchestration.defs.publication.targets import POSTGRES as POSTGRES_KEY
from orchestration.publication.generations import roll_back
from orchestration.publication.report_file import LINEAGE, REPORT, generation_mark, marked_generation
from orchestration.publication.targets.behind import BehindTarget, behind_targets
from orchestration.publication.targets.parquet import ParquetTarget
from orchestration.publication.targets.postgres import PostgresTarget
from orchestration.publication.targets.protocol import FinishedGeneration, publish_to
from tests.conftest import POSTGRES_URL
from tests.orchestration.publication.made import KEYS, change, finished, make_warehouse, publish_file
from tests.orchestration.publication.test_postgres_target import Server, server  # noqa: F401

FIRST, SECOND = "00000001-s1", "00000002-s2"
PARQUET = PublicationSettings(parquet=True)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return make_warehouse(tmp_path)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


def write_report(published: Path, generation_id: str) -> None:
    """The report and the page of lineage, as far as their mark."""
    for name in (REPORT, LINEAGE):
        (published / name).parent.mkdir(exist_ok=True)
        (published / name).write_text(f"<head>\n{generation_mark(generation_id)}\n</head>", encoding="utf-8")


def test_before_the_first_publication_nothing_is_behind(published: Path) -> None:
    assert behind_targets(published, PARQUET) == []


def test_parquet_and_the_report_are_behind_until_they_are_written(warehouse: Path, published: Path) -> None:
    first = finished(warehouse, published)
    none_yet = [BehindTarget(name, None, FIRST) for name in ("documentation", "parquet", "report")]
    assert behind_targets(published, PARQUET) == none_yet
    publish_to(ParquetTarget(published), first)
    write_report(published, FIRST)
    assert behind_targets(published, PARQUET) == []
    publish_file(warehouse, published, 2)
    files = [BehindTarget("documentation", FIRST, SECOND), BehindTarget("report", FIRST, SECOND)]
    assert behind_targets(published, PARQUET) == [files[0], BehindTarget("parquet", FIRST, SECOND), files[1]]
    assert behind_targets(published, PublicationSettings()) == files


def test_after_a_rollback_what_shows_the_withdrawn_generation_is_behind(warehouse: Path, published: Path) -> None:
    for sequence in (1, 2):
        publish_to(ParquetTarget(published), finished(warehouse, published, sequence))
    roll_back(published, FIRST, at=dt.datetime(2026, 7, 3, tzinfo=dt.UTC))
    assert BehindTarget("parquet", SECOND, FIRST) in behind_targets(published, PARQUET)
    publish_to(ParquetTarget(published), FinishedGeneration.current(published, KEYS))
    write_report(published, FIRST)
    assert behind_targets(published, PARQUET) == []


@pytest.mark.parametrize("harm", ["personal data left behind", "damaged manifest", "folder gone", "all gone"])
def test_parquet_that_is_not_whole_is_behind(warehouse: Path, published: Path, harm: str) -> None:
    publish_to(ParquetTarget(published), finished(warehouse, published))
    write_report(published, FIRST)
    manifest = published / "parquet" / "current" / "manifest.json"
    if harm == "personal data left behind":
        restricted = published / "restricted" / "parquet" / "current" / "manifest.json"
        shutil.copy(restricted, published / "kept")
        publish_to(ParquetTarget(published), finished(warehouse, published, 2))
        write_report(published, SECOND)
        shutil.copy(published / "kept", published / "restricted" / "parquet" / "current" / "manifest.json")
    elif harm == "damaged manifest":
        manifest.write_text(manifest.read_text(encoding="utf-8").replace("2026-06-30", "2026-06-29"), encoding="utf-8")
    elif harm == "folder gone":
        shutil.rmtree(manifest.parent.resolve())
    else:  # while that of personal data is still there
        shutil.rmtree(published / "parquet")
    assert [(target.name, target.shown) for target in behind_targets(published, PARQUET)] == [("parquet", None)]


def test_a_report_without_a_mark_shows_no_generation(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert marked_generation(file) is None
    file.write_text("<html></html>", encoding="utf-8")
    assert marked_generation(file) is None
    write_report(tmp_path, 'a"<b>')
    assert marked_generation(file) == 'a"<b>'


@pytest.mark.needs_postgres
def test_the_database_itself_is_asked(server: Server, warehouse: Path, published: Path) -> None:  # noqa: F811
    generation = finished(warehouse, published)
    write_report(published, FIRST)
    settings = PublicationSettings(postgres=server.settings)
    address = {"CX_TARGET": POSTGRES_URL}
    assert behind_targets(published, settings, address) == [BehindTarget("postgres", None, FIRST)]
    assert server.schemas() == [], "who asks creates nothing"
    server.publish(generation)
    assert behind_targets(published, settings, address) == []
    change(warehouse, "update core.dim_customer set note = 'new'")
    publish_file(warehouse, published, 2)
    write_report(published, SECOND)
    assert behind_targets(published, settings, address) == [BehindTarget("postgres", FIRST, SECOND)]
    with PostgresTarget.opened(server.settings, address) as target:
        publish_to(target, FinishedGeneration.current(published, KEYS))
    assert behind_targets(published, settings, address) == []


def test_a_server_that_does_not_answer_is_told_without_its_password(warehouse: Path, published: Path) -> None:
    publish_file(warehouse, published, 1)
    write_report(published, FIRST)
    settings = PublicationSettings.model_validate({"postgres": {"url_env": "CX_TARGET"}})
    environ = {"CX_TARGET": "postgresql://cx:geheim123@127.0.0.1:1/db"}
    [found] = behind_targets(published, settings, environ)
    assert str(found).startswith("postgres cannot be asked which generation it shows: PostgreSQL not published (CX_TAR")
    assert "geheim123" not in str(found)


def test_people_are_told_with_the_command_that_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_behind("bakery", [BehindTarget("parquet", FIRST, SECOND), BehindTarget("report", None, SECOND)])
    assert capsys.readouterr().out.splitlines() == [
        "  parquet shows 00000001-s1, readers of the DuckDB file see 00000002-s2; publish to it by"
        " `cx publish --company bakery`",
        "  report shows no generation, readers of the DuckDB file see 00000002-s2; publish to it by"
        " `cx publish --company bakery`",
    ]


def test_the_name_of_a_target_is_that_of_its_asset(warehouse: Path, published: Path) -> None:
    publish_file(warehouse, published, 1)
    settings = PublicationSettings.model_validate({"parquet": True, "postgres": {"url_env": "CX_NOT_SET"}})
    names = [target.name for target in behind_targets(published, settings, {})]
    assert names == ["documentation", "parquet", "postgres", "report"]
    assert [PARQUET_KEY.path[-1], POSTGRES_KEY.path[-1]] == names[1:3]


def test_a_run_with_nothing_new_fails_where_a_target_that_was_behind_fails_again() -> None:
    daily = JobOutcome("r1", True, True, False, [], ["landed"])
    assert _with_targets(daily, None) is daily
    failed = StepFailure("published__postgres", "PostgreSQL not published")
    tried = JobOutcome("r2", False, False, False, [failed], [], caught_up=("parquet",))
    assert _with_targets(daily, tried) == JobOutcome(
        "r1", False, True, False, [failed], ["landed"], caught_up=("parquet",)
    )
