"""Benchmark of readers: `python -m tests.benchmarks.readers`, which `make bench-readers` calls.

Reader processes query without pause while a small company is published again and again, the publisher is killed at
random moments, and readers are rolled back now and then. Ends with 1 when a reader met an error, tables that do not
belong together, or an older generation than it must see. What the processes do is in readers_at_work.py.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from orchestration.ground.workspace import REPOSITORY
from orchestration.publication.generations import verified_generation
from orchestration.publication.withdrawal import seen_generation
from tests.benchmarks.figures import THIS, Figure, machine_facts
from tests.benchmarks.readers_at_work import (
    FILE,
    KINDS,
    PARQUET,
    Board,
    content_of,
    publish_until,
    read_until_stopped,
)

OUTPUT = REPOSITORY / "data" / "benchmarks" / "readers.json"
_PAUSE_SECONDS = 0.001


@dataclass(frozen=True)
class Met:
    """What all readers met, and what publishing took.

    Attributes:
        queries: Reads of all tables of the company.
        errors, mixed, stale: Reads that failed, that got what does not belong together, or too old a publication.
        told: The first of these, in words.
        fewest_contents: Publications that the reader with the fewest has read.
        kills: Times that the publisher was killed.
        leftovers: Unfinished folders that the last publication left.
        seconds: From the first reader's start to the last publication's end.
        alone, beside: Seconds of each publication without and with readers, those that were killed left out.
    """

    queries: int
    errors: int
    mixed: int
    stale: int
    told: list[str]
    fewest_contents: int
    kills: int
    leftovers: int
    seconds: float
    alone: list[float]
    beside: list[float]

    @property
    def is_clean(self) -> bool:
        """Whether no reader met anything that it must not."""
        return not (self.errors or self.mixed or self.stale or self.leftovers)


class Publishing:
    """The folder of one benchmark, its board and its processes."""

    def __init__(self, folder: Path, rollback_every: int) -> None:
        self.folder = folder
        self.board = Board(folder / "board")
        self._rollback_every = rollback_every
        # Children of a clean process: none inherits an engine or its threads, and all start in milliseconds.
        self._context: Any = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.benchmarks.readers_at_work"])

    def _started(self, work: Any, *arguments: Any) -> BaseProcess:
        process: BaseProcess = self._context.Process(target=work, args=(self.folder, *arguments), daemon=True)
        process.start()
        return process

    def publish(
        self, wanted: int, times: Path, kill_at: Sequence[int], rng: random.Random, longest_seconds: float = math.inf
    ) -> int:
        """Publish until so many have ended, killing the publisher within each attempt named; how many kills struck."""
        kills, waiting = 0, sorted(kill_at)
        latest = time.monotonic() + longest_seconds
        rollbacks = self._rollback_every if kill_at else None
        while self.board.finished < wanted and time.monotonic() < latest:
            publisher = self._started(publish_until, wanted, rollbacks, times)
            while publisher.is_alive():
                if waiting and self.board.attempts >= waiting[0] and self.board.begun(FILE) > self.board.returned(FILE):
                    time.sleep(rng.uniform(0, max(self.board.last_seconds, 0.05)))
                    publisher.kill()
                    waiting.pop(0)
                    break
                if time.monotonic() >= latest:
                    publisher.kill()
                    break
                time.sleep(_PAUSE_SECONDS)
            publisher.join()
            kills += publisher.exitcode == -signal.SIGKILL
            if publisher.exitcode not in (0, -signal.SIGKILL):
                raise RuntimeError("The publisher failed; its message stands above.")
            self._settle()
        return kills

    def _settle(self) -> None:
        """After a kill readers see what they saw or the new one, whole: note which, since nobody else will."""
        published = self.folder / "published"
        verified_generation(published)
        seen = {FILE: seen_generation(published), PARQUET: seen_generation(published / "parquet")}
        for kind, generation_id in seen.items():
            if self.board.begun(kind) > self.board.returned(kind):
                self.board.begin(kind, content_of(str(generation_id)))
                self.board.end(kind)

    def start_readers(self, number: int) -> dict[Path, BaseProcess]:
        """Readers of all kinds in turn; by the file that each writes when it ends."""
        outputs = [self.folder / f"reader-{index:02d}.json" for index in range(number)]
        return {
            output: self._started(read_until_stopped, KINDS[index % len(KINDS)], output)
            for index, output in enumerate(outputs)
        }


def measure(
    folder: Path,
    *,
    readers: int,
    publications: int,
    kills: int,
    rollback_every: int,
    alone: int,
    seed: int = 0,
    longest_seconds: float = math.inf,
) -> Met:
    """Publish alone first, then beside readers.

    Args:
        folder: An empty folder.
        readers: Reader processes.
        publications: Publications beside them.
        kills: Times that the publisher is killed meanwhile.
        rollback_every: After how many publications readers are taken back to the oldest generation.
        alone: Publications without readers before, for the ratio.
        seed: Of the moments of the kills.
        longest_seconds: After which it ends with fewer publications.
    """
    rng, made = random.Random(seed), Publishing(folder, rollback_every)
    made.publish(alone, folder / "alone", (), rng)
    chosen = rng.sample(range(alone + 2, alone + publications), kills)
    outputs = made.start_readers(readers)
    began = time.monotonic()
    try:
        struck = made.publish(alone + publications, folder / "beside", chosen, rng, longest_seconds)
        seconds = time.monotonic() - began
    finally:
        made.board.stop()
        for process in outputs.values():
            process.join(60)
    # What the last kill left is the next publication's to remove.
    made.publish(made.board.finished + 1, folder / "last", (), rng)
    found = [json.loads(output.read_text(encoding="utf-8")) for output in outputs]
    published = folder / "published"
    return Met(
        *(sum(one[what] for one in found) for what in ("queries", "errors", "mixed", "stale")),
        told=[sentence for one in found for sentence in one["told"]][:10],
        fewest_contents=min(len(one["contents"]) for one in found),
        kills=struck,
        leftovers=len(list(published.rglob(".*.partial"))),
        seconds=seconds,
        alone=_seconds(folder / "alone"),
        beside=_seconds(folder / "beside"),
    )


def _seconds(path: Path) -> list[float]:
    return [float(line) for line in path.read_text(encoding="utf-8").split()]


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(met: Met, readers: int) -> list[Figure]:
    """The measured values under the case of so many readers."""
    case = f"readers_{readers}"
    values: list[tuple[str, float, str]] = [
        ("errors", met.errors, "queries"),
        ("mixed", met.mixed, "queries"),
        ("stale", met.stale, "queries"),
        ("queries", met.queries, "queries"),
        ("queries_per_second", round(met.queries / met.seconds, 1), "1/s"),
        ("fewest_publications_read", met.fewest_contents, "publications"),
        ("kills", met.kills, "kills"),
        ("publications", len(met.beside), "publications"),
        ("publication_ratio", round(statistics.median(met.beside) / statistics.median(met.alone), 2), "ratio"),
        ("publication_ratio_p95", round(_percentile(met.beside, 0.95) / _percentile(met.alone, 0.95), 2), "ratio"),
    ]
    for name, seconds in (("alone", met.alone), ("beside_readers", met.beside)):
        values.append((f"publication_{name}_p50_seconds", round(statistics.median(seconds), 3), "s"))
        values.append((f"publication_{name}_p95_seconds", round(_percentile(seconds, 0.95), 3), "s"))
    return [Figure(case, THIS, metric, value, unit) for metric, value, unit in values]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write the figures; 1 where a reader met what it must not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--publications", type=int, default=200)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--rollback-every", type=int, default=23)
    parser.add_argument("--alone", type=int, default=20)
    parser.add_argument("--longest-seconds", type=float, default=math.inf)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    facts = machine_facts()
    folder = Path(tempfile.mkdtemp(prefix="cx-bench-readers-"))
    try:
        met = measure(
            folder,
            readers=options.readers,
            publications=options.publications,
            kills=options.kills,
            rollback_every=options.rollback_every,
            alone=options.alone,
            seed=options.seed,
            longest_seconds=options.longest_seconds,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = figures(met, options.readers)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print("\n| metric | value |\n| --- | ---: |")
    print("\n".join(f"| {row.metric} | {row.value:,} |" for row in rows))
    for sentence in met.told:
        print(sentence, file=sys.stderr)
    return 0 if met.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
