"""The benchmark of readers in small: through kills and rollbacks nobody meets an error, a mixture or old tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks import readers
from tests.benchmarks.readers_at_work import CHANGING, ROWS, Board, Seen, _judge


def test_readers_meet_whole_and_present_publications_through_kills_and_rollbacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "readers.json"
    small = {"readers": 3, "publications": 12, "kills": 3, "rollback-every": 4, "alone": 1}
    arguments = [text for name, value in small.items() for text in (f"--{name}", str(value))]
    assert readers.main([*arguments, "--output", str(output)]) == 0, capsys.readouterr().err
    rows = json.loads(output.read_text(encoding="utf-8"))
    assert all(set(row) == {"case", "system", "metric", "value", "unit"} for row in rows)
    found = {row["metric"]: row["value"] for row in rows}
    assert [found[metric] for metric in ("errors", "mixed", "stale")] == [0, 0, 0]
    assert found["kills"] == 3
    assert found["publications"] == 12
    assert found["fewest_publications_read"] > 3
    assert found["queries"] > 12
    assert found["publication_ratio"] > 0


def judged(numbers: list[int], allowed: set[int], rows: int = ROWS) -> Seen:
    """What a reader that got these numbers, one for each table, would note."""
    seen = Seen()
    _judge(seen, [(number, number, rows) for number in numbers], allowed)
    return seen


def test_a_mixture_and_an_old_publication_would_be_noticed() -> None:
    tables = len(CHANGING)
    same = judged([7] * tables, {6, 7})
    assert (same.queries, same.mixed, same.stale, same.contents) == (1, 0, 0, {7})
    assert judged([7] * (tables - 1) + [6], {6, 7}).mixed == 1
    assert judged([7] * tables, {7}, ROWS - 1).mixed == 1
    old = judged([5] * tables, {6, 7})
    assert (old.mixed, old.stale) == (0, 1)


def test_what_may_be_seen_begins_with_what_returned_and_ends_with_what_was_begun(tmp_path: Path) -> None:
    board = Board(tmp_path / "board")
    board.begin("file", 1)
    board.end("file")
    board.begin("file", 2)
    first = board.returned("file")
    assert board.allowed("file", first, board.begun("file")) == {1, 2}
    board.end("file")
    assert board.allowed("file", board.returned("file"), board.begun("file")) == {2}
    assert board.allowed("file", first, board.begun("file")) == {1, 2}
    assert board.begun("parquet") == 0
