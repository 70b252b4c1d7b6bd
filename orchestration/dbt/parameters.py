"""What dbt has to know of a company, as environment variables: its models read nothing else of it."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from cx_assets.contracts import load_contracts
from orchestration.declaration.company import BLOCKS, Company
from orchestration.declaration.connections import DeleteFlag
from orchestration.declaration.staging_filters import filtered_staging, reducing_staging, row_by_row_staging
from orchestration.declaration.tables import LandingTable
from orchestration.ground.workspace import REPOSITORY, Workspace


def environment(workspace: Workspace, company: Company) -> dict[str, str]:
    """Environment variables by which dbt knows the company; none of them holds a credential."""
    staging = {entity: company.staging_models().get(entity, []) for entity in load_contracts()}
    parameters = {
        "time_zone": company.time_zone,
        "currency_code": company.currency_code,
        "country_code": company.country_code,
        "minimum_answers": company.minimum_answers,
        "touchpoints": touchpoint_catalogue(company),
        "feature_uses": feature_uses(),
    } | dict(block_parameters(company))
    return {
        "CX_DBT_STAGING_MODELS": json.dumps(staging, sort_keys=True),
        "CX_DBT_FILTERED_STAGING": json.dumps(filtered_staging(company), sort_keys=True),
        "CX_DBT_ROW_BY_ROW_STAGING": json.dumps(row_by_row_staging(company)),
        "CX_DBT_REDUCING_STAGING": json.dumps(reducing_staging(company)),
        "CX_DBT_LANDING_TABLES": json.dumps([item.landing_name for item in company.tables()]),
        "CX_DBT_RECONCILED": json.dumps(reconciled_tables(company.tables()), sort_keys=True),
        "CX_DBT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "CX_DBT_LANDING_DIR": str(workspace.landing_dir),
        "CX_WAREHOUSE_PATH": str(workspace.warehouse_path),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


@cache
def feature_uses() -> list[str]:
    """Uses of features, such as churn: each has a model of its own population, int_<use>__eligible_customer."""
    found = sorted(REPOSITORY.glob("dbt_project/models/intermediate/*/int_*__eligible_customer.sql"))
    return [path.stem.removeprefix("int_").removesuffix("__eligible_customer") for path in found]


def block_parameters(company: Company) -> Iterator[tuple[str, Any]]:
    """Every key of every block of settings, as `<block>_<key>`."""
    for block in BLOCKS:
        for name, value in getattr(company, block).model_dump(mode="json").items():
            yield f"{block}_{name}", value


_PLACES = {"CX_DBT_LANDING_DIR", "CX_WAREHOUSE_PATH", "DBT_SEND_ANONYMOUS_USAGE_STATS"}
_WORDS = {"name", "title", "description", "owner", "sources", "publication"}
"""Of company.yml, what changes no row of a model: words, where to publish, and sources, whose change lands
them anew."""


def settings_text(workspace: Workspace, company: Company) -> str:
    """What company.yml says to SQL and Python steps, as text to be compared."""
    told = {name: value for name, value in environment(workspace, company).items() if name not in _PLACES}
    return json.dumps([told, company.model_dump(mode="json", exclude=_WORDS)], sort_keys=True)


def touchpoint_catalogue(company: Company) -> list[dict[str, Any]]:
    """The company's touchpoints in the order of its journey, each with its owner."""
    return [item.model_dump(mode="json") | {"owner": item.owner or company.owner} for item in company.touchpoints]


def reconciled_tables(tables: Iterable[LandingTable]) -> list[dict[str, Any]]:
    """What dbt has to know of the tables that are reconciled; every name in it is fit to be an SQL identifier."""
    found = []
    for item in tables:
        reconcile = item.table.reconcile
        if reconcile is None:
            continue
        found.append(
            {
                "source": item.source_name,
                "table": item.table_name,
                "landing": item.landing_name,
                "is_pulled": not item.is_of_files,
                "is_flagged": isinstance(item.table.deletes, DeleteFlag),
                "key": list(item.table.key),
                "day": reconcile.day,
                "day_is_date": item.table.columns[reconcile.day].type == "date",
                "amount": reconcile.amount,
                "entity": reconcile.entity,
                "entity_amount": reconcile.entity_amount,
                "filtered": reconcile.filtered,
            }
        )
    return found
