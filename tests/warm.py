"""`cx` in a process that finds its libraries imported already.

Importing Dagster, dbt and Great Expectations takes a third of a run on a small company, and the tests run sixty. One
server process a test process imports them; each run is a fork of it, with a process id of its own that can be killed.
The code of the project itself is imported in the fork. That the real command starts from nothing is tried where
`tests.conftest.CX` is used.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "alembic.autogenerate",
        "dagster",
        "dagster._core.storage.sqlite_storage",
        "dagster_dbt",
        "dbt.adapters.duckdb",
        "dbt.cli.main",
        "dbt.task.build",
        "dlt",
        "great_expectations",
        "lightgbm",
        "openpyxl",
        "pyarrow.csv",
        "pyarrow.dataset",
        "pyarrow.parquet",
        "sklearn",
        "sqlglot.dialects.duckdb",
        "typer",
    ]
)


def _cx(arguments: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path) -> None:
    for path, descriptor in ((stdout, 1), (stderr, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["cx", *arguments]
    from orchestration.cli.main import app

    app(list(arguments))


class WarmRun:
    """A started `cx`, with the part of subprocess.Popen that the tests use."""

    def __init__(self, *arguments: str, environment: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="cx_run_")
        self._stdout, self._stderr = Path(self._folder.name, "stdout"), Path(self._folder.name, "stderr")
        self._process = CONTEXT.Process(target=_cx, args=(arguments, dict(environment), self._stdout, self._stderr))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """Exit code, minus the signal if one killed it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code.

        Raises:
            subprocess.TimeoutExpired: It still runs after `timeout` seconds.
        """
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("cx", timeout or 0)
        return code

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    def completed(self) -> subprocess.CompletedProcess[str]:
        """Wait for the end; exit code and what was printed."""
        code = self.wait()
        printed = [path.read_text(encoding="utf-8") if path.exists() else "" for path in (self._stdout, self._stderr)]
        self._folder.cleanup()
        return subprocess.CompletedProcess(["cx"], code, *printed)


def run_cx(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `cx` to its end."""
    return WarmRun(*arguments, environment=environment).completed()
