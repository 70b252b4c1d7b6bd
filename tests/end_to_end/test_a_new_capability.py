"""A made-up capability in new files alone shows in lineage, checks, publication and docs of a copy of the project."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from cx_assets import sample_company
from tests.conftest import ROOT, company_environment

pytestmark = pytest.mark.slow

PARTS = ("report", "orchestration", "cx_assets", "dbt_project", "data/companies/sample", "docs")
FILES = {
    "cx_assets/attention/__init__.py": '"""Who waits for an answer."""\n',
    "cx_assets/attention/tables.yml": """
scores.customer_attention:
  grain: One customer who asked for something.
  key: [customer_id]
  columns:
    customer_id: {type: text, required: true, personal_data: indirect, description: "Persistent id of the customer."}
    ticket_count: {type: bigint, required: true, unit: tickets, description: "Requests and complaints so far."}
""",
    "cx_assets/attention/settings.py": '''"""The block `attention` of company.yml."""

from pydantic import Field

from cx_assets.contracts.concept_settings import Settings


class AttentionSettings(Settings):
    """Who is shown as waiting."""

    minimum_tickets: int = Field(default=2, ge=1, le=9, description="Fewest tickets with which a customer is shown.")
''',
    "cx_assets/attention/waiting.py": '''"""Tickets counted."""

import pandas as pd

from cx_assets.contracts.python_tables import tables_of

CUSTOMER_ATTENTION = tables_of("cx_assets.attention")["scores.customer_attention"]


def attention(tickets: pd.DataFrame) -> pd.DataFrame:
    """One row per customer with tickets: customer_id, ticket_count."""
    return CUSTOMER_ATTENTION.typed(tickets.groupby("customer_id").size().rename("ticket_count").reset_index())
''',
    "orchestration/defs/attention/__init__.py": '"""Who waits for an answer."""\n',
    "orchestration/defs/attention/assets.py": '''"""Attention: one frame, one call, one table."""

import dagster as dg

from cx_assets.attention.waiting import CUSTOMER_ATTENTION, attention
from orchestration.defs.area import Frame
from orchestration.defs.table_spec import table_spec
from orchestration.warehouse.database import Replacement, Warehouse

READS = [dg.AssetKey(["core", "fct_ticket"]), dg.AssetKey(["core", "bridge_record_customer"])]


def build_defs(frame: Frame) -> dg.Definitions:
    """The table and its check."""
    return dg.Definitions(assets=[customer_attention], asset_checks=[nobody_waits_twice])


@dg.multi_asset(
    name="customer_attention",
    specs=[table_spec(CUSTOMER_ATTENTION, READS, "scores_attention", "team:service")],
    pool="warehouse",
)
def customer_attention(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult:
    """Tickets of each customer."""
    tickets = warehouse.frame(
        "select bridge.customer_id from core.fct_ticket as ticket inner join core.bridge_record_customer as bridge "
        "on ticket.record_id = bridge.record_id and bridge.is_current order by bridge.customer_id"
    )
    counts = warehouse.replace(Replacement(CUSTOMER_ATTENTION, attention(tickets)))
    return dg.MaterializeResult(metadata={"dagster/row_count": counts["customer_attention"]})


@dg.asset_check(
    name="nobody_waits_twice",
    asset=dg.AssetKey(["scores", "customer_attention"]),
    description="Every customer has at least one ticket.",
    pool="warehouse",
)
def nobody_waits_twice(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """No customer without a ticket."""
    idle = warehouse.frame("select count(*) as idle_count from scores.customer_attention where ticket_count < 1")
    return dg.AssetCheckResult(passed=int(idle["idle_count"].iloc[0]) == 0)
''',
    "dbt_project/models/marts/attention/mart_attention__customer.sql": """select
    cast(attention.customer_id as string) as customer_id,
    customer.customer_type,
    cast(attention.ticket_count as bigint) as ticket_count
from {{ source('scores', 'customer_attention') }} as attention
inner join {{ ref('dim_customer') }} as customer on attention.customer_id = customer.customer_id
where attention.ticket_count >= {{ parameter('attention_minimum_tickets') }}
""",
    "dbt_project/models/marts/attention/_attention__marts.yml": """version: 2

models:
  - name: mart_attention__customer
    description: "One customer who asked for something."
    columns:
      - name: customer_id
        data_type: string
        description: "Persistent id of the customer."
        data_tests: [not_null, unique]
      - name: customer_type
        data_type: string
        description: "person or company."
      - name: ticket_count
        data_type: bigint
        description: "Requests and complaints so far."
""",
    "cx_assets/contracts/mart_contracts/attention.yml": """mart_attention__customer:
  key: [customer_id]
  bounds:
    ticket_count: [2, null]
""",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the new files, after its daily job on a small sample company."""
    folder = tmp_path_factory.mktemp("new_capability") / "house"
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "dagster.yaml", folder)
    for name, text in FILES.items():
        path = folder / name
        assert not path.exists(), "the files are new"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sample_company.generate(folder.parent / "source", scale=0.0005)
    _python(folder, "-m", "orchestration.cli.main", "run")
    return folder


def _environment(house: Path) -> dict[str, str]:
    company = house / "data" / "companies" / "sample"
    return company_environment(company, house.parent / "source", house.parent / "state") | {"PYTHONPATH": str(house)}


def _python(house: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=house, env=_environment(house), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"


@pytest.fixture(scope="module")
def published(house: Path) -> duckdb.DuckDBPyConnection:
    path = house.parent / "state" / "sample" / "published" / "current.duckdb"
    return duckdb.connect(str(path), read_only=True)


def test_nothing_that_stands_is_edited(house: Path) -> None:
    for part in PARTS:
        for path in (ROOT / part).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert filecmp.cmp(path, house / path.relative_to(ROOT), shallow=False), path


def test_its_mart_is_published_with_its_words(published: duckdb.DuckDBPyConnection) -> None:
    by_hand = published.sql("""
        select b.customer_id, count(*) from core.fct_ticket as t join core.bridge_record_customer as b
        on t.record_id = b.record_id where b.is_current group by all having count(*) >= 2 order by all
    """).fetchall()
    found = published.sql(
        "select customer_id, ticket_count from marts.mart_attention__customer order by all"
    ).fetchall()
    assert len(by_hand) > 10
    assert found == by_hand
    told = published.sql("select comment from duckdb_tables() where table_name = 'mart_attention__customer'").fetchall()
    assert told == [("One customer who asked for something.",)]


def test_it_shows_in_the_lineage_and_its_checks_ran(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = json.loads(
        (house.parent / "state" / "sample" / "published" / "current" / "generation.json").read_text(encoding="utf-8")
    )
    generation = generation.get("document", generation)
    assert generation["checks_declared"] == generation["checks_passed"] + len(generation["warnings"])
    for name, value in _environment(house).items():
        monkeypatch.setitem(os.environ, name, value)
    monkeypatch.setenv("DAGSTER_HOME", str(ROOT))
    monkeypatch.setenv("CX_DAGSTER_DIR", str(house.parent / "state" / "sample" / "dagster"))
    table, mart = dg.AssetKey(["scores", "customer_attention"]), dg.AssetKey(["marts", "mart_attention__customer"])
    with dg.DagsterInstance.get() as instance:
        for key in (table, mart):
            event = instance.get_latest_materialization_event(key)
            assert event is not None
            assert event.asset_materialization is not None
            assert "dagster/row_count" in event.asset_materialization.metadata
        checks = [
            (table, "nobody_waits_twice"),
            (table, "table_is_as_declared"),
            (mart, "mart_is_plausible"),
            (mart, "unique_mart_attention__customer_customer_id"),
        ]
        for key, name in checks:
            records = instance.event_log_storage.get_asset_check_execution_history(dg.AssetCheckKey(key, name), limit=1)
            assert [record.status.value for record in records] == ["SUCCEEDED"], name


def test_its_table_and_its_setting_stand_in_the_docs(house: Path) -> None:
    _python(house, "-m", "orchestration.dbt.contract_files")
    page = (house / "docs" / "python-tables.md").read_text(encoding="utf-8")
    assert "## scores.customer_attention\n\nOne customer who asked for something." in page
    page = (house / "docs" / "settings.md").read_text(encoding="utf-8")
    assert "## `attention`" in page
    assert "| `minimum_tickets` | 2 | 1 to 9 | Fewest tickets with which a customer is shown. |" in page
