"""A dbt child dies with the run that started it, however that run ends."""

import os
import signal
import subprocess
import sys
import time

import psutil

CHILD = "import os, time; from orchestration.dbt_child import die_with_parent; "
CHILD += "die_with_parent(os.getppid()); print(os.getpid(), flush=True); time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


def test_the_child_of_a_killed_run_ends() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    for _ in range(600):
        if not child.is_running() or child.status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    child.kill()
    raise AssertionError("the child outlived its parent by a minute")
