"""A disk that is full while something is published: told with what to do, whoever noticed it first."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TEXTS = tuple(os.strerror(number) for number in _FULL)


def is_of_full_disk(error: BaseException) -> bool:
    """Whether the operating system refused to write for want of space; DuckDB hands on only its words."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, duckdb.Error) and any(text in str(error) for text in _TEXTS)


@contextmanager
def full_disk_told(folder: Path, kind: type[Exception], what: str) -> Iterator[None]:
    """Tell people of a full disk in words that help them; other errors go on as they are.

    Args:
        folder: What is written to.
        kind: The error that is raised instead.
        what: How its message begins.

    Raises:
        Exception: Of the given kind, when the disk, a quota or a limit of file size leaves no space.
    """
    try:
        yield
    except (OSError, duckdb.Error) as error:
        if not is_of_full_disk(error):
            raise
        raise kind(
            f"{what}, readers keep the last generation: no space is left for {folder}. Free some, or delete old"
            f" generations there, then run again. ({error})"
        ) from error
