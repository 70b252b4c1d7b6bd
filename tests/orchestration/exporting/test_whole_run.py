"""The daily job of a tiny company with two lists, one of them broken: all else is published and sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.publication.generations import current_generation
from tests.companies.documented import write_documented_company
from tests.conftest import company_environment
from tests.warm import run_cx

pytestmark = pytest.mark.slow

SEGMENTS = {
    "description": "Segments.",
    "table": "marts.mart_segment__rfm",
    "columns": ["customer_id", "rfm_segment"],
    "key": ["customer_id"],
    "to": {"kind": "csv"},
    "max_rows": 100,
}


def test_a_broken_list_fails_the_run_and_nothing_else(tmp_path: Path) -> None:
    company_dir, source_dir = write_documented_company(tmp_path)
    file = company_dir / "company.yml"
    lists = {"broken": {**SEGMENTS, "columns": ["customer_id", "rfm_segmnt"]}, "segments": SEGMENTS}
    file.write_text(f"{file.read_text(encoding='utf-8')}exports: {json.dumps(lists)}\n", encoding="utf-8")
    environment = company_environment(company_dir, source_dir, tmp_path / "state")
    done = run_cx("run", environment=environment)
    assert done.returncode == 1
    assert "broken: marts.mart_segment__rfm has no column rfm_segmnt. Did you mean rfm_segment" in done.stderr
    published = tmp_path / "state" / "bakery" / "published"
    assert current_generation(published) is not None
    lines = (published / "exports" / "segments" / "segments.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "customer_id,rfm_segment"
    # Two customers from three cards; both bought.
    assert len(lines) == 3
    assert run_cx("export", "run", "segments", environment=environment).stdout.startswith("segments: delivered before.")
