"""Alerts reach a webhook when there is one; a webhook that is down fails nothing; its address stays secret."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from orchestration.runs.alerts import send_alert


@pytest.fixture
def webhook():
    received: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret-path", received
    server.shutdown()


def test_the_webhook_gets_subject_and_text(webhook) -> None:
    address, received = webhook
    assert send_alert("daily failed", "Run r1.", webhook=address)
    assert received == [{"subject": "daily failed", "text": "daily failed\nRun r1."}]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/secret-path",
        "http://127.0.0.1:9/secret-path with a space",
        "http://127.0.0.1:secret-path/",
        "http://[secret-path/",
        "http://[secret-path]/",
    ],
)
def test_a_webhook_that_is_down_is_logged_without_its_address(caplog: pytest.LogCaptureFixture, address: str) -> None:
    with caplog.at_level(logging.ERROR):
        assert not send_alert("daily failed", "Run r1.", webhook=address)
    assert "daily failed: Run r1." in caplog.text
    assert "secret-path" not in caplog.text


def test_without_a_webhook_it_is_only_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CX_ALERT_WEBHOOK", raising=False)
    assert not send_alert("daily failed", "Run r1.")


def test_a_file_address_is_refused() -> None:
    with pytest.raises(ValueError, match="http or https"):
        send_alert("a", "b", webhook="file:///etc/passwd")
