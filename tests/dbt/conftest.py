import pytest

from tests.dbt.company import Company
from tests.dbt.small_company import complete_company


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The small company, built once; tests only read it."""
    company = complete_company(tmp_path_factory.mktemp("built") / "company", has_returns_only=True)
    company.build()
    return company
