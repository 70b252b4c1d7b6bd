"""Parquet of every published table beside the DuckDB file: a folder a generation, `current` linked to the newest.

    published/parquet/<generation>/{core,marts}/<table>.parquet, or <table>/part-00000.parquet and so on where large
    published/parquet/<generation>/manifest.json     tables, files, columns; written last
    published/parquet/current -> <generation>
    published/restricted/parquet/...                 the same for personal data, readable by the owner alone

A finished folder is never changed. A table with the content of the generation before is the same file, hard-linked.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.ground.durable import (
    DamagedStateError,
    file_sha256,
    read_document,
    set_aside,
    sync_file,
    sync_folder,
    write_document,
)
from orchestration.ground.faults import boundary
from orchestration.ground.sql_text import literal, literal_path
from orchestration.publication.generations import KEPT_GENERATIONS, TableDigest
from orchestration.publication.targets.protocol import FinishedGeneration, Staged, TableShape, TargetError, relation

MANIFEST = "manifest.json"
CURRENT = "current"
PART_ROWS = 5_000_000
"""Rows of a file at most: some hundred megabytes, so that readers can take parts side by side."""
_LAYOUT = "(format parquet, compression zstd)"


@dataclass
class Side:
    """The general publication, or the restricted one.

    Attributes:
        root: Folder of its generations.
        is_restricted: Which of the two.
        is_switched: Whether its readers have the new generation.
        manifest: What is staged.
    """

    root: Path
    is_restricted: bool
    is_switched: bool = False
    manifest: dict[str, Any] = field(default_factory=dict)

    def partial(self, generation: FinishedGeneration) -> Path:
        """Where it is staged."""
        return self.root / f".{generation.record.generation_id}.partial"


@dataclass
class StagedParquet(Staged):
    """Folders ready to be switched, the restricted one first where there is one."""

    sides: list[Side] = field(default_factory=list)


class ParquetTarget:
    """The target; `published` is the folder of the publication, and one process writes it (the warehouse's lock)."""

    name = "parquet"
    title = "Parquet"

    def __init__(self, published: Path, *, part_rows: int = PART_ROWS, kept: int = KEPT_GENERATIONS) -> None:
        self._general = published / "parquet"
        self._restricted = published / "restricted" / "parquet"
        self._part_rows = part_rows
        self._kept = kept

    def shown(self) -> str | None:
        """The generation that readers of both folders find; None where there is none, or where the two differ."""
        roots = [self._general, *([self._restricted] if self._restricted.exists() else [])]
        found = {_manifest_generation(root) for root in roots}
        return found.pop() if len(found) == 1 else None

    def stage(self, generation: FinishedGeneration) -> StagedParquet:
        """Write changed tables, link the others, then the manifest."""
        self.discard()
        staged = StagedParquet(generation)
        for is_restricted, root in ((True, self._restricted), (False, self._general)):
            # Once there was personal data, an empty folder must replace it.
            if is_restricted and not generation.tables(is_restricted=True) and not root.exists():
                continue
            side = Side(root, is_restricted)
            staged.sides.append(side)
            self._stage_side(side, staged)
        return staged

    def _stage_side(self, side: Side, staged: StagedParquet) -> None:
        generation = staged.generation
        side.root.mkdir(parents=True, exist_ok=True, mode=0o700 if side.is_restricted else 0o755)
        if side.is_restricted:
            side.root.parent.chmod(0o700)
            side.root.chmod(0o700)
        partial = side.partial(generation)
        partial.mkdir()
        earlier = _earlier_tables(side.root)
        entries: dict[str, Any] = {}
        with generation.connect(is_restricted=side.is_restricted) as connection:
            shapes = generation.shapes(connection)
            for table in generation.tables(is_restricted=side.is_restricted):
                before = earlier.pop(table.table, None)
                files = _linked(side.root / CURRENT, partial, before, table, shapes[table.table])
                (staged.written if files is None else staged.kept).append(table.table)
                if files is None:
                    files = [_file_entry(partial, path) for path in self._written(connection, partial, table)]
                entries[table.table] = _entry(table, shapes[table.table], files)
        staged.removed += sorted(earlier)
        side.manifest = {
            "generation_id": generation.record.generation_id,
            "company": generation.record.company,
            "as_of_date": generation.record.as_of_date,
            "published_at": generation.record.published_at,
            "time_zone_of_timestamps": "UTC",
            "tables": entries,
        }
        for folder in sorted({path.parent for path in partial.rglob("*")}):
            sync_folder(folder)
        write_document(partial / MANIFEST, side.manifest)

    def _written(self, connection: duckdb.DuckDBPyConnection, partial: Path, table: TableDigest) -> Iterable[Path]:
        """Write one table; its files."""
        schema, name = table.table.split(".", 1)
        (partial / schema).mkdir(exist_ok=True)
        source = f"select * from {relation(table.table)}"
        if table.rows <= self._part_rows:
            paths = [(partial / schema / f"{name}.parquet", source)]
        else:
            (partial / schema / name).mkdir()
            # A published table was written in one go: its row numbers have no gaps. verify would find a missing row.
            paths = [
                (
                    partial / schema / name / f"part-{number:05d}.parquet",
                    f"{source} where rowid >= {first} and rowid < {first + self._part_rows}",
                )
                for number, first in enumerate(range(0, table.rows, self._part_rows))
            ]
        for path, query in paths:
            connection.execute(f"copy ({query}) to {literal(path)} {_LAYOUT}")
            sync_file(path)
        return [path for path, _ in paths]

    def verify(self, staged: StagedParquet) -> None:
        """Every file by its checksum, and the rows of those that were written by the generation's own.

        Raises:
            TargetError: A file is absent, damaged, too many, or holds other rows.
        """
        for side in staged.sides:
            partial = side.partial(staged.generation)
            try:
                manifest = read_document(partial / MANIFEST, "run again")
            except DamagedStateError as error:
                raise TargetError(f"Parquet not published: {error}") from error
            _check_folder(partial, manifest)
            with duckdb.connect() as connection:
                connection.execute("set TimeZone = 'UTC'")
                for table in staged.generation.tables(is_restricted=side.is_restricted):
                    if table.table in staged.written:
                        _check_rows(connection, partial, manifest["tables"][table.table], table)

    def switch(self, staged: StagedParquet) -> None:
        """Restricted first: who reads both never finds a customer whose restricted part is not there yet."""
        boundary("before_parquet_switch")
        generation_id = staged.generation.record.generation_id
        for side in staged.sides:
            partial, final = side.partial(staged.generation), side.root / generation_id
            before = _seen(side.root)
            is_seen = final.is_dir() and before == generation_id
            if is_seen and _is_whole(final, side.manifest):
                shutil.rmtree(partial)  # published before: the same files under the same name
            else:
                if is_seen:
                    set_aside(final)  # damaged: its readers fail already
                elif final.exists():
                    shutil.rmtree(final)
                os.rename(partial, final)
                fresh = side.root / f".{CURRENT}.new"
                fresh.unlink(missing_ok=True)
                fresh.symlink_to(generation_id)
                os.replace(fresh, side.root / CURRENT)
            sync_folder(side.root)
            side.is_switched = True
            # A reader has perhaps just followed the link to what was seen before, however old that is.
            self._prune(side.root, keep=(generation_id, before))

    def _prune(self, root: Path, keep: Collection[str | None]) -> None:
        folders = sorted(path for path in root.glob("[0-9]*") if path.is_dir())
        for folder in folders[: -self._kept]:
            if folder.name not in keep:
                shutil.rmtree(folder)

    def discard(self) -> None:
        """Remove half-written folders, also those of a killed process."""
        for root in (self._general, self._restricted):
            for leftover in root.glob(".*.partial"):
                shutil.rmtree(leftover)


def _seen(root: Path) -> str | None:
    link = root / CURRENT
    return os.readlink(link) if link.is_symlink() else None


def _manifest_generation(root: Path) -> str | None:
    try:
        return str(read_document(root / CURRENT / MANIFEST, "written anew")["generation_id"])
    except (DamagedStateError, KeyError):
        return None


def _earlier_tables(root: Path) -> dict[str, Any]:
    """What readers have now, by table; nothing where it cannot be read: then all is written anew."""
    try:
        return dict(read_document(root / CURRENT / MANIFEST, "written anew")["tables"])
    except (DamagedStateError, KeyError, TypeError):
        return {}


def _linked(
    seen: Path, partial: Path, before: dict[str, Any] | None, table: TableDigest, shape: TableShape
) -> list[dict[str, Any]] | None:
    """Link the files of an unchanged table; None where it has to be written."""
    columns = [(column.name, column.type) for column in shape.columns]
    if before is None or (before["rows"], before["checksum"]) != (table.rows, table.checksum):
        return None
    if [(column["name"], column["type"]) for column in before["columns"]] != columns:
        return None
    files: list[dict[str, Any]] = before["files"]
    # A damaged file is not handed on.
    if not all(
        (seen / file["path"]).is_file() and file_sha256(seen / file["path"]) == file["sha256"] for file in files
    ):
        return None
    for file in files:
        (partial / file["path"]).parent.mkdir(parents=True, exist_ok=True)
        os.link((seen / file["path"]).resolve(), partial / file["path"])
    return files


def _file_entry(partial: Path, path: Path) -> dict[str, Any]:
    return {"path": str(path.relative_to(partial)), "bytes": path.stat().st_size, "sha256": file_sha256(path)}


def _entry(table: TableDigest, shape: TableShape, files: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "rows": table.rows,
        "checksum": table.checksum,
        "comment": shape.comment,
        "key": list(shape.key),
        "columns": [asdict(column) for column in shape.columns],
        "files": files,
    }


def _check_folder(partial: Path, manifest: dict[str, Any]) -> None:
    declared = {file["path"]: file for table in manifest["tables"].values() for file in table["files"]}
    found = {str(path.relative_to(partial)) for path in partial.rglob("*") if path.is_file()} - {MANIFEST}
    if found != set(declared):
        raise TargetError(f"Parquet not published: {partial} holds other files than its manifest names.")
    for path, file in declared.items():
        if file_sha256(partial / path) != file["sha256"]:
            raise TargetError(f"Parquet not published: {partial / path} is not what was written.")


def _is_whole(folder: Path, manifest: dict[str, Any]) -> bool:
    try:
        if read_document(folder / MANIFEST, "written anew") != manifest:
            return False
        _check_folder(folder, manifest)
    except (DamagedStateError, TargetError):
        return False
    return True


def _check_rows(
    connection: duckdb.DuckDBPyConnection, partial: Path, entry: dict[str, Any], table: TableDigest
) -> None:
    paths = ", ".join(literal(literal_path(partial / file["path"])) for file in entry["files"])
    try:
        rows, checksum = connection.execute(
            f"select count(*), sum(hash(t)) from read_parquet([{paths}], hive_partitioning = false) as t"
        ).fetchone() or (0, None)
    except duckdb.Error as error:
        raise TargetError(f"Parquet not published: {table.table} cannot be read back.") from error
    if (rows, str(checksum or 0)) != (table.rows, table.checksum):
        raise TargetError(f"Parquet not published: the files of {table.table} hold other rows than the generation.")
