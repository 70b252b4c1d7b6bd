"""Publications of companies for the report, and a reader who opens its pages without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from tests.conftest import ROOT
from tests.report.publishing import ROWS, write_publication

NOW = "2026-07-02T09:00:00+00:00"
Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def report_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State root with `bakery`, written by hand, and `empty`, whose tables have no rows. Read only."""
    root = tmp_path_factory.mktemp("report_state")
    write_publication(root, "bakery", ROWS)
    write_publication(root, "empty", {})
    return root


@pytest.fixture
def open_page(report_state: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a page as its address says: `open_page("scores", company="bakery", period="2026-06")`."""

    def opened(page: str, *, root: Path = report_state, now: str = NOW, **address: str) -> AppTest:
        monkeypatch.setenv("CX_STATE_ROOT", str(root))
        monkeypatch.setenv("CX_CLOCK", now)
        app = AppTest.from_file(str(ROOT / "report" / "start" / "streamlit_app.py"), default_timeout=120)
        for name, value in address.items():
            app.query_params[name] = value
        if page != "overview":
            app._page_hash = calc_hash(page)  # how a browser's address names a page that is a function
        return app.run()

    return opened


def words(app: AppTest) -> str:
    """All that a page says, tables included."""
    kinds = ("title", "header", "markdown", "caption", "info", "warning", "success", "error", "text")
    said = [str(item.value) for kind in kinds for item in getattr(app, kind)]
    said += [f"{item.label} {item.value} {item.delta}" for item in app.metric]
    said += [item.value.to_csv() for item in app.dataframe]
    return "\n".join(said)
