"""Runs dbt as a child that dies with the run that started it, so that no orphan keeps the DuckDB file.

Installed as the command `cx-dbt`; used by dbt_project.py only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.2


def die_with_parent(parent: int) -> None:
    """Ask the kernel (Linux), and watch ourselves (elsewhere), to end this process with its parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def main() -> None:
    """Run dbt's own command line with the arguments given."""
    die_with_parent(int(os.environ.get("CX_PARENT_PID", os.getppid())))
    from dbt.cli.main import cli

    cli()


if __name__ == "__main__":
    main()
