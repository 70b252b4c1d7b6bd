"""Fifty forced failures with thirty secrets in environment and configuration: nothing that is written holds one."""

from __future__ import annotations

import http.server
import io
import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from orchestration.declaration.company import CompanyError
from orchestration.landing.errors import LandingError
from tests.conftest import MYSQL_URL, POSTGRES_URL, ROOT, company_environment
from tests.orchestration.landing.conftest import Shop
from tests.orchestration.landing.test_pull import TABLE as PULLED
from tests.orchestration.landing.test_pull_http import TABLE as ASKED
from tests.orchestration.planted import SECRETS, leaks
from tests.warm import WarmRun

pytestmark = [pytest.mark.needs_postgres, pytest.mark.needs_mysql]


class Hostile(http.server.BaseHTTPRequestHandler):
    """Fails as the path says, and repeats what it was sent wherever an answer can hold it."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        sent = self.headers.get("Authorization", "")
        how = self.path.split("?")[0].strip("/")
        body = f'{{"error": "you sent {quote(sent)}", "sent": "{quote(sent)}"}}'.encode()
        status, headers = 200, {}
        if how.isdigit():
            status = int(how)
        elif how == "html":
            body = b"<!doctype html>" + body
        elif how == "list":
            body = b'"' + quote(sent).encode() + b'"'
        elif how == "foreign":
            status, headers = 302, {"Location": f"http://localhost:1/?token={quote(sent)}"}
        elif how == "next":
            body = f'{{"data": {{"items": []}}, "meta": {{"next": "http://u:{quote(sent)}@localhost:1/"}}}}'.encode()
        elif how == "circle":
            body = f'{{"data": {{"items": [{{}}]}}, "meta": {{"next": "/circle?a={quote(sent)}"}}}}'.encode()
        elif how == "more":
            body = b'{"data": {"items": []}, "meta": {"total": 7}}'
        elif how == "reason":
            self.send_response(403, quote(sent))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + (9 if how == "cut" else 0)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    """A hostile web server, and servers that hang up at once or talk nonsense."""

    def answering(answer: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(answer)

        stack.callback(listener.close)
        threading.Thread(target=serve, daemon=True).start()
        return int(listener.getsockname()[1])

    with ExitStack() as stack:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        yield {"web": server.server_port, "hangs_up": answering(b""), "nonsense": answering(b"\x00nonsense\xff" * 40)}


def database_failures(kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, URL with {} for the encoded secret, and what differs in the table."""
    scheme = "postgresql" if kind == "postgres" else "mysql"
    parts = urlsplit(POSTGRES_URL if kind == "postgres" else MYSQL_URL)
    at = f"{parts.hostname}:{parts.port}"
    good = f"{scheme}://{parts.username}{':' + parts.password if parts.password else ''}@{at}{parts.path}"
    tls = "sslmode=verify-full&sslrootcert=/keys/{}.pem" if kind == "postgres" else "tls=verify"
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("refused", f"{scheme}://user:{{}}@127.0.0.1:1/db", {}),
        ("no such host", f"{scheme}://user:{{}}@no-such-host.invalid/db", {}),
        ("unknown user", f"{scheme}://cx_nobody:{{}}@{at}{parts.path}", {}),
        ("hangs up", f"{scheme}://user:{{}}@127.0.0.1:<hangs_up>/db", {}),
        ("nonsense", f"{scheme}://user:{{}}@127.0.0.1:<nonsense>/db", {}),
        ("no certificate", f"{good.replace('@', ':{}@', 1) if not parts.password else good}?{tls}", {}),
        ("no URL", "{}", {}),
        ("broken host", f"{scheme}://user:{{}}@[::1", {}),
        ("no port", f"{scheme}://user:{{}}@{parts.hostname}:port/db", {}),
        ("port too large", f"{scheme}://user:{{}}@{parts.hostname}:99999/db", {}),
        ("no database", f"{scheme}://user:{{}}@{at}", {}),
        ("other scheme", "https://user:{}@127.0.0.1/db", {}),
        ("unknown setting", f"{good}?password={{}}", {}),
        ("secret as setting", f"{good}?{{}}=1", {}),
    ]
    if not parts.password:
        known = good.replace("@", ":{}@", 1)
        found.append(("no such table", known, {"relation": "cx_nowhere.contacts"}))
        found.append(("no such database", known.replace(parts.path, "/cx_no_such_db"), {}))
    return found


WEB = "http://127.0.0.1:<web>"
WEB_FAILURES: list[tuple[str, str, dict[str, Any]]] = [
    *((f"status {status}", WEB, {"endpoint": f"/{status}"}) for status in (400, 401, 403, 404, 429, 500, 503)),
    *((how, WEB, {"endpoint": f"/{how}"}) for how in ("html", "list", "foreign", "next", "circle", "more", "cut")),
    ("reason phrase", WEB, {"endpoint": "/reason"}),
    ("refused", "http://127.0.0.1:1", {}),
    ("no such host", "https://no-such-host.invalid", {}),
    ("no TLS", "https://127.0.0.1:<web>", {}),
    ("hangs up", "http://127.0.0.1:<hangs_up>", {}),
    ("nonsense", "http://127.0.0.1:<nonsense>", {}),
    ("password in the address", "http://user:{}@127.0.0.1:<web>", {}),
    ("key in the address", WEB + "?key={}", {}),
    ("not encrypted", "http://{}.example.org", {}),
    ("no address", "{}", {}),
]
IN_THE_FILE: list[tuple[str, dict[str, Any]]] = [
    ("url_env", {"kind": "postgres", "url_env": "postgresql://user:{}@db/shop"}),
    ("unknown key", {"kind": "postgres", "url_env": "URL", "password": "{}"}),
    ("kind", {"kind": "{}"}),
    ("base_url", {"kind": "http", "base_url": "https://user:{}@api.example.org"}),
    ("token_env", {"kind": "http", "base_url": "https://a.org", "auth": {"kind": "token", "token_env": "{}"}}),
    ("timeout", {"kind": "postgres", "url_env": "URL", "timeout_seconds": "{}"}),
]
FAILURES = (
    [("postgres", *failure) for failure in database_failures("postgres")]
    + [("mysql", *failure) for failure in database_failures("mysql")]
    + [("http", *failure) for failure in WEB_FAILURES]
)


def url_of(template: str, ports: dict[str, int], secret: str) -> str:
    for name, port in ports.items():
        template = template.replace(f"<{name}>", str(port))
    return template.replace("{}", quote(secret, safe=""))


def shop_of(kind: str, folder: Path, table: dict[str, Any]) -> Shop:
    if kind != "http":
        return Shop(
            folder, {**PULLED, **table}, connection={"kind": kind, "url_env": "CX_TEST_URL", "timeout_seconds": 5}
        )
    connection = {
        "kind": "http",
        "base_url_env": "CX_TEST_URL",
        "auth": {"kind": "token", "token_env": "CX_TEST_TOKEN"},
        "paging": {"kind": "link", "next_field": "meta.next"},
        "timeout_seconds": 2,
        "max_attempts": 2,
        "first_wait_seconds": 0,
        "longest_wait_seconds": 0,
    }
    return Shop(folder, {**ASKED, **table}, connection=connection)


@contextmanager
def all_that_is_said() -> Iterator[io.StringIO]:
    """What every library logs; below INFO their records hold whole addresses, which is why nothing turns them on."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield said
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def stored(folder: Path) -> str:
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file())


def test_there_are_fifty_failures_and_thirty_secrets() -> None:
    assert len(FAILURES) + len(IN_THE_FILE) >= 50
    assert len(set(SECRETS)) == 30


@pytest.mark.parametrize("number", range(len(FAILURES)), ids=lambda n: "-".join(FAILURES[n][:2]))
def test_a_failure_tells_no_secret(
    number: int,
    ports: dict[str, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    kind, _, template, table = FAILURES[number]
    for n, secret in enumerate(SECRETS):
        monkeypatch.setenv(f"CX_PLANTED_{n}", secret)
    # Latin alone goes over HTTP; other signs are tried below.
    secret = SECRETS[number % 26]
    monkeypatch.setenv("CX_TEST_URL", url_of(template, ports, secret))
    monkeypatch.setenv("CX_TEST_TOKEN", secret)
    with all_that_is_said() as said, pytest.raises(LandingError) as caught:
        shop_of(kind, tmp_path, table).land()
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    printed = "".join(capfd.readouterr())
    assert leaks(told, SECRETS) == []
    assert leaks(said.getvalue(), SECRETS) == []
    assert leaks(printed, SECRETS) == []
    assert leaks(stored(tmp_path), SECRETS) == []


@pytest.mark.parametrize("secret", [*SECRETS[24:], "line\nbreak-secret", "zero\0byte-secret", " leading-blank-secret"])
@pytest.mark.parametrize("kind", ["postgres", "mysql", "http"])
def test_a_secret_that_no_protocol_takes_fails_in_words(
    kind: str, secret: str, ports: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme = "postgresql" if kind == "postgres" else kind
    template = "http://127.0.0.1:<web>" if kind == "http" else f"{scheme}://u:{{}}@127.0.0.1:<nonsense>/d"
    monkeypatch.setattr(
        os, "environ", {**os.environ, "CX_TEST_URL": url_of(template, ports, secret), "CX_TEST_TOKEN": secret}
    )
    with pytest.raises(LandingError) as caught:
        shop_of(kind, tmp_path, {"endpoint": "/401"} if kind == "http" else {}).land()
    assert leaks("".join(traceback.format_exception(caught.value)), [secret.strip()]) == []


@pytest.mark.parametrize(("name", "connection"), IN_THE_FILE, ids=[name for name, _ in IN_THE_FILE])
def test_a_secret_in_the_wrong_field_is_refused_without_it(
    name: str, connection: dict[str, Any], tmp_path: Path
) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        return value.replace("{}", SECRETS[5]) if isinstance(value, str) else value

    shop = Shop(tmp_path, PULLED if connection.get("kind") != "http" else ASKED, connection=filled(connection))
    with pytest.raises(CompanyError, match=r"company\.yml, line") as caught:
        shop.land()
    assert leaks("".join(traceback.format_exception(caught.value)), SECRETS) == []


def test_a_statement_that_takes_too_long_tells_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = "cx_slow_statement"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(f"drop schema if exists {schema} cascade")
        server.execute(f"create schema {schema}")
        server.execute(f"create view {schema}.contacts as select '1' as contact_id, pg_sleep(9)::text as note")
        try:
            monkeypatch.setenv("CX_TEST_URL", f"{POSTGRES_URL}?target_session_attrs=any")
            connection = {"kind": "postgres", "url_env": "CX_TEST_URL", "timeout_seconds": 1}
            table = {**PULLED, "relation": f"{schema}.contacts", "cursor": None}
            shop = Shop(tmp_path, {name: value for name, value in table.items() if value}, connection=connection)
            with pytest.raises(LandingError, match="statement timeout"):
                shop.land()
        finally:
            server.execute(f"drop schema {schema} cascade")


@pytest.mark.slow
def test_runs_of_the_job_that_fail_keep_no_secret(ports: dict[str, int], tmp_path: Path) -> None:
    """Dagster's event store, dbt's logs, what is printed, and the process list while it works."""
    (tmp_path / "source").mkdir()
    environment = company_environment(ROOT / "data" / "companies" / "sample", tmp_path / "source", tmp_path / "state")
    environment |= {f"CX_PLANTED_{n}": secret for n, secret in enumerate(SECRETS)}
    environment |= {
        "CX_SAMPLE_CRM_URL": url_of("postgresql://user:{}@127.0.0.1:<nonsense>/db", ports, SECRETS[3]),
        "CX_SAMPLE_SHOP_URL": url_of("mysql://user:{}@127.0.0.1:<hangs_up>/db", ports, SECRETS[4]),
        "CX_SAMPLE_SURVEY_URL": url_of("http://127.0.0.1:<web>", ports, ""),
        "CX_SAMPLE_SURVEY_TOKEN": SECRETS[5],
        "CX_ALERT_WEBHOOK": f"http://127.0.0.1:9/{quote(SECRETS[6], safe='')}",
    }
    titles = set()
    for command in (("run", "--verbose"), ("load", "survey.responses"), ("doctor",)):
        running = WarmRun(*command, "--profile", "systems", environment=environment)
        while running.poll() is None:
            titles |= {_title(path) for path in Path("/proc").glob("[0-9]*/cmdline")}
            time.sleep(0.5)
        done = running.completed()
        assert done.returncode == 1, done.stderr[-2000:]
        assert leaks(done.stdout + done.stderr, SECRETS) == []
    assert "crm" in done.stdout
    assert leaks(" ".join(titles), SECRETS) == []
    written = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" and b"PostgreSQL says" in path.read_bytes() for path in written)
    assert leaks(stored(tmp_path), SECRETS) == []


def _title(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:  # it has ended
        return ""
