"""Copies of what nothing can make again: customer ids with their ledger, and what earlier models said.

These tables live in the warehouse. A copy is kept with each publication, so that a damaged warehouse costs no id: a
customer whose id changed would be another customer to everybody who wrote it down.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from cx_assets.contracts.python_tables import PythonTable, history_tables
from orchestration.ground.durable import (
    DamagedStateError,
    file_sha256,
    read_document,
    sync_file,
    sync_folder,
    write_document,
)
from orchestration.ground.sql_text import literal, quoted

KEPT_COPIES = 2


class HistoryLostError(RuntimeError):
    """The warehouse is gone or damaged and no copy of its history is whole; the message says what to do."""


def keep_history(warehouse: Path, folder: Path, name: str, tables: Sequence[PythonTable] | None = None) -> None:
    """Copy the tables into `<name>.duckdb`, with the checksum beside it; older copies than the last two are removed.

    A table that the warehouse lacks is left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path, partial = folder / f"{name}.duckdb", folder / f".{name}.partial"
    partial.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(warehouse)} as source (read_only)")
        connection.execute(f"attach {literal(partial)} as target")
        _copy(connection, history_tables() if tables is None else tables, "source", "target")
        connection.execute("checkpoint target; detach target")
    sync_file(partial)
    os.replace(partial, path)
    write_document(_record(path), {"sha256": file_sha256(path)})
    for old in copies(folder)[:-KEPT_COPIES]:
        _record(old).unlink(missing_ok=True)
        old.unlink()


def copies(folder: Path) -> list[Path]:
    """Copies, oldest first, damaged ones included."""
    return sorted(folder.glob("[0-9]*.duckdb"))


def damage(copy: Path) -> str | None:
    """What is wrong with a copy; null when it is what was written."""
    try:
        is_whole = file_sha256(copy) == read_document(_record(copy), "nothing stands for its copy")["sha256"]
    except (OSError, DamagedStateError, KeyError) as error:
        return str(error)
    return None if is_whole else f"{copy} is damaged: it is not what was written"


def restore_history(folder: Path, warehouse: Path, tables: Sequence[PythonTable] | None = None) -> Path | None:
    """Make a warehouse that holds the newest whole copy and nothing else, in one step.

    Args:
        folder: Of the copies.
        warehouse: File to make; it must not exist.
        tables: Tables to restore; null is every table that keeps what earlier runs decided.

    Returns:
        The copy that was taken; null when none was ever kept, and then no warehouse is made.

    Raises:
        HistoryLostError: There are copies, and none is whole.
    """
    found = copies(folder)
    whole = next((copy for copy in reversed(found) if damage(copy) is None), None)
    if whole is None:
        if found:
            raise HistoryLostError(
                f"The warehouse has to be built anew, but no copy of its history in {folder} is whole: restore that"
                f" folder or {warehouse} from a backup; or delete the folder, and customers get ids anew, which may be"
                " others than those that readers know."
            )
        return None
    # The file's base name is the catalogue's, hence a folder of its own until it is whole.
    making = warehouse.parent / ".restoring"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(whole)} as source (read_only)")
        connection.execute(f"attach {literal(making / warehouse.name)} as target")
        _copy(connection, history_tables() if tables is None else tables, "source", "target")
        connection.execute("checkpoint target; detach target")
    sync_file(making / warehouse.name)
    os.rename(making / warehouse.name, warehouse)
    sync_folder(warehouse.parent)
    shutil.rmtree(making)
    return whole


def _copy(connection: duckdb.DuckDBPyConnection, tables: Sequence[PythonTable], source: str, target: str) -> None:
    known = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = ?", [source]
    ).fetchall()
    for table in tables:
        if (table.address,) in known:
            connection.execute(f"create schema if not exists {target}.{quoted(table.schema_name)}")
            connection.execute(f"create table {target}.{table.relation} as from {source}.{table.relation}")


def _record(copy: Path) -> Path:
    return copy.with_suffix(".json")
