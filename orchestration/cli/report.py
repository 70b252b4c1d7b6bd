"""What people see on the terminal: the state of a company, and what its last publication holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from orchestration.declaration.company import CompanyError, load_company
from orchestration.ground import lock
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifests import current_parts, read_manifests
from orchestration.landing.loads.remarks import remarks
from orchestration.landing.refused.rows import refused_groups
from orchestration.publication.generations import Generation, PublicationError, generations, verified_generation
from orchestration.publication.targets.behind import BehindTarget, behind_targets
from orchestration.publication.withdrawal import Withdrawal, withdrawals
from orchestration.runs.last_failure import LastFailure, read_failure


@dataclass(frozen=True)
class LandedTable:
    """What has landed of one source table, over all loads that count; released rows are refused no longer."""

    table: str
    loads: int
    landed_rows: int
    quarantined_rows: int
    last_landed_at: str


@dataclass(frozen=True)
class Status:
    """State of one company, as `cx status --json` prints it."""

    company: str
    published_path: str | None
    generation: Generation | None
    damage: str | None
    other_generations: list[str]
    withdrawn: list[Withdrawal]
    landings: list[LandedTable]
    is_running: bool
    running: str | None
    failure: LastFailure | None
    behind: list[BehindTarget] = field(default_factory=list)


def read_status(workspace: Workspace) -> Status:
    """Read the state without touching the warehouse."""
    landed: dict[str, list[Any]] = {}
    for manifest in current_parts(read_manifests(workspace)):
        landed.setdefault(manifest.landing_name, []).append(manifest)
    current, damage = None, None
    try:
        current = verified_generation(workspace.published_dir)
    except PublicationError as error:
        damage = str(error)
    is_running = lock.is_locked(workspace.lock_path)
    return Status(
        company=workspace.company,
        published_path=str(workspace.published_dir / "current.duckdb") if current else None,
        generation=current,
        damage=damage,
        other_generations=[
            made.generation_id
            for made in generations(workspace.published_dir)
            if current is None or made.generation_id != current.generation_id
        ],
        withdrawn=withdrawals(workspace.published_dir),
        landings=[
            LandedTable(
                table,
                len(loads),
                sum(load.row_count for load in loads),
                sum(load.quarantined_count for load in loads),
                str(max(load.landed_at for load in loads)),
            )
            for table, loads in sorted(landed.items())
        ],
        is_running=is_running,
        running=str(lock.read_holder(workspace.lock_path)) if is_running else None,
        failure=read_failure(workspace),
        behind=behind_of(workspace),
    )


def behind_of(workspace: Workspace) -> list[BehindTarget]:
    """Targets and the report where they do not show the current generation; none where company.yml cannot be read."""
    try:
        settings = load_company(workspace).publication
    except CompanyError:  # `cx doctor` and the next run say what is wrong with it
        return []
    return behind_targets(workspace.published_dir, settings)


def print_status(status: Status) -> None:
    """Print the state for a person."""
    console = Console(highlight=False)
    made = status.generation
    if status.damage:
        console.print(f"{status.company}: the current generation is damaged; the next run publishes again.")
        console.print(f"  {status.damage}")
    elif made is None:
        console.print(f"{status.company}: nothing published yet; start with `cx run --company {status.company}`.")
    else:
        console.print(
            f"{status.company}: generation {made.generation_id}, as of {made.as_of_date}, "
            f"published {made.published_at}, {made.checks_passed} of {made.checks_declared} checks passed"
        )
        console.print(f"  readers open {status.published_path}")
    if status.running:
        console.print(f"  at work: {status.running}")
    if status.failure:
        console.print(f"  {status.failure}", markup=False, soft_wrap=True)
    print_behind(status.company, status.behind)
    withdrawn = {item.generation_id: item.withdrawn_at for item in status.withdrawn}
    for name in status.other_generations:
        console.print(f"  also kept: generation {name}" + (", withdrawn" if name in withdrawn else ""))
    if withdrawn:
        console.print("  withdrawn by a rollback: published again only by `cx run --force`, or from other inputs")
    if status.landings:
        console.print(_landing_table(status.landings))


def print_behind(company: str, behind: list[BehindTarget]) -> None:
    """Print which targets show another generation, and the command that mends it."""
    console = Console(highlight=False)
    for target in behind:
        sentence = f"  {target}; publish to it by `cx publish --company {company}`"
        console.print(sentence, markup=False, soft_wrap=True)


def _landing_table(landings: list[LandedTable]) -> Table:
    table = Table("source table", title="Landed", title_justify="left", box=None, pad_edge=False)
    for heading in ("loads", "rows", "quarantined"):
        table.add_column(heading, justify="right")
    for landed in landings:
        table.add_row(landed.table, str(landed.loads), f"{landed.landed_rows:,}", f"{landed.quarantined_rows:,}")
    return table


def print_report(workspace: Workspace, *, is_up_to_date: bool, is_withdrawn: bool = False) -> None:
    """Print what the last run published, from the publication itself."""
    status = read_status(workspace)
    console = Console(highlight=False)
    made = status.generation
    if made is None or status.published_path is None:
        console.print("Nothing has been published.")
        return
    if is_withdrawn:
        console.print(
            "Withdrawn, not published again: the generation of these inputs was rolled back, readers keep the one "
            "below. Use --force to publish it all the same; new landings, configuration or code publish without."
        )
    if is_up_to_date:
        console.print("Nothing new in the sources: the publication below is up to date.")
    console.print(_landing_table(status.landings))
    print_remarks(workspace)
    with duckdb.connect(status.published_path, read_only=True) as connection:
        for title, (query, where) in OCCASIONAL_QUERIES.items():
            if (table := _result_table(title, connection.execute(query))).row_count:
                console.print(table)
                if where:
                    console.print(f"{where} {workspace.warehouse_path}", soft_wrap=True)
        for title, query in REPORT_QUERIES.items():
            console.print(_result_table(title, connection.execute(query)))
        for (reason,) in connection.execute(REASON_QUERY).fetchall():
            console.print(f"Not trained: {reason}")
    console.print(
        f"\nPublished generation {made.generation_id}, as of {made.as_of_date}: {len(made.tables)} tables, "
        f"{made.checks_passed} of {made.checks_declared} checks passed"
        + (f", {len(made.warnings)} warnings:" if made.warnings else "")
    )
    for warning in made.warnings:
        console.print(f"  {warning}", soft_wrap=True)
    console.print(f"Open it:  {status.published_path}  (DuckDB, read-only)")


def print_remarks(workspace: Workspace) -> None:
    """Print what happened to the sources without a failure."""
    if lines := remarks(load_company(workspace), workspace, read_manifests(workspace)):
        console = Console(highlight=False, soft_wrap=True)
        console.print("\nTo look at in the sources")
        for line in lines:
            console.print(f"  {line}", markup=False)


def print_refused(workspace: Workspace) -> None:
    """Print what a run that failed has set aside: rows refused by landings, and by the contracts of the last build."""
    console = Console(highlight=False, soft_wrap=True)
    landing = refused_groups(read_manifests(workspace))
    contract = _refused_by_contracts(workspace)
    if not landing and not contract:
        return
    console.print("\nIn quarantine")
    for group in landing:
        console.print(
            f"  {group.table}: {group.row_count:,} row(s), {group.rule}. {group.reason} "
            f"See: cx quarantine show {group.newest_load} --company {workspace.company}",
            markup=False,
        )
    for entity, rule, count, reason in contract:
        console.print(
            f"  {entity}: {count:,} row(s), {rule}. {reason} "
            f"See: cx quarantine show {entity} --company {workspace.company}",
            markup=False,
        )


def _refused_by_contracts(workspace: Workspace) -> list[tuple[str, str, int, str]]:
    """Entity, rules, rows and reason as the private warehouse has them; none where it is not built that far."""
    if not workspace.warehouse_path.exists():
        return []
    try:
        with duckdb.connect(str(workspace.warehouse_path), read_only=True) as connection:
            return connection.execute(BROKEN_QUERY).fetchall()
    except duckdb.Error:
        return []


BROKEN_QUERY = """
    select entity, violated_rules, count(*), any_value(reason)
    from intermediate.int_contract__quarantined_row
    group by 1, 2 order by 3 desc, 1, 2 limit 20"""

REPORT_QUERIES = {
    "Customers": """
        select customer_type, count(*) as customers, sum(record_count) as source_records,
            count(*) filter (where purchase_count > 0) as with_purchases
        from marts.mart_customer__customer_360 group by 1 order by 1""",
    "Last months": """
        select activity_month as month, currency_code as currency, active_customer_count as active_customers,
            order_count as orders, net_amount as revenue
        from marts.mart_finance__activity_by_month order by 1 desc, 2 limit 4""",
    "Scores with the most answers of each metric, latest month": """
        select metric, survey_type, touchpoint, response_count as n, round(score_value, 3) as score,
            round(interval_low, 3) as low, round(interval_high, 3) as high, score_month as month
        from marts.mart_experience__score_by_touchpoint_month
        where not is_suppressed and score_value is not null and score_month = (
            select max(score_month) from marts.mart_experience__score_by_touchpoint_month where not is_suppressed)
        qualify row_number() over (partition by metric order by response_count desc, survey_type, touchpoint) <= 5
        order by metric desc, response_count desc, survey_type, touchpoint""",
    "Churn model": """
        select status, horizon_days as horizon, test_count as n,
            round(churn_share, 3) as churned, round(auc, 3) as auc, round(baseline_auc, 3) as recency_auc,
            round(expected_calibration_error, 4) as calibration_error
        from marts.mart_prediction__churn_model where is_current""",
}

# As many as a screen takes; a row that breaks several rules counts under each.
REFUSED_QUERY = """
    select object_name as entity, source_name as source, reason, row_count as rows
    from marts.mart_operations__quarantine_reason where stage = 'contract'
    order by row_count desc, entity, source, reason limit 20"""
REFUSED_WHERE = (
    "All reasons: marts.mart_operations__quarantine_reason in the publication. Key, file and row number of each: "
    "intermediate.int_contract__quarantined_row in"
)

FILTERED_QUERY = """
    select object_name as "staging model", input_row_count as landed, filtered_row_count as "left out"
    from marts.mart_operations__row_conservation where stage = 'staging' and filtered_row_count > 0
    order by filtered_row_count desc, object_name limit 20"""
REPLACED_QUERY = """
    select object_name as "table", source_name as source, column_name as "column", value_count as "values", reason
    from marts.mart_operations__replaced_value
    order by value_count desc, object_name, source_name, column_name limit 20"""

# Every difference has its reason in marts.mart_operations__reconciliation, or nothing would have been published.
RECONCILED_QUERY = """
    select source_name || '.' || table_name as table, count(*) as days, sum(source_count)::bigint as in_source,
        sum(landing_count)::bigint as landed, sum(mart_count)::bigint as in_marts,
        sum(unknown_count)::bigint as source_unknown
    from marts.mart_operations__reconciliation group by 1 order by 1"""

OCCASIONAL_QUERIES = {
    "Refused by the contracts": (REFUSED_QUERY, REFUSED_WHERE),
    "Landed rows that the staging SQL leaves out": (FILTERED_QUERY, ""),
    "Values taken away from rows that count": (REPLACED_QUERY, ""),
    "Compared with the sources' control totals": (RECONCILED_QUERY, ""),
}
"""Printed only where they have rows: title, query, and where in the warehouse to look further."""

REASON_QUERY = "select reason from marts.mart_prediction__churn_model where is_current and reason is not null"


def _result_table(title: str, result: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False)
    rows = result.fetchall()
    for index, column in enumerate(result.description or []):
        is_number = bool(rows) and isinstance(rows[0][index], int | float) and not isinstance(rows[0][index], bool)
        table.add_column(column[0], justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)
