"""Whether Dagster's SQLite files are whole: verified before they are opened, a damaged one set aside and begun anew.

They tell of runs and remember which schedules are on; what was landed and published does not depend on them. While any
process has them open a lock says so. Who closes them last leaves a seal with their checksums; without one SQLite's own
integrity check judges, which finds broken pages but no changed letter.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import IO

from orchestration.ground.durable import DamagedStateError, file_sha256, read_document, set_aside, write_document

IN_USE = "in_use"
FILES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
LOST = {
    "history/runs.db": "earlier runs are no longer listed",
    "history/runs/index.db": "earlier runs' materialisations are no longer shown",
    "schedules/schedules.db": "schedules and sensors are as the code declares them: switch yours on again",
}
_SIDE_FILES = ("-wal", "-shm")


def mark_in_use(folder: Path) -> IO[bytes]:
    """Say that this process has the store open, until the returned file is closed; it may now change."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / IN_USE).open("ab")
    fcntl.flock(file, fcntl.LOCK_SH)
    _seal(folder).unlink(missing_ok=True)
    return file


def seal_store(folder: Path) -> None:
    """Write the checksums of the closed files; nothing is written while another process has them open."""
    if not folder.is_dir() or not _is_ours(folder):
        return
    found = {name: file_sha256(folder / name) for name in FILES if (folder / name).is_file()}
    if not any(_has_log(folder / name) for name in found):
        write_document(_seal(folder), {"files": found})


def mend_store(folder: Path, say: Callable[[str], None]) -> None:
    """Set damaged files aside; Dagster makes them anew.

    Args:
        folder: Dagster's folder of the company.
        say: Takes a sentence for the run's output.
    """
    for name, problem in store_damage(folder).items():
        if not _is_ours(folder):
            say(f"{problem}, and another process has it open: end `cx dev`, and the next run sets it aside.")
            continue
        say(f"{problem}. It was set aside as {put_away(folder / name)}: {LOST[name]}.")


def put_away(path: Path) -> Path:
    """Set a database aside with its log, which would be taken for that of the next file of this name."""
    for suffix in _SIDE_FILES:
        side = path.with_name(path.name + suffix)
        if side.exists():
            set_aside(side)
    return set_aside(path)


def store_damage(folder: Path) -> dict[str, str]:
    """What is wrong with each damaged file of the store; absent ones are not. Reads only."""
    try:
        sealed = read_document(_seal(folder), "SQLite judges").get("files", {})
    except DamagedStateError:
        sealed = {}
    found = {}
    for name in FILES:
        path = folder / name
        if not path.exists() and not path.is_symlink():
            continue
        if name in sealed and path.is_file() and (_has_log(path) or file_sha256(path) != sealed[name]):
            found[name] = f"{path} is damaged: it is not what the last run left"
        elif problem := database_damage(path):
            found[name] = problem
    return found


def database_damage(path: Path) -> str | None:
    """What SQLite says against a file; null when it finds nothing, or another process is writing. Reads only."""
    if not path.is_file():
        return f"{path} is no file"
    # Without a log nobody has the file open: then SQLite need not make files beside it.
    mode = "mode=ro" if _has_log(path) else "mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True)
        try:
            told = connection.execute("pragma integrity_check(1)").fetchone()
            tables = connection.execute("select count(*) from sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        return None if "locked" in str(error) else f"{path} is damaged: {error}"
    except sqlite3.DatabaseError as error:
        return f"{path} is damaged: {error}"
    if told != ("ok",) or tables == (0,):
        return f"{path} is damaged: SQLite's integrity check does not hold"
    return None


def _is_ours(folder: Path) -> bool:
    """Whether no process has the store open."""
    with (folder / IN_USE).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _seal(folder: Path) -> Path:
    return folder / "sealed.json"
