"""The page's quarantine commands find and release the row that the page speaks of, as they are printed."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from orchestration.declaration.company import load_company
from orchestration.ground.workspace import Workspace
from orchestration.landing.extraction import extract_table
from tests.companies.documented import PAGE, write_documented_company

PRINTED = re.findall(r"^ *\.venv/bin/cx (quarantine .*?)(?: +#.*)?$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def landed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company_dir, source_dir = write_documented_company(tmp_path)
    for name, value in {"CX_COMPANY_DIR": company_dir, "CX_SOURCE_DIR": source_dir, "CX_STATE_ROOT": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    workspace = Workspace.from_environment("bakery")
    company = load_company(workspace)
    for item in company.tables():
        extract_table(company, item.source_name, item.table_name, workspace, now=datetime(2026, 6, 1, tzinfo=UTC))


def printed(command: str) -> list[str]:
    return [text for text in PRINTED if text.startswith(f"quarantine {command}")]


def run(text: str) -> str:
    return CliRunner().invoke(app, shlex.split(text)).output


def test_listed_and_shown(landed: None) -> None:
    [listed], [shown] = printed("list"), printed("show")
    assert "2  shop.till  amount_type: 1 row(s)" in run(listed)
    output = run(shown)
    assert "id: 2-0-6" in output
    assert "5;1;102;02.03.2026 09:00;croissant;pastry;2;3,6O;" in output


def test_as_it_is_the_row_stays(landed: None) -> None:
    [as_it_is] = [text for text in printed("release") if "--rule" in text]
    assert "2-0-6 stays: amount_type" in run(as_it_is)


@pytest.mark.parametrize("option", ["--set", "--text"])
def test_corrected_the_row_is_released(landed: None, option: str) -> None:
    [corrected] = [text for text in printed("release") if option in text]
    assert "1 row(s) released as load 3" in run(corrected)
