"""An API whose every answer a test writes as a function of the request: for the ways in which lists end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request: query values by name, the body's JSON (empty without one), and headers in lower case."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class ScriptedApi:
    """Answers by a function that gives a document, or a status and a document; bytes are sent as they are.

    Attributes:
        answer: The function.
        asked: Requests so far.
        url: Of the server while it runs.
        most_requests: Beyond them it fails.
        content_type: Of its answers.
    """

    answer: Callable[[Asked], Any]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    most_requests: int = 60
    content_type: str = "application/json"


@contextmanager
def answering(answer: Callable[[Asked], Any]) -> Iterator[ScriptedApi]:
    """Serve on loopback; beyond sixty requests it fails, so that an endless reader ends."""
    api = ScriptedApi(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, query, body, headers)
            api.asked.append(asked)
            found = (418, {}) if len(api.asked) > api.most_requests else api.answer(asked)
            status, document = found if isinstance(found, tuple) else (200, found)
            sent = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", api.content_type)
            self.send_header("Content-Length", str(len(sent)))
            if 300 <= status < 400:
                self.send_header("Location", document["location"])
            self.end_headers()
            self.wfile.write(sent)

        def do_POST(self) -> None:
            self.do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
