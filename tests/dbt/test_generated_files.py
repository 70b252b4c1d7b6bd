"""The tracked files that are rendered from the contracts are what the contracts say now."""

from pathlib import Path

import pytest

from orchestration.dbt.contract_files import PROJECT_ROOT, rendered_files


@pytest.mark.parametrize(
    ("path", "text"), rendered_files().items(), ids=lambda value: value.name if isinstance(value, Path) else "text"
)
def test_tracked_file_equals_its_rendering(path: Path, text: str) -> None:
    assert (PROJECT_ROOT / path).read_text(encoding="utf-8") == text, "run: python -m orchestration.dbt.contract_files"
