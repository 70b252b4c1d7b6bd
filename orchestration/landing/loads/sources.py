"""Source files of a table: found, hashed, and told apart from those that have landed already."""

import os
from collections.abc import Iterable
from pathlib import Path

from orchestration.connectors import FileStore, FoundObject
from orchestration.declaration.tables import LandingTable
from orchestration.ground.durable import file_sha256
from orchestration.landing.errors import LandingError, MissingSourceError
from orchestration.landing.loads.manifest import Manifest, SourceFile


def find_files(item: LandingTable, source_dir: Path) -> list[Path]:
    """Files that match the table's pattern, sorted by path.

    Raises:
        MissingSourceError: There is none and the table is not optional.
        LandingError: What matches cannot be read as a file of the source folder: a link out of it or to nothing, or
            a name that is no UTF-8.
    """
    root = source_dir.resolve()
    matching = sorted(source_dir.glob(item.address))
    for path in matching:
        if problem := _refusal(path, root):
            name = os.fsencode(path.relative_to(source_dir)).decode(errors="backslashreplace")
            raise LandingError(f"{item.landing_name}: '{name}' {problem}; nothing was landed")
    found = [path for path in matching if path.is_file()]
    if not found and not item.table.is_optional:
        raise MissingSourceError(
            f"{item.landing_name}: no file matches {item.address!r} in {source_dir}. Put it there, set"
            " CX_SOURCE_DIR to the folder that has it, or declare the table is_optional: true"
        )
    return found


def _refusal(path: Path, root: Path) -> str | None:
    """Why what matches a pattern is not read; None for a file, and for a folder, which is no file."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "has a name that is no UTF-8: rename it"
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop
        return "is a link that leads to no file: remove it, or correct its target"
    if not target.is_relative_to(root):
        return "is a link out of the source folder, which is not followed: put the file itself there"
    if not target.is_file() and not target.is_dir():
        return "is no file but a device or a pipe, which is not read: remove it"
    return None


def describe_file(path: Path, source_dir: Path, known: Iterable[Manifest]) -> SourceFile:
    """Size, times and SHA-256 of a file; the hash of an untouched file is taken from its manifest."""
    stat = path.stat()
    relative = path.relative_to(source_dir).as_posix()
    for manifest in known:
        for part in manifest.parts:
            earlier = part.source
            if (earlier.path, earlier.bytes, earlier.modified_ns, earlier.changed_ns) == (
                relative,
                stat.st_size,
                stat.st_mtime_ns,
                stat.st_ctime_ns,
            ):
                return earlier
    return SourceFile(relative, stat.st_size, file_sha256(path), stat.st_mtime_ns, stat.st_ctime_ns)


def check_unchanged(path: Path, described: SourceFile, landing_name: str) -> None:
    """Refuse a file that was written to while it was read.

    Raises:
        LandingError: Its size or modification time changed.
    """
    stat = path.stat()
    if (stat.st_size, stat.st_mtime_ns) != (described.bytes, described.modified_ns):
        raise LandingError(f"{landing_name}: {described.path} changed while it was read; run again")


def find_objects(item: LandingTable, storage: FileStore) -> list[FoundObject]:
    """Objects that match the table's pattern, sorted by name.

    Raises:
        MissingSourceError: There is none and the table is not optional.
        ConnectorError: The bucket cannot be listed.
    """
    found = storage.find(item.address)
    if not found and not item.table.is_optional:
        raise MissingSourceError(
            f"{item.landing_name}: no object matches {item.address!r} in {storage.url}. Put it there, correct url or"
            " path in company.yml, or declare the table is_optional: true"
        )
    return found


def known_objects(known: Iterable[Manifest]) -> dict[tuple[str, int, str | int], str]:
    """SHA-256 of what has landed, by `object_identity`: what is known is not fetched again."""
    sources = [part.source for manifest in known for part in manifest.parts]
    return {object_identity(file.path, file.bytes, file.etag, file.modified_ns): file.sha256 for file in sources}


def object_identity(url: str, size: int, etag: str | None, modified_ns: int) -> tuple[str, int, str | int]:
    """What tells the content of an object from what stood under its name before.

    Most stores make the ETag from the content and not from the time, so that an export which writes everything again
    every night is not fetched every day; the time decides where there is none.
    """
    return url, size, etag or modified_ns
