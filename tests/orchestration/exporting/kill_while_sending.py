"""Sends one export in a process of its own, to be killed at a boundary: arguments are the publication and the URL."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from orchestration.exporting.sending import send
from orchestration.publication.targets.protocol import FinishedGeneration
from tests.orchestration.exporting.made import SYNC, declared

if __name__ == "__main__":
    published = Path(sys.argv[1])
    os.environ["CX_CRM_URL"] = sys.argv[2]
    to = {"kind": "http", "url_env": "CX_CRM_URL", "batch_size": 1, "send": sys.argv[3]}
    send("sync", declared(SYNC, to=to), published, FinishedGeneration.current(published, {}))
