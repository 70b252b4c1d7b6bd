"""The one-writer lock: exclusive between processes, nested within one, freed by death."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.ground import lock

HOLD = """
import sys, time
from pathlib import Path
from orchestration.ground import lock
lock.acquire(Path(sys.argv[1]), run_id="r1", started_at="2026-07-02T06:00:00+00:00")
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path):
    path = tmp_path / "warehouse" / "lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield path, process
    process.kill()
    process.wait()


def test_a_second_process_is_told_who_holds_the_lock(holder) -> None:
    path, process = holder
    with pytest.raises(lock.WarehouseBusyError) as caught:
        lock.acquire(path, run_id=None, started_at=None)
    assert caught.value.holder == lock.LockHolder(process.pid, "r1", "2026-07-02T06:00:00+00:00")
    assert f"process {process.pid}, run r1" in str(caught.value)
    assert lock.is_locked(path)


def test_a_killed_holder_frees_the_lock(holder) -> None:
    path, process = holder
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not lock.is_locked(path)
    with lock.held(path, run_id="r2", started_at=None):
        assert lock.read_holder(path) == lock.LockHolder(os.getpid(), "r2", None)


def test_taking_the_lock_again_in_one_process_nests(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.held(path, run_id=None, started_at=None):
        with lock.held(path, run_id="inner", started_at=None):
            assert lock.read_holder(path).run_id == "inner"
        assert lock.is_locked(path)
    assert not lock.is_locked(path)


def test_a_lock_file_cut_at_any_byte_gives_an_unknown_holder_or_the_whole_one(tmp_path: Path) -> None:
    text = json.dumps({"pid": 7, "run_id": "r", "started_at": None})
    for length in range(len(text)):
        (tmp_path / "lock").write_text(text[:length])
        assert lock.read_holder(tmp_path / "lock") == lock.LockHolder(0, None, None)
    (tmp_path / "lock").write_text(text)
    assert lock.read_holder(tmp_path / "lock").pid == 7


def test_what_is_no_file_is_no_lock_and_is_set_aside_by_who_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    for number, spoil in enumerate((path.mkdir, lambda: path.symlink_to("nowhere/at/all"), lambda: os.mkfifo(path)), 1):
        spoil()
        assert not lock.is_usable(path)
        assert not lock.is_locked(path)
        assert lock.read_holder(path) == lock.LockHolder(0, None, None) if not path.is_fifo() else True
        with lock.held(path, run_id="r", started_at=None):
            assert lock.is_locked(path)
            assert lock.read_holder(path).run_id == "r"
        assert (
            path.with_name(f"lock.damaged-{number}").is_symlink() or path.with_name(f"lock.damaged-{number}").exists()
        )
        path.unlink()
    assert lock.is_usable(path)
