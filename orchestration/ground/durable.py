"""JSON documents that are on disk whole or not at all, each with its checksum; files forced to disk, or set aside."""

import hashlib
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any

_NUMBERED = re.compile(r"(\d{8})\.json\Z")
_TEMPORARY_PREFIX = ".writing-"
SET_ASIDE = ".damaged-"
"""What a damaged file's name is followed by once it is set aside, and then a number."""
_CHUNK_BYTES = 1 << 20


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
    path = folder / f"{sequence:08d}.json"
    temporary = _written_beside(path, document)
    try:
        os.link(temporary, path)
    except FileExistsError as error:
        raise SequenceTakenError(f"{path} exists already: another process is writing; run again") from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    return path


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write a document in place of an earlier one of that name; readers find either whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _written_beside(path, document)
    try:
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _written_beside(path: Path, document: dict[str, Any]) -> Path:
    temporary = path.with_name(f"{_TEMPORARY_PREFIX}{os.getpid()}-{path.name}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(_text({**document, "checksum": _checksum(document)}))
        file.flush()
        os.fsync(file.fileno())
    return temporary


def read_document(path: Path, remedy: str) -> dict[str, Any]:
    """Read a written document; every byte of it must be as it was written.

    Raises:
        DamagedStateError: It is absent, cut short, not JSON, or was changed since it was written.
    """
    try:
        text = path.read_bytes().decode()
        body = json.loads(text)
        checksum = body.pop("checksum")
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise DamagedStateError(f"{path} is damaged ({type(error).__name__}): {remedy}") from error
    # Values alone would let 1E5 pass for 1e5, or a name that stands twice.
    if checksum != _checksum(body) or text != _text({**body, "checksum": checksum}):
        raise DamagedStateError(f"{path} was changed after it was written: {remedy}")
    return dict(body)


def set_aside(path: Path) -> Path:
    """Rename a damaged file or folder, so that it is in nobody's way and can still be looked at; its new path."""
    taken = {found.name for found in path.parent.iterdir()}
    number = next(number for number in itertools.count(1) if f"{path.name}{SET_ASIDE}{number}" not in taken)
    target = path.with_name(f"{path.name}{SET_ASIDE}{number}")
    os.rename(path, target)
    sync_folder(path.parent)
    return target


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


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
