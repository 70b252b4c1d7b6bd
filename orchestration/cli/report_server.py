"""`cx report`: the report in the browser on this machine only, or as one file. What it shows is in `report/`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from orchestration.cli.exits import EXIT_USAGE, fail
from orchestration.ground.workspace import REPOSITORY, Workspace, WorkspaceError

# No request leaves this machine: no statistics, no update of the page by a watcher, no look-up of an outer address.
OPTIONS = {
    "server.address": "127.0.0.1",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.enableStaticServing": "false",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": "127.0.0.1",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.level": "warning",
    "theme.base": "light",
    "theme.primaryColor": "#0072B2",
}


def report(
    company: Annotated[
        str | None, typer.Option("--company", help="Company to show first (CX_COMPANY); the report can change it.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8501,
    static: Annotated[
        Path | None, typer.Option("--static", help="Write the main pictures into this HTML file instead.")
    ] = None,
) -> None:
    """Open the report on what was published, on loopback only, or write it as one file."""
    try:
        workspace = Workspace.from_environment(company)
    except WorkspaceError as error:
        raise fail(str(error), EXIT_USAGE) from None
    if static is not None:
        _write(workspace, static)
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise fail(f"Port {port} is in use, perhaps by another `cx report`: end that, or choose --port.") from None
    url = f"http://127.0.0.1:{port}"
    is_published = (workspace.published_dir / "current").is_symlink()
    if is_published:
        url += f"/?company={workspace.company}"
    elif company:
        raise fail(f"{company}: nothing published yet; start with `cx run --company {company}`.", EXIT_USAGE)
    typer.echo(f"The report: {url} (this machine only); Ctrl+C ends it.", err=True)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    os.execv(sys.executable, arguments(port))  # noqa: S606


def arguments(port: int) -> list[str]:
    """The command that serves the report on this port."""
    script = str(REPOSITORY / "report" / "start" / "streamlit_app.py")
    options = [f"--{name}={value}" for name, value in {**OPTIONS, "server.port": str(port)}.items()]
    return [sys.executable, "-m", "report.start", "run", script, *options]


def _write(workspace: Workspace, target: Path) -> None:
    from report.data import NothingPublishedError
    from report.static import write_static

    try:
        write_static(workspace.published_dir, target)
    except NothingPublishedError as error:
        raise fail(f"{workspace.company}: {error} Start with `cx run --company {workspace.company}`.") from None
    typer.echo(f"Written: {target}")


def write_again(workspace: Workspace) -> None:
    """Let the file of the report show what readers see now, or remove it: withdrawn figures must not go on by mail."""
    from report.static import FILE_NAME

    file = workspace.published_dir / FILE_NAME
    if not file.exists():
        return
    file.unlink()
    try:
        _write(workspace, file)
    except (OSError, ValueError, KeyError, duckdb.Error) as error:
        typer.echo(f"{file} was removed, because it cannot be written anew: {error}", err=True)
