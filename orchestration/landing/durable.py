"""JSON documents that are on disk whole or not at all, numbered without gaps or repeats; files forced to disk."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

_NUMBERED = re.compile(r"(\d{8})\.json\Z")
_TEMPORARY_PREFIX = ".writing-"


class DamagedStateError(RuntimeError):
    """A state file is not what was written; the message names it and the remedy."""


class SequenceTakenError(RuntimeError):
    """Another process committed the same sequence first."""


def numbered_files(folder: Path) -> dict[int, Path]:
    """Committed documents by sequence, ascending; empty when the folder does not exist."""
    if not folder.is_dir():
        return {}
    found = {int(match[1]): path for path in folder.iterdir() if (match := _NUMBERED.match(path.name))}
    return dict(sorted(found.items()))


def write_numbered(folder: Path, sequence: int, document: dict[str, Any]) -> Path:
    """Commit a document as `<sequence>.json`: temporary file, fsync, exclusive link, fsync of the folder.

    Raises:
        SequenceTakenError: The sequence exists already; nothing was changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    body = {**document, "checksum": _checksum(document)}
    path = folder / f"{sequence:08d}.json"
    temporary = folder / f"{_TEMPORARY_PREFIX}{os.getpid()}-{path.name}"
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=False, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError as error:
        raise SequenceTakenError(f"{path} exists already: another process is writing; run again") from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    return path


def read_numbered(path: Path, remedy: str) -> dict[str, Any]:
    """Read a committed document and check its checksum.

    Raises:
        DamagedStateError: It is cut short, not JSON, or was changed since it was written.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        checksum = body.pop("checksum")
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise DamagedStateError(f"{path} is damaged ({type(error).__name__}): {remedy}") from error
    if checksum != _checksum(body):
        raise DamagedStateError(f"{path} was changed after it was written: {remedy}")
    return dict(body)


def remove_temporary(folder: Path) -> None:
    """Remove what killed writers left behind; call it only under the writers' lock."""
    if folder.is_dir():
        for path in folder.glob(f"{_TEMPORARY_PREFIX}*"):
            path.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Force a file's content to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checksum(document: dict[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
