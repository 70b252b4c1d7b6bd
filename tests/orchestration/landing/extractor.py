"""The extractor alone, in a process that can be killed: every table of a company landed, nothing else."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.warm import CONTEXT


def _extract(environment: dict[str, str], ready: Connection) -> None:
    os.environ.clear()
    os.environ.update(environment)
    from orchestration.connectors.databases import postgres  # noqa: F401  imported before the clock starts
    from orchestration.declaration.company import load_company
    from orchestration.ground.workspace import Workspace
    from orchestration.landing.extraction import extract_table

    workspace = Workspace.from_environment()
    company = load_company(workspace)
    ready.send(True)
    for item in company.tables():
        extract_table(company, item.source_name, item.table_name, workspace, now=workspace.now())


@dataclass
class Extractor:
    """Extractions of one company into one state.

    Attributes:
        environment: Of the process, with the folders and the credentials.
        state_dir: The state.
    """

    environment: dict[str, str]
    state_dir: Path

    def run(self) -> float:
        """Extract to the end; the seconds that it worked."""
        process, began = self._started()
        process.join()
        assert process.exitcode == 0
        return time.monotonic() - began

    def killed_after(self, seconds: float) -> bool:
        """Kill it so long after its imports; False when it had come to its end."""
        process, began = self._started()
        process.join(max(0.0, began + seconds - time.monotonic()))
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0

    def _started(self) -> tuple[ForkServerProcess, float]:
        ready, child = CONTEXT.Pipe(duplex=False)
        environment = {**self.environment, "CX_STATE_ROOT": str(self.state_dir.parent)}
        process = CONTEXT.Process(target=_extract, args=(environment, child))
        process.start()
        child.close()
        ready.recv()
        return process, time.monotonic()
