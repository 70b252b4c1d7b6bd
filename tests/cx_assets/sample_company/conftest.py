import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from cx_assets.sample_company import Summary, generate
from tests.conftest import only_one_worker

SCALE = 0.02
SEEDS = (101, 20_260, 31, 4_242, 70_707)
IDENTITY_SEEDS = SEEDS[:2]
VOICE_SEEDS, VOICE_SCALE = (1, 2, 3, 4, 5), 0.005


@dataclass(frozen=True)
class Generated:
    """A generated company, its truth and what `generate` said."""

    files: Path
    truth_files: Path
    summary: Summary

    def truth(self, name: str) -> pd.DataFrame:
        return duckdb.sql(f"from '{self.truth_files / name}.parquet'").df()

    def sales(self) -> pd.DataFrame:
        """Good sale lines: record_id, order_no, sold_on, net_amount."""
        lines = self.files / "shop" / "lines" / "*.parquet"
        return duckdb.sql(
            f"""select customer_system || ':' || customer_no as record_id, order_no,
                cast(booked_at as date) as sold_on, cast(net_amount as double) as net_amount
            from '{lines}' where line_type = 'sale' and net_amount >= 0 and order_no is not null
            and customer_no is not null"""
        ).df()


def _generated(shared_dir: Path, seed: int, *, is_null: bool = False, scale: float = SCALE) -> Generated:
    """Made once for all test files and processes; they only read it."""
    base = shared_dir / f"generated_{scale}_{seed}_{'null' if is_null else 'full'}"
    files, truth, told = base / "files", base / "truth", base / "summary.json"
    with only_one_worker(base) as is_first:
        if is_first:
            summary = generate(files, scale=scale, seed=seed, truth=truth, is_null=is_null)
            told.write_text(json.dumps(asdict(summary)), encoding="utf-8")
    return Generated(files, truth, Summary(**json.loads(told.read_text(encoding="utf-8"))))


@pytest.fixture(scope="session", params=SEEDS)
def company(request: pytest.FixtureRequest, shared_dir: Path) -> Generated:
    return _generated(shared_dir, request.param)


@pytest.fixture(scope="session", params=IDENTITY_SEEDS)
def identity_company(request: pytest.FixtureRequest, shared_dir: Path) -> Generated:
    return _generated(shared_dir, request.param)


@pytest.fixture(scope="session")
def null_company(shared_dir: Path) -> Generated:
    return _generated(shared_dir, SEEDS[0], is_null=True)


@pytest.fixture(scope="session", params=VOICE_SEEDS)
def voice_company(request: pytest.FixtureRequest, shared_dir: Path) -> Generated:
    """Five small companies, for effects on words, employees and interfaces."""
    return _generated(shared_dir, request.param, scale=VOICE_SCALE)


@pytest.fixture(scope="session", params=VOICE_SEEDS)
def null_voice_company(request: pytest.FixtureRequest, shared_dir: Path) -> Generated:
    return _generated(shared_dir, request.param, is_null=True, scale=VOICE_SCALE)
