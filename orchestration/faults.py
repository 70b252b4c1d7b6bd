"""Named boundaries at which crash tests kill the process. Without CX_KILL_AT they do nothing."""

import os
import signal


def boundary(name: str) -> None:
    """Kill this process with SIGKILL when CX_KILL_AT equals `name`; otherwise do nothing.

    Names in use: mid_parquet, before_manifest (landing), mid_dbt, before_scores_write, before_switch.
    SIGKILL leaves no chance to tidy up, which is what a power cut or the kernel's memory guard does.
    """
    if os.environ.get("CX_KILL_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
