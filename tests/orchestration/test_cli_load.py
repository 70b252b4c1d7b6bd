"""`cx load`, as typed: a table of a real PostgreSQL, and one of a bucket; what it says and what has landed then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import company_environment
from tests.orchestration.landing.conftest import CONNECTION, Shop
from tests.orchestration.landing.conftest import TABLE as FILES
from tests.orchestration.landing.test_pull import TABLE as PULLED
from tests.orchestration.planted import leaks
from tests.servers.databases import Database
from tests.servers.object_store import ACCESS_KEY, SECRET_KEY, ObjectStore, serving
from tests.warm import run_cx

COLUMNS = "contact_id, amount, _load_sequence"
Load = Callable[..., tuple[int, str, str]]


def loader(shop: Shop, **variables: str) -> Load:
    """Runs `cx load crm.contacts`: exit code, what it printed, what it printed as progress and errors."""
    folder = shop.company.folder
    environment = company_environment(folder, shop.source, shop.root / "state", clock="2024-06-01T06:00:00+00:00")

    def load(*arguments: str) -> tuple[int, str, str]:
        done = run_cx("load", "crm.contacts", *arguments, environment={**environment, **variables})
        return done.returncode, done.stdout, done.stderr

    return load


@pytest.fixture
def server() -> Iterator[Database]:
    server = Database("postgres")
    try:
        yield server
    finally:
        server.close()


@pytest.mark.slow
@pytest.mark.needs_postgres
def test_a_table_of_a_database(server: Database, tmp_path: Path) -> None:
    server.insert(("a", 1, None, "2024-05-01 10:00:00"), ("b", 2, None, "2024-05-20 10:00:00"))
    table = {**PULLED, "relation": f"{server.schema}.contacts"}
    shop = Shop(tmp_path, table, connection={"kind": "postgres", "url_env": "CX_TEST_URL"})
    load = loader(shop, CX_TEST_URL=server.url)

    # What others have open would widen the windows.
    server.wait_until_alone()
    code, said, _ = load()
    assert (code, said) == (0, "crm__contacts: 2 rows landed, 0 quarantined, of 2 that were sent, load 1\n")
    assert load()[:2] == (0, "crm__contacts: nothing new\n")

    # b changes within the window; x and y come with old times, before it (20 May less two days).
    server.run("update contacts set amount = 20, changed_at = '2024-05-21 09:00:00' where contact_id = 'b'")
    server.insert(("x", 3, None, "2024-05-03 23:59:59"), ("y", 4, None, "2024-05-04 00:00:00"))
    server.wait_until_alone()
    assert load()[:2] == (0, "crm__contacts: 1 rows landed, 0 quarantined, of 1 that were sent, load 2\n")

    # The range holds x; its end does not belong to it. What has landed comes and is known.
    code, said, _ = load("--from", "2024-05-01", "--to", "2024-05-04")
    assert (code, said) == (0, "crm__contacts: 1 rows landed, 0 quarantined, of 2 that were sent, load 3\n")
    assert load("--from", "2024-05-01", "--to", "2024-05-04")[:2] == (0, "crm__contacts: nothing new\n")

    # All four rows are sent, y alone is new.
    assert load("--reload")[:2] == (0, "crm__contacts: 1 rows landed, 0 quarantined, of 4 that were sent, load 4\n")
    assert load("--reload")[:2] == (0, "crm__contacts: nothing new\n")
    assert shop.rows(COLUMNS) == [
        ("a", Decimal(1), 1),
        ("b", Decimal(2), 1),
        ("b", Decimal(20), 2),
        ("x", Decimal(3), 3),
        ("y", Decimal(4), 4),
    ]
    assert [load.pull.mode for load in shop.manifests()] == ["first", "window", "backfill", "full"]

    server.run("drop table contacts")
    code, said, told = load()
    assert (code, said, "crm__contacts: " in told, "does not exist" in told) == (1, "", True, True)
    assert len(shop.manifests()) == 4


@pytest.mark.slow
def test_a_table_of_a_bucket(tmp_path: Path) -> None:
    store = ObjectStore()
    store.put("exports/contacts-1.csv", "contact_id,amount\nc1,1\nc2,much\n")
    shop = Shop(tmp_path, FILES, connection=CONNECTION)
    with serving(store) as endpoint:
        names = {"CX_TEST_S3_ENDPOINT": endpoint, "CX_TEST_S3_KEY": ACCESS_KEY}
        load = loader(shop, **names, CX_TEST_S3_SECRET=SECRET_KEY)
        assert load()[:2] == (0, "crm__contacts: 1 rows landed, 1 quarantined, from 1 file(s), load 1\n")
        store.put("exports/contacts-2.csv", "contact_id,amount\nc3,3\n")
        assert load()[:2] == (0, "crm__contacts: 1 rows landed, 0 quarantined, from 1 file(s), load 2\n")
        assert load()[:2] == (0, "crm__contacts: nothing new\n")
        assert shop.rows(COLUMNS) == [("c1", Decimal(1), 1), ("c3", Decimal(3), 2)]
        code, _, told = loader(shop, **names, CX_TEST_S3_SECRET="another-secret/of+forty")()
        assert (code, "the secret key does not belong to the access key" in told) == (1, True)
    written = "".join(path.read_bytes().decode("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())
    assert leaks(written + told, [SECRET_KEY, ACCESS_KEY, "another-secret/of+forty"]) == []


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        (PULLED, ("--reload", "--to", "2024-05-04"), "Give either --reload or a range."),
        (PULLED, ("--from", "4.5.2024"), "Write --from and --to as 2026-01-31"),
        (PULLED, ("--from", "2024-05-04", "--to", "2024-05-04T02:00:00+02:00"), "--from must lie before --to."),
        ({**PULLED, "cursor": None}, ("--from", "2024-05-04"), "crm__contacts has no cursor of dates or times"),
        (FILES, ("--reload",), "Every load looks at all files of the table"),
        (FILES, ("--from", "2024-05-04"), "Every load looks at all files of the table"),
    ],
)
def test_what_cannot_be_pulled_is_said_before_anything_starts(
    table: dict[str, object], arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    given = {name: value for name, value in table.items() if value is not None}
    connection = {"kind": "files"} if table is FILES else {"kind": "postgres", "url_env": "CX_TEST_URL"}
    code, said, told = loader(Shop(tmp_path, given, connection=connection))(*arguments)
    assert (code, said, message in told) == (2, "", True)
    assert not (tmp_path / "state" / "shop" / "landing").exists()
