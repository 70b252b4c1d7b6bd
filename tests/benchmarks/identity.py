"""Benchmark of identity: `python -m tests.benchmarks.identity`, which `make bench-identity` calls.

Records whose customers are known, joined by this platform's linkage and by plain Splink, one after the other in one
run. What is judged are the pairs of records inside the final clusters.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from orchestration.ground.workspace import REPOSITORY
from tests.benchmarks.figures import THIS, Figure, machine_facts
from tests.benchmarks.identity_cases import CASES, Case, cases
from tests.benchmarks.identity_systems import found_by_splink, found_by_this

OUTPUT = REPOSITORY / "data" / "benchmarks" / "identity.json"
SPLINK = "splink"
SYSTEMS = {THIS: found_by_this, SPLINK: found_by_splink}


def _pairs(labels: Iterable[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def scores(found: Mapping[str, str], truth: Mapping[str, str]) -> dict[str, float]:
    """Precision, recall and F1 over pairs of records in one cluster.

    Args:
        found: Cluster of each record; a record that is not there is alone.
        truth: Customer of each record.
    """
    labels = {record: found.get(record, record) for record in truth}
    shared = _pairs((labels[record], truth[record]) for record in truth)
    claimed, real = _pairs(labels.values()), _pairs(truth.values())
    return {
        "precision": shared / claimed if claimed else 1.0,
        "recall": shared / real if real else 1.0,
        "f1": 2 * shared / (claimed + real) if claimed + real else 1.0,
    }


def figures_of(case: Case) -> list[Figure]:
    """Both systems on one case."""
    figures = []
    for system, find in SYSTEMS.items():
        began = time.perf_counter()
        found = find(case)
        seconds = time.perf_counter() - began
        figures += [
            Figure(case.name, system, metric, round(value, 5), "share")
            for metric, value in scores(found, case.truth).items()
        ]
        figures.append(Figure(case.name, system, "seconds", round(seconds, 2), "s"))
    return figures


def report(figures: list[Figure], facts: Mapping[str, str]) -> str:
    """The printed result, Markdown."""
    values = {(figure.case, figure.system, figure.metric): figure.value for figure in figures}
    lines = [
        "## Identity, pairs inside the clusters",
        "",
        ", ".join(f"{name} {value}" for name, value in facts.items()),
        "",
        "| case | system | precision | recall | F1 | s |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for case, system in dict.fromkeys((figure.case, figure.system) for figure in figures):
        shares = (f"{values[case, system, metric]:.4f}" for metric in ("precision", "recall", "f1"))
        lines.append(f"| {case} | {system} | {' | '.join(shares)} | {values[case, system, 'seconds']:.1f} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="JSON file of the figures")
    given = parser.parse_args(arguments)
    figures: list[Figure] = []
    for case in cases(tuple(given.case or CASES)):
        print(f"{case.name}: {len(case.records):,} records", file=sys.stderr, flush=True)
        figures += figures_of(case)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n", encoding="utf-8")
    print(report(figures, machine_facts()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
