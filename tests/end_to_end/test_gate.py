"""Each blocking rule is broken in turn, and the publication stops.

dbt tests: every one of them is run, as dbt compiled it, on a warehouse in which what it guards was broken. Borders:
every expectation is given a value beyond its bound. The job itself: a failing test, a check that throws, sees nothing,
or does not run, each time with the generation that readers have as the witness.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest

from cx_assets.contracts import load_contracts
from cx_assets.contracts.expectations import Expectation, entity_expectations, landing_expectations
from cx_assets.contracts.marts import load_marts, mart_expectations
from cx_assets.contracts.python_tables import python_tables, table_expectations
from cx_assets.contracts.validation import ValidationOutcome, validate_frame, validate_frames
from orchestration.cli.run_job import set_environment
from orchestration.dbt.parameters import environment
from orchestration.dbt.project import ParsedProject, parse_project
from orchestration.defs import border
from orchestration.defs.collection import build_definitions
from orchestration.defs.marts.checks import MART_CHECK, mart_key
from orchestration.defs.reconciliation import checks as reconciliation
from orchestration.publication.generations import current_generation
from orchestration.runs.site import Site
from orchestration.warehouse.mending import seal_path
from tests.conftest import ROOT, company_environment

pytestmark = pytest.mark.slow


@dataclass
class Job:
    """The sample company's daily job in this process, so that a test can reach into it."""

    site: Site
    project: ParsedProject

    def run(self, selection: list[str] | None = None, **ops: dict[str, object]) -> dg.ExecuteInProcessResult:
        defs = build_definitions(self.site, self.project)
        config = {"ops": {"run__snapshot": {"config": {"force": True}}, **ops}}
        with dg.DagsterInstance.ephemeral() as instance:
            job = defs.resolve_job_def("daily")
            return job.execute_in_process(instance=instance, raise_on_error=False, run_config=config)

    def generation_id(self) -> str:
        made = current_generation(self.site.workspace.published_dir)
        assert made is not None
        return made.generation_id

    def assert_not_published(self, result: dg.ExecuteInProcessResult, before: str, failing_step: str) -> None:
        failed = {event.step_key for event in result.all_events if event.event_type_value == "STEP_FAILURE"}
        assert not result.success
        assert failed == {failing_step}
        assert self.generation_id() == before


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    from cx_assets import sample_company

    folder = tmp_path_factory.mktemp("gate")
    sample_company.generate(folder / "source", scale=0.0005, seed=11)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in company_environment(
            ROOT / "data" / "companies" / "sample", folder / "source", folder / "state"
        ).items():
            patch.setenv(name, value)
        for name in [name for name in os.environ if name.startswith("DBT_")]:
            patch.delenv(name)
        site = Site.from_environment()
        set_environment(site)
        variables = environment(site.workspace, site.company)
        for name, value in variables.items():
            patch.setenv(name, value)
        made = Job(site, parse_project(site.workspace, site.company))
        assert made.run().success
        yield made


def test_every_declared_check_was_executed_and_passed(job: Job) -> None:
    made = current_generation(job.site.workspace.published_dir)
    assert made is not None
    nodes = job.project.nodes()["nodes"].values()
    dbt_tests = sum(node["resource_type"] == "test" for node in nodes)
    borders_declared = len(list(job.site.company.tables())) + len(load_contracts()) + len(load_marts())
    borders_declared += len(python_tables())
    # Two more: every difference between source and mart has a reason, no score moved to another level.
    borders_declared += 2
    assert made.checks_declared == made.checks_passed + len(made.warnings) == dbt_tests + borders_declared
    # Worth knowing: the stores' ratings end five days before all else, the crm's list of merges lacks some.
    told = {warning.split(" ")[0].split(":")[1] for warning in made.warnings}
    assert told <= {"feeds_reach_the_observation_date", "orders_name_known_records", "scores_keep_their_level"}


def test_a_failing_dbt_test_stops_the_publication(job: Job) -> None:
    before = job.generation_id()
    with duckdb.connect(str(job.site.workspace.warehouse_path)) as connection:
        connection.execute("insert into core.fct_payment select * from core.fct_payment limit 1")
    seal_path(job.site.workspace).unlink()  # or it would be set aside as damaged
    try:
        job.assert_not_published(job.run(), before, "dbt_stage_1")
    finally:
        for record in job.site.workspace.warehouse_path.parent.glob("built_from_*.json"):
            record.unlink()
    assert job.run().success
    assert job.generation_id() != before


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("landing_border", ValidationOutcome(3, 3, ["difference_count is 1.0"])),
        ("landing_border", ValidationOutcome(3, 0, ["No row was there to look at."])),
        ("landing_border", ValidationOutcome(3, 2, [])),
    ],
    ids=["fails", "sees_no_rows", "does_not_run"],
)
def test_a_border_that_does_not_hold_stops_the_publication(
    job: Job, monkeypatch: pytest.MonkeyPatch, step: str, outcome: ValidationOutcome
) -> None:
    before = job.generation_id()
    monkeypatch.setattr(border, "validate_frames", lambda found: [outcome] * len(found))
    job.assert_not_published(job.run(), before, step)


def test_a_border_that_throws_stops_the_publication(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def thrown(*_: object) -> ValidationOutcome:
        raise RuntimeError("the check itself is broken")

    before = job.generation_id()
    monkeypatch.setattr(border, "validate_frames", thrown)
    job.assert_not_published(job.run(), before, "landing_border")


def test_a_mart_border_that_does_not_hold_stops_the_publication(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(found: list[tuple[pd.DataFrame, list[Expectation]]]) -> list[ValidationOutcome]:
        *others, (last, expectations) = found
        if "not_a_number_count" in last:
            last = last.assign(duplicate_key_count=1)
        return validate_frames([*others, (last, expectations)])

    before = job.generation_id()
    monkeypatch.setattr(border, "validate_frames", judged)
    job.assert_not_published(job.run(), before, "mart_border")


def test_checks_left_out_of_a_run_stop_the_publication(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = job.generation_id()
    defs = build_definitions(job.site, job.project)
    without_borders = dg.AssetSelection.all() - dg.AssetSelection.checks(
        *(dg.AssetCheckKey(mart_key(mart), MART_CHECK) for mart in load_marts())
    )
    with dg.DagsterInstance.ephemeral() as instance:
        chosen = dg.Definitions(
            assets=defs.assets,
            asset_checks=defs.asset_checks,
            resources=defs.resources,
            executor=dg.in_process_executor,
            jobs=[dg.define_asset_job("partial", without_borders)],
        )
        result = chosen.resolve_job_def("partial").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"ops": {"run__snapshot": {"config": {"force": True}}}},
        )
    job.assert_not_published(result, before, "published__generation")
    failure = next(event for event in result.all_events if event.event_type_value == "STEP_FAILURE")
    assert "declared but not executed" in str(failure.step_failure_data.error)


ALL_BORDERS = [
    ("landing", landing_expectations(0.05)),
    *((entity, entity_expectations(contract, 0.05)) for entity, contract in load_contracts().items()),
    *((mart.name, mart_expectations(mart)) for mart in load_marts()),
    ("python_table", table_expectations()),
]


def within(expectation: Expectation) -> float:
    """A value that the expectation allows."""
    low = expectation.min_value if expectation.min_value is not None else expectation.max_value
    assert low is not None
    return low


def beyond(expectation: Expectation) -> float:
    """A value that it does not allow."""
    if expectation.max_value is not None:
        return expectation.max_value + 1
    assert expectation.min_value is not None
    return expectation.min_value - 1


@pytest.mark.parametrize(("name", "expectations"), ALL_BORDERS, ids=[name for name, _ in ALL_BORDERS])
def test_every_expectation_of_every_border_fails_when_it_is_broken(name: str, expectations: list[Expectation]) -> None:
    holding = pd.DataFrame({expectation.column: [within(expectation)] for expectation in expectations})
    assert validate_frame(holding, expectations).is_passed
    broken = pd.DataFrame({expectation.column: [beyond(expectation)] for expectation in expectations})
    outcome = validate_frame(broken, expectations)
    named = {sentence.split(" is ")[0] for sentence in outcome.failures}
    assert named == {expectation.column for expectation in expectations}


def test_a_difference_that_nothing_explains_stops_the_publication(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = job.generation_id()
    every_day = reconciliation._UNEXPLAINED.replace("unexplained_count <> 0", "unexplained_count = 0")
    monkeypatch.setattr(reconciliation, "_UNEXPLAINED", every_day)
    step = "marts__mart_operations__reconciliation_every_difference_is_explained"
    job.assert_not_published(job.run(), before, step)


MUTANT = "no such value"


def compiled_tests(job: Job) -> dict[str, tuple[dict[str, object], str]]:
    """Every dbt data test with the SQL that the job ran."""
    found = {}
    for uid, node in job.project.nodes()["nodes"].items():
        if node["resource_type"] != "test":
            continue
        for results in job.site.workspace.dbt_target_dir.glob("stage_*/run_results.json"):
            for result in json.loads(results.read_text())["results"]:
                if result["unique_id"] == uid:
                    found[uid] = (node, result["compiled_code"])
    return found


def mutations(node: dict[str, object], columns: dict[str, str], relation: str) -> list[str]:
    """Statements of which at least one breaks what the test guards."""
    metadata = node.get("test_metadata") or {}
    name = metadata.get("name", "") if isinstance(metadata, dict) else ""
    column = node.get("column_name")
    whole_row = ", ".join(f"null as {other}" for other in columns)
    if name == "not_null":
        return [f"update {relation} set {column} = null", f"insert into {relation} select {whole_row}"]
    if name == "never_null":
        return [f"insert into {relation} select {whole_row}"]
    if name in {"unique", "unique_combination"}:
        twice = f"insert into {relation} select * from {relation}"
        filled = f"insert into {relation} select r.* replace ('{MUTANT}' as {column}) from {relation} as r, range(2)"
        return [twice, filled] if name == "unique" else [twice]
    if name in {"accepted_values", "relationships"}:
        return [f"update {relation} set {column} = '{MUTANT}'"]
    extremes = []
    for other, kind in columns.items():
        values = {
            "VARCHAR": [f"'{MUTANT}'", "null"],
            "BOOLEAN": [f"not {other}", "null", "true", "false"],
            "DATE": ["date '1800-01-01'", "date '2900-01-01'", "null"],
            "TIMESTAMP": ["timestamp '1800-01-01'", "timestamp '2900-01-01'", "null"],
        }.get(kind, ["-1000000", "1000000", f"{other} + 1", "null"])
        extremes += [f"update {relation} set {other} = {value}" for value in values]
    return [*extremes, f"delete from {relation}", f"insert into {relation} select * from {relation}"]


def guarded_relations(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Tables that the test reads; a view is frozen into a table, so that it can be broken."""
    relations = list(dict.fromkeys(re.findall(r'"cx"\."\w+"\."\w+"', sql)))
    for relation in relations:
        schema, table = relation.replace('"', "").split(".")[1:]
        kind = connection.execute(
            "select table_type from information_schema.tables where table_schema = ? and table_name = ?",
            [schema, table],
        ).fetchall()[0][0]
        connection.execute(f"create or replace temp table frozen as from {relation}")
        connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {relation}")
        connection.execute(f"create table {relation} as from frozen")
        if not connection.execute(f"select count(*) from {relation}").fetchall()[0][0]:
            columns = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
            connection.execute(f"insert into {relation} select {', '.join('null' for _ in columns)}")
    return relations


def failing_rows(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return len(connection.execute(sql).fetchall())


def breaks(path: Path, node: dict[str, object], sql: str) -> bool:
    """Whether some mutation of what the test reads makes it fail; the file is left as it was."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin transaction")
        relations = guarded_relations(connection, sql)
        for number, relation in enumerate(relations):
            described = connection.execute(f"describe {relation}").fetchall()
            columns = {row[0]: row[1].split("(")[0] for row in described}
            connection.execute(f"create temp table kept_{number} as from {relation}")
            for statement in mutations(node, columns, relation):
                connection.execute(statement)
                if failing_rows(connection, sql):
                    connection.execute("rollback")
                    return True
                connection.execute(f"delete from {relation}")
                connection.execute(f"insert into {relation} from kept_{number}")
        connection.execute("rollback")
    return False


def test_every_dbt_test_fails_when_what_it_guards_is_broken(job: Job, tmp_path: Path) -> None:
    path = tmp_path / "cx.duckdb"
    shutil.copy(job.site.workspace.warehouse_path, path)
    tests = compiled_tests(job)
    assert len(tests) > 100
    unbroken = [uid for uid, (node, sql) in tests.items() if not breaks(path, node, sql)]
    assert unbroken == []
