"""What Dagster shows of the sample company: keys, groups, owners, checks, jobs, and the metadata of a real run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from cx_assets.contracts import load_contracts
from cx_assets.contracts.marts import load_marts
from cx_assets.contracts.python_tables import python_tables
from orchestration.cli.run_job import set_environment
from orchestration.dbt.parameters import environment
from orchestration.dbt.project import parse_project
from orchestration.defs.collection import build_definitions
from orchestration.runs.site import Site
from tests.conftest import ROOT, SECRET, company_environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sample_state: Path) -> Iterator[Site]:
    """The sample company parsed in a folder of its own; nothing is run."""
    folder = tmp_path_factory.mktemp("definitions")
    with pytest.MonkeyPatch.context() as patch:
        company = ROOT / "data" / "companies" / "sample"
        for name, value in company_environment(company, sample_state.parent / "source", folder).items():
            patch.setenv(name, value)
        made = Site.from_environment()
        set_environment(made)
        for name, value in environment(made.workspace, made.company).items():
            patch.setenv(name, value)
        yield made


@pytest.fixture(scope="module")
def defs(site: Site) -> dg.Definitions:
    return build_definitions(site, parse_project(site.workspace, site.company))


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in defs.resolve_all_asset_specs()}


def test_everything_in_the_lineage_is_made_by_a_run(
    defs: dg.Definitions, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    assert defs.resolve_asset_graph().materializable_asset_keys == set(specs)


def test_every_asset_has_address_group_owner_and_description(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    assert len(specs) > 100
    for key, spec in specs.items():
        assert len(key.path) == 2, key
        assert spec.group_name not in (None, "default"), key
        assert spec.owners, key
        assert spec.description, key
        assert spec.kinds, key


def test_every_check_says_what_must_hold(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    told = {key.name: graph.get_check_spec(key).description for key in graph.asset_check_keys}
    assert [name for name, description in told.items() if not description] == []
    assert told["unique_dim_customer_customer_id"] == "customer_id is unique."
    assert told["between_mart_prediction__churn_score_churn_probability__1__0"] == (
        "churn_probability lies between 0 and 1, both included."
    )
    assert told["customers_have_an_identity"] == (
        "The restricted publication and the general one must speak of the same customers."
    )


def test_the_lineage_leads_from_a_source_file_to_the_publication(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    downstream: dict[dg.AssetKey, set[dg.AssetKey]] = {}
    for key, spec in specs.items():
        for dep in spec.deps:
            downstream.setdefault(dep.asset_key, set()).add(key)
            assert dep.asset_key in specs, f"nothing makes {dep.asset_key}"
    reached = {dg.AssetKey(["landing", "crm__contacts"])}
    frontier = list(reached)
    while frontier:
        for key in downstream.get(frontier.pop(), set()) - reached:
            reached.add(key)
            frontier.append(key)
    for key in (
        ["staging", "stg_crm__customer_record"],
        ["identity", "record_customer"],
        ["core", "dim_customer"],
        ["scores", "customer_churn"],
        ["marts", "mart_customer__customer_360"],
        ["published", "generation"],
        ["published", "documentation"],
        ["exports", "churn_calls"],
    ):
        assert dg.AssetKey(key) in reached


def test_what_leaves_the_warehouse_names_the_tables_that_it_reads(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    read = {dep.asset_key for dep in specs[dg.AssetKey(["exports", "churn_calls"])].deps}
    assert read == {
        dg.AssetKey(["published", "generation"]),
        dg.AssetKey(["marts", "mart_prediction__churn_score"]),
        dg.AssetKey(["core", "dim_customer_identity"]),
        dg.AssetKey(["core", "fct_consent_event"]),
        dg.AssetKey(["core", "fct_ticket"]),
    }
    by_mail = {dep.asset_key for dep in specs[dg.AssetKey(["published", "report"])].deps}
    assert dg.AssetKey(["marts", "mart_finance__activity_by_month"]) in by_mail


def test_every_dbt_test_and_border_is_a_declared_check(site: Site, defs: dg.Definitions) -> None:
    project = parse_project(site.workspace, site.company)
    tests = sum(node["resource_type"] == "test" for node in project.nodes()["nodes"].values())
    # Landing, contract and mart borders, tables of Python, the reconciliation, and the levels of scores.
    borders = len(list(site.company.tables())) + len(load_contracts()) + len(load_marts()) + len(python_tables()) + 2
    declared = defs.resolve_asset_graph().asset_check_keys
    assert len(declared) == tests + borders
    assert {key.asset_key.path[-1] for key in declared if key.name == "mart_is_plausible"} == {
        mart.name for mart in load_marts()
    }


def test_every_mart_has_key_and_bounds(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    assert {mart.name for mart in load_marts()} == {key.path[1] for key in specs if key.path[0] == "marts"}


def test_jobs_schedules_and_sensors(defs: dg.Definitions) -> None:
    repository = defs.get_repository_def()
    assert {"daily", "weekly_retraining", "extract", "publish_targets"} <= {
        job.name for job in repository.get_all_jobs()
    }
    assert {
        schedule.name: (schedule.job_name, schedule.cron_schedule, schedule.execution_timezone)
        for schedule in repository.schedule_defs
    } == {
        "daily_at_four": ("daily", "0 4 * * 1-6", "Europe/Berlin"),
        "sunday_at_four": ("weekly_retraining", "0 4 * * 0", "Europe/Berlin"),
    }
    assert {sensor.name for sensor in repository.sensor_defs} >= {
        "new_landings",
        "targets_behind",
        "alert_on_failure",
        "alert_on_stale_publication",
    }


@pytest.fixture
def instance(sample_state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("CX_DAGSTER_DIR", str(sample_state / "sample" / "dagster"))
    monkeypatch.setenv("DAGSTER_HOME", str(ROOT))
    with dg.DagsterInstance.get() as opened:
        yield opened


def test_a_run_tells_rows_columns_and_column_lineage(
    instance: dg.DagsterInstance, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    for key in specs:
        event = instance.get_latest_materialization_event(key)
        assert event is not None, f"{key} was not materialised"
        assert event.asset_materialization is not None
        metadata = event.asset_materialization.metadata
        is_dbt = key.path[0] in ("staging", "intermediate", "core", "marts")
        if is_dbt:
            assert "dagster/column_schema" in metadata, key
            assert "dagster/column_lineage" in metadata, key
        if key.path[0] in ("landing", "run", "core", "marts", "identity", "scores"):
            assert "dagster/row_count" in metadata, key
    customer = instance.get_latest_materialization_event(dg.AssetKey(["core", "dim_customer"]))
    assert customer is not None
    assert customer.asset_materialization is not None
    lineage = customer.asset_materialization.metadata["dagster/column_lineage"].value
    assert (
        dg.TableColumnDep(dg.AssetKey(["intermediate", "int_customer__survivor"]), "customer_id")
        in (lineage.deps_by_column["customer_id"])
    )
    # What the open-source UI can show of it.
    shown = {
        record.data["column"]: record.data["made_of"]
        for record in customer.asset_materialization.metadata["column_lineage"].records
    }
    assert shown["city"] == (
        "intermediate.int_customer__survivor.address_rank, intermediate.int_customer__survivor.city, "
        "intermediate.int_customer__survivor.survivor_rank"
    )


def test_the_documented_files_are_those_that_a_run_makes(sample_state: Path) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = page.split("is generated (never tracked):", 1)[1].split("```")[1]
    # The source folder is the sample company's alone; a failure leaves its file, and this run did not fail.
    documented = {line.split()[0].split("/")[0] for line in block.strip().splitlines()} - {
        "source",
        "last_failure.json",
    }
    assert documented == {path.name for path in (sample_state / "sample").iterdir()}


def test_no_secret_of_the_environment_is_in_anything_that_a_run_wrote(sample_state: Path) -> None:
    # SQLite's own side files come and go with whoever reads the event log meanwhile.
    written = [path for path in sample_state.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    assert len(written) > 100
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []


def test_a_stale_or_missing_publication_is_told(site: Site) -> None:
    from orchestration.defs.schedule.triggers import staleness

    assert staleness(site) == "Nothing has been published yet."
