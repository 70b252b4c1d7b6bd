"""The command line `cx`: what people do by hand. It wraps the Dagster jobs and decides nothing itself.

Everything heavy is imported where it is used: a start that finds the warehouse busy says so within half a second.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli import export as cli_export
from orchestration.cli import identity as cli_identity
from orchestration.cli import init as cli_init
from orchestration.cli import metric as cli_metric
from orchestration.cli import quarantine as cli_quarantine
from orchestration.cli import report_server as cli_report_server
from orchestration.cli.exits import EXIT_BUSY, EXIT_USAGE, fail
from orchestration.ground import lock
from orchestration.ground.stopping import stopped_in_time
from orchestration.ground.workspace import Workspace, WorkspaceError
from orchestration.runs.job_names import DAILY

if TYPE_CHECKING:
    from orchestration.cli import run_job
    from orchestration.declaration.tables import LandingTable


app = typer.Typer(
    help="The customer-experience data platform: run the daily job, inspect its state.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_quarantine.app, name="quarantine")
app.add_typer(cli_identity.app, name="identity")
app.add_typer(cli_metric.app, name="metric")
app.add_typer(cli_export.app, name="export")
app.command()(cli_init.init)
app.command(name="report")(cli_report_server.report)
CompanyOption = Annotated[str | None, typer.Option("--company", help="Company to work on (CX_COMPANY).")]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="The company's profile: where its sources are (CX_PROFILE).")
]
SourceOption = Annotated[
    Path | None, typer.Option("--source-dir", help="Folder of the company's own files (CX_SOURCE_DIR).")
]


def _set(**variables: object) -> None:
    """What the command line gives goes before what the environment says."""
    os.environ.update({name: str(value) for name, value in variables.items() if value is not None})


@app.command()
def run(
    company: CompanyOption = None,
    source_dir: SourceOption = None,
    profile: ProfileOption = None,
    as_of: Annotated[
        str | None, typer.Option(help="Observation date (YYYY-MM-DD), where company.yml says `as_of: schedule`.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Publish even if nothing has changed or the same inputs were rolled back.")
    ] = False,
    retrain: Annotated[bool, typer.Option("--retrain", help="Retrain every model.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Print the log of every step.")] = False,
) -> None:
    """Run the daily job and print what came out."""
    _set(CX_SOURCE_DIR=source_dir, CX_PROFILE=profile)
    try:
        workspace = Workspace.from_environment(company)
    except WorkspaceError as error:
        raise fail(str(error), EXIT_USAGE) from None
    started_at = workspace.now().isoformat(timespec="seconds")
    try:
        with stopped_in_time(), lock.held(workspace.lock_path, run_id=None, started_at=started_at):
            if workspace.company == "sample" and not workspace.source_dir.exists():
                _generate(workspace.source_dir, scale=None, seed=None, truth=None, is_null=False)
            outcome = _run_daily(workspace.company, run_date=as_of, force=force, retrain=retrain, is_verbose=verbose)
    except lock.WarehouseBusyError as error:
        raise fail(str(error), EXIT_BUSY) from None
    from orchestration.cli import report

    if not outcome.is_success:
        for failure in outcome.failures:
            typer.echo(f"\n{failure.step}: {failure.message}", err=True)
        report.print_refused(workspace)
        report.print_remarks(workspace)
        kept = (
            "of the DuckDB file have the new, those of a failed target keep the last"
            if outcome.is_published
            else "keep the last"
        )
        raise fail(f"\nRun {outcome.run_id} failed; readers {kept} generation.")
    report.print_report(workspace, is_up_to_date=outcome.is_up_to_date, is_withdrawn=outcome.is_withdrawn)


def _run_daily(
    company: str, *, run_date: str | None, force: bool, retrain: bool, is_verbose: bool
) -> run_job.JobOutcome:
    from orchestration.cli import run_job
    from orchestration.declaration.company import CompanyError
    from orchestration.runs.site import Site

    try:
        site = Site.from_environment(company)
        typer.echo(f"Daily job of {site.company.title}", err=True)
        return run_job.run_job(site, DAILY, run_date=run_date, force=force, retrain=retrain, is_verbose=is_verbose)
    except CompanyError as error:
        raise fail(str(error), EXIT_USAGE) from None


def _generate(target: Path, *, scale: float | None, seed: int | None, truth: Path | None, is_null: bool) -> None:
    from cx_assets import sample_company

    typer.echo(f"Generating the sample company into {target}", err=True)
    is_terminal = sys.stderr.isatty()

    def progress(text: str) -> None:
        """One line that changes on a terminal; a log gets them all."""
        typer.echo(f"\r\x1b[2K  {text}" if is_terminal else f"  {text}", err=True, nl=not is_terminal)

    sample_company.generate(
        target,
        scale=sample_company.EMBEDDED_SCALE if scale is None else scale,
        seed=sample_company.DEFAULT_SEED if seed is None else seed,
        truth=truth,
        is_null=is_null,
        progress=progress,
    )
    if is_terminal:
        typer.echo(err=True)


@app.command()
def sample(
    into: Annotated[
        str | None, typer.Option(help="Folder for the files (default the sample's own), or `systems`: the databases.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Size of the company; 1 is a million customers.")] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed; equal seeds give equal files.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write the ground truth here, for tests and benchmarks.")] = None,
    null: Annotated[bool, typer.Option("--null", help="Generate a company in which nothing has an effect.")] = False,
) -> None:
    """Generate the sample company's source files, and with `--into systems` fill its databases from them."""
    workspace = Workspace.from_environment("sample")
    if into != "systems":
        target = Path(into) if into else workspace.source_dir
        _generate(target, scale=scale, seed=seed, truth=truth, is_null=null)
        return
    if not workspace.source_dir.exists() or scale is not None or seed is not None or null:
        _generate(workspace.source_dir, scale=scale, seed=seed, truth=truth, is_null=null)
    from orchestration.connectors import ConnectorError
    from orchestration.sample.systems import fill_systems

    try:
        fill_systems(workspace, lambda text: typer.echo(f"  {text}", err=True))
    except ConnectorError as error:
        raise fail(str(error), EXIT_USAGE) from None


@app.command()
def load(
    table: Annotated[str, typer.Argument(help="Table to load, as source.table in company.yml.")],
    company: CompanyOption = None,
    source_dir: SourceOption = None,
    profile: ProfileOption = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Full refresh: pull all rows; only differences land.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--from", help="Backfill from this date or time of the cursor (inclusive).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Backfill up to this date or time of the cursor (exclusive).")
    ] = None,
) -> None:
    """Load one table: new rows, a full refresh, or a backfill of a range; the next run builds on it."""
    _set(CX_SOURCE_DIR=source_dir, CX_PROFILE=profile)
    from orchestration.cli import run_job
    from orchestration.declaration.company import CompanyError
    from orchestration.runs.site import Site

    try:
        site = Site.from_environment(company)
        item = site.company.table(*table.split(".", 1)) if "." in table else None
    except (CompanyError, WorkspaceError) as error:
        raise fail(str(error), EXIT_USAGE) from None
    if item is None:
        raise fail("name the table as source.table", EXIT_USAGE)
    if problem := _window_problem(item, since, until, reload=reload):
        raise fail(problem, EXIT_USAGE)
    try:
        with stopped_in_time():
            outcome = run_job.load_table(site, item.landing_name, reload=reload, low=since, high=until)
    except CompanyError as error:
        raise fail(str(error), EXIT_USAGE) from None
    if not outcome.is_success:
        raise fail("\n".join(failure.message for failure in outcome.failures))
    for message in outcome.landings:
        typer.echo(message)


def _window_problem(item: LandingTable, since: str | None, until: str | None, *, reload: bool) -> str | None:
    """Why a table cannot be pulled by this window; None when it can."""
    has_range = since is not None or until is not None
    if item.is_of_files and (reload or has_range):
        return "Every load looks at all files of the table: --reload, --from and --to are for databases and APIs."
    if reload and has_range:
        return "Give either --reload or a range."
    if has_range and (item.table.cursor is None or item.table.columns[item.table.cursor.column].type == "bigint"):
        return f"{item.landing_name} has no cursor of dates or times, so no range of it can be backfilled: --reload it."
    try:
        moments = [datetime.fromisoformat(text) for text in (since, until) if text is not None]
    except ValueError:
        return "Write --from and --to as 2026-01-31 or 2026-01-31T08:00:00+01:00; without a zone it is UTC."
    aware = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments]
    return "--from must lie before --to." if len(aware) == 2 and aware[0] >= aware[1] else None


@app.command()
def status(
    company: CompanyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the published generation, what has landed, and whether a run is active."""
    from orchestration.cli import report

    found = report.read_status(Workspace.from_environment(company))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1, default=str))
    else:
        report.print_status(found)


@app.command(name="doctor")
def examine(company: CompanyOption = None, source_dir: SourceOption = None, profile: ProfileOption = None) -> None:
    """Check this machine, the configuration, the sources and the state; each line begins OK, or FIX with what to do."""
    _set(CX_SOURCE_DIR=source_dir, CX_PROFILE=profile)
    from orchestration.cli import doctor

    findings = doctor.examine(company)
    for finding in findings:
        typer.echo(finding.line)
    if not all(finding.is_ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def publish(company: CompanyOption = None) -> None:
    """Let targets, report and documentation show what readers of the DuckDB file see; runs nothing else."""
    from orchestration.cli import run_job
    from orchestration.declaration.company import CompanyError
    from orchestration.runs.site import Site

    try:
        with stopped_in_time():
            outcome = run_job.publish_behind(Site.from_environment(company))
    except (WorkspaceError, CompanyError) as error:
        raise fail(str(error), EXIT_USAGE) from None
    except lock.WarehouseBusyError as error:
        raise fail(str(error), EXIT_BUSY) from None
    if outcome is None:
        typer.echo("Every target shows the current generation.")
        return
    for failure in outcome.failures:
        typer.echo(f"{failure.step}: {failure.message}", err=True)
    if outcome.caught_up:
        typer.echo(f"Published to {', '.join(outcome.caught_up)}.")
    if not outcome.is_success:
        raise fail("The readers of what failed keep what they had.")


@app.command()
def rollback(generation: str, company: CompanyOption = None) -> None:
    """Roll readers back to an earlier generation (`cx status` lists them).

    What they saw since is withdrawn: no run publishes the same inputs again, unless with --force.
    New landings, another observation date, configuration or code publish as always.
    """
    from orchestration.publication.generations import PublicationError, roll_back
    from orchestration.publication.withdrawal import withdrawals

    workspace = Workspace.from_environment(company)
    try:
        with lock.held(workspace.lock_path, run_id=None, started_at=workspace.now().isoformat(timespec="seconds")):
            back = roll_back(workspace.published_dir, generation, at=workspace.now())
    except lock.WarehouseBusyError as error:
        raise fail(str(error), EXIT_BUSY) from None
    except PublicationError as error:
        raise fail(str(error)) from None
    typer.echo(f"Readers see generation {back.generation_id} (as of {back.as_of_date}).")
    cli_report_server.write_again(workspace)
    from orchestration.cli import report

    report.print_behind(workspace.company, report.behind_of(workspace))
    withdrawn = withdrawals(workspace.published_dir)
    if withdrawn:
        typer.echo(
            f"Withdrawn: {', '.join(item.generation_id for item in withdrawn)}. "
            "Runs with the same inputs do not publish it again, unless with --force; new landings, another observation "
            "date, configuration or code publish: pause the schedule if the cause lies in the data."
        )


@app.command()
def dev(
    company: CompanyOption = None,
    source_dir: SourceOption = None,
    profile: ProfileOption = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open Dagster's UI with its daemon, on loopback only."""
    _set(CX_SOURCE_DIR=source_dir, CX_PROFILE=profile)
    from orchestration.cli.run_job import set_environment
    from orchestration.declaration.company import CompanyError
    from orchestration.runs.event_store import mend_store
    from orchestration.runs.site import Site

    try:
        site = Site.from_environment(company)
    except (WorkspaceError, CompanyError) as error:
        raise fail(str(error), EXIT_USAGE) from None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise fail(f"Port {port} is in use, perhaps by another `cx dev`: end that, or choose --port.") from None
    set_environment(site)
    # The text is Dagster's advice to type another command; this one is typed for people.
    os.environ["PYTHONWARNINGS"] = "ignore:Function `dev_command` is superseded"
    typer.echo(
        f"{site.company.title}: http://127.0.0.1:{port} (this machine only). Schedules run while this is open, once "
        "they are switched on under Automation; Ctrl+C ends it.",
        err=True,
    )
    dagster = str(Path(sys.executable).with_name("dagster"))
    # Dagster lets SIGTERM do what SIGINT does, and under `nohup` or `&` that would be nothing.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    mend_store(site.workspace.dagster_dir, lambda sentence: typer.echo(sentence, err=True))
    arguments = ["dev", "-m", "orchestration.definitions", "--host", "127.0.0.1", "--port", str(port)]
    # In place of this process: whoever stops `cx dev` by a signal stops the server and its daemon with it.
    os.execv(dagster, [dagster, *arguments])  # noqa: S606


if __name__ == "__main__":
    app()
