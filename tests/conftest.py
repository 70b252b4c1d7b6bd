"""Shared by all tests: what may be left out on a user's machine, and companies run once per session."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest

from tests.warm import run_cx

ROOT = Path(__file__).resolve().parent.parent
CX = Path(sys.executable).with_name("cx")
# They need a browser and a BI tool: `make test-browser` and `make test-bi` name them.
collect_ignore = ["browser", "bi"]
REQUIRE_ALL = os.environ.get("CX_REQUIRE_ALL") == "1"
SECRET = "token-of-the-webhook"
"""Stands in every test run's environment; nothing that a run writes may hold it."""
# Hypothesis judges no times: a busy machine would fail tests that have nothing wrong.
hypothesis.settings.register_profile("cx", deadline=None)
hypothesis.settings.load_profile("cx")
FIXED_CLOCK = "2026-07-02T06:00:00+00:00"


# Shipped companies whose real files no licence lets us ship, and the name of their folder beside the project.
REAL_DATA = {"olist": "olist", "sfo_airport": "sfo_airport_survey", "complete_journey": "complete_journey"}

# Data sets that papers published their figures on; no company is made of them.
PUBLISHED_DATA = {"cdnow": "cdnow"}


def real_data_dir(company: str) -> Path:
    """Folder of a company's real files: CX_<COMPANY>_DIR, or the data beside the project."""
    beside = ROOT.parent / "shared" / "data" / {**REAL_DATA, **PUBLISHED_DATA}[company]
    return Path(os.environ.get(f"CX_{company.upper()}_DIR", beside))


def absent_files(company: str) -> str | None:
    """What to say when a company's real files are not there; None when they are."""
    folder = real_data_dir(company)
    return None if folder.is_dir() else f"the files of {company} (CX_{company.upper()}_DIR, now {folder})"


def _unreachable(name: str, url: str) -> str | None:
    """Why a server does not answer; None when it does."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5):
            return None
    except OSError as error:
        return f"a server at {parts.hostname}:{parts.port} ({name}): {type(error).__name__}"


# Servers on which the tests may create and drop schemas of their own.
POSTGRES_URL = os.environ.get("CX_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
MYSQL_URL = os.environ.get("CX_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/test")
ABSENT: dict[str, Callable[[], str | None]] = {
    "needs_postgres": lambda: _unreachable("CX_TEST_POSTGRES_URL", POSTGRES_URL),
    "needs_mysql": lambda: _unreachable("CX_TEST_MYSQL_URL", MYSQL_URL),
    **{f"needs_{company}": partial(absent_files, company) for company in (*REAL_DATA, *PUBLISHED_DATA)},
}


def pytest_configure(config: pytest.Config) -> None:
    for name in ABSENT:
        config.addinivalue_line("markers", f"{name}: left out where it is absent, required with CX_REQUIRE_ALL=1")


# One process gets one file after the other: a long one that starts last would keep the other process waiting. The two
# that kill runs stand apart, since the second needs what the first prepares.
LONG_FILES = [
    "test_kills_at_random.py",
    "test_incremental_customers.py",
    "test_incremental_facts.py",
    "test_incremental_filters.py",
    "test_kills_at_boundaries.py",
    "test_gate.py",
    "test_second_runs.py",
    "test_daily_job_benchmark.py",
    "test_definitions.py",
    "test_olist_totals.py",
    "test_mistyped_values.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG_FILES.index(item.path.name) if item.path.name in LONG_FILES else len(LONG_FILES))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, look in ABSENT.items():
        if item.get_closest_marker(name) and (absent := look()):
            if REQUIRE_ALL:
                pytest.fail(f"CX_REQUIRE_ALL=1, but absent: {absent}", pytrace=False)
            pytest.skip(f"left out: {absent}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        terminalreporter.write_line("Nothing was left out.")
        return
    terminalreporter.section(f"left out: {len(skipped)} tests")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"{report.nodeid}  {reason}")


def company_environment(
    company_dir: Path, source_dir: Path, state_root: Path, *, clock: str = FIXED_CLOCK
) -> dict[str, str]:
    """Environment of the command line for a company in folders of its own, at a fixed time."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CX_", "DAGSTER", "DBT_"))}
    return {
        **kept,
        "CX_COMPANY": company_dir.name,
        "CX_COMPANY_DIR": str(company_dir),
        "CX_SOURCE_DIR": str(source_dir),
        "CX_STATE_ROOT": str(state_root),
        "CX_CLOCK": clock,
        "CX_ALERT_WEBHOOK": f"http://127.0.0.1:9/{SECRET}",
    }


def run_company(
    company_dir: Path, source_dir: Path, state_root: Path, *arguments: str, clock: str = FIXED_CLOCK
) -> Path:
    """Run the daily job as a user does; the path of what it published.

    Raises:
        AssertionError: The job did not end green; the message is what it printed.
    """
    done = run_cx("run", *arguments, environment=company_environment(company_dir, source_dir, state_root, clock=clock))
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return state_root / company_dir.name / "published" / "current.duckdb"


@contextmanager
def only_one_worker(folder: Path) -> Iterator[bool]:
    """True for the first of several test processes, the others wait for it and get False."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = folder / ".done"
        yield not done.exists()
        done.touch()


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def sample_state(shared_dir: Path) -> Path:
    """State root after the daily job on the embedded sample company; its truth lies in `truth`. Read only."""
    folder = shared_dir / "sample_company"
    with only_one_worker(folder) as is_first:
        if is_first:
            from cx_assets import sample_company

            sample_company.generate(folder / "source", truth=folder / "truth")
            run_company(ROOT / "data" / "companies" / "sample", folder / "source", folder / "state")
    return folder / "state"


@pytest.fixture(scope="session")
def sample_publication(sample_state: Path) -> Path:
    """What the daily job published of the embedded sample company."""
    return sample_state / "sample" / "published" / "current.duckdb"


def published_real_company(company: str, shared_dir: Path) -> Path:
    """What the daily job published of a company's real files; the job runs once in a session."""
    folder = shared_dir / f"{company}_company"
    with only_one_worker(folder) as is_first:
        if is_first:
            run_company(ROOT / "data" / "companies" / company, real_data_dir(company), folder / "state")
    return folder / "state" / company / "published" / "current.duckdb"


@pytest.fixture(scope="session")
def olist_publication(shared_dir: Path) -> Path:
    """What the daily job published of Olist's real files."""
    return published_real_company("olist", shared_dir)


@pytest.fixture(scope="session")
def sfo_airport_publication(shared_dir: Path) -> Path:
    """What the daily job published of the airport's seven yearly surveys."""
    return published_real_company("sfo_airport", shared_dir)


@pytest.fixture(scope="session")
def complete_journey_publication(shared_dir: Path) -> Path:
    """What the daily job published of the grocer's year."""
    return published_real_company("complete_journey", shared_dir)
