"""Measures a child process: wall time, CPU time, memory of its whole process tree, and its stages by their windows."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_EVERY_SECONDS = 0.05
MIB = 1024 * 1024


@dataclass(frozen=True)
class Window:
    """When a stage was at work; a stage may have several windows.

    Attributes:
        stage: Name of the stage.
        began_at: Seconds since the epoch.
        ended_at: Seconds since the epoch.
    """

    stage: str
    began_at: float
    ended_at: float


@dataclass(frozen=True)
class StageFigures:
    """Wall time and peak memory of one stage; the peak is null when the stage was shorter than a sample."""

    wall_seconds: float
    peak_memory_mib: float | None


@dataclass(frozen=True)
class Measured:
    """A child that has ended.

    Attributes:
        exit_code: 0 for success.
        began_at: Seconds since the epoch.
        ended_at: Seconds since the epoch.
        cpu_seconds: User and system time of the child and of those that it waited for.
        machine_cpu_seconds: What all processes of the machine used meanwhile.
        samples: Time and resident bytes of the tree, summed over processes: pages that they share count in each.
        output: Standard output.
    """

    exit_code: int
    began_at: float
    ended_at: float
    cpu_seconds: float
    machine_cpu_seconds: float
    samples: list[tuple[float, int]]
    output: str

    @property
    def wall_seconds(self) -> float:
        """From start to exit."""
        return self.ended_at - self.began_at

    @property
    def peak_memory_mib(self) -> float:
        """Highest sample."""
        return max((resident for _, resident in self.samples), default=0) / MIB

    @property
    def others_cpu_share(self) -> float:
        """Share of the machine's cores that other processes used: above some percent, wall times are too long."""
        others = self.machine_cpu_seconds - self.cpu_seconds
        return max(0.0, others) / (self.wall_seconds * (os.cpu_count() or 1))

    def stage(self, windows: Sequence[Window]) -> StageFigures:
        """Sum of the windows' lengths, and the highest sample within any of them."""
        inside = [
            resident
            for moment, resident in self.samples
            if any(window.began_at <= moment <= window.ended_at for window in windows)
        ]
        seconds = sum(window.ended_at - window.began_at for window in windows)
        return StageFigures(seconds, max(inside) / MIB if inside else None)


class _Sampler(threading.Thread):
    """Samples the resident memory of a process and all its descendants until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.samples: list[tuple[float, int]] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(SAMPLE_EVERY_SECONDS):
            self.samples.append((time.time(), self._resident()))

    def _resident(self) -> int:
        total = 0
        try:
            tree = [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        for process in tree:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total


def measure(command: Sequence[str], *, environ: Mapping[str, str], cwd: Path, log: Path) -> Measured:
    """Run a command to its end and measure it; its standard error goes to the terminal, its output is kept.

    Args:
        command: Program and arguments.
        environ: Its whole environment.
        cwd: Its working directory.
        log: File that keeps its standard output.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        began_at, busy_before = time.time(), _machine_cpu_seconds()
        child = subprocess.Popen(command, env=dict(environ), cwd=cwd, stdout=output)
        sampler = _Sampler(child.pid)
        sampler.start()
        _, status, usage = os.wait4(child.pid, 0)
        ended_at, busy_after = time.time(), _machine_cpu_seconds()
        child.returncode = os.waitstatus_to_exitcode(status)
        sampler.is_over.set()
        sampler.join()
    return Measured(
        child.returncode,
        began_at,
        ended_at,
        usage.ru_utime + usage.ru_stime,
        busy_after - busy_before,
        sampler.samples,
        log.read_text(encoding="utf-8", errors="replace"),
    )


def _machine_cpu_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system)


class Stopwatch:
    """Notes the windows of a child's stages and writes them where its parent reads them."""

    def __init__(self) -> None:
        self.windows: list[Window] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block as a window of the stage."""
        began_at = time.time()
        yield
        self.windows.append(Window(name, began_at, time.time()))

    def write(self, path: Path) -> None:
        """All windows, as JSON."""
        path.write_text(json.dumps([vars(window) for window in self.windows]), encoding="utf-8")


def read_windows(path: Path) -> list[Window]:
    """What a child's stopwatch wrote."""
    return [Window(**fields) for fields in json.loads(path.read_text(encoding="utf-8"))]
