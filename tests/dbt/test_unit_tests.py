"""dbt's own unit tests, which the daily job leaves out: they test SQL, not data."""

from tests.dbt.company import Company


def test_every_unit_test_passes(built: Company) -> None:
    printed = built.dbt("test", "--select", "test_type:unit")
    assert "PASS=23 WARN=0 ERROR=0 SKIP=0" in printed
