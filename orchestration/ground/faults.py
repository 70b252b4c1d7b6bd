"""Named boundaries at which crash tests kill the process. Without CX_KILL_AT they do nothing."""

import os
import signal
from pathlib import Path


def boundary(name: str, *, half_written: Path | None = None) -> None:
    """Kill this process with SIGKILL when CX_KILL_AT equals `name`; otherwise do nothing.

    Names in use: mid_parquet, before_manifest (landing), mid_dbt:<node> (right after dbt has built or tested the node),
    before_identity_write, before_scores_write:<table> (computed, not yet written), before_switch (publication),
    before_parquet_switch, mid_postgres_rows, before_postgres_switch (its further targets), before_acknowledging (a
    batch of an export that was received).
    SIGKILL leaves no chance to tidy up, which is what a power cut or the kernel's memory guard does.

    Args:
        name: The boundary.
        half_written: File whose writing the kill stands for. The engine writes it in one call that cannot be stopped
            at a chosen byte, so the finished file is cut to half its length before the kill.
    """
    if os.environ.get("CX_KILL_AT") != name:
        return
    if half_written is not None:
        os.truncate(half_written, half_written.stat().st_size // 2)
    os.kill(os.getpid(), signal.SIGKILL)
