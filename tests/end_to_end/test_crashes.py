"""A run killed at any moment: readers keep what they had, the next run completes and publishes the same.

Every case starts from the same state: the first day published, the second day's files in the source folder.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from orchestration.publication import Generation, current_generation
from tests.conftest import CX, ROOT, company_environment, run_company

pytestmark = pytest.mark.slow

COMPANY = ROOT / "data" / "companies" / "sample"
BOUNDARIES = [
    "mid_parquet",
    "before_manifest",
    "mid_dbt",
    "before_identity_write",
    "before_scores_write",
    "before_switch",
]
RANDOM_KILLS = 20
# Set CX_KILLS_IN_A_ROW=1 to let the job end after every single kill: the same twenty kills, four times the wait.
KILLS_IN_A_ROW = int(os.environ.get("CX_KILLS_IN_A_ROW", "4"))
SEED = 20260702
SCALE = 0.0005


class Crashes:
    """One company of two days, put back to the evening of the first before every case."""

    def __init__(self, folder: Path) -> None:
        from cx_assets import sample_company

        self.folder = folder
        self.source = folder / "source"
        self.state_root = folder / "state"
        sample_company.generate(self.source, scale=SCALE, seed=7)
        self.held_back = [path for path in self._newest_files() if path.exists()]
        (folder / "second_day").mkdir()
        for path in self.held_back:
            shutil.move(path, folder / "second_day" / f"{path.parent.name}-{path.name}")
        run_company(COMPANY, self.source, self.state_root)
        shutil.copytree(self.state_root, folder / "first_evening", symlinks=True)
        for path in self.held_back:
            shutil.copy(folder / "second_day" / f"{path.parent.name}-{path.name}", path)
        self.first = self.published()
        started = time.monotonic()
        run_company(COMPANY, self.source, self.state_root)
        self.duration = time.monotonic() - started
        self.second = self.published()
        assert len(self.held_back) == 2
        assert contents(self.first) != contents(self.second)

    def _newest_files(self) -> list[Path]:
        """The last month of orders and lines: what a second day brings."""
        return [
            files[-1]
            for table in ("orders", "lines")
            if len(files := sorted((self.source / "shop" / table).glob("*.parquet"))) > 1
        ]

    def published(self) -> Generation:
        found = current_generation(self.state_root / "sample" / "published")
        assert found is not None
        return found

    def restore(self) -> None:
        shutil.rmtree(self.state_root)
        shutil.copytree(self.folder / "first_evening", self.state_root, symlinks=True)

    def environment(self, **more: str) -> dict[str, str]:
        return {**company_environment(COMPANY, self.source, self.state_root), **more}

    def readable_rows(self) -> int:
        """What a reader gets now, table by table; raises if anything published cannot be read."""
        path = self.state_root / "sample" / "published" / "current.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
            return sum(
                connection.execute(f'select count(*) from "{schema}"."{table}"').fetchall()[0][0]
                for schema, table in tables
            )


def contents(generation: Generation) -> list[tuple[str, int, str]]:
    return [(table.table, table.rows, table.checksum) for table in generation.tables]


@pytest.fixture(scope="module")
def crashes(tmp_path_factory: pytest.TempPathFactory) -> Crashes:
    return Crashes(tmp_path_factory.mktemp("crashes"))


def assert_old_generation_is_served(crashes: Crashes) -> None:
    served = crashes.published()
    assert contents(served) in (contents(crashes.first), contents(crashes.second))
    rows = sum(table.rows for table in served.tables if not table.is_restricted)
    assert crashes.readable_rows() == rows


def assert_next_run_completes(crashes: Crashes) -> None:
    run_company(COMPANY, crashes.source, crashes.state_root)
    assert contents(crashes.published()) == contents(crashes.second)
    assert crashes.published().snapshot_id == crashes.second.snapshot_id
    status = subprocess.run(
        [str(CX), "status", "--json"], env=crashes.environment(), capture_output=True, text=True, check=True
    )
    assert json.loads(status.stdout)["is_running"] is False


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_killed_at_a_named_boundary(crashes: Crashes, boundary: str) -> None:
    crashes.restore()
    killed = subprocess.run(
        [str(CX), "run"], env=crashes.environment(CX_KILL_AT=boundary), capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]
    assert contents(crashes.published()) == contents(crashes.first)
    assert_old_generation_is_served(crashes)
    assert_next_run_completes(crashes)


@pytest.mark.parametrize("case", range(RANDOM_KILLS // KILLS_IN_A_ROW))
def test_killed_at_random_moments(crashes: Crashes, case: int) -> None:
    """Killed several times in a row, each time while the start before it left its ruins; then left to end."""
    crashes.restore()
    moments = random.Random(SEED + case)
    for _ in range(KILLS_IN_A_ROW):
        process = subprocess.Popen(
            [str(CX), "run"], env=crashes.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=moments.uniform(0, 1) * crashes.duration)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert_old_generation_is_served(crashes)
    assert_next_run_completes(crashes)


def test_twenty_starts_at_once(crashes: Crashes) -> None:
    crashes.restore()
    starts = [
        subprocess.Popen(
            [str(CX), "run"], env=crashes.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(20)
    ]
    ended = [(process.communicate(), process.returncode) for process in starts]
    codes = sorted(code for _, code in ended)
    assert codes == [0] + [75] * 19, [errors[-500:] for (_, errors), code in ended if code not in {0, 75}]
    for (_, errors), code in ended:
        if code == 75:
            assert "Not started: the warehouse is in use by" in errors
    assert contents(crashes.published()) == contents(crashes.second)
    assert_next_run_completes(crashes)
