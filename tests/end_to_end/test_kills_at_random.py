"""A run killed at random moments, and twenty runs started at once. Boundaries with names have a file of their own."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from tests.conftest import CX
from tests.end_to_end.two_days import TwoDays, contents, prepare, wait_until_at_work
from tests.warm import WarmRun

pytestmark = pytest.mark.slow

# CX_KILLS=18 kills six times as often; CX_KILLS_IN_A_ROW=1 lets the job end after each kill, three times the wait.
KILLS = int(os.environ.get("CX_KILLS", "3"))
KILLS_IN_A_ROW = int(os.environ.get("CX_KILLS_IN_A_ROW", "3"))
SEED = 20260702


@pytest.fixture(scope="module")
def days(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> TwoDays:
    return TwoDays(prepare(shared_dir), tmp_path_factory.mktemp("killed_at_random"))


def kill_at(days: TwoDays, share: float) -> bool:
    """Start a run and kill it when this share of its work's time is over; False when it ended before."""
    process = WarmRun("run", environment=days.environment())
    wait_until_at_work(process, days.workspace)
    try:
        process.wait(timeout=share * days.seconds_of_work)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


@pytest.mark.parametrize("case", range(KILLS // KILLS_IN_A_ROW))
def test_killed_at_random_moments(days: TwoDays, case: int) -> None:
    """Killed several times in a row, each time while the start before it left its ruins; then left to end."""
    days.restore()
    moments = random.Random(SEED + case)
    kills = 0
    for _ in range(3 * KILLS_IN_A_ROW):
        kills += kill_at(days, moments.random())
        days.assert_what_is_served_is_whole()
        if kills == KILLS_IN_A_ROW:
            break
        if contents(days.published()) == days.second.published:
            days.restore()
    assert kills == KILLS_IN_A_ROW
    days.assert_next_run_completes()


def test_twenty_starts_at_once(days: TwoDays) -> None:
    days.restore()
    starts = [
        subprocess.Popen(
            [str(CX), "run"], env=days.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(20)
    ]
    ended = [(process.communicate(), process.returncode) for process in starts]
    codes = sorted(code for _, code in ended)
    assert codes == [0] + [75] * 19, [errors[-500:] for (_, errors), code in ended if code not in {0, 75}]
    for (_, errors), code in ended:
        if code == 75:
            assert "Not started: the warehouse is in use by" in errors
    days.assert_second_day_is_whole()
    days.assert_next_run_completes()
