"""Superset shows an NPS that equals the semantic layer's, while a daily job runs, and the new one after it.

`make test-bi` runs it, in an environment of Superset's own; `make test` leaves it out. Superset reads the published
DuckDB file, and the PostgreSQL publication where CX_TEST_POSTGRES_URL answers.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchestration.publication.generations import current_generation
from orchestration.semantic.layer import MetricLayer
from tests.bi.superset import BIN, Superset, serving
from tests.companies.documented import write_documented_company
from tests.conftest import ABSENT, POSTGRES_URL, company_environment, run_company
from tests.warm import WarmRun

TABLE = "mart_experience__score_by_touchpoint_month"
NPS = "100.0 * (sum(favourable_count) - sum(detractor_count)) / sum(response_count)"
QUERY: dict[str, Any] = {
    "columns": ["score_month"],
    "metrics": [
        {"expressionType": "SQL", "sqlExpression": NPS, "label": "nps"},
        {"expressionType": "SQL", "sqlExpression": "sum(response_count)", "label": "answers"},
    ],
    "filters": [{"col": "metric", "op": "==", "val": "nps"}],
    "row_limit": 1000,
}
# The first day: 10 and 3 in January, 9 in March. The second day brings a 2 in March.
FIRST = {"2026-01": (2, 0.0), "2026-03": (1, 100.0)}
SECOND = {"2026-01": (2, 0.0), "2026-03": (2, 0.0)}
SECOND_DAY = "2026-07-03T06:00:00+00:00"

Scores = dict[str, tuple[int, float]]


@dataclass(frozen=True)
class Bakery:
    """The bakery of docs/add-a-company.md, which asks from 0 to 10 here, after its first day."""

    company_dir: Path
    source_dir: Path
    state_root: Path
    prefix: str
    has_postgres: bool

    @property
    def published(self) -> Path:
        return self.state_root / "bakery" / "published"

    def from_the_layer(self) -> Scores:
        with MetricLayer.open(self.published) as metrics:
            answer = metrics.query(["nps"], grain="month")
        return {
            str(month)[:7]: (int(count), float(value))
            for month, count, value in zip(answer["month"], answer["nps_answers"], answer["nps"], strict=True)
        }


def _replaced(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, (path.name, old)
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def bakery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bakery]:
    company_dir, source_dir = write_documented_company(tmp_path)
    asked = company_dir / "staging" / "stg_shop__survey_response.sql"
    _replaced(asked, ("'csat'", "'nps'"), ("1 as scale_min", "0 as scale_min"), ("5 as scale_max", "10 as scale_max"))
    _replaced(source_dir / "till.csv", ("1;4,20;5", "1;4,20;10"), ("1;28,00;4", "1;28,00;9"))
    prefix = f"t{uuid.uuid4().hex[:10]}_"
    has_postgres = ABSENT["needs_postgres"]() is None
    made = Bakery(company_dir, source_dir, tmp_path / "state", prefix, has_postgres)
    if has_postgres:
        monkeypatch.setenv("BAKERY_PUBLICATION_URL", POSTGRES_URL)
        with (company_dir / "company.yml").open("a", encoding="utf-8") as file:
            file.write(f"publication:\n  postgres: {{url_env: BAKERY_PUBLICATION_URL, prefix: {prefix}}}\n")
    run_company(company_dir, source_dir, made.state_root)
    yield made
    if has_postgres:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
            for (name,) in admin.execute(f"select nspname from pg_namespace where starts_with(nspname, '{prefix}')"):
                admin.execute(f"drop schema {name} cascade")


@pytest.fixture
def superset(tmp_path: Path) -> Iterator[Superset]:
    if not (BIN / "superset").exists():
        pytest.fail(f"Superset is not installed in {BIN.parent.name}: `make test-bi` does that.")
    home = tmp_path / "superset"
    home.mkdir()
    with serving(home) as running:
        yield running
    assert "Traceback" not in (home / "log").read_text(encoding="utf-8")


def shown(superset: Superset, chart: int) -> Scores:
    """What a chart shows, by month: Superset gives days as milliseconds since 1970."""
    return {
        f"{datetime.fromtimestamp(row['score_month'] / 1000, UTC):%Y-%m}": (int(row["answers"]), float(row["nps"]))
        for row in superset.chart_rows(chart)
    }


def test_superset_reads_while_a_daily_job_publishes(bakery: Bakery, superset: Superset) -> None:
    assert bakery.from_the_layer() == FIRST
    file = superset.add_database("cx", f"duckdb:///{bakery.published / 'current.duckdb'}", {"read_only": True})
    charts = {"duckdb": superset.add_chart("NPS", {"database": file, "schema": "marts", "table_name": TABLE}, QUERY)}
    if bakery.has_postgres:
        server = superset.add_database("cx_server", POSTGRES_URL.replace("postgresql", "postgresql+psycopg2", 1), {})
        asked = {"schema": f"{bakery.prefix}marts", "sql": f"select * from {bakery.prefix}marts.{TABLE}"}
        dataset = {"database": server, "table_name": "scores_on_the_server", **asked}
        charts["postgres"] = superset.add_chart("NPS", dataset, QUERY)
    assert {name: shown(superset, chart) for name, chart in charts.items()} == dict.fromkeys(charts, FIRST)
    before = current_generation(bakery.published)

    added = (
        "receipt;line;card;sold_at;product;category;pieces;amount;stars\n7;1;101;02.03.2026 10:00;roll;bread;1;0,50;2\n"
    )
    (bakery.source_dir / "till_2.csv").write_text(added, encoding="utf-8")
    environment = company_environment(bakery.company_dir, bakery.source_dir, bakery.state_root, clock=SECOND_DAY)
    job = WarmRun("run", environment=environment)
    meanwhile: dict[str, list[Scores]] = {name: [] for name in charts}
    while job.poll() is None:
        for name, chart in charts.items():
            meanwhile[name].append(shown(superset, chart))
        time.sleep(0.2)
    done = job.completed()
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"

    after = current_generation(bakery.published)
    assert before is not None
    assert after is not None
    assert after.generation_id != before.generation_id
    for name, seen in meanwhile.items():
        # The old number, again and again, then the new one: nothing between, nothing twice.
        assert len(seen) >= 3, name
        assert seen == sorted(seen, key=lambda scores: scores == SECOND), name
        assert [scores for scores in seen if scores not in (FIRST, SECOND)] == [], name
        assert seen[0] == FIRST, name
    assert bakery.from_the_layer() == SECOND
    assert {name: shown(superset, chart) for name, chart in charts.items()} == dict.fromkeys(charts, SECOND)
    print(f"Charts read while the job ran: { {name: len(seen) for name, seen in meanwhile.items()} }")
