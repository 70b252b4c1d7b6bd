"""Schedules and sensors: daily, weekly, on new landings, on targets left behind, on failure, on a stale publication.

What starts runs is off until somebody switches it on: looking at the UI must not start a job. Alerts are on from the
first start: an alarm that has to be remembered is none.
"""

import datetime as dt

import dagster as dg

from orchestration.ground.durable import DamagedStateError
from orchestration.landing.loads.manifests import read_manifests
from orchestration.publication.generations import STALE_AFTER, PublicationError, current_generation, last_known_fresh
from orchestration.publication.targets.behind import behind_targets
from orchestration.runs.alerts import send_alert
from orchestration.runs.job_names import DAILY, PUBLISH_TARGETS, WEEKLY_RETRAINING
from orchestration.runs.last_failure import note_failure
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import latest_snapshot


def build_schedules(site: Site) -> list[dg.ScheduleDefinition]:
    """Every night at four in the company's zone, on Sundays with models trained anew."""

    @dg.schedule(
        job_name=DAILY,
        name="daily_at_four",
        cron_schedule="0 4 * * 1-6",
        execution_timezone=site.company.time_zone,
        description="The daily job, for the day that has just ended.",
    )
    def daily_at_four(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return _request(context)

    @dg.schedule(
        job_name=WEEKLY_RETRAINING,
        name="sunday_at_four",
        cron_schedule="0 4 * * 0",
        execution_timezone=site.company.time_zone,
        description="On Sundays the daily job trains every model anew.",
    )
    def sunday_at_four(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return _request(context, force=True)

    return [daily_at_four, sunday_at_four]


def _request(context: dg.ScheduleEvaluationContext, *, force: bool = False) -> dg.RunRequest:
    """A run for the day before the tick: the last one that is complete."""
    ended = context.scheduled_execution_time.date() - dt.timedelta(days=1)
    config: dict[str, object] = {"run_date": str(ended), "force": force}
    ops: dict[str, object] = {"run__snapshot": {"config": config}}
    return dg.RunRequest(run_key=str(ended), run_config={"ops": ops})


def build_sensors(site: Site) -> list[dg.SensorDefinition]:
    """New landings start the daily job, targets behind are published to; failures and staleness alert people."""

    @dg.sensor(
        name="new_landings",
        job_name=DAILY,
        minimum_interval_seconds=60,
        description="Starts the daily job when a load was committed that no snapshot has pinned yet.",
    )
    def new_landings(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        newest = max((manifest.sequence for manifest in read_manifests(site.workspace)), default=0)
        try:
            pinned = latest_snapshot(site.workspace)
        except DamagedStateError:  # the run sets it aside
            pinned = None
        if newest <= (pinned.max_load_sequence if pinned else 0):
            return dg.SkipReason("No new landing.")
        if site.warehouse.is_busy():
            return dg.SkipReason("A run is active; checked again after it.")
        return dg.RunRequest(run_key=f"landing-{newest}")

    @dg.run_failure_sensor(
        name="alert_on_failure",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells people which job failed, and why.",
    )
    def alert_on_failure(context: dg.RunFailureSensorContext) -> None:
        note_failure(site.workspace, context.dagster_run.run_id, [context.failure_event.message or ""])
        send_alert(
            f"{site.company.name}: {context.dagster_run.job_name} failed",
            f"Run {context.dagster_run.run_id}. {what_readers_have(site, context.dagster_run.run_id)}"
            f" {context.failure_event.message}",
        )

    @dg.sensor(
        name="alert_on_stale_publication",
        minimum_interval_seconds=3600,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells people once when readers have had no new generation for a day and a half.",
    )
    def alert_on_stale_publication(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        message = staleness(site)
        if message and context.cursor != message:
            send_alert(f"{site.company.name}: stale publication", message)
        context.update_cursor(message)
        return dg.SkipReason(message or "The publication is fresh.")

    return [new_landings, _targets_behind(site), alert_on_failure, alert_on_stale_publication]


def _targets_behind(site: Site) -> dg.SensorDefinition:
    @dg.sensor(
        name="targets_behind",
        job_name=PUBLISH_TARGETS,
        minimum_interval_seconds=900,
        description="Once a day, lets further targets and the report catch up with the DuckDB file where they failed.",
    )
    def targets_behind(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if site.warehouse.is_busy():
            return dg.SkipReason("A run is active; checked again after it.")
        behind = behind_targets(site.workspace.published_dir, site.company.publication)
        if not behind:
            return dg.SkipReason("Every target shows the current generation.")
        return dg.RunRequest(
            run_key=f"{behind[0].current}-{site.now().date()}",
            asset_selection=[dg.AssetKey(["published", target.name]) for target in behind],
        )

    return targets_behind


def what_readers_have(site: Site, run_id: str) -> str:
    """Whether a run that failed had published before, in words."""
    try:
        made = current_generation(site.workspace.published_dir)
    except PublicationError:
        made = None
    if made is not None and made.run_id == run_id:
        return "Readers of the DuckDB file have its generation; what failed comes after that."
    return "Readers keep the last generation."


def staleness(site: Site) -> str:
    """Since when readers have had nothing new, or an empty text."""
    try:
        fresh_at = last_known_fresh(site.workspace.published_dir)
    except PublicationError as error:
        return f"The current generation is damaged: {error}"
    if fresh_at is None:
        return "Nothing has been published yet."
    if site.now() - fresh_at <= STALE_AFTER:
        return ""
    return f"No run has published, or found nothing new, since {fresh_at.isoformat(timespec='seconds')}."
