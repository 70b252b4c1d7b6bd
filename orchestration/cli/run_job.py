"""Runs a job of one company in this process: lock, dead runs, dbt's project, Dagster, outcome.

The command line and the benchmarks start here; the daemon starts the same jobs through Dagster itself.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

from orchestration.ground import lock
from orchestration.ground.workspace import REPOSITORY
from orchestration.publication.targets.behind import behind_targets
from orchestration.publication.withdrawal import seen_generation, snapshot_of
from orchestration.runs.event_store import mend_store, seal_store
from orchestration.runs.job_names import EXTRACT, PUBLISH_TARGETS
from orchestration.runs.last_failure import forget_failure, note_failure
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import latest_snapshot


@dataclass(frozen=True)
class StepFailure:
    """A step that failed: its key and the innermost message."""

    step: str
    message: str


@dataclass(frozen=True)
class JobOutcome:
    """How a run ended.

    Attributes:
        run_id: Dagster run.
        is_success: Whether every step that had to run succeeded.
        is_up_to_date: Whether the run ended at the snapshot because nothing had changed.
        is_withdrawn: Whether it ended there because the generation of its inputs was rolled back.
        failures: Failed steps, first cause first.
        landings: What the landings of source tables did, a line each.
        is_published: Whether it switched the DuckDB file to a new generation, whatever failed after that.
        caught_up: Targets that were behind and show the generation of the DuckDB file now.
    """

    run_id: str
    is_success: bool
    is_up_to_date: bool
    is_withdrawn: bool
    failures: list[StepFailure]
    landings: list[str]
    is_published: bool = False
    caught_up: tuple[str, ...] = ()


def set_environment(site: Site) -> None:
    """What Dagster and dbt read from the environment, for this process and its children."""
    os.environ.update(
        {
            "CX_COMPANY": site.workspace.company,
            "CX_COMPANY_DIR": str(site.workspace.company_dir),
            "CX_SOURCE_DIR": str(site.workspace.source_dir),
            "CX_STATE_ROOT": str(site.workspace.state_dir.parent),
            "CX_PROFILE": site.workspace.profile or "",
            "CX_DAGSTER_DIR": str(site.workspace.dagster_dir),
            "DAGSTER_HOME": str(REPOSITORY),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "DO_NOT_TRACK": "1",
        }
    )
    for folder in site.workspace.private_dirs:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


def load_table(
    site: Site, landing_name: str, *, reload: bool = False, low: str | None = None, high: str | None = None
) -> JobOutcome:
    """Land one table by the extract job, whole or a range of its cursor; nothing downstream runs.

    Args:
        site: The company.
        landing_name: `<source>__<table>`.
        reload: Full refresh: pull all rows; only differences land.
        low: First value of a backfill of its cursor (ISO); None for none.
        high: Its end, excluded (ISO); None for none.
    """
    set_environment(site)
    import dagster as dg

    from orchestration.definitions import defs

    config = {"reload": reload, "low": low, "high": high}
    with _opened_instance(site) as instance, _quiet_stdout(site, is_verbose=False):
        result = defs.resolve_job_def(EXTRACT).execute_in_process(
            instance=instance,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(["landing", landing_name])],
            run_config={"ops": {f"landing__{landing_name}": {"config": config}}, "loggers": _loggers(False)},
        )
    return _outcome(result, site)


def _loggers(is_verbose: bool) -> dict[str, Any]:
    return {"console": {"config": {"verbose": is_verbose}}}


def run_job(
    site: Site,
    job_name: str,
    *,
    run_date: str | None = None,
    force: bool = False,
    retrain: bool = False,
    is_verbose: bool = False,
) -> JobOutcome:
    """Run a job to its end.

    Args:
        site: The company.
        job_name: A job of orchestration.defs.schedule.
        run_date: Observation date for companies whose as_of is `schedule` (ISO), or null.
        force: Build and publish although nothing changed.
        retrain: Retrain every model.
        is_verbose: Print every message of the steps.

    Raises:
        WarehouseBusyError: Another run holds the warehouse; nothing was started.
        CompanyError: Nothing of the company is mapped, or its mapping is wrong.
    """
    site.company.check_mapped()
    set_environment(site)
    with lock.held(site.workspace.lock_path, run_id=None, started_at=site.now().isoformat(timespec="seconds")):
        with _no_garbage_collection():
            from orchestration.definitions import defs
            from orchestration.defs.retraining import RETRAINING_TAGS

        snapshot = {"force": force or retrain, "publish_withdrawn": force, "run_date": run_date}
        ops: dict[str, Any] = {"run__snapshot": {"config": snapshot}}
        with _opened_instance(site) as instance, _quiet_stdout(site, is_verbose=is_verbose):
            result = defs.resolve_job_def(job_name).execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"ops": ops, "loggers": _loggers(is_verbose)},
                tags=RETRAINING_TAGS if retrain else None,
            )
        outcome = _outcome(result, site)
        if outcome.is_up_to_date or outcome.is_withdrawn:
            # Dagster left out all that follows the snapshot: a target that failed before would stay behind for ever.
            outcome = _with_targets(outcome, publish_behind(site))
    if outcome.is_success:
        forget_failure(site.workspace)
    else:
        note_failure(site.workspace, outcome.run_id, [f"{found.step}: {found.message}" for found in outcome.failures])
    return outcome


def publish_behind(site: Site) -> JobOutcome | None:
    """Let what is behind (targets, report, documentation) show what readers of the DuckDB file see; None: none is.

    Raises:
        WarehouseBusyError: Another run holds the warehouse; nothing was started.
    """
    set_environment(site)
    with lock.held(site.workspace.lock_path, run_id=None, started_at=site.now().isoformat(timespec="seconds")):
        behind = behind_targets(site.workspace.published_dir, site.company.publication)
        if not behind:
            return None
        import dagster as dg

        from orchestration.definitions import defs

        for target in behind:
            say(f"Behind, published to now: {target}")
        with _opened_instance(site) as instance, _quiet_stdout(site, is_verbose=False):
            result = defs.resolve_job_def(PUBLISH_TARGETS).execute_in_process(
                instance=instance,
                raise_on_error=False,
                asset_selection=[dg.AssetKey(["published", target.name]) for target in behind],
                run_config={"loggers": _loggers(False)},
            )
    made = {str(event.step_key).removeprefix("published__") for event in result.get_asset_materialization_events()}
    return replace(_outcome(result, site), caught_up=tuple(sorted(made)))


def _with_targets(daily: JobOutcome, targets: JobOutcome | None) -> JobOutcome:
    """A run with nothing new, and what came of the targets that were behind."""
    if targets is None:
        return daily
    return replace(daily, is_success=targets.is_success, failures=targets.failures, caught_up=targets.caught_up)


def say(sentence: str) -> None:
    """A sentence for the output of a run whose steps have not begun."""
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def _opened_instance(site: Site) -> Iterator[Any]:
    """Dagster's instance: damaged files of it are set aside first, and it is sealed once it is closed."""
    import dagster as dg

    mend_store(site.workspace.dagster_dir, say)
    with dg.DagsterInstance.get() as instance:
        yield instance
    seal_store(site.workspace.dagster_dir)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """No collections while what stays is made, and none among it later.

    Importing Dagster and dbt and parsing the project makes a million objects that live to the end; looking for garbage
    among them again and again costs two seconds of processor time a run.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _quiet_stdout(site: Site, *, is_verbose: bool) -> Iterator[None]:
    """What the steps print (dbt's log) goes to a file; people want progress, not two hundred lines."""
    if is_verbose:
        yield
        return
    site.workspace.dbt_log_dir.mkdir(parents=True, exist_ok=True)
    with (site.workspace.dbt_log_dir / "job.log").open("w", encoding="utf-8") as log, redirect_stdout(log):
        yield


def _outcome(result: Any, site: Site) -> JobOutcome:
    published = site.workspace.published_dir
    failures = []
    skipped = set()
    landings = []
    is_published = False
    for event in result.all_events:
        if event.event_type_value == "STEP_FAILURE":
            failures.append(StepFailure(event.step_key, _innermost(event.step_failure_data.error)))
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity.value == "ERROR":
                failures.append(
                    StepFailure(f"{'/'.join(check.asset_key.path)}: {check.check_name}", check.description or "")
                )
        elif event.event_type_value == "ASSET_MATERIALIZATION":
            is_published |= event.step_key == "published__generation"
            landings += [value.text for name, value in event.materialization.metadata.items() if name == "landing"]
        elif event.event_type_value == "STEP_SKIPPED":
            skipped.add(event.step_key)
    if not result.success and not failures:
        failures = [StepFailure("run", e.message or "") for e in result.all_events if e.is_failure]
    is_ended_early = result.success and "published__generation" in skipped
    pinned = latest_snapshot(site.workspace) if is_ended_early else None
    is_back = pinned is not None and pinned.snapshot_id != snapshot_of(seen_generation(published) or "")
    return JobOutcome(
        result.run_id,
        result.success,
        is_ended_early and not is_back,
        is_ended_early and is_back,
        failures,
        landings,
        is_published,
    )


def _innermost(error: Any) -> str:
    while error is not None and error.cause is not None:
        error = error.cause
    return (error.message if error is not None else "unknown").strip()
