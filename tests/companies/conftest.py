"""Publications that only the tests of companies need."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companies.documented import write_documented_company
from tests.conftest import only_one_worker, run_company


@pytest.fixture(scope="session")
def documented_publication(shared_dir: Path) -> Path:
    """What the daily job published of the bakery on the page about adding a company."""
    folder = shared_dir / "documented_company"
    with only_one_worker(folder) as is_first:
        if is_first:
            company_dir, source_dir = write_documented_company(folder)
            run_company(company_dir, source_dir, folder / "state")
    return folder / "state" / "bakery" / "published" / "current.duckdb"
