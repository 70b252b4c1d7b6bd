"""Runs the hand-written SQL from the landings into a DuckDB file. No orchestration, no tests, no publication.

What Python computes is given, not rivalled: identity.record_customer, scores.* and the pinned run.snapshot are copied
from the platform's warehouse first, as stage `given`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

from tests.benchmarks.measuring import Stopwatch

GIVEN = {
    "snapshot": "run.snapshot",
    "record_customer": "identity.record_customer",
    "customer_rfm": "scores.customer_rfm",
    "answer_weight": "scores.answer_weight",
    "customer_lifetime": "scores.customer_lifetime",
    "churn_model": "scores.churn_model",
    "churn_reliability": "scores.churn_reliability",
    "customer_churn": "scores.customer_churn",
}
STAGES = {
    "core": ("10_core", "20_core_events", "22_core_programmes", "25_customer_events", "30_features"),
    "marts": ("40_marts", "50_scores"),
}
FOLDER = Path(__file__).resolve().parent


def build(landing: Path, warehouse: Path, target: Path, stopwatch: Stopwatch, memory_limit: str) -> None:
    """Build the rival's tables.

    Args:
        landing: The platform's landing folder.
        warehouse: The platform's warehouse, from which the given tables are copied.
        target: New DuckDB file.
        stopwatch: Notes the stages.
        memory_limit: DuckDB's limit, as the platform has it.
    """
    with duckdb.connect(str(target)) as connection:
        connection.execute("set TimeZone = 'UTC'; set threads = 2; set preserve_insertion_order = false")
        connection.execute("set memory_limit = $1", [memory_limit])
        with stopwatch.stage("given"):
            connection.execute(f"attach '{warehouse}' as platform (read_only)")
            connection.execute("create schema given")
            for name, source in GIVEN.items():
                connection.execute(f"create table given.{name} as from platform.{source}")
            connection.execute("detach platform")
        connection.execute("set variable landing = $1", [str(landing)])
        for stage, files in STAGES.items():
            with stopwatch.stage(stage):
                for file in files:
                    connection.execute((FOLDER / f"{file}.sql").read_text(encoding="utf-8"))
        with stopwatch.stage("marts"):
            connection.execute("checkpoint")


def main() -> None:
    """Run as a process of its own, so that memory and time are its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--landing", "--warehouse", "--target", "--windows"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--memory-limit", default="4GB")
    given = parser.parse_args()
    stopwatch = Stopwatch()
    build(given.landing, given.warehouse, given.target, stopwatch, given.memory_limit)
    stopwatch.write(given.windows)


if __name__ == "__main__":
    main()
