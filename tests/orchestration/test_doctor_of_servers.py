"""`cx doctor` reads databases and APIs as a run would: what is unreachable, forbidden or missing is told per table."""

from __future__ import annotations

import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from orchestration.cli import doctor
from tests.conftest import POSTGRES_URL
from tests.orchestration.landing.conftest import (
    Shop,
    server,  # noqa: F401
)
from tests.orchestration.landing.test_pull import TABLE as PULLED
from tests.orchestration.landing.test_pull_http import TABLE as ASKED
from tests.orchestration.landing.test_pull_http import record
from tests.orchestration.planted import SECRETS, leaks
from tests.servers.databases import Database
from tests.servers.scripted_api import answering
from tests.servers.survey_tool import TOKEN, SurveyTool, serving


def told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, str]]:
    """What the doctor says of the shop's sources."""
    _ = shop.company
    for name, value in {"DIR": shop.root / "shop", "": "shop"}.items():
        monkeypatch.setenv(f"CX_COMPANY{'_' if name else ''}{name}", str(value))
    monkeypatch.setenv("CX_SOURCE_DIR", str(shop.source))
    monkeypatch.setenv("CX_STATE_ROOT", str(shop.root / "state"))
    # The mapping of this company is empty, which dbt would take ten seconds to say.
    monkeypatch.setattr(doctor, "_mapping", lambda *_: ())
    found = doctor.examine("shop")
    assert leaks(str(found), SECRETS) == []
    return [(finding.is_ok, finding.message) for finding in found if finding.subject.startswith("source")]


def test_a_database_is_read_for_each_table(server: Database, tmp_path, monkeypatch) -> None:  # noqa: F811
    relation = f"{server.schema}.contacts"
    shop = Shop(tmp_path, {**PULLED, "relation": relation}, connection={"kind": server.kind, "url_env": "CX_TEST_URL"})
    assert told(shop, monkeypatch) == [(True, f"{relation} can be read, with every declared column")]
    server.run("alter table contacts add column city varchar(20)")
    assert told(shop, monkeypatch)[0][1].endswith("; 1 columns more than declared, which land as text")
    server.run("alter table contacts drop column amount")
    [(is_ok, message)] = told(shop, monkeypatch)
    assert (is_ok, "lacks the declared column(s) amount" in message) == (False, True)
    server.run("drop table contacts")
    [(is_ok, message)] = told(shop, monkeypatch)
    assert (is_ok, "contacts' doesn't exist" in message or "does not exist" in message) == (False, True)
    server.run("create table contacts (contact_id int)")
    scheme = "postgresql" if server.kind == "postgres" else "mysql"
    monkeypatch.setenv("CX_TEST_URL", f"{scheme}://user:{SECRETS[0]}@127.0.0.1:1/shop")
    [(is_ok, message)] = told(shop, monkeypatch)
    assert (is_ok, "cannot connect" in message) == (False, True)
    monkeypatch.delenv("CX_TEST_URL")
    assert told(shop, monkeypatch) == [(False, "the environment variable CX_TEST_URL is not set: company.yml names it")]


@pytest.mark.needs_postgres
def test_a_right_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"cx_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(f"create role {name} login password 'abcdefgh'")
        admin.execute(f"create schema {name}")
        admin.execute(f"grant usage on schema {name} to {name}")
        admin.execute(f"create table {name}.contacts (contact_id text)")
        try:
            parts = urlsplit(POSTGRES_URL)
            host = f"{name}:abcdefgh@{parts.hostname}:{parts.port}"
            monkeypatch.setenv("CX_TEST_URL", parts._replace(netloc=host).geturl())
            table = {**PULLED, "relation": f"{name}.contacts"}
            shop = Shop(tmp_path, table, connection={"kind": "postgres", "url_env": "CX_TEST_URL"})
            [(is_ok, message)] = told(shop, monkeypatch)
            assert (is_ok, "permission denied for table contacts" in message) == (False, True)
        finally:
            admin.execute(f"drop schema {name} cascade")
            admin.execute(f"drop role {name}")


def test_an_api_is_read_for_its_first_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_TEST_TOKEN", TOKEN)
    tool = SurveyTool({"responses": [record(n) for n in range(25)]})
    with serving(tool) as url:
        connection = {
            "kind": "http",
            "base_url": url,
            "auth": {"kind": "token", "token_env": "CX_TEST_TOKEN", "header": "X-API-TOKEN", "prefix": ""},
            "paging": {"kind": "link", "next_field": "meta.next"},
        }
        shop = Shop(tmp_path, ASKED, connection=connection)
        # embedded.agent.name and answers are not declared.
        more = "; 2 columns more than declared, which land as text"
        assert told(shop, monkeypatch) == [(True, f"/responses can be read, with every declared column{more}")]
        assert len(tool.tokens_seen) == 1
        for row in tool.tables["responses"]:
            del row["score"]
        assert told(shop, monkeypatch) == [(True, "/responses answers; the records of its first page lack score")]
        tool.tables["responses"].clear()
        assert told(shop, monkeypatch) == [(True, "/responses answers; its first page holds no record")]
        monkeypatch.setenv("CX_TEST_TOKEN", SECRETS[1])
        [(is_ok, message)] = told(shop, monkeypatch)
        assert (is_ok, "answered 401: check the token" in message) == (False, True)


def test_keys_of_an_api_in_another_case_are_the_declared_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"items": [{"ID": 1, "Name": "a"}, {"Id": 2, "name": "b"}]}
    with answering(lambda asked: sent) as api:
        table = {"description": "Rows.", "endpoint": "/rows", "records": "items", "key": ["id"]}
        columns = {"id": "text", "name": "text"}
        shop = Shop(tmp_path, {**table, "columns": columns}, connection={"kind": "http", "base_url": api.url})
        assert told(shop, monkeypatch) == [(True, "/rows can be read, with every declared column")]
