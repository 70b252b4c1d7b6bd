"""Whether landed files still hold what was written: every byte, by the checksum that their manifest lists.

A flipped bit changes neither a file's size nor its times, and Parquet alone does not notice most of them. Hashing costs
about a second a gigabyte, so every run hashes all that it reads; within one process no file is hashed twice.
"""

from collections.abc import Iterable
from pathlib import Path

from orchestration.ground.durable import DamagedStateError, file_sha256
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifest import Manifest, StoredFile
from orchestration.landing.loads.manifests import file_remedy

_NAMED = 5
_verified: set[tuple[str, str, int, int, int]] = set()


def damaged_files(manifests: Iterable[Manifest], workspace: Workspace) -> list[str]:
    """A sentence with the remedy for every file of these loads that is not what was written."""
    return [
        f"{workspace.state_dir / file.path} is damaged: {file_remedy(manifest, workspace)}"
        for manifest in manifests
        for file in manifest.stored_files
        if not _is_as_written(workspace.state_dir / file.path, file)
    ]


def verify_files(manifests: Iterable[Manifest], workspace: Workspace) -> None:
    """Compare the files of these loads with their checksums.

    Raises:
        DamagedStateError: Some are not what was written; the message names them and what to do.
    """
    damaged = damaged_files(manifests, workspace)
    if damaged:
        more = [f"and {len(damaged) - _NAMED} more files; `cx doctor` names them"] if len(damaged) > _NAMED else []
        raise DamagedStateError("\n".join([*damaged[:_NAMED], *more]))


def _is_as_written(path: Path, file: StoredFile) -> bool:
    try:
        found = path.stat()
        key = (str(path), file.sha256, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
        if key not in _verified:
            if file_sha256(path) != file.sha256:
                return False
            _verified.add(key)
    except OSError:
        return False
    return True
