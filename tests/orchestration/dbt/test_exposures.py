"""Who reads which table, told from the report's code and from company.yml."""

from __future__ import annotations

from pathlib import Path

import yaml

from orchestration.dbt.exposures import REPORT, exposures_yaml, read_by, tables_of
from orchestration.declaration.company import load_company
from orchestration.declaration.settings.exports import Export
from orchestration.ground.workspace import Workspace


def test_a_page_reads_what_it_names_and_what_it_imports() -> None:
    assert tables_of(REPORT / "pages" / "overview.py") == [
        "marts.mart_experience__score_by_touchpoint_month",
        "marts.mart_finance__activity_by_month",
    ]
    assert tables_of(REPORT / "static.py") == [
        "marts.mart_customer__customer_360",
        "marts.mart_experience__score_by_touchpoint_month",
        "marts.mart_finance__activity_by_month",
        "marts.mart_operations__feed_completeness",
        "marts.mart_operations__reconciliation",
        "marts.mart_prediction__churn_model",
        "marts.mart_prediction__churn_reliability",
    ]


def test_a_list_reads_its_table_and_what_decides_who_is_left_out() -> None:
    said = {
        "description": "Calls.",
        "table": "marts.mart_segment__rfm",
        "columns": ["customer_id"],
        "key": ["customer_id"],
        "to": {"kind": "csv"},
        "max_rows": 5,
    }
    assert read_by(Export.model_validate(said)) == ["marts.mart_segment__rfm"]
    asked = {"contact": {"phone": "Phone"}, "purpose": "marketing", "leave_out_open_complaints": True}
    assert read_by(Export.model_validate(said | asked)) == [
        "core.dim_customer_identity",
        "core.fct_consent_event",
        "core.fct_ticket",
        "marts.mart_segment__rfm",
    ]


def test_exposures_of_a_company(tmp_path: Path) -> None:
    company = load_company(Workspace.from_environment("sample", {}))
    pages, models = tmp_path / "report" / "pages", tmp_path / "models"
    for folder in (pages, models):
        folder.mkdir(parents=True)
    (pages / "tickets.py").write_text(
        '"""How many\ntickets.\n\nMore."""\nTITLE = "Tickets"\nREAD = "core.fct_ticket"\nGONE = "marts.mart_x__gone"\n'
    )
    (pages / "nothing.py").write_text('"""Reads nothing."""\n')
    for name in ("fct_ticket", "mart_segment__rfm"):
        (models / f"{name}.sql").write_text("select 1")
    found = yaml.safe_load(exposures_yaml(company, tmp_path / "report", models))["exposures"]
    by_name = {item["name"]: item for item in found}
    assert by_name["report_tickets"] == {
        "name": "report_tickets",
        "label": "Report: Tickets",
        "type": "dashboard",
        "description": "How many tickets.",
        "owner": {"name": company.owner},
        "depends_on": ["ref('fct_ticket')"],
    }
    assert "report_nothing" not in by_name
    assert by_name["export_segment_sync"]["depends_on"] == ["ref('mart_segment__rfm')"]
    assert by_name["export_segment_sync"]["type"] == "application"
