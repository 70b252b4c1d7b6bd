"""The extractor killed at fifty random moments against real servers: the next run ends in the same landings."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.declaration.company import load_company
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifests import current_parts, of_table, read_manifests
from orchestration.landing.loads.views import landing_view_sql
from orchestration.landing.pulls.window import cursor_high
from tests.orchestration.landing.conftest import NOW, TABLE, Shop
from tests.orchestration.landing.extractor import Extractor
from tests.orchestration.landing.test_pull import TABLE as PULLED
from tests.orchestration.landing.test_pull_http import TABLE as ASKED
from tests.orchestration.landing.test_pull_http import record
from tests.servers import object_store
from tests.servers.databases import Database
from tests.servers.survey_tool import TOKEN, Faults, SurveyTool, serving

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres, pytest.mark.needs_mysql]
DAYS, KILLS_A_DAY, KILLS_IN_A_ROW, ROWS = 5, 10, 3, 1500


@dataclass
class Servers:
    """What the company reads from, beside its folder of files."""

    postgres: Database
    mysql: Database
    tool: SurveyTool
    url: str
    store: object_store.ObjectStore
    endpoint: str


@pytest.fixture
def servers() -> Iterator[Servers]:
    """PostgreSQL, MariaDB, a survey tool that fails now and then, and a bucket."""
    faults = Faults(throttled=0.05, unavailable=0.05, dropped=0.05, cut_short=0.05, html=0.02, repeated_rows=0.3)
    tool = SurveyTool({"responses": []}, faults=faults, page_size=40)
    with ExitStack() as stack:
        url = stack.enter_context(serving(tool))
        store = object_store.ObjectStore(page_size=2)
        endpoint = stack.enter_context(object_store.serving(store))
        databases = [Database("postgres"), Database("mysql")]
        for database in databases:
            stack.callback(database.close)
        yield Servers(databases[0], databases[1], tool, url, store, endpoint)


def company_of_five(folder: Path, servers: Servers) -> Shop:
    """Tables in files, in a bucket, in both databases (one compares keys, both refuse a row) and behind the API."""
    refusing = {**PULLED["columns"], "note": "bigint"}  # type: ignore[dict-item]
    http = {
        "kind": "http",
        "base_url": servers.url,
        "first_wait_seconds": 0,
        "paging": {"kind": "link", "next_field": "meta.next"},
    }
    http["auth"] = {"kind": "token", "token_env": "CX_TEST_TOKEN", "header": "X-API-TOKEN", "prefix": ""}

    def source(connection: dict[str, Any], table: dict[str, object]) -> dict[str, Any]:
        return {"description": "A system.", "connection": connection, "tables": {"contacts": copy.deepcopy(table)}}

    def pulled(server: Database, **more: object) -> dict[str, object]:
        return {**PULLED, "relation": f"{server.schema}.contacts", "columns": refusing, **more}

    bucket = {
        "kind": "object_storage",
        "url": "s3://shop/exports",
        "region": servers.store.region,
        "endpoint": servers.endpoint,
        "auth": {"kind": "access_key", "access_key_env": "CX_TEST_S3_KEY", "secret_key_env": "CX_TEST_S3_SECRET"},
    }
    sources = {
        "bucket": source(bucket, TABLE),
        "crm": source(
            {"kind": "postgres", "url_env": "CX_TEST_PG"}, pulled(servers.postgres, deletes={"kind": "compare_keys"})
        ),
        "files": source({"kind": "files"}, TABLE),
        "shop": source({"kind": "mysql", "url_env": "CX_TEST_MYSQL"}, pulled(servers.mysql)),
        "survey": source(http, ASKED),
    }
    return Shop(folder, {}, {"sources": sources})


def a_day_passes(day: int, shop: Shop, servers: Servers) -> None:
    """New rows everywhere, changed ones, a deleted one, and in each database one that cannot be cast."""
    for server in (servers.postgres, servers.mysql):
        values = [
            f"('d{day}-{n}', {n}.25, {'null' if n else repr(f'day {day}')}, '2024-05-{day + 1:02d} {n % 24:02d}:00:00')"
            for n in range(ROWS if day == 0 else ROWS // 10)
        ]
        server.run(f"insert into contacts values {', '.join(values)}")
        if day:
            server.run(
                f"update contacts set amount = {day}, changed_at = '2024-05-{day + 1:02d} 23:30:00'"
                f" where contact_id = 'd{day - 1}-7'"
            )
    servers.postgres.run(f"delete from contacts where contact_id = 'd0-{day + 100}'")
    content = "contact_id,amount\n" + "".join(f"f{day}-{n},{n}\n" for n in range(ROWS)) + ",1\n"
    shop.write(f"contacts-{day}.csv", content)
    servers.store.put(f"exports/contacts-{day}.csv", content)
    servers.store.put("exports/contacts.csv", f"contact_id,amount\nb,{day}\n")
    servers.tool.tables["responses"] += [record(day * 200 + n, hour=day * 24 + n % 24) for n in range(200)]


def picture(workspace: Workspace) -> dict[str, Any]:
    """What has landed and what was refused, table by table, where the next window begins, and what lies on disk."""
    company, manifests = load_company(workspace), read_manifests(workspace)
    stored = {
        file.path for load in manifests for part in load.parts for file in (part.landed, part.quarantined) if file
    }
    found: dict[str, Any] = {}
    with duckdb.connect() as engine:
        engine.execute("create schema landing")
        for item in company.tables():
            loads = of_table(current_parts(manifests), item.landing_name)
            engine.execute(landing_view_sql(workspace, manifests, item))
            # What others have open on a database widens the window, so rows are numbered otherwise.
            is_of_database = item.kind in ("postgres", "mysql")
            numbers = ", _load_sequence, _source_row" if item.kind == "http" else ""
            numbers = ", _source_row" if is_of_database else numbers
            values = f"* exclude (_load_id{numbers})"
            found[item.landing_name] = {
                "rows": engine.execute(f"select {values} from landing.{item.landing_name} order by all").fetchall(),
                "reasons": [part.reasons for load in loads for part in load.parts],
                "windows": [
                    (None if is_of_database else (load.pull.mode, load.pull.low), load.pull.deleted_count)
                    for load in loads
                    if load.pull
                ],
                "next": cursor_high(item, loads),
            }
    on_disk = {
        path.relative_to(workspace.state_dir).as_posix() for path in workspace.state_dir.rglob("*") if path.is_file()
    }
    found["strays"] = (
        on_disk - stored - {"landing/lock"} - {f"landing/manifests/{n.sequence:08d}.json" for n in manifests}
    )
    return found


def test_fifty_kills_leave_the_landings_of_an_unkilled_run(tmp_path: Path, servers: Servers) -> None:
    shop = company_of_five(tmp_path, servers)
    assert len(shop.company.sources) == 5
    environment = {
        "CX_COMPANY": "shop",
        "CX_COMPANY_DIR": str(tmp_path / "shop"),
        "CX_SOURCE_DIR": str(shop.source),
        "CX_TEST_PG": servers.postgres.url,
        "CX_TEST_MYSQL": servers.mysql.url,
        "CX_TEST_S3_KEY": object_store.ACCESS_KEY,
        "CX_TEST_S3_SECRET": object_store.SECRET_KEY,
        "CX_TEST_TOKEN": TOKEN,
    }
    chosen = random.Random(3)
    killed, compared = 0, 0
    for day in range(DAYS):
        a_day_passes(day, shop, servers)
        environment["CX_CLOCK"] = (NOW + timedelta(days=day)).isoformat()
        whole = Extractor(environment, tmp_path / "whole" / "shop")
        often = Extractor(environment, tmp_path / "killed" / "shop")
        often.state_dir.mkdir(parents=True, exist_ok=True)
        before = tmp_path / "before"
        shutil.copytree(often.state_dir, before)
        seconds = whole.run()
        expected = picture(Workspace("shop", tmp_path / "shop", shop.source, whole.state_dir))
        assert expected["strays"] == set()
        in_a_row = 0
        while killed < (day + 1) * KILLS_A_DAY or in_a_row:
            if in_a_row < KILLS_IN_A_ROW and killed < (day + 1) * KILLS_A_DAY:
                if often.killed_after(chosen.uniform(0, seconds)):
                    killed, in_a_row = killed + 1, in_a_row + 1
                    continue
            else:
                often.run()
            assert picture(Workspace("shop", tmp_path / "shop", shop.source, often.state_dir)) == expected
            compared += in_a_row > 0
            in_a_row = 0
            if killed < (day + 1) * KILLS_A_DAY:
                shutil.rmtree(often.state_dir)
                shutil.copytree(before, often.state_dir)
        shutil.rmtree(before)
    assert (killed, compared >= killed / KILLS_IN_A_ROW) == (DAYS * KILLS_A_DAY, True)
