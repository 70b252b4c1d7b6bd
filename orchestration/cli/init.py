"""`cx init`: proposes a new company's folder from what its files or tables hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.exits import EXIT_USAGE, fail


def init(
    name: Annotated[str, typer.Argument(help="Name of the new company: a-z, 0-9 and _.")],
    source_dir: Annotated[
        Path | None, typer.Option("--source-dir", help="Folder of the company's files; nothing outside it is read.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="Folder to write, new or empty (default: one of the company's name).")
    ] = None,
    source: Annotated[str, typer.Option(help="Name of the source system; ids begin with it.")] = "shop",
    currency: Annotated[str, typer.Option(help="Currency of amounts without one (ISO 4217).")] = "EUR",
    time_zone: Annotated[str, typer.Option(help="Zone of the company and of times without one (IANA).")] = "UTC",
    country: Annotated[str, typer.Option(help="Country of telephone numbers without a prefix.")] = "DE",
) -> None:
    """Profile a new company's files and propose company.yml and staging SQL; nothing is overwritten."""
    from orchestration.proposal.proposing import ProposalError, Settings, propose_from_files, write

    target = (into or Path(name)).expanduser()
    settings = Settings(name, source, currency, time_zone, country)
    try:
        if source_dir is None:
            raise ProposalError("name the folder of the company's files: --source-dir")
        proposal = propose_from_files(source_dir.expanduser(), settings)
        write(proposal, target)
    except ProposalError as error:
        raise fail(str(error), EXIT_USAGE) from None
    for table in proposal.tables:
        entities = ", ".join(mapping.entity for mapping in proposal.mappings if mapping.table is table)
        typer.echo(f"{source}.{table.name}: {len(table.columns)} columns; {entities or 'no contract fits by name'}")
    for line in proposal.left_out:
        typer.echo(f"not read: {line}")
    typer.echo(
        f"\nWrote {len(proposal.files)} files to {target}; {proposal.open_questions} lines are marked DECIDE.\n"
        f"Look at them, then: CX_COMPANY_DIR={target.resolve()} cx doctor --company {name} --source-dir {source_dir}"
    )
