"""A list as one file of a stable name, replaced whole: CSV that a spreadsheet only shows, or Parquet."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from cx_assets.exports.changes import json_value
from cx_assets.exports.formula_cells import neutral
from orchestration.exporting.prepared import (
    PRIVATE_FILE,
    Delivery,
    Prepared,
    general_folder,
    made_folder,
    private_folder,
)
from orchestration.ground.durable import file_sha256, sync_folder

PUBLIC_FILE = 0o644


class FileDestination:
    """A file below the publication; that of a list with personal data is readable by its owner alone."""

    def __init__(self, published: Path, name: str, *, is_private: bool) -> None:
        self.folder = (private_folder if is_private else general_folder)(published, name)
        self._other = (general_folder if is_private else private_folder)(published, name)
        self._published = published
        self._is_private = is_private

    def is_whole(self, last: Delivery) -> bool:
        """Whether the file is what was written."""
        path = self._published / (last.path or "")
        return path.parent == self.folder and path.is_file() and file_sha256(path) == last.sha256

    def deliver(self, prepared: Prepared) -> Delivery:
        """Write beside, force to disk, rename; a file that holds these bytes already is left as it is."""
        made_folder(self.folder, is_private=self._is_private)
        kind = prepared.export.to.kind
        path = self.folder / f"{prepared.name}.{kind}"
        partial = self.folder / f".{path.name}.partial"
        partial.unlink(missing_ok=True)
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
            with os.fdopen(descriptor, "wb") as file:
                _WRITERS[kind](prepared.rows, file)
                file.flush()
                os.fsync(file.fileno())
            sha256 = file_sha256(partial)
            if not (path.is_file() and file_sha256(path) == sha256):
                partial.chmod(PRIVATE_FILE if self._is_private else PUBLIC_FILE)
                os.replace(partial, path)
                sync_folder(self.folder)
        finally:
            partial.unlink(missing_ok=True)
        self._remove_earlier(path)
        delivery = Delivery.of(prepared, sha256=sha256, path=str(path.relative_to(self._published)))
        delivery.write(self.folder, is_private=self._is_private)
        return delivery

    def _remove_earlier(self, path: Path) -> None:
        """The list in its other format, or where it lay before it held (or ceased to hold) personal data."""
        for kind in _WRITERS:
            if (other := path.with_suffix(f".{kind}")) != path:
                other.unlink(missing_ok=True)
        if self._other.is_dir():
            shutil.rmtree(self._other)


def _write_csv(rows: pa.Table, file: BinaryIO) -> None:
    """UTF-8, commas, a heading; days and times in ISO form, null as an empty field."""
    text = _TextOf(file)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([neutral(name) for name in rows.column_names])
    for batch in rows.to_batches(max_chunksize=10_000):
        writer.writerows([_cell(value) for value in row.values()] for row in batch.to_pylist())


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutral(json_value(value)) if isinstance(value, str | list | dict) else json_value(value)


def _write_parquet(rows: pa.Table, file: BinaryIO) -> None:
    pq.write_table(rows.combine_chunks(), file, compression="zstd")


class _TextOf:
    """Text for a file of bytes, which stays open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8"))


_WRITERS: dict[str, Callable[[pa.Table, BinaryIO], None]] = {"csv": _write_csv, "parquet": _write_parquet}
