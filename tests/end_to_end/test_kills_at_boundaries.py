"""A run killed at a named boundary: what lies on disk is what the name says, readers keep what they had, the next run
completes by itself and publishes what an unkilled run publishes.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.publication.generations import generations
from tests.end_to_end.two_days import JOINING_CONTACT, TwoDays, contents, prepare
from tests.warm import run_cx

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def days(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> TwoDays:
    return TwoDays(prepare(shared_dir), tmp_path_factory.mktemp("killed_at_boundaries"))


def test_the_second_day_changes_identity_facts_and_marts(days: TwoDays) -> None:
    changed = {table for table, found in days.second.published.items() if days.first.published[table] != found}
    assert changed >= {
        "core.bridge_record_customer",
        "core.dim_customer",
        "core.fct_sales_order",
        "core.fct_survey_response",
        "core.fct_transaction_line",
        "marts.mart_customer__customer_360",
        "marts.mart_experience__score_by_touchpoint_month",
        "marts.mart_finance__activity_by_month",
    }
    # A new record made one customer of two.
    customers, redirects = (
        [found["core.dim_customer"][0] for found in (days.first.published, days.second.published)],
        [found["customer_redirect"][0] for found in (days.first.identity, days.second.identity)],
    )
    assert customers[1] - customers[0] == -1
    assert redirects[1] - redirects[0] == 1


def uncommitted(days: TwoDays) -> Path:
    """The one file of landed rows that no manifest lists."""
    listed = {days.workspace.state_dir / part.landed.path for load in days.manifests() for part in load.parts}
    [path] = set(days.workspace.landing_dir.rglob("part-*.parquet")) - listed
    return path


def rows_of(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).fetchall()


def half_a_file_is_landed(days: TwoDays) -> None:
    with pytest.raises(duckdb.InvalidInputException):
        rows_of(uncommitted(days))


def a_whole_file_is_landed_and_not_listed(days: TwoDays) -> None:
    assert rows_of(uncommitted(days))


def core_is_built_in_part(days: TwoDays) -> None:
    assert days.in_warehouse("core") == {"first", "second"}
    # Marts of other facts may be built already.
    assert "first" in days.in_warehouse("marts")


def marts_are_built_in_part(days: TwoDays) -> None:
    assert days.in_warehouse("core") == {"second"}
    # Which of the others are built by then is the threads' affair.
    assert "second" in days.in_warehouse("marts")


def customers_are_found_and_not_written(days: TwoDays) -> None:
    new = "select count(*) from {} where record_id = 'crm:" + JOINING_CONTACT + "'"
    assert days.query(new.format("intermediate.int_identity__current_record")) == [(1,)]
    assert days.query(new.format("identity.record_customer")) == [(0,)]
    # Facts wait for no customer, dimensions do.
    assert days.in_warehouse("core") == {"first", "second"}


def scores_are_made_and_not_written(days: TwoDays) -> None:
    assert days.in_warehouse("core") == {"second"}
    # Marts of facts alone wait for no score.
    assert days.in_warehouse("marts") == {"first", "second"}
    # The customer who was merged away is still scored.
    assert days.query("from scores.customer_rfm anti join core.dim_customer using (customer_id) select count(*)") == [
        (1,)
    ]


def a_generation_is_whole_and_not_linked(days: TwoDays) -> None:
    newest = generations(days.workspace.published_dir)[-1]
    assert (newest.snapshot_id, contents(newest)) == (days.second.snapshot_id, days.second.published)
    assert days.published().snapshot_id == days.first.snapshot_id


RUINS = {
    "mid_parquet": half_a_file_is_landed,
    "before_manifest": a_whole_file_is_landed_and_not_listed,
    "before_identity_write": customers_are_found_and_not_written,
    "mid_dbt:fct_survey_response": core_is_built_in_part,
    "before_scores_write:customer_rfm": scores_are_made_and_not_written,
    "mid_dbt:mart_customer__customer_360": marts_are_built_in_part,
    "before_switch": a_generation_is_whole_and_not_linked,
}


@pytest.mark.parametrize(("boundary", "ruins"), RUINS.items(), ids=RUINS)
def test_killed_at_a_named_boundary(days: TwoDays, boundary: str, ruins: Callable[[TwoDays], None]) -> None:
    days.restore()
    killed = run_cx("run", environment=days.environment(CX_KILL_AT=boundary))
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]
    ruins(days)
    days.assert_first_day_is_served()
    days.assert_next_run_completes()
