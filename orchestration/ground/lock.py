"""The one-writer lock on a company's warehouse. What the lock protects lives in warehouse.py."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.ground.durable import set_aside


@dataclass(frozen=True)
class LockHolder:
    """Who holds the lock, as written into the lock file for others to read.

    Attributes:
        pid: Process id on this machine; 0 when the file says nothing readable.
        run_id: Dagster run, or null while none has begun.
        started_at: UTC time in ISO form, or null.
    """

    pid: int
    run_id: str | None
    started_at: str | None

    def __str__(self) -> str:
        """Words for a person."""
        if not self.pid:
            return "a process that has not written its name yet"
        run = f", run {self.run_id}" if self.run_id else ""
        since = f", since {self.started_at}" if self.started_at else ""
        return f"process {self.pid}{run}{since}"


class WarehouseBusyError(RuntimeError):
    """Another run holds the warehouse; nothing was started or changed."""

    def __init__(self, path: Path, holder: LockHolder) -> None:
        super().__init__(
            f"Not started: the warehouse is in use by {holder}. One run at a time writes it; "
            "wait for that run to end, or stop it. The lock is freed by itself when the process ends."
        )
        self.path = path
        self.holder = holder


PROBE_ATTEMPTS = 4
PROBE_SECONDS = 0.1

_held: dict[Path, tuple[int, int]] = {}  # path -> (file descriptor, times acquired in this process)
_guard = threading.Lock()


def read_holder(path: Path) -> LockHolder:
    """Who wrote the lock file last; a half-written or empty file gives an unknown holder."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return LockHolder(int(fields["pid"]), fields.get("run_id"), fields.get("started_at"))
    except (OSError, ValueError, KeyError, TypeError):
        return LockHolder(0, None, None)


def is_usable(path: Path) -> bool:
    """Whether a lock can be had there: nothing stands there yet, or a file does; no folder, pipe or dangling link."""
    return path.is_file() or not (path.exists() or path.is_symlink())


def is_locked(path: Path) -> bool:
    """Whether some process, this one included, holds the lock now."""
    if path in _held:
        return True
    if not path.is_file():
        return False  # absent, or something that nobody can hold
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _taken(descriptor: int) -> bool:
    """Whether the lock was had within the patience that a probe by `is_locked` may cost."""
    for attempt in range(PROBE_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PROBE_SECONDS if attempt < PROBE_ATTEMPTS - 1 else 0)
        else:
            return True
    return False


def acquire(path: Path, *, run_id: str | None, started_at: str | None) -> None:
    """Take the lock for this process, or say who has it. Taking it again in the same process nests.

    An operating-system lock (flock) is used, so that a process that dies, however, frees it.

    Raises:
        WarehouseBusyError: Another process holds it.
    """
    with _guard:
        if path in _held:
            descriptor, times = _held[path]
            _held[path] = (descriptor, times + 1)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not is_usable(path):
                set_aside(path)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            if not _taken(descriptor):
                os.close(descriptor)
                raise WarehouseBusyError(path, read_holder(path))
            _held[path] = (descriptor, 1)
        holder = json.dumps(asdict(LockHolder(os.getpid(), run_id, started_at)))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)


def release(path: Path) -> None:
    """Give the lock back once it was released as often as it was acquired."""
    with _guard:
        descriptor, times = _held[path]
        if times > 1:
            _held[path] = (descriptor, times - 1)
            return
        del _held[path]
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


@contextmanager
def held(path: Path, *, run_id: str | None, started_at: str | None) -> Iterator[None]:
    """Hold the lock over a block.

    Raises:
        WarehouseBusyError: Another process holds it.
    """
    acquire(path, run_id=run_id, started_at=started_at)
    try:
        yield
    finally:
        release(path)
