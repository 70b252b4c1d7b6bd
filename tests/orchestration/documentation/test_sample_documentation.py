"""What the daily job writes of the sample company: the lineage that Dagster shows, and nothing of the machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.publication.generations import current_generation
from orchestration.publication.report_file import LINEAGE, marked_generation
from tests.conftest import ROOT, SECRET

pytestmark = pytest.mark.slow


@pytest.fixture
def docs(sample_publication: Path) -> Path:
    return sample_publication.parent / "docs"


@pytest.fixture
def tables(docs: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((docs / "lineage.json").read_text(encoding="utf-8"))["tables"]
    return found


def made_of(tables: dict[str, Any], table: str, column: str) -> list[list[str]]:
    [found] = [item["made_of"] for item in tables[table]["columns"] if item["name"] == column]
    return list(found)


def test_a_published_amount_leads_back_to_the_till(tables: dict[str, Any]) -> None:
    seen, waiting = set(), [("marts.mart_customer__customer_360", "net_amount")]
    while waiting:
        table, column = waiting.pop()
        if (table, column) not in seen:
            seen.add((table, column))
            waiting += [(from_table, name) for from_table, name in made_of(tables, table, column)]
    assert ("core.fct_transaction_line", "net_amount") in seen
    assert sorted(found for found in seen if found[0].startswith("landing.")) == [
        ("landing.shop__late_lines", "net_amount"),
        ("landing.shop__lines", "net_amount"),
    ]


def test_every_table_that_a_column_is_made_of_is_documented(tables: dict[str, Any]) -> None:
    named = {source[0] for table in tables.values() for column in table["columns"] for source in column["made_of"]}
    assert named <= set(tables)
    assert len(named) > 100
    assert [name for name, table in tables.items() if not table["description"]] == []
    read = {parent for table in tables.values() for parent in table["reads"]}
    assert read <= set(tables)
    # Python's columns are followed by nobody; the tables that it reads go on.
    assert made_of(tables, "scores.customer_churn", "churn_probability") == []
    assert tables["scores.customer_churn"]["reads"] == [
        "intermediate.int_churn__customer_feature",
        "scores.churn_model",
    ]


def test_the_lineage_is_what_dagster_shows(
    tables: dict[str, Any], sample_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DAGSTER_DIR", str(sample_state / "sample" / "dagster"))
    monkeypatch.setenv("DAGSTER_HOME", str(ROOT))
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["core", "dim_customer"]))
    assert event is not None
    assert event.asset_materialization is not None
    shown = event.asset_materialization.metadata["dagster/column_lineage"].value.deps_by_column
    assert {
        column: [[".".join(dep.asset_key.path), dep.column_name] for dep in deps] for column, deps in shown.items()
    } == {item["name"]: item["made_of"] for item in tables["core.dim_customer"]["columns"]}


def test_it_shows_the_generation_and_who_reads_the_tables(docs: Path) -> None:
    made = current_generation(docs.parent)
    assert made is not None
    assert marked_generation(docs.parent / LINEAGE) == made.generation_id
    manifest = json.loads((docs / "manifest.json").read_text(encoding="utf-8"))
    exposures = {item["name"]: item["depends_on"]["nodes"] for item in manifest["exposures"].values()}
    assert exposures["export_segment_sync"] == ["model.cx.mart_segment__rfm"]
    assert "model.cx.mart_finance__activity_by_month" in exposures["report_overview"]
    # Saved queries of metrics stand in the lineage by themselves.
    assert "saved_query.cx.revenue_by_month" in manifest["saved_queries"]
    catalog = json.loads((docs / "catalog.json").read_text(encoding="utf-8"))
    assert set(catalog["sources"]) == set(manifest["sources"])
    models = {name for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    assert set(catalog["nodes"]) == models


def test_nothing_of_the_machine_stands_in_it(docs: Path, sample_state: Path) -> None:
    told = {path.name: path.read_text(encoding="utf-8") for path in docs.iterdir()}
    assert sorted(told) == ["catalog.json", "index.html", "lineage.html", "lineage.json", "manifest.json"]
    for name, text in told.items():
        for word in (str(ROOT), str(sample_state), str(Path.home()) + "/", SECRET, "invocation_id"):
            assert (name == "index.html" and word == "invocation_id") or word not in text, (name, word)
