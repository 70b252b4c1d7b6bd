"""Files that are full exports: which of them are the table, and the rows that left it since the last one.

What is new in them lands as in any file (`extract`). Keys that vanish from a database are found in `versions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import known_key_sql, literal, literal_path, quoted
from orchestration.landing.errors import LandingError
from orchestration.landing.loads.load import short_hash
from orchestration.landing.loads.manifest import Manifest, Part, SourceFile
from orchestration.landing.loads.parts import PartTarget
from orchestration.landing.loads.versions import History, departed_rows

T = TypeVar("T")


@dataclass(frozen=True)
class Departure:
    """What became of keys that the export no longer has.

    Attributes:
        part: Their last versions, marked as deleted; None when none left.
        withheld: Keys that are missing but stay, because more records than before have no readable key and one of
            them may be it.
    """

    part: Part | None
    withheld: int = 0


def last_export(loads: Sequence[Manifest], declaration: str) -> dict[str, str]:
    """SHA-256 by path of the files that were the table when it last landed under this declaration."""
    exports = [load.full_export for load in loads if load.full_export is not None and load.declaration == declaration]
    return exports[-1] if exports else {}


def newest_only(item: LandingTable, files: list[T], path_of: Callable[[T], str]) -> list[T]:
    """The files that are the table: all, or of dated exports the last of them, which are sorted by path.

    Raises:
        LandingError: The names do not sort by their dates (2026-3-9 after 2026-3-10).
    """
    if item.table.mode != "dated_snapshots" or not files:
        return files
    if max(files, key=lambda file: _by_number(path_of(file))) is not files[-1]:
        raise LandingError(
            f"{item.landing_name}: the names of its dated exports do not sort by their dates (2026-3-10 comes before"
            " 2026-3-9): write months and days with two digits, the year first"
        )
    return files[-1:]


def _by_number(path: str) -> list[tuple[int, str]]:
    """A path as a person sorts it: runs of digits by their number."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path) if part]


def departure(
    engine: duckdb.DuckDBPyConnection,
    item: LandingTable,
    loads: list[Manifest],
    exports: tuple[dict[str, str], dict[str, str]],
    target: PartTarget,
) -> Departure:
    """Write the last version of every key that stood in the table and stands in none of its files now.

    Args:
        engine: An in-memory engine.
        item: The table.
        loads: Its current loads, the one that is being written last.
        exports: SHA-256 by path of the files that were the table last, and of those that are it now.
        target: Files of the part.

    Raises:
        LandingError: More keys are gone than `deletes.max_share` allows: rather a file cut short. Or a key stands on
            rows of a file that differ, so that nobody can say which of them left.
    """
    history = History(item, loads, target.state_dir)
    last, export = exports
    if not export or not any(load.row_count for load in loads[:-1]):
        return Departure(None)
    present = _parts(loads, export)
    _check_keys(engine, item, present, target.state_dir)
    there = _keys([*present, *_released(loads, export)], item, target.state_dir)
    missing = _unkeyed(engine, present, target.state_dir)
    before = _unkeyed(engine, _parts(loads[:-1], last), target.state_dir)
    path = f"{item.address} (rows that left)"
    source = SourceFile(path, 0, short_hash({"load": target.load_id, "kind": "departure"}), 0, 0)
    left = departed_rows(engine, history, there, target, source, is_withheld=missing > before)
    return Departure(left.part, left.withheld)


def _parts(loads: Sequence[Manifest], export: dict[str, str]) -> list[Part]:
    """The newest landing of each file of an export."""
    newest = {(part.source.path, part.source.sha256): part for load in loads if load.is_of_files for part in load.parts}
    return [newest[file] for file in export.items() if file in newest]


def _released(loads: Sequence[Manifest], export: dict[str, str]) -> list[Part]:
    """Rows of an export that a person released from quarantine: they are in it, too."""
    files = set(export.items())
    return [
        part
        for load in loads
        if load.release is not None
        for part in load.parts
        if (part.source.path, part.source.sha256) in files
    ]


def _keys(parts: Sequence[Part], item: LandingTable, state_dir: Path) -> str:
    """SQL of all keys that stand in the parts, refused rows included, as `row_key`."""
    landed = ", ".join(literal(literal_path(state_dir / part.landed.path)) for part in parts)
    key = known_key_sql(item.table.key)
    # A row that its file marks as deleted is there: it says itself what became of it.
    queries = [f"select {key} as row_key from read_parquet([{landed}], union_by_name=true)"]
    queries += [
        f"select row_key from read_parquet({literal(literal_path(state_dir / part.quarantined.path))})"
        for part in parts
        if part.quarantined is not None
    ]
    return f"(select distinct row_key from ({' union all '.join(queries)}) where row_key is not null)"


def _check_keys(engine: duckdb.DuckDBPyConnection, item: LandingTable, parts: Sequence[Part], state_dir: Path) -> None:
    """A key must tell the rows of a file apart; a line that stands there twice, equal, is the same row."""
    for part in parts:
        columns = ", ".join(quoted(name) for name in part.schema)
        key = known_key_sql(item.table.key)
        rows = f"select distinct {columns} from read_parquet({literal(literal_path(state_dir / part.landed.path))})"
        repeated = f"select {key} as row_key from ({rows}) where {key} is not null group by row_key having count(*) > 1"
        row = engine.execute(f"select count(*) from ({repeated})").fetchone()
        if row and row[0]:
            raise LandingError(
                f"{item.landing_name}: {row[0]} keys ({', '.join(item.table.key)}) stand on several rows of"
                f" {part.source.path} that differ: declare the columns that tell its rows apart; nothing was landed"
            )


def _unkeyed(engine: duckdb.DuckDBPyConnection, parts: Sequence[Part], state_dir: Path) -> int:
    """Refused records whose key cannot be read, such as a line of totals at the end of a file."""
    count = 0
    for part in parts:
        if part.quarantined is None:
            continue
        path = literal(literal_path(state_dir / part.quarantined.path))
        row = engine.execute(f"select count(*) from read_parquet({path}) where row_key is null").fetchone()
        count += int(row[0]) if row else 0
    return count
