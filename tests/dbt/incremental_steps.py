"""One company that lives on: what is built step by step is compared with what is built anew, column for column."""

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from tests.dbt.company import Company

# What was there before: a build from nothing has no memory of it, and needs none.
MEMORY = {
    "intermediate.int_contract__departure",
    "intermediate.int_contract__deletion",
    "intermediate.int_sales__order_version",
    "intermediate.int_experience__answer_version",
    "intermediate.int_experience__invitation_version",
}
# What changed in which run; what they must hold is told by the marts, which nothing else tells what to build anew.
CHANGE_SETS = "intermediate.int_change__"
Tables = dict[str, list[tuple[Any, ...]]]

GONE = {"_is_deleted": True}
INCREMENTAL = ("+config.materialized:incremental", "+path:models/core", "+mart_operations__row_conservation")
"""Models with a memory and all that they read: the others are made whole each run, of these alone."""


class Steps:
    """One company that lives on; each step is built incrementally and compared with a build from nothing."""

    def __init__(self, company: Company, *also: str) -> None:
        self.company = company
        self.selected = ("--select", *INCREMENTAL, *also)
        self.run()
        self.sequence = 1

    def run(self, *arguments: str) -> None:
        self.company.dbt("run", *self.selected, *arguments)

    def next(self, as_of: date = date(2026, 3, 31)) -> None:
        self.sequence += 1
        # Summer time: the day ends at 22:00 UTC.
        self.company.snapshot(self.sequence, as_of, datetime(as_of.year, as_of.month, as_of.day, 22))  # noqa: DTZ001

    def assign(self, **customers: str) -> None:
        self.company.assign(self.sequence, datetime(2026, 4, 1 + self.sequence, tzinfo=UTC), **customers)

    def built(self) -> Tables:
        """The tables after an incremental build, once they equal a full refresh of the same landings."""
        self.run()
        incremental = self.company.tables("intermediate", "core", "marts")
        aside = self.company.folder / "incremental.duckdb"
        shutil.copyfile(self.company.warehouse, aside)
        self.run("--full-refresh")
        full = self.company.tables("intermediate", "core", "marts")
        aside.replace(self.company.warehouse)
        assert incremental.keys() == full.keys()
        for relation in full:
            if relation.startswith(CHANGE_SETS):
                continue
            if relation in MEMORY:
                assert set(incremental[relation]) >= set(full[relation]), relation
            else:
                assert incremental[relation] == full[relation], relation
        return incremental

    def activity(self, columns: str = "new_customer_count, active_customer_count") -> list[tuple[Any, ...]]:
        return self.company.rows(
            f"select strftime(activity_month, '%m'), currency_code, {columns} "
            "from marts.mart_finance__activity_by_month order by all"
        )

    def responses(self) -> list[tuple[Any, ...]]:
        return self.company.rows(
            "select strftime(invited_month, '%m'), invited_count, answered_count "
            "from marts.mart_experience__response_by_touchpoint_month order by all"
        )

    def touched_in(self, sequence: int, mart: str, column: str) -> Sequence[tuple[Any, ...]]:
        return self.company.rows(
            f"select distinct strftime({column}, '%m') from marts.{mart} "
            f"where snapshot_sequence = {sequence} order by 1"
        )


def events_of(company: Company, *keys: str) -> list[tuple[Any, ...]]:
    return company.rows(
        "select event_type, source_key, strftime(occurred_at, '%m-%d'), outcome, amount::text "
        f"from core.fct_customer_event where source_key in {(*keys, '')} order by source_key, occurred_at, event_type"
    )
