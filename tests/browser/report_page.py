"""The report's server, and one reader of its pages in a browser: opens, clicks, reads, and knows when a page stands."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from orchestration.publication.generations import current_generation
from tests.browser.chromium import Tab
from tests.conftest import CX, ROOT
from tests.report.test_server import _free_port as free_port

DRAWN = """(() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
    return app?.dataset.testScriptState === 'notRunning' && document.querySelector('h1') !== null
        && document.querySelector('[data-testid="stSkeleton"]') === null
        && document.querySelector('[data-stale="true"]') === null
        && charts.every(chart => chart.querySelector('canvas, svg') !== null);
})()"""
"""The script has ended, nothing of the page before is left, and every picture has its canvas."""
CELLS = "[...document.querySelectorAll('[data-testid=\"stDataFrame\"] td')].map(cell => cell.textContent)"
"""Tables are painted; what a screen reader is told of them stands in the document."""
FOCUSED = """(() => {
    const at = document.activeElement;
    return at === document.body ? '' : (at.getAttribute('aria-label') || at.innerText || at.tagName).trim();
})()"""


@contextmanager
def serving(state_root: Path, company: str) -> Iterator[str]:
    """Address of `cx report` on what stands in a state root, at the time at which the company was published."""
    made = current_generation(state_root / company / "published")
    assert made is not None, f"nothing of {company} is published in {state_root}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CX_", "STREAMLIT_"))}
    environment = {**kept, "CX_STATE_ROOT": str(state_root), "CX_CLOCK": made.published_at, "PYTHONPATH": str(ROOT)}
    port = free_port()
    command = [CX, "report", "--company", company, "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_health(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _await_health(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        assert process.poll() is None, "cx report ended by itself"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=20):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("cx report does not answer")


@dataclass
class Reader:
    """Someone who reads the report of one company.

    Attributes:
        tab: The browser's tab.
        server: Address of the server.
        company: Whose report.
        width: Of the view; a phone's hides the sidebar.
    """

    tab: Tab
    server: str
    company: str
    width: int
    height: int

    @property
    def is_phone(self) -> bool:
        """Whether the sidebar is folded away."""
        return self.width < 600

    def open(self, page: str = "", **address: str) -> None:
        """Go to an address and wait until the page stands."""
        self.tab.resize(self.width, self.height, is_phone=self.is_phone)
        self.tab.call("Page.navigate", url=f"{self.server}/{page}?{urlencode({'company': self.company, **address})}")
        self.stands()

    def stands(self) -> None:
        """Wait until the page is drawn, and has stayed so for a moment."""
        for _ in range(2):
            self.tab.wait_until(DRAWN)
            time.sleep(0.4)

    def text(self) -> str:
        """What the page says, tables included."""
        return str(self.tab.evaluate(f"document.body.innerText + '\\n' + {CELLS}.join('\\n')"))

    def cells(self) -> list[str]:
        """Texts of the cells of all tables that are in view."""
        return list(self.tab.evaluate(CELLS))

    def awaits(self, text: str) -> None:
        """Wait until the page says it."""
        self.tab.wait_until(f"(document.body.innerText + {CELLS}.join(' ')).includes({text!r})")

    def click(self, selector: str, text: str = "") -> None:
        """Click the first element of a selector that holds the text."""
        found = f"[...document.querySelectorAll({selector!r})].find(item => item.innerText.includes({text!r}))"
        self.tab.wait_until(f"{found} !== undefined")
        self.tab.evaluate(f"{found}.scrollIntoView({{block: 'center'}})")
        box = self.tab.evaluate(f"{found}.getBoundingClientRect().toJSON()")
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.tab.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def go_to(self, title: str) -> None:
        """Follow the link of a page, on a phone by its menu."""
        if self.is_phone:
            self.click('[data-testid="stExpandSidebarButton"]')
            time.sleep(0.5)  # it slides in
        self.click('[data-testid="stSidebarNavLink"]', title)
        self.tab.wait_until(f"document.querySelector('h1')?.innerText.trim() === {title!r}")
        if self.is_phone:
            self.click('[data-testid="stSidebarCollapseButton"] button')
        self.stands()

    def type_into(self, label: str, text: str) -> None:
        """Write into a field and press Enter."""
        self.tab.evaluate(f"document.querySelector('input[aria-label=\"{label}\"]').focus()")
        self.tab.call("Input.insertText", text=text)
        self.tab.press("Enter")

    def reached_by_tab(self, last: str, most: int = 120) -> list[str]:
        """Names of what has the focus as Tab is pressed from the top of the page, up to the one that holds `last`.

        In a table Tab goes from cell to cell.
        """
        self.tab.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
        reached: list[str] = []
        for _ in range(most):
            self.tab.press("Tab")
            reached.append(str(self.tab.evaluate(FOCUSED)))
            if last in reached[-1].splitlines()[-1:]:
                break
        return reached

    def picture(self, file: Path) -> None:
        """Write the page from top to bottom as a PNG."""
        whole = self.tab.evaluate(
            "Math.ceil(document.querySelector('[data-testid=\"stMainBlockContainer\"]').scrollHeight) + 20"
        )
        self.tab.resize(self.width, min(max(self.height, int(whole)), 8000), is_phone=self.is_phone)
        self.stands()
        self.tab.screenshot(file)
        self.tab.resize(self.width, self.height, is_phone=self.is_phone)
        self.stands()

    def sideways(self) -> int:
        """By how many pixels the page is wider than its view: 0 unless something is cut off."""
        main = "document.querySelector('[data-testid=\"stMain\"]')"
        return int(self.tab.evaluate(f"{main}.scrollWidth - {main}.clientWidth"))

    def foreign_requests(self) -> list[str]:
        """Requests to any other host than 127.0.0.1."""
        hosts = {address: urlsplit(address) for address in self.tab.requests}
        return [
            address
            for address, parts in hosts.items()
            if parts.scheme not in ("data", "blob", "about") and parts.hostname != "127.0.0.1"
        ]
