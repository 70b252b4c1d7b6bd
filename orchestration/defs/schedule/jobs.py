"""The jobs. A job that writes the warehouse carries the tag by which a dead run is recognised."""

import dagster as dg

from orchestration.defs.area import Frame
from orchestration.defs.publication.assets import GENERATION
from orchestration.defs.retraining import RETRAINING_TAGS
from orchestration.defs.schedule.triggers import build_schedules, build_sensors
from orchestration.runs.job_names import DAILY, EXTRACT, PUBLISH_TARGETS, WEEKLY_RETRAINING
from orchestration.runs.recovery import WRITES_WAREHOUSE


def build_defs(frame: Frame) -> dg.Definitions:
    """Jobs, schedules and sensors."""
    return dg.Definitions(jobs=build_jobs(), schedules=build_schedules(frame.site), sensors=build_sensors(frame.site))


def build_jobs() -> list[dg.JobDefinition]:
    """daily: everything; weekly_retraining: the same, models trained anew; extract: landings; publish_targets."""
    writes = {WRITES_WAREHOUSE: "true"}
    everything = dg.AssetSelection.all()
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
            tags=writes | RETRAINING_TAGS,
            config={"ops": {"run__snapshot": {"config": {"force": True}}}},
            description="The daily job with every model trained anew.",
        ),
        dg.define_asset_job(
            EXTRACT,
            dg.AssetSelection.key_prefixes(["landing"]),
            description="Land what is new in the sources; touches no warehouse.",
        ),
        dg.define_asset_job(
            PUBLISH_TARGETS,
            dg.AssetSelection.groups("publication") - dg.AssetSelection.assets(GENERATION),
            description="Let further targets, report and documentation show what readers of the DuckDB file see: after"
            " a failure there, or a rollback.",
        ),
    ]
    return jobs  # type: ignore[return-value]
