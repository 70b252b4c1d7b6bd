"""The sample company read from a real PostgreSQL, a real MariaDB and a survey API publishes what its files publish."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psycopg
import pymysql
import pytest

from tests.conftest import MYSQL_URL, POSTGRES_URL, ROOT, company_environment
from tests.servers.survey_tool import TOKEN, Faults, SurveyTool, sample_survey, serving
from tests.warm import run_cx

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres, pytest.mark.needs_mysql]
COMPANY = ROOT / "data" / "companies" / "sample"


@pytest.fixture(scope="module")
def databases() -> Iterator[dict[str, str]]:
    """URLs of two databases of our own."""
    name = f"cx_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(MYSQL_URL)
    with psycopg.connect(POSTGRES_URL, autocommit=True) as postgres:
        postgres.execute(f"create database {name}")
        mysql = pymysql.connect(
            host=parts.hostname, port=parts.port or 3306, user=parts.username, password=parts.password or ""
        )
        with mysql.cursor() as cursor:
            cursor.execute(f"create database {name} character set utf8mb4")
        try:
            yield {
                "CX_SAMPLE_CRM_URL": urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl(),
                "CX_SAMPLE_SHOP_URL": parts._replace(path=f"/{name}").geturl(),
            }
        finally:
            with mysql.cursor() as cursor:
                cursor.execute(f"drop database {name}")
            mysql.close()
            postgres.execute(f"drop database {name} with (force)")


@dataclass(frozen=True)
class Published:
    """What the daily job publishes of the systems: filled from the same files, and after a contact was deleted."""

    filled: Path
    after_deletion: Path
    deleted_contact: str


@pytest.fixture(scope="module")
def published(databases: dict[str, str], sample_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    source = sample_state.parent / "source"
    state = tmp_path_factory.mktemp("systems")
    environment = {**company_environment(COMPANY, source, state), **databases, "CX_SAMPLE_SURVEY_TOKEN": TOKEN}
    filled = run_cx("sample", "--into", "systems", environment=environment)
    assert filled.returncode == 0, filled.stderr[-3000:]
    faults = Faults(throttled=0.05, unavailable=0.02, cut_short=0.02, html=0.02, repeated_rows=0.1, retry_after="1")
    tool = SurveyTool(sample_survey(source), seed=5, faults=faults, page_size=1000)
    tool.zone, tool.answers_in = "Europe/Berlin", frozenset({"responses"})
    with serving(tool) as url:
        environment["CX_SAMPLE_SURVEY_URL"] = url
        for _ in range(2):
            done = run_cx("run", "--profile", "systems", environment=environment)
            assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        assert "nothing" in done.stdout.lower() or "up to date" in done.stdout.lower()
        current = state / "sample" / "published" / "current.duckdb"
        filled = current.resolve()
        with psycopg.connect(databases["CX_SAMPLE_CRM_URL"], autocommit=True) as crm:
            # Known in one version, by this record alone, and none that others were merged into.
            alone = (
                "select min(kontakt_nr) from crm.contacts where kontakt_nr not in (select neue_nr from crm.merges)"
                " group by karten_nr, email having count(*) = 1 order by 1"
            )
            [contact] = crm.execute(alone).fetchone() or [None]
            assert crm.execute("delete from crm.contacts where kontakt_nr = %s", [contact]).rowcount == 1
        done = run_cx("run", "--profile", "systems", environment=environment)
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    assert sum(tool.seen.values()) > 0
    for secret in (TOKEN, *databases.values()):
        for path in state.rglob("*"):
            if path.is_file() and not path.name.endswith(("-wal", "-shm")):
                assert secret.encode() not in path.read_bytes(), path
    return Published(filled, current, contact)


def test_a_deleted_contact_leaves_the_core(published: Published) -> None:
    record = f"crm:{published.deleted_contact}"
    found = []
    for path in (published.filled, published.after_deletion):
        with duckdb.connect(str(path), read_only=True) as connection:
            found.append(
                connection.execute(
                    "select (select count(*) from core.bridge_record_customer where is_current),"
                    " (select count(*) from core.bridge_record_customer where is_current and record_id = ?),"
                    " (select deleted_row_count from marts.mart_operations__row_conservation"
                    "  where stage = 'contract' and source_name = 'crm' and object_name = 'customer_record')",
                    [record],
                ).fetchall()[0]
            )
    [(before, is_there, none_deleted), (after, is_gone, deleted)] = found
    assert (before - after, is_there, is_gone) == (1, 1, 0)
    assert (none_deleted, deleted) == (0, 1)


LOADS = {"load_id", "load_sequence", "snapshot_id", "snapshot_sequence", "first_load_id"}


def test_every_published_table_equals_that_of_the_files(published: Published, sample_publication: Path) -> None:
    with duckdb.connect() as both:
        both.execute(f"attach '{published.filled}' as systems (read_only)")
        both.execute(f"attach '{sample_publication}' as files (read_only)")
        tables = both.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'files'"
            " and table_name not like 'mart_operations__%' order by all"
        ).fetchall()
        assert len(tables) > 20
        different = {}
        for schema, table in tables:
            described = both.execute(f"describe files.{schema}.{table}").fetchall()
            names = ", ".join(f'"{column[0]}"' for column in described if column[0] not in LOADS)
            rows = [
                both.execute(
                    f"select count(*) from (select {names} from {one}.{schema}.{table}"
                    f" except all select {names} from {other}.{schema}.{table})"
                ).fetchall()[0][0]
                for one, other in (("files", "systems"), ("systems", "files"))
            ]
            if rows != [0, 0]:
                different[f"{schema}.{table}"] = rows
    assert different == {}


def test_the_survey_tool_s_own_report_is_reconciled_to_the_row(published: Published, sample_state: Path) -> None:
    source = sample_state.parent / "source" / "survey"
    with duckdb.connect(str(published.filled), read_only=True) as connection:
        for table in ("invitations", "responses"):
            [exported] = connection.execute(f"select count(*) from '{source}/{table}/*.parquet'").fetchall()
            reconciled = connection.execute(
                "select sum(source_count), sum(unknown_count), sum(unexplained_count), count(distinct local_day) > 300"
                " from marts.mart_operations__reconciliation where source_name = 'survey' and table_name = ?",
                [table],
            ).fetchall()
            assert reconciled == [(*exported, 0, 0, True)]
