"""A signal ends a run within seconds, also where the run does not listen; `cx dev` hears SIGTERM under `nohup`."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

DEAF = """
import signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may have it ignored
from orchestration.ground.stopping import stopped_in_time
if "ignored" in sys.argv:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
release = threading.Event()
with stopped_in_time(0.2):
    if "library" in sys.argv:  # Dagster's handlers, which only note the signal
        from dagster._utils.interrupts import capture_interrupts
        captured = capture_interrupts()
        captured.__enter__()
    if "threads" in sys.argv:  # what dbt leaves behind: a thread that is waited for at exit
        threading.Thread(target=release.wait).start()
    if "query" in sys.argv:  # native code that does not come back
        import duckdb
        print("ready", flush=True)
        duckdb.sql("select count(*) from range(10000000000) a, range(1000) b where hash(a, b) = 1").fetchall()
    print("ready", flush=True)
    while True:
        time.sleep(60)
"""
ENDS = """
import signal
from orchestration.ground.stopping import stopped_in_time
before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
with stopped_in_time(60):
    pass
assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
with stopped_in_time(60):
    print("whole")
"""


@contextmanager
def started(*ways: str) -> Iterator[subprocess.Popen[str]]:
    """A deaf process; whatever the test finds, none is left behind."""
    with subprocess.Popen(
        [sys.executable, "-c", DEAF, *ways], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("way", ["plain", "library", "threads", "query"])
def test_a_run_that_does_not_listen_is_ended(way: str, number: signal.Signals) -> None:
    with started(way) as process:
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    if way in ("plain", "query"):  # Python hears of it, and so does DuckDB within a query
        assert process.returncode in (1, -signal.SIGINT, 128 + number)
    else:
        assert process.returncode == 128 + number
        assert "the next run goes on from what is whole" in told


def test_where_sigint_is_ignored_it_stays_so_and_sigterm_is_heard() -> None:
    with started("ignored", "library") as process:
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_run_that_ends_leaves_the_signals_as_they_were() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "whole\n"
