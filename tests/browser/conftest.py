"""Options of the browser's test, and published companies for it: those of a state root given, or made for it.

`make test` leaves this folder out: it needs Chromium or Chrome. `make test-browser` runs it.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, help="folder that gets a picture of each page")
    parser.addoption("--state-root", type=Path, help="state with published companies; what it lacks is run")


@pytest.fixture
def published_root(request: pytest.FixtureRequest) -> Path:
    """State root in which the company of the test is published. Read only."""
    company = request.getfixturevalue("company")
    given: Path | None = request.config.getoption("--state-root")
    if given is not None and (given / company / "published" / "current").exists():
        return given.resolve()
    publication: Path = request.getfixturevalue(f"{company}_publication")
    return publication.parent.parent.parent


@pytest.fixture
def screenshots(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Folder for the pictures."""
    return request.config.getoption("--screenshots") or tmp_path
