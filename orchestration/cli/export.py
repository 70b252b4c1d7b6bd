"""`cx export`: lists that go back to operating systems, as `exports` in company.yml declares them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.cli.exits import EXIT_BUSY, EXIT_USAGE, fail
from orchestration.ground import lock
from orchestration.ground.workspace import Workspace, WorkspaceError

if TYPE_CHECKING:
    from orchestration.declaration.company import Company
    from orchestration.declaration.settings.exports import Export
    from orchestration.exporting.prepared import Delivery

app = typer.Typer(
    help="Lists of customers back to CRM, mail tool and call centre: list, show NAME, run [NAME].",
    no_args_is_help=True,
)
CompanyOption = Annotated[str | None, typer.Option("--company", help="Company whose lists they are (CX_COMPANY).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(name="list")
def list_exports(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Every list with its destination, its owner and what was delivered last."""
    workspace, declared = _declared(company)
    last = {name: _last(workspace, name) for name in declared.exports}
    if as_json:
        told = {
            name: {"owner": export.owner or declared.owner, "to": export.to.kind, "last_delivery": _fields(last[name])}
            for name, export in declared.exports.items()
        }
        typer.echo(json.dumps(told, indent=1))
        return
    for name, export in declared.exports.items():
        typer.echo(f"{name} -> {export.to.kind}, owner {export.owner or declared.owner}: {export.description}")
        typer.echo(f"  {_summary(last[name])}")
    if not declared.exports:
        typer.echo("company.yml declares no exports (docs/exports.md).")


@app.command()
def show(name: str, company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """One list: where it comes from and goes to, its contract, and what was delivered last."""
    workspace, declared = _declared(company)
    export = _chosen(declared, name)[name]
    last = _last(workspace, name)
    if as_json:
        told = {"declaration": export.model_dump(mode="json"), "last_delivery": _fields(last)}
        typer.echo(json.dumps(told, indent=1))
        return
    types = {column["name"]: column["type"] for column in last.columns} if last else {}
    columns = [f"{column} {types.get(column, '')}".rstrip() for column in export.names]
    lines = [
        f"{name}: {export.description}",
        f"  Owner: {export.owner or declared.owner}",
        f"  From: {export.table}" + (f" where {export.where}" if export.where else ""),
        f"  Columns: {', '.join(columns)}",
        f"  Key: {', '.join(export.key)}; at most {export.max_rows} rows",
        f"  Consent: {_consent(export)}",
        f"  To: {_destination(export)}",
        f"  {_summary(last)}",
    ]
    if last is not None and last.path:
        lines.append(f"  File: {workspace.published_dir / last.path}")
    typer.echo("\n".join(lines))


@app.command()
def run(
    name: Annotated[str | None, typer.Argument(help="One list; all where none is named.")] = None,
    company: CompanyOption = None,
) -> None:
    """Send the lists of the current generation; what was delivered of it already is left as it is."""
    workspace, declared = _declared(company)
    chosen = declared.exports if name is None else _chosen(declared, name)
    from orchestration.exporting.prepared import ExportError
    from orchestration.exporting.sending import send
    from orchestration.publication.generations import PublicationError
    from orchestration.publication.targets.protocol import FinishedGeneration

    failed = False
    started_at = workspace.now().isoformat(timespec="seconds")
    try:
        with lock.held(workspace.lock_path, run_id=None, started_at=started_at):
            generation = FinishedGeneration.current(workspace.published_dir, {})
            for one, export in chosen.items():
                try:
                    delivery, is_new = send(one, export, workspace.published_dir, generation)
                except ExportError as error:
                    failed = True
                    typer.echo(str(error), err=True)
                else:
                    typer.echo(f"{one}: {'' if is_new else 'delivered before. '}{_summary(delivery)}")
    except lock.WarehouseBusyError as error:
        raise fail(str(error), EXIT_BUSY) from None
    except PublicationError as error:
        raise fail(str(error)) from None
    if failed:
        raise fail("Not all lists were delivered; the others have what is told above.")


def _declared(company: str | None) -> tuple[Workspace, Company]:
    from orchestration.declaration.company import CompanyError, load_company

    try:
        workspace = Workspace.from_environment(company)
        return workspace, load_company(workspace)
    except (WorkspaceError, CompanyError) as error:
        raise fail(str(error), EXIT_USAGE) from None


def _chosen(declared: Company, name: str) -> Mapping[str, Export]:
    from orchestration.ground.nearest import near

    if name not in declared.exports:
        raise fail(f"company.yml declares no export {name!r}.{near(name, declared.exports)}", EXIT_USAGE)
    return {name: declared.exports[name]}


def _last(workspace: Workspace, name: str) -> Delivery | None:
    from orchestration.exporting.prepared import Delivery, general_folder, private_folder

    published = workspace.published_dir
    found = [Delivery.read(folder(published, name)) for folder in (private_folder, general_folder)]
    return next((delivery for delivery in found if delivery is not None), None)


def _fields(delivery: Delivery | None) -> dict[str, Any] | None:
    return None if delivery is None else dict(vars(delivery))


def _consent(export: Export) -> str:
    if export.purpose is None:
        return "none asked for, the list serves no contact"
    return f"to {export.purpose}" + (f" by {export.channel}" if export.channel else "")


def _destination(export: Export) -> str:
    from orchestration.declaration.settings.exports import HttpDestination

    if not isinstance(export.to, HttpDestination):
        return export.to.kind
    return f"the address in {export.to.url_env}, {export.to.send}, {export.to.batch_size} rows a request"


def _summary(delivery: Delivery | None) -> str:
    if delivery is None:
        return "Nothing delivered yet."
    counts = [f"{delivery.rows_selected} rows selected"]
    counts += [f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(delivery.left_out.items()) if count]
    counts.append(f"{delivery.rows_written} delivered")
    counts += [f"{count} {name.replace('_', ' ')}" for name, count in sorted(delivery.sent.items()) if count]
    return f"Generation {delivery.generation_id} ({delivery.as_of_date}): {', '.join(counts)}."
