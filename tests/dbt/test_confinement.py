"""What a company's staging SQL can reach: its landing, and nothing else of the machine or the network."""

from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.database import Warehouse
from tests.dbt.company import Company

READS = ["from read_text('{outside}')", "from read_csv('/etc/passwd')", "from read_text('/proc/self/environ')"]


@pytest.mark.parametrize("read", READS)
def test_staging_sql_reads_its_landing_only(read: str, tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["ticket"])
    outside, inside = tmp_path / "outside.txt", tmp_path / "company" / "landing" / "inside.txt"
    inside.parent.mkdir()
    for path in (outside, inside):
        path.write_text("text")
    staging = company.project / "staging" / "stg_crm__ticket.sql"
    right = staging.read_text()
    source = "from {{ source('landing', 'crm__ticket') }}"
    assert source in right
    staging.write_text(right.replace(source, f"{source} cross join (from read_text('{inside}')) as seen"))
    company.dbt("run", "--select", "stg_crm__ticket")
    staging.write_text(right.replace(source, f"{source} cross join ({read.format(outside=outside)}) as seen"))
    with pytest.raises(AssertionError, match="file system operations are disabled"):
        company.dbt("run", "--select", "stg_crm__ticket")


def test_the_warehouse_runs_views_over_staging_sql_under_the_same_rule(tmp_path: Path) -> None:
    outside, landing = tmp_path / "outside.txt", tmp_path / "landing"
    outside.write_text("text")
    landing.mkdir()
    (landing / "inside.txt").write_text("text")
    warehouse = Warehouse(tmp_path / "cx.duckdb", tmp_path / "lock", landing_dir=landing)
    assert warehouse.frame(f"select content from read_text('{landing / 'inside.txt'}')")["content"].tolist() == ["text"]
    for query in (f"from read_text('{outside}')", f"attach '{tmp_path / 'other.duckdb'}'", "install httpfs"):
        with pytest.raises(duckdb.Error, match="disabled by configuration"):
            warehouse.frame(query)
