"""A Superset of the test's own: metadata in a scratch folder, on loopback only, asked by its REST API."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.report.test_server import _free_port as free_port

BIN = ROOT / ".venv-superset" / "bin"
CONFIGURATION = """
SECRET_KEY = {secret!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/superset.db"
PREVENT_UNSAFE_DB_CONNECTIONS = False  # it counts a DuckDB file among the unsafe ones
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
"""
READY_SECONDS = 600


@dataclass(frozen=True)
class Superset:
    """A running server, and the token of its administrator."""

    url: str
    token: str = ""

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call of the API.

        Raises:
            AssertionError: It is refused; the message is the server's.
        """
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:2000]!r}") from error

    def add_database(self, name: str, uri: str, connect_args: dict[str, Any]) -> int:
        """Register a database; its number."""
        extra = json.dumps({"engine_params": {"connect_args": connect_args}})
        added = self.call("POST", "database/", {"database_name": name, "sqlalchemy_uri": uri, "extra": extra})
        return int(added["id"])

    def add_chart(self, name: str, dataset: dict[str, Any], query: dict[str, Any]) -> int:
        """Register a dataset and a chart on it; the chart's number.

        With its metadata in SQLite Superset takes a name of a dataset once only, whatever the database and schema.
        """
        added = self.call("POST", "dataset/", dataset)["id"]
        source = {"datasource": {"id": added, "type": "table"}, "force": True, "queries": [query]}
        chart = {
            "slice_name": name,
            "viz_type": "table",
            "datasource_id": added,
            "datasource_type": "table",
            "params": json.dumps({"viz_type": "table"}),
            "query_context": json.dumps({**source, "result_format": "json", "result_type": "full"}),
        }
        return int(self.call("POST", "chart/", chart)["id"])

    def chart_rows(self, chart: int) -> list[dict[str, Any]]:
        """What the chart shows now, asked of the database anew."""
        saved = self.call("GET", f"chart/{chart}")["result"]["query_context"]
        answer = self.call("POST", "chart/data", json.loads(saved))
        return list(answer["result"][0]["data"])


@contextmanager
def serving(home: Path) -> Iterator[Superset]:
    """Superset with an empty home; it takes a minute or two to be ready."""
    configuration = home / "superset_config.py"
    configuration.write_text(CONFIGURATION.format(secret=secrets.token_hex(24), home=home), encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CX_", "PYTHONPATH"))}
    environment = {
        **kept,
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(configuration),
        "FLASK_APP": "superset",
    }
    password = secrets.token_hex(12)
    person = ("--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "a@example.org")
    port = free_port()
    log = (home / "log").open("w", encoding="utf-8")
    with log:
        for arguments in (("db", "upgrade"), ("fab", "create-admin", *person, "--password", password), ("init",)):
            command = [str(BIN / "superset"), *arguments]
            subprocess.run(command, env=environment, cwd=home, stdout=log, stderr=log, check=True)
        run = [str(BIN / "superset"), "run", "-h", "127.0.0.1", "-p", str(port), "--with-threads"]
        process = subprocess.Popen(run, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            anonymous = Superset(f"http://127.0.0.1:{port}")
            _await_health(anonymous.url, process)
            person_and_password = {"username": "admin", "password": password, "provider": "db"}
            told = anonymous.call("POST", "security/login", person_and_password)
            yield Superset(anonymous.url, told["access_token"])
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await_health(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends:
        assert process.poll() is None, "Superset ended by itself"
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=20):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("Superset does not answer")
