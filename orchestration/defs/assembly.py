"""Assembles the Definitions of one company; nothing else. `orchestration.definitions` loads them for Dagster."""

from __future__ import annotations

import dagster as dg

from orchestration.dbt_project import ParsedProject
from orchestration.defs.checks.borders import contract_border, landing_border, mart_border
from orchestration.defs.checks.reconciliation import reconciliation_check
from orchestration.defs.dbt.assets import STAGES, stage_assets
from orchestration.defs.identity.assets import record_customer
from orchestration.defs.landing.assets import landing_asset, landing_key, snapshot_asset
from orchestration.defs.publication.assets import PUBLISHED_SCHEMAS, generation_asset
from orchestration.defs.schedule.jobs import build_jobs
from orchestration.defs.schedule.triggers import build_schedules, build_sensors
from orchestration.defs.scores.assets import churn_model, customer_churn, customer_rfm
from orchestration.progress import progress_logger
from orchestration.site import Site, warehouse_resource


def build_definitions(site: Site, project: ParsedProject) -> dg.Definitions:
    """Definitions of one company.

    Args:
        site: The company.
        project: dbt's parsed project for it.
    """
    tables = list(site.company.tables())
    stages = [stage_assets(stage, project) for stage in STAGES]
    assets: list[dg.AssetsDefinition] = [
        *(landing_asset(site.company, table) for table in tables),
        snapshot_asset(site.company, tables, project.fingerprint),
        *stages,
        record_customer,
        customer_rfm,
        churn_model,
        customer_churn,
    ]
    borders = [landing_border(tables), contract_border(), mart_border(), reconciliation_check()]
    declared = {("/".join(key.asset_key.path), key.name) for defs in [*assets, *borders] for key in defs.check_keys}
    readable = [key for stage in stages for key in stage.keys if key.path[0] in PUBLISHED_SCHEMAS]
    publication = generation_asset(project.manifest_path, sorted(readable), declared, site.company.owner)
    return dg.Definitions(
        assets=[*assets, publication],
        asset_checks=borders,
        jobs=build_jobs([landing_key(table) for table in tables]),
        schedules=build_schedules(site),
        sensors=build_sensors(site),
        resources={
            "site": site,
            "warehouse": warehouse_resource(site),
        },
        executor=dg.in_process_executor,
        loggers={"console": progress_logger},
    )
