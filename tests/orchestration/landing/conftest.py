"""A company of one table in a folder of its own, landed at a fixed time, and a bucket that it may read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.connectors.databases.mysql import MysqlConnector
from orchestration.connectors.databases.postgres import PostgresConnector
from orchestration.connectors.pulling import Position
from orchestration.declaration.company import Company, load_company
from orchestration.declaration.tables import LandingTable
from orchestration.ground.workspace import Workspace
from orchestration.landing.extraction import extract_table
from orchestration.landing.load_result import LoadResult
from orchestration.landing.loads.manifest import Manifest
from orchestration.landing.loads.manifests import read_manifests
from orchestration.landing.loads.views import landing_view_sql
from orchestration.landing.pulls.window import PullWindow
from tests.servers.databases import Database
from tests.servers.object_store import ACCESS_KEY, SECRET_KEY, ObjectStore, serving

NOW = datetime(2024, 6, 1, 6, tzinfo=UTC)
TABLE = {
    "description": "Contacts.",
    "path": "contacts*.csv",
    "format": "csv",
    "required": ["contact_id"],
    "columns": {"contact_id": "text", "amount": "decimal(18,2)"},
}


@dataclass
class Shop:
    """One company on disk, and short ways to land and read its table."""

    root: Path
    table: dict[str, object]
    settings: dict[str, object] = field(default_factory=dict)
    connection: dict[str, object] = field(default_factory=lambda: {"kind": "files"})

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def workspace(self) -> Workspace:
        return Workspace("shop", self.root / "shop", self.source, self.root / "state" / "shop", NOW)

    @property
    def company(self) -> Company:
        folder = self.root / "shop"
        (folder / "staging").mkdir(parents=True, exist_ok=True)
        document = {
            "name": "shop",
            "title": "Shop",
            "description": "A shop.",
            "currency_code": "EUR",
            "time_zone": "Europe/Berlin",
            "country_code": "DE",
            "owner": "team:data",
            "sources": {
                "crm": {
                    "description": "The CRM.",
                    "connection": self.connection,
                    "tables": {"contacts": self.table},
                }
            },
            **self.settings,
        }
        (folder / "company.yml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return load_company(self.workspace)

    @property
    def item(self) -> LandingTable:
        return self.company.table("crm", "contacts")

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, now: datetime = NOW, window: PullWindow | None = None) -> LoadResult:
        return extract_table(self.company, "crm", "contacts", self.workspace, now=now, window=window)

    def manifests(self) -> list[Manifest]:
        return read_manifests(self.workspace)

    def rows(self, columns: str = "*") -> list[tuple[object, ...]]:
        """Rows of the landing view in the order of loads, files and rows."""
        with duckdb.connect() as connection:
            connection.execute("create schema landing")
            connection.execute(landing_view_sql(self.workspace, self.manifests(), self.item))
            return connection.execute(
                f"select {columns} from landing.crm__contacts order by _load_sequence, _source_file, _source_row"
            ).fetchall()

    def types(self) -> dict[str, str]:
        with duckdb.connect() as connection:
            connection.execute("create schema landing")
            connection.execute(landing_view_sql(self.workspace, self.manifests(), self.item))
            return {row[0]: row[1] for row in connection.execute("describe landing.crm__contacts").fetchall()}

    def quarantined(self, columns: str = "_source_row, _source_line, rule, raw_text") -> list[tuple[object, ...]]:
        """Refused rows of all loads in the order of their rows."""
        files = [
            str(self.workspace.state_dir / part.quarantined.path)
            for manifest in self.manifests()
            for part in manifest.parts
            if part.quarantined
        ]
        if not files:
            return []
        return duckdb.read_parquet(files).order("_load_sequence, _source_file, _source_row").project(columns).fetchall()


@pytest.fixture
def make_shop(tmp_path: Path) -> Callable[..., Shop]:
    """Makes a shop whose table differs from TABLE in the given keys."""

    def make(settings: dict[str, object] | None = None, **table: object) -> Shop:
        return Shop(tmp_path, {**TABLE, **table}, settings or {})

    return make


CONNECTION: dict[str, object] = {
    "kind": "object_storage",
    "url": "s3://shop/exports",
    "region": "eu-central-1",
    "endpoint_env": "CX_TEST_S3_ENDPOINT",
    "auth": {"kind": "access_key", "access_key_env": "CX_TEST_S3_KEY", "secret_key_env": "CX_TEST_S3_SECRET"},
    "timeout_seconds": 2,
    "max_attempts": 3,
    "first_wait_seconds": 0.01,
    "longest_wait_seconds": 0.05,
}


@dataclass
class Bucket:
    """A store, and shops that read from it."""

    store: ObjectStore
    folder: Path

    def shop(self, connection: dict[str, object] | None = None, **table: object) -> Shop:
        given = {**CONNECTION, **(connection or {})}
        given = {name: value for name, value in given.items() if value is not None}
        return Shop(self.folder, {**TABLE, **table}, connection=given)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    store = ObjectStore()
    with serving(store) as endpoint:
        monkeypatch.setenv("CX_TEST_S3_ENDPOINT", endpoint)
        monkeypatch.setenv("CX_TEST_S3_KEY", ACCESS_KEY)
        monkeypatch.setenv("CX_TEST_S3_SECRET", SECRET_KEY)
        # What other programs on the machine use counts for nothing.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SKIP_SIGNATURE"):
            monkeypatch.setenv(name, "true" if name == "AWS_SKIP_SIGNATURE" else "of another program")
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_METADATA_ENDPOINT"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        yield Bucket(store, tmp_path)


@pytest.fixture(
    params=[
        pytest.param("postgres", marks=pytest.mark.needs_postgres),
        pytest.param("mysql", marks=pytest.mark.needs_mysql),
    ]
)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    server = Database(request.param)
    monkeypatch.setenv("CX_TEST_URL", server.url)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def alone_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other users of the server have open would widen the windows, whose rows some tests count."""
    monkeypatch.setattr(PostgresConnector, "_position", lambda self: Position())
    monkeypatch.setattr(MysqlConnector, "_position", lambda self: Position())
