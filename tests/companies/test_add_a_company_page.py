"""The page on adding a company says what the code accepts."""

from __future__ import annotations

import re
from pathlib import Path

from cx_assets.contracts import load_contracts
from orchestration.declaration.company import Company, load_company
from orchestration.declaration.tables import Table
from orchestration.ground.workspace import Workspace
from tests.companies.documented import PAGE, required_columns_on_the_page, write_documented_company


def test_the_documented_company_is_accepted(tmp_path: Path) -> None:
    company_dir, _ = write_documented_company(tmp_path)
    company = load_company(Workspace.from_environment("bakery", {"CX_COMPANY_DIR": str(company_dir)}))
    assert [table.landing_name for table in company.tables()] == ["shop__members", "shop__till"]
    assert {entity: models for entity, models in company.staging_models().items() if models} == {
        "customer_record": ["stg_shop__customer_record"],
        "product": ["stg_shop__product"],
        "sales_order": ["stg_shop__sales_order"],
        "survey_response": ["stg_shop__survey_response"],
        "transaction_line": ["stg_shop__transaction_line"],
    }


def test_the_table_of_required_columns_equals_the_contracts() -> None:
    contracts = {
        entity: (
            set(contract.key),
            {name for name, column in contract.columns.items() if column.required} - set(contract.key),
        )
        for entity, contract in load_contracts().items()
    }
    assert required_columns_on_the_page() == contracts


def test_every_field_of_company_yml_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8") + PAGE.with_name("connect-sources.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z_]+)", "\n".join(re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE))))
    fields = (set(Company.model_fields) - {"sources"}) | (set(Table.model_fields) - {"description"})
    assert fields <= explained
