"""Benchmark of sources: `python -m tests.benchmarks.sources --rows 20000000`, which `make bench-sources` calls.

The same rows from a CSV file and from a PostgreSQL table, landed by this platform and written by the best rival at
hand, in turns, each in a process of its own; then every row is compared. Ends with 1 when rows differ.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg

from orchestration.ground.workspace import REPOSITORY
from tests.benchmarks.figures import THIS, Figure, machine_facts
from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.source_systems import COLUMNS, DUCKDB_TYPES, RELATION, URL_VARIABLE

OUTPUT = REPOSITORY / "data" / "benchmarks" / "sources.json"
RIVALS = {"csv": "duckdb", "postgres": "connectorx"}
DATABASE = f"cx_bench_sources_{os.getpid()}"
DEFAULT_URL = "postgresql://postgres@127.0.0.1:5432/postgres"
MEMORY_LIMIT = "1GB"
"""Of each system's engine; what its process takes beside that is measured."""
_POSTGRES_TYPES = {"text": "text", "double": "double precision", "decimal(18,2)": "numeric(18,2)"}


class BenchmarkError(RuntimeError):
    """The figures are worth nothing: a process failed."""


def generate(rows: int, target: Path) -> None:
    """Order lines with every type, notes with letters beyond ASCII and nulls; the same for the same number."""
    target.parent.mkdir(parents=True)
    with duckdb.connect() as engine:
        engine.execute("set memory_limit = $1", [MEMORY_LIMIT])
        engine.execute(
            f"""copy (
            select
                i as line_id,
                'C' || lpad(((i * 7919) % 1000003)::varchar, 7, '0') as customer_id,
                timestamp '2024-01-01' + to_seconds((i * 37) % 31536000) as ordered_at,
                date '2024-01-01' + ((i * 31) % 366)::int as due_date,
                1 + i % 9 as quantity,
                cast(((i * 131) % 100000) / 100 as decimal(18, 2)) as net_amount,
                round(((i * 17) % 9973) / 7.0, 4) as weight_kg,
                ['web', 'store', 'app', 'partner'][1 + i % 4] as channel,
                i % 11 = 0 as is_gift,
                case
                    when i % 5 = 0 then null
                    when i % 7 = 0 then 'Says "yes", #' || ((i * 13) % 9999)::varchar
                    else 'Note ' || ((i * 13) % 9999)::varchar || ' für Kunde'
                end as note
            from range({rows}) as numbers(i)
            ) to '{target}' (format csv, header)"""
        )


@contextmanager
def filled_database(server: str, source: Path) -> Iterator[str]:
    """A database of its own with the rows of the CSV file, dropped at the end; gives its URL."""
    url = urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"drop database if exists {DATABASE} with (force)")
        admin.execute(f"create database {DATABASE}")
        try:
            _fill(url, source)
            yield url
        finally:
            admin.execute(f"drop database if exists {DATABASE} with (force)")


def _fill(url: str, source: Path) -> None:
    columns = ", ".join(f"{name} {_POSTGRES_TYPES.get(kind, kind)}" for name, kind in COLUMNS.items())
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"create unlogged table {RELATION} ({columns})")
        with (
            cursor.copy(f"copy {RELATION} from stdin with (format csv, header true)") as copy,
            source.open("rb") as file,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"vacuum analyze {RELATION}")


def run_system(system: str, kind: str, work: Path, url: str) -> Measured:
    """One system on one source.

    Raises:
        BenchmarkError: It failed.
    """
    if system == THIS:
        shutil.rmtree(work / f"state_{kind}", ignore_errors=True)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CX_", "DAGSTER", "DBT_"))}
    measured = measure(
        [sys.executable, "-m", "tests.benchmarks.source_systems", system, kind, str(work)],
        environ={**kept, "CX_MEMORY_LIMIT": MEMORY_LIMIT, URL_VARIABLE: url},
        cwd=REPOSITORY,
        log=work / "logs" / f"{kind}_{system}.log",
    )
    if measured.exit_code != 0:
        raise BenchmarkError(f"{system} on {kind} ended with {measured.exit_code}:\n{measured.output[-3000:]}")
    return measured


def differing_rows(kind: str, work: Path) -> tuple[int, int, int]:
    """Rows here, rows of the rival, and rows that only one of them has; line_id tells them apart."""
    names = ", ".join(f"{name}::{type_} as {name}" for name, type_ in DUCKDB_TYPES.items())
    differ = " or ".join(f"this.{name} is distinct from rival.{name}" for name in COLUMNS)
    this = f"(select {names} from read_parquet('{work}/state_{kind}/landing/*/*/*.parquet'))"
    rival = f"(select {names} from read_parquet('{work}/rival_{kind}.parquet'))"
    with duckdb.connect() as engine:
        engine.execute("set memory_limit = '3GB'")
        engine.execute("set temp_directory = $1", [str(work / "spill")])
        counts = engine.execute(f"select (select count(*) from {this}), (select count(*) from {rival})").fetchone()
        found = engine.execute(
            f"select count(*) from {this} as this full join {rival} as rival on this.line_id = rival.line_id"
            f" where {differ}"
        ).fetchone()
    return *(counts or (0, 0)), (found or (0,))[0]


def benchmark(rows: int, repeats: int, work: Path, server: str) -> list[Figure]:
    """Both sources, both systems in turns, the fastest of the repeats; and the comparison of their rows."""
    figures: list[Figure] = []
    source = work / "source" / "order_line.csv"
    _say(f"generate {rows:,} rows")
    generate(rows, source)
    figures.append(Figure("csv", "source", "file_size", round(source.stat().st_size / 2**20, 1), "MiB"))
    figures += _both("csv", repeats, work, "")
    _say("fill PostgreSQL")
    with filled_database(server, source) as url:
        source.unlink()
        figures += _both("postgres", repeats, work, url)
    return figures


def _both(kind: str, repeats: int, work: Path, url: str) -> list[Figure]:
    runs: dict[str, list[Measured]] = {THIS: [], RIVALS[kind]: []}
    for number in range(repeats):
        for system, found in runs.items():
            found.append(run_system(system, kind, work, url))
            _say(f"{kind}, {system}, run {number + 1}: {found[-1].wall_seconds:.1f} s")
    figures = []
    for system, found in runs.items():
        best = min(found, key=lambda run: run.wall_seconds)
        figures += [
            Figure(kind, system, "wall_seconds", round(best.wall_seconds, 3), "s"),
            Figure(kind, system, "cpu_seconds", round(best.cpu_seconds, 3), "s"),
            Figure(kind, system, "others_cpu_share", round(best.others_cpu_share, 3), "share"),
            Figure(kind, system, "peak_memory_mib", round(max(run.peak_memory_mib for run in found), 1), "MiB"),
        ]
    this_count, rival_count, differing = differing_rows(kind, work)
    return [
        *figures,
        Figure(kind, THIS, "row_count", this_count, "rows"),
        Figure(kind, RIVALS[kind], "row_count", rival_count, "rows"),
        Figure(kind, RIVALS[kind], "differing_row_count", differing, "rows"),
    ]


def report(figures: list[Figure], rows: int, repeats: int, facts: Mapping[str, str]) -> str:
    """The printed result, Markdown."""
    values = {(figure.case, figure.system, figure.metric): figure.value for figure in figures}
    lines = [
        f"## Sources, {rows:,} rows, fastest of {repeats}, in turns",
        "",
        ", ".join(f"{name} {value}" for name, value in facts.items()),
        "",
        "| source | system | s | CPU s | peak MiB | rows | times the rival |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind, rival in RIVALS.items():
        for system in (THIS, rival):
            wall, cpu, peak, count = (
                values[kind, system, metric]
                for metric in ("wall_seconds", "cpu_seconds", "peak_memory_mib", "row_count")
            )
            ratio = wall / values[kind, rival, "wall_seconds"]
            lines.append(f"| {kind} | {system} | {wall:.1f} | {cpu:.1f} | {peak:,.0f} | {count:,.0f} | {ratio:.2f} |")
    others = ", ".join(
        f"{kind} {system} {values[kind, system, 'others_cpu_share']:.0%}"
        for kind, rival in RIVALS.items()
        for system in (THIS, rival)
    )
    return "\n".join(
        [*lines, "", f"Share of the cores that other processes used (PostgreSQL's server among them): {others}."]
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; 0 when all rows are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--server", default=os.environ.get("CX_TEST_POSTGRES_URL", DEFAULT_URL))
    parser.add_argument("--output", type=Path, default=OUTPUT, help="JSON file of the figures")
    given = parser.parse_args(arguments)
    facts = machine_facts()
    with tempfile.TemporaryDirectory(prefix="cx-bench-sources-") as work:
        try:
            figures = benchmark(given.rows, given.repeats, Path(work), given.server)
        except BenchmarkError as error:
            print(f"No figures: {error}", file=sys.stderr)
            return 1
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n", encoding="utf-8")
    print(report(figures, given.rows, given.repeats, facts))
    if any(figure.value for figure in figures if figure.metric == "differing_row_count"):
        print("DIFFERENT ROWS", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
