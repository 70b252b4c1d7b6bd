from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from cx_assets.sample_company import Summary, generate

SCALE = 0.02
SEEDS = (101, 20_260)


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


def _generated(base: Path, seed: int, is_null: bool) -> Generated:
    files, truth = base / "files", base / "truth"
    return Generated(files, truth, generate(files, scale=SCALE, seed=seed, truth=truth, is_null=is_null))


@pytest.fixture(scope="session", params=SEEDS)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return _generated(tmp_path_factory.mktemp(f"seed{request.param}"), request.param, False)


@pytest.fixture(scope="session")
def null_company(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return _generated(tmp_path_factory.mktemp("null"), SEEDS[0], True)
