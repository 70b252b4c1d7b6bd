"""A headless Chromium, driven by the DevTools protocol over its own WebSocket: no driver of a browser is needed.

It notes each request, each error on the console and each uncaught exception. Streamlit's own marks of a page that has
been drawn are in `report_page`, not here.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
"""The last one lets no name be looked up: what asks another host fails, and is noted."""
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}
TIMEOUT = 60.0


class BrowserError(RuntimeError):
    """There is no browser, it does not answer, or the page is not as awaited."""


def find_chromium() -> str | None:
    """The browser: CX_CHROMIUM, or the first of the usual names on the path."""
    return os.environ.get("CX_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Tab:
    """One page of the browser.

    Attributes:
        requests: Address of each request and WebSocket since the start.
        complaints: Errors on the console, failed requests and uncaught exceptions, in words.
    """

    socket: ClientConnection
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _number: int = 0

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer.

        Raises:
            BrowserError: The browser refuses it.
            TimeoutError: The browser does not answer.
        """
        self._number += 1
        self.socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self.socket.recv(timeout=TIMEOUT))
            if said.get("id") == self._number:
                if "error" in said:
                    raise BrowserError(f"{method}: {said['error']}")
                return dict(said["result"])
            self._note(said.get("method", ""), said.get("params", {}))

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif event == "Network.webSocketCreated":
            self.requests.append(told["url"])
        elif event == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.complaints.append(f"exception: {details.get('exception', {}).get('description', details['text'])}")
        elif event == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert"):
            words = (str(item.get("value", item.get("description"))) for item in told["args"])
            self.complaints.append(f"console: {' '.join(words)}")
        elif event == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.complaints.append(f"log: {told['entry']['text']} {told['entry'].get('url', '')}")

    def evaluate(self, expression: str) -> Any:
        """Value of a JavaScript expression; a promise is awaited.

        Raises:
            BrowserError: It throws.
        """
        given = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in given:
            raise BrowserError(f"{expression}: {given['exceptionDetails']}")
        return given["result"].get("value")

    def wait_until(self, expression: str, *, timeout: float = TIMEOUT, every: float = 0.02) -> Any:
        """Its value, once it is true.

        Raises:
            BrowserError: It is not true in time; the message ends with what the page says.
        """
        ends = time.monotonic() + timeout
        while not (value := self.evaluate(expression)):
            if time.monotonic() > ends:
                page = self.evaluate("document.body.innerText")
                raise BrowserError(f"Not within {timeout:g} s: {expression}\n{page}\n{self.complaints}")
            time.sleep(every)
        return value

    def press(self, key: str) -> None:
        """Press and release a key."""
        for kind in ("rawKeyDown", *(["char"] if key == "Enter" else []), "keyUp"):
            text = {"text": "\r"} if kind == "char" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key], **text)

    def resize(self, width: int, height: int, *, is_phone: bool = False) -> None:
        """Size of the view in CSS pixels."""
        scale = 2 if is_phone else 1
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=is_phone
        )

    def screenshot(self, file: Path) -> None:
        """Write what is in view as a PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def opened() -> Iterator[Tab]:
    """A tab of a browser that was started for it, with a profile of its own.

    Raises:
        BrowserError: There is no browser, or it does not start.
    """
    program = find_chromium()
    if program is None:
        raise BrowserError("This needs Chromium or Chrome: install one, or name it by CX_CHROMIUM.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_address(Path(profile), process), max_size=None) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Network", "Runtime", "Log"):
                    tab.call(f"{domain}.enable")
                yield tab
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    port_file = profile / "DevToolsActivePort"
    ends = time.monotonic() + TIMEOUT
    while time.monotonic() < ends and process.poll() is None:
        if port_file.is_file() and (lines := port_file.read_text(encoding="utf-8").splitlines()):
            with urllib.request.urlopen(f"http://127.0.0.1:{lines[0]}/json/list", timeout=TIMEOUT) as answer:
                pages = [item for item in json.load(answer) if item["type"] == "page"]
            if pages:
                return str(pages[0]["webSocketDebuggerUrl"])
        time.sleep(0.05)
    raise BrowserError(f"The browser did not start (exit code {process.poll()}).")
