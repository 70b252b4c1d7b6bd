"""The sample company read from a real PostgreSQL, a real MariaDB and a survey API publishes what its files publish."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psycopg
import pymysql
import pytest

from tests.conftest import CX, MYSQL_URL, POSTGRES_URL, ROOT, company_environment
from tests.servers.survey_tool import TOKEN, Faults, SurveyTool, sample_survey, serving

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


@pytest.fixture(scope="module")
def systems_publication(
    databases: dict[str, str], sample_state: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What the daily job publishes of the systems, filled from the same files."""
    source = sample_state.parent / "source"
    state = tmp_path_factory.mktemp("systems")
    environment = {**company_environment(COMPANY, source, state), **databases, "CX_SAMPLE_SURVEY_TOKEN": TOKEN}
    run = {"env": environment, "capture_output": True, "text": True, "check": False}
    filled = subprocess.run([str(CX), "sample", "--into", "systems"], **run)
    assert filled.returncode == 0, filled.stderr[-3000:]
    faults = Faults(throttled=0.05, unavailable=0.02, cut_short=0.02, html=0.02, repeated_rows=0.1, retry_after="1")
    tool = SurveyTool(sample_survey(source), seed=5, faults=faults, page_size=1000)
    with serving(tool) as url:
        environment["CX_SAMPLE_SURVEY_URL"] = url
        for _ in range(2):
            done = subprocess.run([str(CX), "run", "--profile", "systems"], **run)
            assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    assert "nothing" in done.stdout.lower() or "up to date" in done.stdout.lower()
    assert sum(tool.seen.values()) > 0
    for secret in (TOKEN, *databases.values()):
        for path in state.rglob("*"):
            if path.is_file() and not path.name.endswith(("-wal", "-shm")):
                assert secret.encode() not in path.read_bytes(), path
    return state / "sample" / "published" / "current.duckdb"


LOADS = {"load_id", "load_sequence", "snapshot_id", "snapshot_sequence", "first_load_id"}


def test_every_published_table_equals_that_of_the_files(systems_publication: Path, sample_publication: Path) -> None:
    with duckdb.connect() as both:
        both.execute(f"attach '{systems_publication}' as systems (read_only)")
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
