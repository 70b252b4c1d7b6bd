"""dbt's own unit tests, which the daily job leaves out: they test SQL, not data."""

import yaml

from tests.dbt.company import PROJECT_DIR, Company


def test_every_unit_test_passes(built: Company) -> None:
    written = [
        test
        for path in (PROJECT_DIR / "models").rglob("*.yml")
        for test in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("unit_tests", [])
    ]
    printed = built.dbt("test", "--select", "test_type:unit")
    assert len(written) > 20
    # The project's hook is counted as one.
    assert f"PASS={len(written) + 1} WARN=0 ERROR=0 SKIP=0" in printed
