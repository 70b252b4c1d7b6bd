"""Ctrl+C and SIGTERM end a run within seconds, whatever it is doing: a query, a training, a join of threads."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE_SECONDS = 6.0
"""What a run gets to end by itself; then the process ends as if killed, which the next run knows how to mend."""


@contextmanager
def stopped_in_time(grace_seconds: float = GRACE_SECONDS) -> Iterator[None]:
    """End this process at the latest so long after the first SIGINT or SIGTERM, and at once at the second.

    The run itself is interrupted as always; but a native library may not come back to Python for long, and threads of
    libraries are waited for at exit. So a thread watches the signals as the operating system brings them. Where SIGINT
    is ignored (`nohup`, `&` in a script) it stays so, and SIGTERM does not become so: Dagster gives both one handler.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    earlier = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    is_deaf = earlier[signal.SIGINT] is signal.SIG_IGN
    signal.signal(signal.SIGINT, _unheard if is_deaf else signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    heard = {signal.SIGTERM} if is_deaf else {signal.SIGINT, signal.SIGTERM}
    watcher = _Watcher(reader, heard, grace_seconds)
    watcher.start()
    try:
        yield
    finally:
        if not watcher.is_stopping.is_set():
            signal.set_wakeup_fd(-1)
            for number, handler in earlier.items():
                signal.signal(number, handler)
            os.close(writer)
            watcher.join()


def _unheard(_number: int, _frame: FrameType | None) -> None:
    """A signal that this process was started to ignore."""


class _Watcher(threading.Thread):
    """Reads the numbers of signals from a pipe until it is closed."""

    def __init__(self, reader: int, heard: set[signal.Signals], grace_seconds: float) -> None:
        super().__init__(name="stopped_in_time", daemon=True)
        self.is_stopping = threading.Event()
        self._reader, self._heard, self._grace = reader, heard, grace_seconds

    def run(self) -> None:
        while came := os.read(self._reader, 1):
            number = int.from_bytes(came)
            if number not in self._heard:
                continue
            if self.is_stopping.is_set():
                _end(number)
            self.is_stopping.set()
            timer = threading.Timer(self._grace, _end, [number])
            timer.daemon = True
            timer.start()
        os.close(self._reader)


def _end(number: int) -> None:
    sys.stderr.write("\nStopped. Readers keep the last generation; the next run goes on from what is whole.\n")
    sys.stderr.flush()
    os._exit(128 + number)
