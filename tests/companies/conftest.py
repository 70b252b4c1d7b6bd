"""Publications that only the tests of companies need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .documented import write_documented_company


@pytest.fixture(scope="session")
def documented_publication(
    run_company: Callable[[Path, Path, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Published file of the bakery on the page about adding a company, after one daily job."""
    folder = tmp_path_factory.mktemp("documented")
    company_dir, source_dir = write_documented_company(folder)
    return run_company(company_dir, source_dir, folder / "state")
