"""The jobs. A job that writes the warehouse carries the tag by which a dead run is recognised."""

import dagster as dg

from orchestration.recovery import WRITES_WAREHOUSE
from orchestration.run_job import DAILY, EXTRACT, WEEKLY_RETRAINING


def build_jobs(landing_keys: list[dg.AssetKey]) -> list[dg.JobDefinition]:
    """daily: everything; weekly_retraining: everything, with a new churn model; extract: landings only."""
    writes = {WRITES_WAREHOUSE: "true"}
    everything = dg.AssetSelection.all()
    retrain = {"ops": {"churn_model": {"config": {"retrain": True}}, "run__snapshot": {"config": {"force": True}}}}
    jobs = [
        dg.define_asset_job(
            DAILY,
            everything,
            tags=writes,
            description="Extract, stage, resolve identity, build core, score, build marts, check, publish.",
        ),
        dg.define_asset_job(
            WEEKLY_RETRAINING,
            everything,
            tags=writes,
            config=retrain,
            description="The daily job with a newly trained churn model.",
        ),
        dg.define_asset_job(
            EXTRACT,
            dg.AssetSelection.assets(*landing_keys),
            description="Land what is new in the sources; touches no warehouse.",
        ),
    ]
    return jobs  # type: ignore[return-value]
