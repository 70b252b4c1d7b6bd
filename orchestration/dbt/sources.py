"""What dbt parses beside the models, as its own files: landing tables, tables that Python steps write, exposures.

They are written before every parse beside the linked project, and stand in no tracked file.
"""

from typing import Any

from cx_assets.contracts import LINEAGE_COLUMNS
from cx_assets.contracts.python_tables import PythonTable, python_tables
from orchestration.dbt.exposures import EXPOSURES, exposures_yaml
from orchestration.declaration.company import Company
from orchestration.declaration.tables import LandingTable
from orchestration.ground.yaml_text import yaml_text

PYTHON_SOURCES = "_python__sources.yml"


def source_files(company: Company) -> dict[str, str]:
    """Every generated file, as its name to its text."""
    return {
        "_landing__sources.yml": landing_sources_yaml(company),
        PYTHON_SOURCES: python_sources_yaml(python_tables()),
        EXPOSURES: exposures_yaml(company),
    }


SOURCES = {
    "run": "Written by orchestration: what this run reads and what was loaded.",
    "identity": "Which records are one customer; written by Python.",
    "scores": "What models say about customers; written by Python.",
}
"""What dbt says of the schemas of Python; another one is described by its name."""


def python_sources_yaml(tables: dict[str, PythonTable]) -> str:
    """Dbt's sources of the tables that Python writes: asset keys, columns, types, descriptions."""
    schemas: dict[str, list[dict[str, Any]]] = {}
    for table in tables.values():
        meta: dict[str, Any] = {"dagster": {"asset_key": [table.schema_name, table.name]}}
        columns = [
            {"name": name, "data_type": column.sql_type, "description": column.meaning}
            | ({"config": {"meta": {"personal_data": column.personal_data}}} if column.personal_data else {})
            for name, column in table.columns.items()
        ]
        schemas.setdefault(table.schema_name, []).append(
            {"name": table.name, "description": table.grain, "config": {"meta": meta}, "columns": columns}
        )
    sources = [
        {
            "name": schema,
            "description": SOURCES.get(schema, f"Tables of {schema}; written by Python."),
            "schema": schema,
            "tables": declared,
        }
        for schema, declared in schemas.items()
    ]
    return yaml_text({"version": 2, "sources": sources})


def landing_sources_yaml(company: Company) -> str:
    """The dbt sources file of the schema `landing`, with Dagster's asset keys.

    Undeclared columns are known only once they have landed, so they are not listed.
    """
    tables = [_source_yaml(item) for item in company.tables()]
    source = {
        "name": "landing",
        "schema": "landing",
        "description": f"Raw rows of {company.title} as landed.",
        "tables": tables,
    }
    return yaml_text({"version": 2, "sources": [source]})


def _source_yaml(item: LandingTable) -> dict[str, Any]:
    columns = [
        {"name": name, "data_type": column.type, "description": column.description or ""}
        for name, column in item.table.columns.items()
    ]
    columns += [
        {"name": name, "data_type": data_type, "description": "Lineage of the row."}
        for name, data_type in LINEAGE_COLUMNS.items()
    ]
    meta = {"dagster": {"asset_key": ["landing", item.landing_name]}, "owner": item.owner}
    return {
        "name": item.landing_name,
        "description": item.description,
        "config": {"meta": meta},
        "columns": columns,
    }
