"""One score by the same filters, asked of everything that people read it from: one number."""

from __future__ import annotations

import dataclasses
import uuid
from pathlib import Path

import duckdb
import pandas as pd
import psycopg
import pytest

from orchestration.declaration.settings.publication import PostgresPublication
from orchestration.publication.targets.parquet import ParquetTarget
from orchestration.publication.targets.postgres import PostgresTarget
from orchestration.publication.targets.protocol import FinishedGeneration, publish_to
from orchestration.semantic.layer import MetricLayer
from report.comparison import score_totals
from report.data import open_publication
from tests.conftest import POSTGRES_URL

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres]

TABLE = "marts.mart_experience__score_by_touchpoint_month"
TOTAL = """
    select score_month, sum(favourable_count), sum(detractor_count), sum(response_count) from {table}
    where metric = 'nps' and survey_type = 'relational'
    group by score_month having sum(response_count) >= 30 order by score_month
"""


def scores(rows: list[tuple]) -> dict[str, tuple[int, float]]:
    """Answers and NPS in points by month, from counts: promoters less detractors."""
    return {
        str(month)[:7]: (int(count), round(100 * (int(promoters) - int(detractors)) / int(count), 9))
        for month, promoters, detractors, count in rows
    }


@pytest.fixture(scope="module")
def published(sample_publication: Path) -> Path:
    return sample_publication.parent


@pytest.fixture(scope="module")
def from_mart(sample_publication: Path) -> dict[str, tuple[int, float]]:
    with duckdb.connect(str(sample_publication), read_only=True) as connection:
        found = scores(connection.execute(TOTAL.format(table=TABLE)).fetchall())
    assert len(found) >= 5
    return found


@pytest.fixture(scope="module")
def generation(published: Path) -> FinishedGeneration:
    """The generation, of which only the one table is copied out."""
    whole = FinishedGeneration.current(published, {})
    tables = [table for table in whole.record.tables if table.table == TABLE]
    return dataclasses.replace(whole, record=dataclasses.replace(whole.record, tables=tables))


def test_the_semantic_layer(sample_publication: Path, from_mart: dict[str, tuple[int, float]]) -> None:
    with MetricLayer.open(sample_publication) as metrics:
        answer = metrics.query(["nps"], by=["survey_type"], grain="month", where="survey_type = 'relational'")
    told = answer[~answer["is_suppressed"].astype("bool")]
    found = {
        str(month)[:7]: (int(count), round(float(value), 9))
        for month, count, value in zip(told["month"], told["nps_answers"], told["nps"], strict=True)
    }
    assert found == from_mart


def test_the_report(published: Path, from_mart: dict[str, tuple[int, float]]) -> None:
    totals = score_totals(open_publication(published, "sample"))
    mine = totals[(totals["metric"] == "nps") & (totals["survey_type"] == "relational") & ~totals["is_suppressed"]]
    found = {
        f"{pd.Timestamp(month):%Y-%m}": (int(count), round(float(value), 9))
        for month, count, value in zip(mine["score_month"], mine["response_count"], mine["score_value"], strict=True)
    }
    assert found == from_mart


def test_parquet(generation: FinishedGeneration, from_mart: dict[str, tuple[int, float]], tmp_path: Path) -> None:
    publish_to(ParquetTarget(tmp_path), generation)
    schema, name = TABLE.split(".")
    file = tmp_path / "parquet" / "current" / schema / f"{name}.parquet"
    assert scores(duckdb.sql(TOTAL.format(table=f"'{file}'")).fetchall()) == from_mart


def test_postgres(generation: FinishedGeneration, from_mart: dict[str, tuple[int, float]]) -> None:
    prefix = f"t{uuid.uuid4().hex[:10]}_"
    role = f"{prefix}reader"
    settings = PostgresPublication(url_env="CX_TARGET", prefix=prefix, read_role=role, switch_wait_seconds=30)
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(f"create role {role} login")
        try:
            with PostgresTarget.opened(settings, {"CX_TARGET": POSTGRES_URL}) as target:
                publish_to(target, generation)
            with psycopg.connect(POSTGRES_URL, user=role) as reader:
                assert scores(reader.execute(TOTAL.format(table=f"{prefix}{TABLE}")).fetchall()) == from_mart
        finally:
            for (name,) in admin.execute(f"select nspname from pg_namespace where starts_with(nspname, '{prefix}')"):
                admin.execute(f"drop schema {name} cascade")
            admin.execute(f"drop owned by {role}; drop role {role}")
