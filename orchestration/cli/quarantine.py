"""`cx quarantine`: rows that were refused, why, and how they come back. Judging them is in `landing.release`."""

from __future__ import annotations

import getpass
import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.cli.exits import EXIT_BUSY, EXIT_USAGE, fail
from orchestration.ground import lock
from orchestration.ground.workspace import Workspace, WorkspaceError

if TYPE_CHECKING:
    from orchestration.landing.refused.rows import RefusedRow

_SHOWN_CHARACTERS = 500

app = typer.Typer(help="Quarantine: list refused rows, show them, release them after a fix.", no_args_is_help=True)
CompanyOption = Annotated[str | None, typer.Option("--company", help="Company to work on (CX_COMPANY).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RuleOption = Annotated[str | None, typer.Option(help="Only rows refused by this rule.")]


def _workspace(company: str | None) -> Workspace:
    try:
        return Workspace.from_environment(company)
    except WorkspaceError as error:
        raise fail(str(error), EXIT_USAGE) from None


def printable(text: str, limit: int | None = _SHOWN_CHARACTERS) -> str:
    """Text that a terminal only shows: control, direction and other invisible characters are written as escapes.

    Values of environment variables that are called like credentials are masked.
    """
    from orchestration.ground.secrets import Secret

    for name, value in os.environ.items():
        if any(word in name.upper() for word in ("PASSWORD", "SECRET", "TOKEN", "_KEY", "_URL")) and value.strip():
            text = Secret(name, value.strip()).masked(text)
    cut = text if limit is None or len(text) <= limit else f"{text[:limit]} ... ({len(text)} characters)"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


@app.command(name="list")
def list_refused(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Count quarantined rows by table or entity and rule; the first column is the id for `show` and `release`."""
    from orchestration.landing.loads.manifests import read_manifests
    from orchestration.landing.refused.rows import refused_groups

    workspace = _workspace(company)
    landing = refused_groups(read_manifests(workspace))
    contract = _contract_groups(workspace)
    if as_json:
        typer.echo(json.dumps({"landing": [asdict(group) for group in landing], "contract": contract}, indent=1))
        return
    if not landing and not contract:
        typer.echo("Nothing is in quarantine.")
    for group in landing:
        typer.echo(f"{group.newest_load:>6}  {group.table}  {group.rule}: {group.row_count} row(s). {group.reason}")
    for found in contract:
        typer.echo(
            f"{found['entity']}  {found['rule']}: {found['row_count']} row(s) of {found['source']}. {found['reason']}"
        )


def _contract_groups(workspace: Workspace) -> list[dict[str, Any]]:
    """Rows that break an entity's contract, as the last publication counts them; none before the first."""
    import duckdb

    published = workspace.published_dir / "current.duckdb"
    if not published.exists():
        return []
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute(
            "select object_name, source_name, rule, reason, row_count from marts.mart_operations__quarantine_reason"
            " where stage = 'contract' order by object_name, row_count desc, rule, source_name"
        ).fetchall()
    names = ("entity", "source", "rule", "reason", "row_count")
    return [dict(zip(names, row, strict=True)) for row in rows]


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="Id of a load or a row (12, 12-0-7), or an entity.")],
    company: CompanyOption = None,
    rule: RuleOption = None,
    key: Annotated[str | None, typer.Option(help="Only rows with this value in their key.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = 20,
    full: Annotated[bool, typer.Option("--full", help="Do not cut long texts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print quarantined rows: source file and row, rule and reason, and raw text."""
    from cx_assets.contracts import load_contracts
    from orchestration.landing.errors import LandingError

    workspace = _workspace(company)
    try:
        rows = (
            _contract_rows(workspace, id, rule, key)
            if id in load_contracts()
            else _landing_rows(workspace, id, rule, key, None if full else _SHOWN_CHARACTERS)
        )
    except LandingError as error:
        raise fail(str(error), EXIT_USAGE) from None
    shown = rows[:limit]
    if as_json:
        typer.echo(json.dumps(shown, indent=1))
        return
    for row in shown:
        typer.echo("\n".join(f"{name:>12}: {value}" for name, value in row.items() if value is not None) + "\n")
    typer.echo(f"{len(shown)} of {len(rows)} row(s).")


def _landing_rows(
    workspace: Workspace, id: str, rule: str | None, key: str | None, limit: int | None
) -> list[dict[str, Any]]:
    from orchestration.declaration.company import load_company
    from orchestration.landing.loads.manifests import read_manifests
    from orchestration.landing.refused.rows import RowId, refused_parts, refused_rows

    row_id = RowId.parse(id)
    manifests = read_manifests(workspace)
    load, parts = refused_parts(manifests, row_id)
    item = load_company(workspace).table(load.source_name, load.table_name)

    def shown(row: RefusedRow, keys: dict[str, str]) -> dict[str, Any]:
        return {
            "id": str(row.id),
            "table": f"{load.source_name}.{load.table_name}",
            "file": printable(row.source_file, limit),
            "row": row.source_row,
            "line": row.source_line,
            "key": printable(", ".join(f"{name}={value}" for name, value in keys.items()), limit) or None,
            "rule": row.rule,
            "reason": printable(row.reason, limit),
            "text": printable(row.raw_text, limit),
        }

    found = []
    for number, part in parts:
        for row in refused_rows(workspace, manifests, load, number, part, row_id.row):
            keys = row.keys(item)
            if rule in (None, row.rule) and (key is None or key in keys.values()):
                found.append(shown(row, keys))
    return found


def _contract_rows(workspace: Workspace, entity: str, rule: str | None, key: str | None) -> list[dict[str, Any]]:
    """Rows of the last build that break an entity's contract; the warehouse must not be at work."""
    import duckdb

    from orchestration.landing.errors import LandingError

    if lock.is_locked(workspace.lock_path):
        raise fail("A run is active: rows that break a contract can be shown after it.", EXIT_BUSY)
    if not workspace.warehouse_path.exists():
        raise LandingError("nothing has been built yet: cx run builds it")
    with duckdb.connect(str(workspace.warehouse_path), read_only=True) as connection:
        rows = connection.execute(
            "select entity, source_system, row_key, violated_rules, reason, _source_file, _source_row, _load_sequence"
            " from intermediate.int_contract__quarantined_row where entity = ?"
            " and (? is null or contains(',' || violated_rules || ',', ',' || ? || ','))"
            " and (? is null or row_key = ?) order by _load_sequence, _source_file, _source_row",
            [entity, rule, rule, key, key],
        ).fetchall()
    names = ("entity", "source", "key", "rule", "reason", "file", "row", "load")
    return [
        {name: printable(v) if isinstance(v, str) else v for name, v in zip(names, row, strict=True)} for row in rows
    ]


@app.command()
def release(
    id: Annotated[str, typer.Argument(help="Id of a load or a row: 12, 12-0-7.")],
    company: CompanyOption = None,
    rule: RuleOption = None,
    corrections: Annotated[
        list[str] | None, typer.Option("--set", help="column=value, written as the source writes it.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Replacement for the text of the whole row.")] = None,
    by: Annotated[str | None, typer.Option(help="Who releases the rows (default: the user of this machine).")] = None,
) -> None:
    """Check quarantined rows again by the present company.yml, with corrections, and load those that pass.

    The next run builds on them. Rows that break an entity's contract are checked by every run: fix the staging SQL,
    company.yml or the source, and run.
    """
    from cx_assets.contracts import load_contracts
    from orchestration.declaration.company import CompanyError, load_company
    from orchestration.landing.errors import LandingError
    from orchestration.landing.refused.release import ReleaseRequest, RowId, release_rows

    if id in load_contracts():
        raise fail(
            f"{id}: its rows landed and break the contract of the entity, which every run checks again. Fix the staging"
            " SQL or company.yml, or the row in its source, and run; `cx quarantine show` names file and row.",
            EXIT_USAGE,
        )
    workspace = _workspace(company)
    pairs = dict(item.partition("=")[::2] for item in corrections or [] if "=" in item)
    if len(pairs) != len(corrections or []):
        raise fail("write --set column=value, each column once", EXIT_USAGE)
    now = workspace.now()
    try:
        request = ReleaseRequest(RowId.parse(id), by or getpass.getuser(), rule, pairs, text)
        with lock.held(workspace.lock_path, run_id=None, started_at=now.isoformat(timespec="seconds")):
            result = release_rows(load_company(workspace), workspace, request, now=now)
    except lock.WarehouseBusyError as error:
        raise fail(str(error), EXIT_BUSY) from None
    except (LandingError, CompanyError) as error:
        raise fail(str(error), EXIT_USAGE) from None
    if result.already is not None and result.already.release is not None:
        typer.echo(f"{id} was released before, in load {result.already.sequence} by {result.already.release.by}.")
        return
    in_load = f" as load {result.manifest.sequence}; the next run builds on them" if result.manifest else ""
    typer.echo(f"{len(result.released)} row(s) released{in_load}.")
    for row_id in result.superseded[:20]:
        typer.echo(f"{row_id}: a newer version has landed since; releasing this one would put it back.")
    for row in result.refused[:20]:
        typer.echo(f"{row.id} stays: {row.rule}. {printable(row.reason)}")
    if len(result.refused) > 20:
        typer.echo(f"... {len(result.refused)} stay in all: cx quarantine show {id}")
    if not result.released:
        raise typer.Exit(1)
