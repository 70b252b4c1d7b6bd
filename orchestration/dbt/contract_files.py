"""Renders what is declared in `cx_assets` into dbt's files and the docs: `python -m orchestration.dbt.contract_files`.

Declared are the canonical contracts and the tables that Python steps write; what the models do with them is SQL in
`dbt_project`.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cx_assets.contracts import (
    BLANKED_COLUMN,
    LINEAGE_COLUMNS,
    MISTYPED_COLUMN,
    ColumnContract,
    EntityContract,
    blank_rules,
    load_contracts,
    row_rules,
)
from cx_assets.contracts.concept_settings import settings_document
from cx_assets.contracts.python_tables import PythonTable, python_tables
from orchestration.declaration.company import BLOCKS, thresholds
from orchestration.declaration.settings.publication import PublicationSettings
from orchestration.ground.yaml_text import yaml_text

PROJECT_ROOT = Path(__file__).resolve().parents[2]
GENERATED_BY = "Rendered by `python -m orchestration.dbt.contract_files`; change cx_assets/contracts/entities instead."

LINEAGE_DESCRIPTIONS = {
    "_load_id": "Load that brought the row.",
    "_load_sequence": "Number of that load, in the order of the manifests.",
    "_source_file": "File that the row was read from.",
    "_source_row": "Number of the row in that file.",
    "_is_deleted": "Whether the source told with that load that the row is gone; its values are the last known.",
}


@dataclass(frozen=True)
class CoreTable:
    """How one table of `core` follows from a contract.

    Attributes:
        entity: Contract whose newest accepted versions it holds.
        description: What one row is.
        omitted: Contract columns that it does not keep.
        added: Further columns, as name to (type, description), in their order.
        has_snapshot: Whether it is incremental and tells in which snapshot a row entered or changed.
        is_personal: Whether it holds personal data and goes to the restricted publication only.
    """

    entity: str
    description: str
    omitted: tuple[str, ...] = ()
    added: dict[str, tuple[str, str]] = field(default_factory=dict)
    has_snapshot: bool = True
    is_personal: bool = False


def _date(of: str) -> tuple[str, str]:
    return ("date", f"Date of {of} in the company's zone.")


CORE_TABLES = {
    "dim_product": CoreTable("product", "One product or service.", has_snapshot=False),
    "bridge_record_merge": CoreTable(
        "record_merge", "One customer record that its source merged into another.", has_snapshot=False
    ),
    "fct_sales_order": CoreTable(
        "sales_order",
        "One order or till receipt, as it was last read.",
        added={
            "ordered_date": _date("ordered_at"),
            "promised_date": _date("promised_at"),
            "delivered_date": _date("delivered_at"),
        },
    ),
    "fct_transaction_line": CoreTable(
        "transaction_line",
        "One line of a till receipt, order or return, as it was last read.",
        added={"occurred_date": _date("occurred_at")},
    ),
    "fct_payment": CoreTable("payment", "One payment towards an order.", added={"paid_date": _date("paid_at")}),
    "fct_survey_invitation": CoreTable(
        "survey_invitation",
        "One customer asked once to answer a survey.",
        added={"invited_date": _date("invited_at")},
    ),
    "fct_survey_response": CoreTable(
        "survey_response",
        "One answer to one question; the free text is in fct_survey_verbatim.",
        omitted=("verbatim",),
        added={
            "has_verbatim": ("boolean", "Whether free text stands beside the answer."),
            "responded_date": _date("responded_at"),
        },
    ),
    "fct_survey_verbatim": CoreTable(
        "survey_response",
        "Free text beside one answer. Personal data: restricted publication only.",
        omitted=(
            "source_system",
            "invitation_id",
            "survey_id",
            "wave",
            "survey_type",
            "channel",
            "metric",
            "score",
            "no_score_reason",
            "scale_min",
            "scale_max",
            "weight",
        ),
        added={"responded_date": _date("responded_at")},
        has_snapshot=False,
        is_personal=True,
    ),
    "fct_interaction": CoreTable(
        "interaction", "One contact on one channel.", added={"occurred_date": _date("occurred_at")}
    ),
    "fct_ticket": CoreTable(
        "ticket",
        "One request or complaint, as it was last read.",
        added={"opened_date": _date("opened_at"), "resolved_date": _date("resolved_at")},
    ),
    "fct_lead": CoreTable(
        "lead",
        "One prospective customer or deal, as it was last read.",
        added={"created_date": _date("created_at")},
    ),
    "fct_campaign_contact": CoreTable(
        "campaign_contact",
        "One customer in one campaign, contacted or held out, as last read.",
        added={"contacted_date": _date("contacted_at"), "responded_date": _date("responded_at")},
    ),
    "fct_loyalty_entry": CoreTable(
        "loyalty_entry",
        "One movement on a customer's loyalty account, as it was last read.",
        added={"occurred_date": _date("occurred_at")},
    ),
    "fct_subscription": CoreTable(
        "subscription",
        "One subscription or contract of a customer, as it was last read.",
        added={
            "started_date": _date("started_at"),
            "cancel_requested_date": _date("cancel_requested_at"),
            "ended_date": _date("ended_at"),
        },
    ),
    "fct_consent_event": CoreTable(
        "consent_event",
        "One consent that a customer gave or withdrew.",
        added={"occurred_date": _date("occurred_at")},
    ),
    "fct_message_sent": CoreTable(
        "message_sent",
        "One message that the company sent to one customer; the text is in fct_message_text.",
        omitted=("message_text",),
        added={
            "has_message_text": ("boolean", "Whether the source gave the text."),
            "sent_date": _date("sent_at"),
        },
    ),
    "fct_message_text": CoreTable(
        "message_sent",
        "Text of one message. Personal data: restricted publication only.",
        omitted=(
            "source_system",
            "updated_at",
            "channel",
            "message_type",
            "touchpoint",
            "order_id",
            "ticket_id",
            "campaign_id",
            "opened_at",
            "clicked_at",
            "is_bounced",
        ),
        added={"sent_date": _date("sent_at")},
        has_snapshot=False,
        is_personal=True,
    ),
    "fct_marketing_spend": CoreTable(
        "marketing_spend", "Spending of one day on one source of traffic, by campaign where it is told."
    ),
    "fct_referral": CoreTable(
        "referral",
        "One recommendation by a customer, as it was last read.",
        added={"referred_date": _date("referred_at"), "converted_date": _date("converted_at")},
    ),
    "fct_employee_answer": CoreTable(
        "employee_answer",
        "One answer of one employee to one question. Personal data: restricted publication only.",
        added={"answered_date": _date("answered_at")},
        is_personal=True,
    ),
    "fct_exit_interview": CoreTable(
        "exit_interview",
        "One interview with an employee who left. Personal data: restricted publication only.",
        is_personal=True,
    ),
    "fct_interface_metric": CoreTable(
        "interface_metric", "One measured value of one interface, task and release on one day."
    ),
}

CORE_LINEAGE = {
    "load_id": ("string", "Load that brought the row."),
    "load_sequence": ("bigint", "Number of that load."),
}
SNAPSHOT_COLUMN = {"snapshot_sequence": ("bigint", "Snapshot in which the row entered or last changed.")}


def sql_type(contract_type: str) -> str:
    """The type's name in SQL that DuckDB and Spark both understand (`varchar` means another thing to Spark)."""
    return "string" if contract_type == "text" else contract_type


def definitions_macro(contracts: dict[str, EntityContract]) -> str:
    """The Jinja macro `contract_definitions()`: entity to key, version_order, core table, columns, blanks, row rules.

    A customer's records stand in the core as customers; their newest versions are where identity reads them.
    """
    # The first of an entity's tables has all of its rows.
    core_tables = {table.entity: name for name, table in reversed(CORE_TABLES.items())}
    definitions = {
        name: {
            "key": list(contract.key),
            "version_order": list(contract.version_order),
            "core_relation": core_tables.get(name, "int_identity__current_record"),
            "columns": {column.name: sql_type(column.type) for column in contract.columns.values()},
            "blanked": {
                column: {"name": rule.name, "sql": rule.sql, "reason": rule.reason}
                for column, rule in blank_rules(contract).items()
            },
            "rules": [{"name": rule.name, "sql": rule.sql, "reason": rule.reason} for rule in row_rules(contract)],
        }
        for name, contract in contracts.items()
    }
    body = json.dumps(definitions, indent=4, ensure_ascii=False)
    return (
        f"{{# {GENERATED_BY} #}}\n{{% macro contract_definitions() -%}}\n{{{{ return({body}) }}}}\n{{%- endmacro %}}\n"
    )


def contract_models_yaml(contracts: dict[str, EntityContract]) -> str:
    """Descriptions of the `int_contract__<entity>` tables."""
    judged = {
        MISTYPED_COLUMN: (
            "Columns whose value was none of their type and is null here, joined by commas; null for most rows."
        ),
        BLANKED_COLUMN: (
            "Columns whose value lay beyond its limits and is null here, joined by commas; null for most rows."
        ),
        "violated_rules": "Names of the broken rules, joined by commas; null for an accepted row.",
    }
    models = [
        {
            "name": f"int_contract__{name}",
            "description": f"{contract.grain.rstrip('.')}; every landed version, from all sources of the company.",
            "columns": [
                *(_column(c.name, None, _column_description(c), c.personal_data) for c in contract.columns.values()),
                *(_column(lineage, None, LINEAGE_DESCRIPTIONS[lineage]) for lineage in LINEAGE_COLUMNS),
                *(_column(own, None, description) for own, description in judged.items()),
            ],
        }
        for name, contract in contracts.items()
    ]
    return _models_text(models)


def core_models_yaml(contracts: dict[str, EntityContract]) -> str:
    """Enforced column contracts, descriptions and key tests of the core tables that follow from a contract."""
    return _models_text([_core_model(name, table, contracts[table.entity]) for name, table in CORE_TABLES.items()])


def _core_model(name: str, table: CoreTable, contract: EntityContract) -> dict[str, Any]:
    model: dict[str, Any] = {"name": name, "description": table.description}
    if table.is_personal:
        model["config"] = {"meta": {"personal_data": True}}
    if len(contract.key) > 1:
        model["data_tests"] = [{"unique_combination": {"arguments": {"columns": list(contract.key)}}}]
    model["columns"] = []
    for column in contract.columns.values():
        if column.name in table.omitted:
            continue
        declared = _column(column.name, sql_type(column.type), _column_description(column), column.personal_data)
        tests = {"data_tests": ["not_null", "unique"]} if contract.key == (column.name,) else {}
        model["columns"].append(declared | tests)
    added = table.added | CORE_LINEAGE | (SNAPSHOT_COLUMN if table.has_snapshot else {})
    model["columns"] += [_column(own, data_type, description) for own, (data_type, description) in added.items()]
    return model


def _models_text(models: list[dict[str, Any]]) -> str:
    return f"# {GENERATED_BY}\n{yaml_text({'version': 2, 'models': models})}"


def tables_document(tables: dict[str, PythonTable]) -> str:
    """The page of the tables that Python steps write."""
    head = GENERATED_BY.replace("cx_assets/contracts/entities", "tables.yml of the concept in cx_assets")
    parts = [
        "# Tables written by Python\n",
        f"<!-- {head} -->\n",
        "dbt reads them as sources. A required column is never null, the key is unique: the check "
        "`table_is_as_declared` holds them to it in every run.\n",
    ]
    for table in tables.values():
        kept = " Kept for ever: landings alone cannot give it back." if table.is_history else ""
        parts.append(
            f"## {table.address}\n\n{table.grain} Key: {', '.join(f'`{key}`' for key in table.key)}.{kept}\n\n"
            "| column | type | required | unit | personal data | meaning |\n| --- | --- | --- | --- | --- | --- |"
            + "".join(
                f"\n| `{name}` | {column.type} | {'yes' if column.required else ''} | {column.unit or ''} | "
                f"{column.personal_data or ''} | {_cell(column.description)} |"
                for name, column in table.columns.items()
            )
            + "\n"
        )
    return "\n".join(parts)


def contracts_document(contracts: dict[str, EntityContract]) -> str:
    """The page for people who map a company's columns onto the contracts."""
    parts = [
        "# Canonical contracts\n",
        f"<!-- {GENERATED_BY} -->\n",
        "What a company's staging SQL has to deliver. A row that breaks a rule stays out of `core`, is counted in "
        "`marts.mart_operations__row_conservation` and named in `marts.mart_operations__quarantine_reason`. Null is "
        "allowed unless the column is required. A value that is none of its column's type breaks the rule "
        "`<column>_type`. Every entity has the lineage columns of its landing besides: "
        + ", ".join(f"`{name}`" for name in LINEAGE_COLUMNS)
        + ".\n",
    ]
    for name, contract in contracts.items():
        order = ", ".join(f"`{column}`" for column in contract.version_order) or "the order of the loads"
        parts.append(
            f"## {name}\n\n{contract.grain} Key: {', '.join(f'`{key}`' for key in contract.key)}. "
            f"The newest version is the last by {order}.\n\n"
            "| column | type | required | unit | personal data | meaning |\n| --- | --- | --- | --- | --- | --- |"
        )
        parts[-1] += "".join(
            f"\n| `{column.name}` | {column.type} | {'yes' if column.required else ''} | {column.unit or ''} | "
            f"{column.personal_data or ''} | {_cell(_column_description(column, with_unit=False))} |"
            for column in contract.columns.values()
        )
        parts[-1] += "\n"
        if contract.rules:
            rules = "".join(f"- `{rule.name}`: {rule.reason} (`{rule.sql}`)\n" for rule in contract.rules)
            parts.append(f"Rules over the whole row:\n\n{rules}")
    return "\n".join(parts)


def rendered_files() -> dict[Path, str]:
    """Every rendered file, as its path below the repository's root to its text."""
    contracts = load_contracts()
    return {
        Path("dbt_project/macros/contract_definitions.sql"): definitions_macro(contracts),
        Path("dbt_project/models/intermediate/contract/_contract__models.yml"): contract_models_yaml(contracts),
        Path("dbt_project/models/core/_contract_tables__models.yml"): core_models_yaml(contracts),
        Path("docs/contracts.md"): contracts_document(contracts),
        Path("docs/python-tables.md"): tables_document(python_tables()),
        Path("docs/settings.md"): settings_document(thresholds(), BLOCKS | {"publication": PublicationSettings}),
    }


def _column_description(column: ColumnContract, *, with_unit: bool = True) -> str:
    text = column.description
    if column.allowed:
        text += f" One of: {', '.join(column.allowed)}."
    if with_unit and column.unit:
        text += f" Unit: {column.unit}."
    return text


def _column(name: str, data_type: str | None, description: str, personal_data: str | None = None) -> dict[str, Any]:
    typed = {"data_type": data_type} if data_type else {}
    marked = {"config": {"meta": {"personal_data": personal_data}}} if personal_data else {}
    return {"name": name, **typed, "description": description, **marked}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write every rendered file."""
    for path, text in rendered_files().items():
        (PROJECT_ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
