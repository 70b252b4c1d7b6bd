"""A survey tool's export API: invitations and responses by pages, with the faults that such APIs have.

Responses carry embedded fields and blocks of answers. Beside the export stands a report, which counts by day. Which
request goes wrong and how is drawn from a seed.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import duckdb

ANSWER = ("question", "metric", "score", "verbatim", "language")
TOKEN = "survey-token-7f3a"


@dataclass
class Faults:
    """How likely each fault is per request, and how many in a row a client must bear at most."""

    throttled: float = 0.0
    unavailable: float = 0.0
    hangs: float = 0.0
    dropped: float = 0.0
    cut_short: float = 0.0
    html: float = 0.0
    repeated_rows: float = 0.0
    in_a_row: int = 3
    retry_after: str = "0"
    hang_seconds: float = 0.3


@dataclass
class SurveyTool:
    """The tool's data and temper.

    Attributes:
        tables: Records by endpoint, each with `updated_at` (ISO).
        faults: How it misbehaves.
        paging: link, cursor, page or offset.
        page_size: Records per page.
        foreign_link: A host that the next link points to instead of itself; null behaves.
        zone: Zone in which the report cuts days.
        answers_in: Endpoints whose report counts answers, not records.
    """

    tables: dict[str, list[dict[str, Any]]]
    seed: int = 0
    faults: Faults = field(default_factory=Faults)
    paging: str = "link"
    page_size: int = 10
    foreign_link: str | None = None
    has_total: bool = True
    hides_rows: int = 0
    zone: str = "UTC"
    answers_in: frozenset[str] = frozenset()
    seen: Counter[str] = field(default_factory=Counter)
    tokens_seen: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin(self.seed)
        self._lock = threading.Lock()
        self._sorted_for: tuple[object, ...] = ()
        self._held_sorted: list[dict[str, Any]] = []

    def begin(self, seed: int) -> None:
        """Draw what goes wrong from here on by this seed."""
        self._random = random.Random(seed)
        self._faults_in_a_row = 0

    def fault(self) -> str | None:
        """What goes wrong with the next request."""
        with self._lock:
            draw = self._random.random()
            if self._faults_in_a_row < self.faults.in_a_row:
                for name in ("throttled", "unavailable", "hangs", "dropped", "cut_short", "html"):
                    draw -= getattr(self.faults, name)
                    if draw < 0:
                        self._faults_in_a_row += 1
                        self.seen[name] += 1
                        return name
            self._faults_in_a_row = 0
            return None

    def page(self, endpoint: str, query: dict[str, str], base: str) -> dict[str, Any]:
        """One page of an endpoint, in the order of `updated_at`."""
        since = query.get("updated_since", "")
        records = self._sorted(endpoint, since)
        start = self._start(query)
        rows = records[start : start + self.page_size]
        with self._lock:
            if self._random.random() < self.faults.repeated_rows:
                self.seen["repeated_rows"] += 1
                rows = rows + records[max(0, start - 2) : start]
                self._random.shuffle(rows)
            if self.hides_rows and start == 0:
                self.hides_rows -= 1
                rows = rows[1:]
        document: dict[str, Any] = {"data": {"items": rows}, "meta": {}}
        if self.has_total:
            document["meta"]["total"] = len(records)
        after = start + self.page_size
        if after < len(records):
            if self.paging == "link":
                host = self.foreign_link or base
                document["meta"]["next"] = f"{host}/{endpoint}?start={after}&updated_since={since}"
            elif self.paging == "cursor":
                document["meta"]["next"] = f"c{after}"
        return document

    def report(self, endpoint: str) -> dict[str, Any]:
        """Rows and sum of their scores by day, in the manner of a tool's dashboard."""
        counts: Counter[str | None] = Counter()
        sums: dict[str | None, Decimal] = {}
        for record in self.tables[endpoint]:
            moment = record["updated_at"]
            local = moment and datetime.fromisoformat(str(moment)).astimezone(ZoneInfo(self.zone))
            day = local.date().isoformat() if local else None
            for row in record["answers"] if endpoint in self.answers_in else [record]:
                counts[day] += 1
                if row.get("score") is not None:
                    sums[day] = sums.get(day, Decimal(0)) + Decimal(str(row["score"]))
        days = [{"day": day, "count": counts[day], "sum": float(sums.get(day, 0))} for day in counts]
        return {"report": {"days": days}}

    def _sorted(self, endpoint: str, since: str) -> list[dict[str, Any]]:
        held = self.tables[endpoint]
        key = (endpoint, since, len(held), hash(json.dumps(held)) if len(held) < 1000 else 0)
        if self._sorted_for != key:
            chosen = (record for record in held if str(record["updated_at"]) >= since)
            self._held_sorted = sorted(chosen, key=lambda record: str(record["updated_at"]))
            self._sorted_for = key
        return self._held_sorted

    def _start(self, query: dict[str, str]) -> int:
        if "page" in query:
            return (int(query["page"]) - 1) * self.page_size
        if "cursor" in query:
            return int(query["cursor"].removeprefix("c"))
        return int(query.get("offset", query.get("start", "0")))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: apart, the second waits forty milliseconds for the first one's acknowledgement.
    wbufsize = -1
    tool: SurveyTool

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.tool.tokens_seen.append(self.headers.get("X-API-TOKEN"))
        if self.headers.get("X-API-TOKEN") != TOKEN:
            self._answer(401, b'{"error": "unknown token"}')
            return
        fault = self.tool.fault()
        if fault == "throttled":
            self._answer(429, b'{"error": "slow down"}', {"Retry-After": self.tool.faults.retry_after})
        elif fault == "unavailable":
            self._answer(503, b"")
        elif fault == "html":
            self._answer(200, b"<!doctype html><title>Sign in</title>", content_type="text/html")
        elif fault == "dropped":
            self.close_connection = True
            self.connection.close()
        else:
            if fault == "hangs":
                time.sleep(self.tool.faults.hang_seconds)
            self._page(is_cut=fault == "cut_short")

    def _page(self, *, is_cut: bool) -> None:
        parts = urlsplit(self.path)
        endpoint = parts.path.strip("/")
        is_report = endpoint.startswith("reports/")
        endpoint = endpoint.removeprefix("reports/")
        if endpoint not in self.tool.tables:
            self._answer(404, b"{}")
            return
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        document = self.tool.report(endpoint) if is_report else self.tool.page(endpoint, query, base)
        body = json.dumps(document).encode()
        if is_cut:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        self._answer(200, body)

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, content_type: str = "application/json"
    ) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hung up is no news."""


@contextmanager
def serving(tool: SurveyTool) -> Iterator[str]:
    """Serve on loopback; the base URL."""
    handler = type("Handler", (_Handler,), {"tool": tool})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sample_survey(source: Path) -> dict[str, list[dict[str, Any]]]:
    """The sample company's survey files as its tool would export them: nested, one record per response."""
    invitations = [
        {
            "invitation_no": row["invitation_no"],
            "survey": {"id": row["survey"], "kind": row["survey_type"]},
            "embedded": {name: row[name] for name in ("customer_system", "customer_no", "order_no", "touchpoint")},
            "channel": row["channel"],
            "updated_at": row["invited_at"],
        }
        for row in _rows(source / "survey" / "invitations", "invited_at")
    ]
    responses: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in _rows(source / "survey" / "responses", "responded_at"):
        embedded = {name: row[name] for name in ("customer_system", "customer_no", "touchpoint")}
        # A response whose answers differ in what should be the same is exported as two.
        key = (row["response_no"], row["invitation_no"], row["responded_at"], row["survey"], *embedded.values())
        response = responses.setdefault(
            (*key, row["channel"], row["survey_type"]),
            {
                "response_no": row["response_no"],
                "invitation_no": row["invitation_no"],
                "survey": {"id": row["survey"], "kind": row["survey_type"]},
                "embedded": embedded,
                "channel": row["channel"],
                "updated_at": row["responded_at"],
                "answers": [],
            },
        )
        response["answers"].append(
            {name: row[name] for name in ("question", "metric", "score", "verbatim", "language")}
        )
    return {"invitations": invitations, "responses": list(responses.values())}


def _rows(folder: Path, moment: str) -> list[dict[str, Any]]:
    relation = duckdb.read_parquet(str(folder / "*.parquet"))
    columns = ", ".join(
        f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ') as {name}" if name == moment else name for name in relation.columns
    )
    found = relation.project(columns)
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
