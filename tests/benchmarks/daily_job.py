"""Benchmark of the daily job: `python -m tests.benchmarks.daily_job --scale 0.1`, which `make bench` calls.

One run on a generated company, measured per stage, beside (1) a hand-written DuckDB script that builds tables with the
same rows and (2) the same SQL and Python calls made without Dagster and dbt. Ends with 1 when rows differ.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cx_assets.sample_company import DEFAULT_SEED
from orchestration.ground.workspace import REPOSITORY, Workspace
from orchestration.publication.generations import Generation, current_generation
from orchestration.snapshots.snapshot import pinned_snapshot
from tests.benchmarks.comparison import DECIMALS, HOUSEKEEPING, TableComparison, compare, rival_tables
from tests.benchmarks.compiled_plan import CompiledPlan, dbt_seconds, plan_of_run
from tests.benchmarks.dagster_windows import newest_run_windows
from tests.benchmarks.figures import PLAIN, RIVAL, SYSTEMS, THIS, Figures, machine_facts, row_table
from tests.benchmarks.measuring import Measured, measure, read_windows

CLOCK = "2026-07-02T06:00:00+00:00"
OUTPUT = REPOSITORY / "data" / "benchmarks" / "daily_job.json"
COMMAND_LINE = ("-m", "orchestration.cli.main")
FIXED_ALLOWANCE_SECONDS = 20.0
ALLOWANCE_SECONDS_PER_NODE = 0.1


class BenchmarkError(RuntimeError):
    """The figures are worth nothing: a process failed, or the systems did not do the same work."""


@dataclass(frozen=True)
class Bench:
    """Folders and settings of one benchmark.

    Attributes:
        work: Working folder; everything is generated below it.
        scale: Of the sample company.
        seed: Of the sample company.
        say: Called with one line of progress.
    """

    work: Path
    scale: float
    seed: int
    say: Callable[[str], None]

    def environment(self, system: str) -> dict[str, str]:
        """Environment of a child: the sample company, at a fixed time, with a state folder of the system's own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("CX_", "DAGSTER", "DBT_"))}
        limit = {key: os.environ[key] for key in ("CX_MEMORY_LIMIT",) if key in os.environ}
        return {
            **kept,
            **limit,
            "CX_COMPANY": "sample",
            "CX_SOURCE_DIR": str(self.work / "source"),
            "CX_STATE_ROOT": str(self.work / system),
            "CX_CLOCK": CLOCK,
        }

    def workspace(self, system: str) -> Workspace:
        """Folders of a system."""
        return Workspace.from_environment("sample", self.environment(system))

    def python(self, system: str, name: str, *arguments: str) -> Measured:
        """Run this interpreter with arguments as a measured child.

        Raises:
            BenchmarkError: It failed.
        """
        measured = measure(
            [sys.executable, *arguments],
            environ=self.environment(system),
            cwd=REPOSITORY,
            log=self.work / "logs" / f"{name}.log",
        )
        if measured.exit_code != 0:
            raise BenchmarkError(f"{name} ended with {measured.exit_code}:\n{measured.output[-3000:]}")
        return measured

    def generation(self, system: str) -> Generation:
        """What a system published."""
        found = current_generation(self.workspace(system).published_dir)
        if found is None:
            raise BenchmarkError(f"{system} published nothing")
        return found


def run_benchmark(bench: Bench, figures: Figures) -> list[TableComparison]:
    """Measure everything once, one process after the other.

    Returns:
        The comparison of every table with the hand-written build.
    """
    bench.say(f"1/5 generate the sample company, scale {bench.scale:g}, seed {bench.seed}")
    arguments = ("--into", str(bench.work / "source"), "--scale", str(bench.scale), "--seed", str(bench.seed))
    figures.add_process("generation", THIS, bench.python(THIS, "generation", *COMMAND_LINE, "sample", *arguments))
    plan = _this(bench, figures)
    _second_run(bench, figures)
    _plain_calls(bench, figures, plan)
    return _rival(bench, figures)


def _this(bench: Bench, figures: Figures) -> CompiledPlan:
    bench.say("2/5 the daily job")
    measured = bench.python(THIS, "daily_job", *COMMAND_LINE, "run")
    workspace = bench.workspace(THIS)
    figures.add_stages(THIS, measured, newest_run_windows(workspace.dagster_dir))
    for stage, seconds in dbt_seconds(workspace.dbt_target_dir).items():
        figures.add(stage, THIS, "dbt_seconds", round(seconds, 3), "s")
    return plan_of_run(workspace.dbt_target_dir)


def _second_run(bench: Bench, figures: Figures) -> None:
    bench.say("3/5 the daily job again, with nothing new")
    before = bench.generation(THIS)
    snapshot = pinned_snapshot(bench.workspace(THIS))
    measured = bench.python(THIS, "second_run", *COMMAND_LINE, "run")
    if pinned_snapshot(bench.workspace(THIS)).code_fingerprint != snapshot.code_fingerprint:
        raise BenchmarkError("the code changed between the two runs: the second one had to build anew")
    if bench.generation(THIS).generation_id != before.generation_id:
        raise BenchmarkError("the second run published again though nothing was new")
    figures.add_process("second_run", THIS, measured)


def _plain_calls(bench: Bench, figures: Figures, plan: CompiledPlan) -> None:
    bench.say("4/5 the same SQL and Python calls without Dagster and dbt")
    windows = bench.work / "plain_calls_windows.json"
    plan.write(bench.work / "plan.json")
    measured = bench.python(
        PLAIN,
        PLAIN,
        *("-m", "tests.benchmarks.plain_calls", "--plan", str(bench.work / "plan.json")),
        *("--code-fingerprint", pinned_snapshot(bench.workspace(THIS)).code_fingerprint, "--windows", str(windows)),
    )
    figures.add_stages(PLAIN, measured, read_windows(windows))
    _same_publication(bench.generation(THIS), bench.generation(PLAIN))
    total = figures.value("total", THIS, "wall_seconds") or 0.0
    allowed = FIXED_ALLOWANCE_SECONDS + ALLOWANCE_SECONDS_PER_NODE * plan.node_count
    figures.add("total", THIS, "dbt_node_count", plan.node_count, "nodes")
    figures.add("total", THIS, "excess_seconds", round(total - measured.wall_seconds, 3), "s")
    figures.add("total", THIS, "allowed_excess_seconds", round(allowed, 3), "s")


def _same_publication(this: Generation, plain: Generation) -> None:
    """Equal digests of every published table show that the plain calls did the same work.

    Raises:
        BenchmarkError: A table differs.
    """
    differing = {table.table for table in set(this.tables) ^ set(plain.tables)}
    if differing:
        raise BenchmarkError(f"the plain calls published other rows: {', '.join(sorted(differing))}")


def _rival(bench: Bench, figures: Figures) -> list[TableComparison]:
    bench.say("5/5 the hand-written DuckDB script, and the comparison of the rows")
    workspace = bench.workspace(THIS)
    target, windows = bench.work / "hand_written.duckdb", bench.work / "hand_written_windows.json"
    measured = bench.python(
        RIVAL,
        RIVAL,
        *("-m", "tests.benchmarks.hand_written.run", "--landing", str(workspace.landing_dir)),
        *("--warehouse", str(workspace.warehouse_path), "--target", str(target), "--windows", str(windows)),
        *("--memory-limit", os.environ.get("CX_MEMORY_LIMIT", "4GB")),
    )
    figures.add_stages(RIVAL, measured, read_windows(windows))
    comparisons = compare(workspace.warehouse_path, target, rival_tables(target))
    figures.add_comparisons(comparisons)
    return comparisons


def report(bench: Bench, figures: Figures, comparisons: list[TableComparison]) -> str:
    """The printed result, Markdown."""

    def seconds(what: str, system: str, metric: str = "wall_seconds") -> str:
        return f"{figures.value(what, system, metric) or 0.0:.1f} s"

    cpu = ", ".join(
        f"{system} {seconds('total', system, 'cpu_seconds')} and "
        f"{figures.value('total', system, 'others_cpu_share') or 0.0:.0%}"
        for system in SYSTEMS
    )
    facts = ", ".join(f"{name} {value}" for name, value in figures.machine.items())
    excess = figures.value("total", THIS, "excess_seconds") or 0.0
    allowed = figures.value("total", THIS, "allowed_excess_seconds") or 0.0
    nodes = int(figures.value("total", THIS, "dbt_node_count") or 0)
    equal = sum(found.is_equal for found in comparisons)
    return f"""
## Daily job, sample company at scale {bench.scale:g}, seed {bench.seed}

{facts}

Wall seconds and peak resident MiB of the whole process tree. `{THIS}` is the first run of `cx run`, dbt tests inside
its stages; `{PLAIN}` the same SQL and Python calls in one process without Dagster and dbt (published tables equal,
by digest); `{RIVAL}` SQL written by hand from the same landings, without orchestration, tests or publication;
identity, scores and the pinned snapshot are given to it.

{figures.stage_table()}

- Over the plain calls: {excess:.1f} s; allowed 20 s + 0.1 s for each of {nodes} dbt nodes = {allowed:.1f} s.
- Of the dbt stages, dbt itself says {seconds("stage_1", THIS, "dbt_seconds")},
  {seconds("stage_2", THIS, "dbt_seconds")} and {seconds("stage_3", THIS, "dbt_seconds")}; the rest tells Dagster what
  was built.
- CPU time and share of the cores that other processes used meanwhile: {cpu}.
- Second run with nothing new: {seconds("second_run", THIS)}.
- Generating the company (not part of the job): {seconds("generation", THIS)}, peak
  {figures.value("generation", THIS, "peak_memory_mib") or 0.0:,.0f} MiB.

Rows: {equal} of {len(comparisons)} tables equal, `except all` both ways; doubles to {DECIMALS} decimals;
left out: {", ".join(sorted(HOUSEKEEPING))}. Not rivalled: mart_operations__*, which count the platform's own rows.

{row_table(comparisons)}
"""


@contextmanager
def _working_folder(kept: Path | None) -> Iterator[Path]:
    """The folder that the user named, kept; or a temporary one, removed.

    Raises:
        BenchmarkError: The named folder holds something, or lies in the state of real companies.
    """
    if kept is None:
        folder = Path(tempfile.mkdtemp(prefix="cx-benchmark-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
        return
    folder = kept.resolve()
    if folder.is_relative_to(REPOSITORY / "data" / "state"):
        raise BenchmarkError("--work-dir must lie outside data/state")
    if folder.exists() and any(folder.iterdir()):
        raise BenchmarkError(f"--work-dir {folder} is not empty: the job would not be a first run there")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; 0 when all rows are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1, help="1 is a million customers (default 0.1)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--work-dir", type=Path, help="empty folder that is kept; default a temporary one")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="JSON file of the figures")
    given = parser.parse_args(arguments)
    figures = Figures(given.scale, machine=machine_facts())
    try:
        with _working_folder(given.work_dir) as work:
            bench = Bench(work, given.scale, given.seed, lambda text: print(text, file=sys.stderr, flush=True))
            comparisons = run_benchmark(bench, figures)
    except BenchmarkError as error:
        print(f"No figures: {error}", file=sys.stderr)
        return 1
    figures.write(given.output)
    print(report(bench, figures, comparisons))
    different = [found for found in comparisons if not found.is_equal]
    for found in different:
        print(f"DIFFERENT ROWS: {found.explanation()}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
