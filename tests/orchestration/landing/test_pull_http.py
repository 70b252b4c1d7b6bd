"""Rows pulled from an API that pages, throttles, fails and lies: source minus landed is empty, nothing lands twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.extraction import extract_table
from orchestration.landing.load_result import LoadResult
from orchestration.landing.loads import load as loading
from orchestration.landing.loads.manifests import read_manifests
from orchestration.landing.loads.views import landing_view_sql
from orchestration.landing.pulls.window import PullWindow
from orchestration.landing.refused.release import ReleaseRequest, release_rows
from orchestration.landing.refused.rows import RowId, refused_groups
from tests.orchestration.landing.conftest import NOW, Shop
from tests.servers.survey_tool import TOKEN, Faults, SurveyTool, serving

DAY = timedelta(days=1)
COMPANIES, DAYS = 40, 25
LANDED = "response_id, score, strftime(updated_at, '%Y-%m-%dT%H:%M:%SZ')"
PAGING: dict[str, dict[str, Any]] = {
    "link": {"kind": "link", "next_field": "meta.next"},
    "cursor": {"kind": "cursor", "next_field": "meta.next", "parameter": "cursor"},
    "page": {"kind": "page"},
    "offset": {"kind": "offset", "limit": 10},
}
TABLE: dict[str, object] = {
    "description": "Answers.",
    "endpoint": "/responses",
    "records": "data.items",
    "total": "meta.total",
    "key": ["response_id"],
    "required": ["response_id"],
    "cursor": {"column": "updated_at", "overlap_days": 1, "parameter": "updated_since"},
    "columns": {
        "response_id": "text",
        "score": "bigint",
        "store": {"type": "text", "source_name": "embedded.store"},
        "updated_at": "timestamp",
    },
}


def record(n: int, score: int | None = None, hour: int | None = None) -> dict[str, Any]:
    day, hours = divmod(n if hour is None else hour, 24)
    return {
        "response_id": f"r{n:04d}",
        "score": n % 11 if score is None else score,
        "embedded": {"store": f"Laden {n % 3}", "agent": {"name": "Ü"}},
        "answers": [{"question": "nps", "value": n % 11}, {"question": "why", "value": "so lala"}],
        "updated_at": f"2024-05-{day + 1:02d}T{hours:02d}:00:00Z",
    }


def shop(
    url: str, folder: Path, paging: str = "link", connection: dict[str, Any] | None = None, **table: object
) -> Shop:
    given = {
        "kind": "http",
        "base_url": url,
        "auth": {"kind": "token", "token_env": "CX_TEST_TOKEN", "header": "X-API-TOKEN", "prefix": ""},
        "paging": PAGING[paging],
        "timeout_seconds": 0.15,
        "first_wait_seconds": 0,
        "max_attempts": 5,
    }
    return Shop(folder, {**TABLE, **table}, connection=given)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_TEST_TOKEN", TOKEN)


@pytest.mark.parametrize("paging", PAGING)
def test_all_pages_land(paging, tmp_path):
    tool = SurveyTool({"responses": [record(n) for n in range(25)]}, paging=paging)
    with serving(tool) as url:
        company = shop(url, tmp_path, paging)
        assert company.land().landed_count == 25
        assert company.land(NOW + DAY).status == "unchanged"
    assert company.rows("response_id, score, store")[13] == ("r0013", 2, "Laden 1")
    assert company.rows("answers")[1] == ('[{"question":"nps","value":1},{"question":"why","value":"so lala"}]',)
    assert company.rows("embedded_agent_name")[0] == ("Ü",)


def test_only_what_changed_is_pulled(tmp_path):
    tool = SurveyTool({"responses": [record(n) for n in range(100)]})
    with serving(tool) as url:
        company = shop(url, tmp_path)
        company.land()
        tool.tables["responses"] += [record(100, score=1), record(90, score=9, hour=101)]
        result = company.land(NOW + DAY)
    # The highest cursor is hour 99, the overlap a day: hours 75 to 99 come again, 25 rows, and the two new ones.
    assert (result.manifest.pull.row_count, result.manifest.pull.known_count, result.landed_count) == (27, 25, 2)
    assert company.rows("response_id, score")[100:] == [("r0100", 1), ("r0090", 9)]


def test_an_exploded_list_gives_one_row_per_element(tmp_path):
    tool = SurveyTool({"responses": [record(1), {**record(2), "answers": []}]})
    columns = {
        "response_id": "text",
        "position": {"type": "bigint", "source_name": "answers.position"},
        "question": {"type": "text", "source_name": "answers.question"},
        "value": {"type": "text", "source_name": "answers.value"},
        "updated_at": "timestamp",
    }
    with serving(tool) as url:
        company = shop(url, tmp_path, explode="answers", columns=columns, key=["response_id", "position"])
        company.land()
    assert company.rows("response_id, position, question, value") == [
        ("r0001", 1, "nps", "1"),
        ("r0001", 2, "why", "so lala"),
    ]


def test_a_link_to_another_host_is_refused_and_the_token_stays(tmp_path):
    other = SurveyTool({"responses": []})
    with serving(other) as elsewhere:
        tool = SurveyTool({"responses": [record(n) for n in range(25)]}, foreign_link=elsewhere)
        with serving(tool) as url, pytest.raises(LandingError, match="leads to another host; nothing was sent there"):
            shop(url, tmp_path).land()
    assert other.tokens_seen == []


def test_a_page_for_people_is_no_answer(tmp_path):
    tool = SurveyTool({"responses": [record(1)]}, faults=Faults(html=1, in_a_row=10**6))
    with serving(tool) as url, pytest.raises(LandingError, match=r"answered no JSON after 5 attempts"):
        shop(url, tmp_path).land()
    assert tool.seen["html"] == 5


def test_rows_that_the_total_promises_are_pulled_again(tmp_path):
    tool = SurveyTool({"responses": [record(n) for n in range(25)]}, hides_rows=2)
    with serving(tool) as url:
        assert shop(url, tmp_path / "a").land().landed_count == 25
    tool = SurveyTool({"responses": [record(n) for n in range(25)]}, hides_rows=100)
    with serving(tool) as url, pytest.raises(LandingError, match="has 1 more records than its pages hold"):
        shop(url, tmp_path / "b").land()


def test_a_refused_token_is_told_without_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CX_TEST_TOKEN", "wrong-secret-value")
    with (
        serving(SurveyTool({"responses": []})) as url,
        pytest.raises(LandingError, match="answered 401: check the token") as caught,
    ):
        shop(url, tmp_path).land()
    assert "wrong-secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_pages_that_lead_in_a_circle_end(tmp_path):
    tool = SurveyTool({"responses": [record(n) for n in range(25)]}, paging="cursor")
    tool._start = lambda query: 0  # type: ignore[method-assign]
    with serving(tool) as url, pytest.raises(LandingError, match="lead back to one that was read already"):
        shop(url, tmp_path, "cursor").land()


def test_schema_changes_are_kept_and_a_retyped_field_is_refused_row_by_row(tmp_path):
    tool = SurveyTool({"responses": [record(n) for n in range(3)]})
    with serving(tool) as url:
        company = shop(url, tmp_path)
        company.land()
        tool.tables["responses"] += [{**record(3), "mood": "good"}, {**record(4), "score": "ten"}]
        result = company.land(NOW + DAY)
    assert (result.landed_count, result.quarantined_count) == (1, 1)
    assert "mood" in result.undeclared_columns
    assert company.rows("response_id, mood")[3:] == [("r0003", "good")]


@pytest.fixture(scope="module")
def one_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine of one thread for a thousand loads: starting an engine and its threads took half of their time."""
    with duckdb.connect() as engine:
        engine.execute("set TimeZone = 'UTC'")
        engine.execute("set threads = 1")
        engine.execute("create schema landing")
        yield engine


@pytest.mark.slow
@pytest.mark.parametrize("company_number", range(COMPANIES))
def test_a_thousand_days_against_a_failing_api_lose_nothing(tmp_path, monkeypatch, one_engine, company_number):
    """Source minus landed is empty after each day, and landed holds nothing that the source never said."""
    faults = Faults(
        throttled=0.1, unavailable=0.05, hangs=0.002, dropped=0.05, cut_short=0.05, html=0.03, repeated_rows=0.3
    )
    paging = list(PAGING)[company_number % len(PAGING)]
    rows: list[dict[str, Any]] = []
    tool = SurveyTool({"responses": rows}, faults=faults, paging=paging)
    said: set[tuple[object, ...]] = set()
    monkeypatch.setattr(loading, "_engine", lambda scratch: nullcontext(one_engine))
    with serving(tool) as url:
        company = shop(url, tmp_path, paging)
        # Read once: company.yml takes longer than a day's load.
        declared, workspace = company.company, company.workspace
        item = declared.table("crm", "contacts")

        def land(day: int, window: PullWindow | None = None) -> LoadResult:
            now = NOW + day * DAY
            return extract_table(declared, "crm", "contacts", workspace, now=now, window=window)

        for day in range(DAYS):
            seed = company_number * DAYS + day
            tool.begin(seed)
            chosen = random.Random(seed)
            hour = day * 24
            rows += [record(len(rows) + n, hour=hour + n) for n in range(chosen.randrange(0, 15))]
            if rows and chosen.random() < 0.5:
                changed = chosen.randrange(len(rows))
                rows[changed] = record(changed, score=11 + day, hour=hour + 20)
            land(day)
            said |= {(row["response_id"], row["score"], row["updated_at"]) for row in rows}
            one_engine.execute(landing_view_sql(workspace, read_manifests(workspace), item))
            landed = one_engine.execute(f"select {LANDED} from landing.crm__contacts").fetchall()
            assert set(landed) == said, day
            assert len(landed) == len(said), day
        assert land(DAYS, PullWindow(is_reload=True)).status == "unchanged"
    assert sum(tool.seen.values()) > DAYS / 2


def test_a_released_answer_stays_released_when_the_tool_sends_it_again(tmp_path):
    tool = SurveyTool({"responses": [record(1), {**record(2), "score": "n/a"}]})
    with serving(tool) as url:
        company = shop(url, tmp_path)
        company.land()
        request = ReleaseRequest(RowId.parse("1-0-2"), "anna", corrections={"score": "7"})
        released = release_rows(company.company, company.workspace, request, now=NOW)
        assert [str(row) for row in released.released] == ["1-0-2"]
        assert company.land(NOW + DAY).status == "unchanged"
        tool.tables["responses"].append(record(2, score=8, hour=9))
        assert company.land(NOW + 2 * DAY).landed_count == 1
    assert company.rows("response_id, score, _load_sequence") == [("r0001", 1, 1), ("r0002", 7, 2), ("r0002", 8, 3)]
    assert refused_groups(company.manifests()) == []
