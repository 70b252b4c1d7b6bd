"""The warehouse at the start and the end of a run: verified, or set aside and begun anew with its history.

Between runs a seal beside the file holds its checksum. A run that died leaves none; then the file is read as a whole,
and DuckDB's own block checksums judge it. Call both functions only while holding the lock.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from orchestration.ground.durable import DamagedStateError, file_sha256, read_document, set_aside, write_document
from orchestration.ground.sql_text import quoted
from orchestration.ground.workspace import Workspace
from orchestration.warehouse import build_basis
from orchestration.warehouse.history import restore_history


def seal_path(workspace: Workspace) -> Path:
    """Where the checksum of the closed warehouse stands."""
    return workspace.warehouse_path.with_name("sealed.json")


def seal_warehouse(workspace: Workspace) -> None:
    """Write the checksum of the closed warehouse; without one the next run reads all of it.

    A log of changes beside it means that the file alone is not whole: then it stays without.
    """
    path = workspace.warehouse_path
    if path.is_file() and not _log(path).exists():
        write_document(seal_path(workspace), {"sha256": file_sha256(path)})


def open_warehouse(workspace: Workspace, say: Callable[[str], None]) -> None:
    """Verify the warehouse and break its seal, since it will be written; begin anew, with its history, if damaged.

    Args:
        workspace: Folders.
        say: Takes a sentence for the run's output.

    Raises:
        HistoryLostError: It is damaged or gone, and so is every copy of its history.
    """
    path = workspace.warehouse_path
    found = warehouse_damage(workspace)
    seal_path(workspace).unlink(missing_ok=True)
    if found is not None:
        build_basis.forget_all(workspace)
        for file in (_log(path), path):
            if file.exists() or file.is_symlink():
                say(f"{found}. It was set aside as {set_aside(file)}; all tables are built anew from the landings.")
    if path.exists():
        return
    build_basis.forget_all(workspace)
    copy = restore_history(workspace.history_dir, path)
    if copy is not None:
        say(f"Customer ids and earlier scores were taken from {copy}; what was not published since is made anew.")


def warehouse_damage(workspace: Workspace) -> str | None:
    """What is wrong with the warehouse; null when it is whole, or absent. Reads only."""
    path = workspace.warehouse_path
    if not path.exists() and not path.is_symlink():
        return None
    if not path.is_file():
        return f"{path} is no file"
    try:
        expected = read_document(seal_path(workspace), "the warehouse is read as a whole").get("sha256")
    except DamagedStateError:
        return _unreadable(path)
    is_whole = not _log(path).exists() and file_sha256(path) == expected
    return None if is_whole else f"{path} is damaged: it is not what the last run left"


def _unreadable(path: Path) -> str | None:
    """What DuckDB says when it reads every block of every table."""
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
            ).fetchall()
            for schema, table in tables:
                connection.execute(f"select sum(hash(t)) from {quoted(schema)}.{quoted(table)} as t").fetchone()
    except duckdb.Error as error:
        if "lock on file" in str(error):
            return None  # in use, which opening it will tell
        # Its text may quote a value.
        return f"{path} is damaged: DuckDB cannot read it ({type(error).__name__})"
    return None


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
