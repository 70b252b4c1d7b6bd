"""Processes of the benchmark of readers: one that publishes without pause, and those that read meanwhile.

Every table carries the number of its publication in each row, so that a reader sees whether what it got belongs
together, and whether it is what readers should see at that moment. Who starts and kills them is in readers.py.
"""

from __future__ import annotations

import datetime as dt
import json
import mmap
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from orchestration.ground.sql_text import literal
from orchestration.publication.generations import PublishedTable, generations, publish, roll_back
from orchestration.publication.targets.parquet import ParquetTarget
from orchestration.publication.targets.protocol import FinishedGeneration, publish_to

ROWS = 2_000
CHANGING = ("core.dim_customer", "core.fct_order", "marts.mart_a__month", "marts.mart_b__score")
UNCHANGED = "core.dim_day"
"""Linked from one Parquet folder to the next; it carries no number."""
TABLES = [
    *(PublishedTable(*name.split(".")) for name in (*CHANGING, UNCHANGED)),
    PublishedTable("core", "dim_customer_identity", is_personal=True),
]
QUERIES_OF_ONE_CONNECTION = 5
FILE, HELD, PARQUET = "file", "held", "parquet"
KINDS = (FILE, HELD, PARQUET)
_CAPACITY = 8_192
_PLACES = {FILE: 0, HELD: 0, PARQUET: 1}
_STOP, _FINISHED, _BEGUN, _NANOSECONDS, _FIRST = range(5)


class Board:
    """A file in shared memory on which the publisher notes each switch before it begins and after it returned.

    A switch that was begun may be seen; one that returned must be. What a reader gets therefore belongs to one of the
    switches from the last that had returned when it opened to the last that was begun when it had read.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8 * (_FIRST + 2 * (2 + _CAPACITY))))
        with path.open("r+b") as file:
            self._slots = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")

    def _at(self, kind: str) -> int:
        return _FIRST + _PLACES[kind] * (2 + _CAPACITY)

    def returned(self, kind: str) -> int:
        """Number of the last switch that returned."""
        return self._slots[self._at(kind)]

    def begun(self, kind: str) -> int:
        """Number of the last switch that was begun."""
        return self._slots[self._at(kind) + 1]

    def begin(self, kind: str, content: int) -> None:
        """From now on readers may see this publication."""
        number = self.begun(kind) + 1
        self._slots[self._at(kind) + 2 + number] = content
        self._slots[self._at(kind) + 1] = number

    def end(self, kind: str) -> None:
        """From now on a reader that opens must see what was begun last."""
        self._slots[self._at(kind)] = self.begun(kind)

    def allowed(self, kind: str, first: int, last: int) -> set[int]:
        """Publications of these switches."""
        start = self._at(kind) + 2
        return set(self._slots[start + first : start + last + 1])

    @property
    def is_over(self) -> bool:
        """Whether readers should end."""
        return bool(self._slots[_STOP])

    def stop(self) -> None:
        """Let readers end."""
        self._slots[_STOP] = 1

    @property
    def finished(self) -> int:
        """Publications that ended."""
        return self._slots[_FINISHED]

    @property
    def attempts(self) -> int:
        """Publications that were begun, those that were killed included."""
        return self._slots[_BEGUN]

    @property
    def last_seconds(self) -> float:
        """What the last finished publication took."""
        return self._slots[_NANOSECONDS] / 1e9

    def note_attempt(self) -> int:
        """A publication begins; its number."""
        self._slots[_BEGUN] += 1
        return self._slots[_BEGUN]

    def note_finished(self, nanoseconds: int) -> None:
        """It ended."""
        self._slots[_NANOSECONDS] = nanoseconds
        self._slots[_FINISHED] += 1


def write_warehouse(path: Path, content: int) -> None:
    """The warehouse of one publication, in place of the last one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema marts")
        rows = f"from range({ROWS}) t(i)"
        for name in CHANGING:
            connection.execute(f"create table {name} as select {content} as generation, i, 'text ' || i as note {rows}")
        connection.execute(f"create table {UNCHANGED} as select i, date '2020-01-01' + i::integer as day {rows}")
        connection.execute(f"create table core.dim_customer_identity as select {content} as generation, i {rows}")


def content_of(generation_id: str) -> int:
    """The publication that a generation was made by, from its name."""
    return int(generation_id.partition("-s")[2])


def publish_until(folder: Path, wanted: int, rollback_every: int | None, times: Path) -> None:
    """Publish file and Parquet until so many publications ended; every so often go back to the oldest generation."""
    board, published = Board(folder / "board"), folder / "published"
    while board.finished < wanted:
        content = board.note_attempt()
        warehouse = folder / "warehouse" / "cx.duckdb"
        write_warehouse(warehouse, content)
        began = time.perf_counter_ns()
        _switched(board, FILE, content, lambda: _publish_file(warehouse, published, content))  # noqa: B023
        _publish_parquet(board, published, content)
        taken = time.perf_counter_ns() - began
        board.note_finished(taken)
        with times.open("a", encoding="utf-8") as file:
            file.write(f"{taken / 1e9}\n")
        if rollback_every is not None and board.finished % rollback_every == 0:
            oldest = generations(published)[0].generation_id
            at = dt.datetime(2026, 7, 3, tzinfo=dt.UTC)
            _switched(board, FILE, content_of(oldest), lambda: roll_back(published, oldest, at=at))  # noqa: B023
            _publish_parquet(board, published, content_of(oldest))


def _switched(board: Board, kind: str, content: int, switch: Callable[[], object]) -> None:
    board.begin(kind, content)
    switch()
    board.end(kind)


def _publish_parquet(board: Board, published: Path, content: int) -> None:
    _switched(
        board,
        PARQUET,
        content,
        lambda: publish_to(ParquetTarget(published), FinishedGeneration.current(published, {})),
    )


def _publish_file(warehouse: Path, published: Path, content: int) -> None:
    publish(
        warehouse,
        published,
        TABLES,
        company="tiny",
        snapshot_id=f"s{content}",
        snapshot_sequence=content,
        as_of_date="2026-06-30",
        published_at="2026-07-02T06:00:00+00:00",
        run_id="r",
        checks_declared=1,
        checks_passed=1,
        warnings=[],
    )


@dataclass
class Seen:
    """What one reader met.

    Attributes:
        queries: Reads of all tables.
        errors: Reads that failed.
        mixed: Reads that got tables of several publications, or not all rows.
        stale: Reads that got a publication other than those that readers could see meanwhile.
        contents: Publications that were read.
        told: The first failures, in words.
    """

    queries: int = 0
    errors: int = 0
    mixed: int = 0
    stale: int = 0
    contents: set[int] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps({**asdict(self), "contents": sorted(self.contents)}), encoding="utf-8")


def read_until_stopped(folder: Path, kind: str, output: Path) -> None:
    """Read without pause, in the reader's own way, until the board says stop."""
    board, published, seen = Board(folder / "board"), folder / "published", Seen()
    read = _read_parquet if kind == PARQUET else _read_file
    while not board.is_over:
        first = board.returned(kind)
        try:
            found = read(published, QUERIES_OF_ONE_CONNECTION if kind == HELD else 1)
        except (duckdb.Error, OSError, ValueError, KeyError) as error:
            seen.errors += 1
            seen.told = [*seen.told, f"{kind}: {type(error).__name__}: {error}"][:5]
            continue
        # A held connection goes on seeing what it opened: only the whole stretch can be compared.
        _judge(seen, found, board.allowed(kind, first, board.begun(kind)))
    seen.write(output)


def _judge(seen: Seen, found: list[tuple[int, int, int]], allowed: set[int]) -> None:
    """Smallest and largest number and rows of every table of every query, against what could be seen."""
    seen.queries += len(found) // len(CHANGING)
    contents = {number for smallest, largest, _ in found for number in (smallest, largest)}
    seen.contents |= contents
    if len(contents) != 1 or any(rows != ROWS for *_, rows in found):
        seen.mixed += 1
        seen.told = [*seen.told, f"mixed: {sorted(contents)}"][:5]
    elif not contents <= allowed:
        seen.stale += 1
        seen.told = [*seen.told, f"stale: {sorted(contents)}, where {sorted(allowed)} could be seen"][:5]


def _read_file(published: Path, queries: int) -> list[tuple[int, int, int]]:
    query = " union all ".join(f"select min(generation), max(generation), count(*) from {name}" for name in CHANGING)
    with duckdb.connect(str(published / "current.duckdb"), read_only=True, config={"threads": 1}) as connection:
        return [row for _ in range(queries) for row in connection.execute(query).fetchall()]


def _read_parquet(published: Path, queries: int) -> list[tuple[int, int, int]]:
    folder = (published / "parquet" / "current").resolve()
    tables = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]
    found = []
    with duckdb.connect(config={"threads": 1}) as connection:
        for name in (*CHANGING, UNCHANGED):
            files = ", ".join(literal(folder / file["path"]) for file in tables[name]["files"])
            columns = "min(i), max(i)" if name == UNCHANGED else "min(generation), max(generation)"
            row = connection.execute(f"select {columns}, count(*) from read_parquet([{files}])").fetchone()
            if name != UNCHANGED:
                found.append(row or (0, 0, 0))
    return found * queries
