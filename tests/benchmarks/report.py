"""Benchmark of the report's first page: `python -m tests.benchmarks.report`, which `make bench-report` calls.

From navigation until the overview's figures stand, and until all of it is drawn, in Chromium with an empty cache;
without a browser, the time of the page's own script. The server is warm: one reader has been there before.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from orchestration.ground.workspace import REPOSITORY
from orchestration.publication.generations import PublicationError, current_generation
from tests.benchmarks.figures import machine_facts
from tests.browser.chromium import BrowserError, find_chromium, opened
from tests.browser.report_page import DRAWN, serving

OUTPUT = REPOSITORY / "data" / "benchmarks" / "report.json"
FIGURES = """document.querySelectorAll('[data-testid="stMetricValue"]').length >= 4
    && [...document.querySelectorAll('[data-testid="stMetricValue"]')].every(item => item.innerText.trim() !== '')"""
Seconds = dict[str, list[float]]


def in_chromium(state_root: Path, company: str, times: int) -> Seconds:
    """Seconds of each of so many first visits; one more before them warms the server."""
    seconds: Seconds = {"figures": [], "whole_page": []}
    with serving(state_root, company) as server, opened() as tab:
        tab.resize(1440, 900)
        tab.call("Network.setCacheDisabled", cacheDisabled=True)
        for visit in range(times + 1):
            tab.call("Page.navigate", url="about:blank")
            began = time.perf_counter()
            tab.call("Page.navigate", url=f"{server}/?company={company}")
            tab.wait_until(FIGURES)
            figures = time.perf_counter() - began
            tab.wait_until(DRAWN)
            if visit:
                seconds["figures"].append(figures)
                seconds["whole_page"].append(time.perf_counter() - began)
    return seconds


def by_script(state_root: Path, company: str, times: int) -> Seconds:
    """Seconds of the page's script alone, without a browser."""
    from streamlit.testing.v1 import AppTest

    os.environ["CX_STATE_ROOT"] = str(state_root)
    seconds = []
    for _ in range(times + 1):
        app = AppTest.from_file(str(REPOSITORY / "report" / "start" / "streamlit_app.py"), default_timeout=120)
        app.query_params["company"] = company
        began = time.perf_counter()
        if app.run().exception:
            raise BrowserError("the page failed")
        seconds.append(time.perf_counter() - began)
    return {"script": seconds[1:]}


def summary(seconds: Seconds) -> dict[str, dict[str, float]]:
    """Median and highest of each, in seconds."""
    return {
        name: {"median_seconds": round(statistics.median(told), 3), "highest_seconds": round(max(told), 3)}
        for name, told in seconds.items()
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; 0 unless there is nothing to measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state-root", type=Path, default=REPOSITORY / "data" / "state")
    parser.add_argument("--company", default="sample")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--output", type=Path, default=OUTPUT, help="JSON file of the figures")
    given = parser.parse_args(arguments)
    state_root = given.state_root.resolve()
    way: Callable[[Path, str, int], Seconds] = in_chromium if find_chromium() else by_script
    try:
        made = current_generation(state_root / given.company / "published")
        if made is None:
            raise BrowserError(f"{given.company}: nothing is published in {state_root}; `cx run` comes first")
        seconds = way(state_root, given.company, given.times)
    except (BrowserError, PublicationError) as error:
        print(f"No figures: {error}", file=sys.stderr)
        return 1
    told = {
        "machine": machine_facts(),
        "measured_by": way.__name__,
        "company": given.company,
        "published_rows": sum(table.rows for table in made.tables),
        "visits": given.times,
        "load_average": round(os.getloadavg()[0], 2),
        **summary(seconds),
        "seconds": {name: [round(value, 3) for value in values] for name, values in seconds.items()},
    }
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({name: value for name, value in told.items() if name != "seconds"}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
