"""Where rows become files: text lines in one piece, Parquet by month or year; deterministic to the byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cx_assets.sample_company.columns import filled, joined, whole


def write_lines(path: Path, header: str | None, lines: pa.Array) -> None:
    """Write one text line per value (no nulls), with the header first where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = whole(joined(lines, "\n")) if len(lines) else pa.array([], pa.string())
    with path.open("wb") as file:
        if header is not None:
            file.write(header.encode() + b"\n")
        if len(body):
            offsets = np.frombuffer(body.buffers()[1], np.int32)
            first, last = offsets[body.offset], offsets[body.offset + len(body)]
            file.write(memoryview(body.buffers()[2])[first:last])


def csv_lines(columns: dict[str, pa.Array], delimiter: str = ";") -> pa.Array:
    """CSV lines of text columns; the caller has quoted what needs it. Null becomes the empty field."""
    return whole(joined(*[filled(values) for values in columns.values()], separator=delimiter))


def json_lines(columns: dict[str, pa.Array]) -> pa.Array:
    """JSON objects of columns: text is quoted (it holds no quote or backslash), numbers and booleans are not."""
    parts = []
    for name, values in columns.items():
        is_text = pa.types.is_string(values.type)
        shown = joined('"', values, '"') if is_text else pc.cast(values, pa.string())
        parts.append(joined(f'"{name}":', filled(shown, "null")))
    return whole(joined("{", joined(*parts, separator=","), "}"))


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write one Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", compression_level=1, row_group_size=500_000)


class PartitionedParquet:
    """Parquet files by month or year of an event time, each sorted by that time and written once complete.

    Rows may arrive in any order as long as none lies in a partition already closed.
    """

    def __init__(self, folder: Path, stem: str, *, unit: str, renamed: tuple[str, str, str] | None = None) -> None:
        """Nothing is written yet.

        Args:
            folder: Folder of the files.
            stem: Beginning of their names.
            unit: M or Y.
            renamed: A column, its later name, and the partition (as its file is named) from which it bears that.
        """
        self._folder, self._stem, self._unit, self._renamed = folder, stem, unit, renamed
        self._waiting: dict[int, list[pa.Table]] = {}
        self.row_count = 0

    def add(self, table: pa.Table, local: NDArray[np.int64]) -> None:
        """Take rows; `local` is each row's event time (local seconds), which also orders the file."""
        if not len(local):
            return
        order = np.argsort(local, kind="stable")
        partition = local[order].view("M8[s]").astype(f"M8[{self._unit}]").astype(np.int64)
        table = table.take(pa.array(order)).append_column("_order", pa.array(local[order]))
        edges = np.flatnonzero(np.diff(partition)) + 1
        for first, last in zip([0, *edges], [*edges, len(partition)], strict=True):
            self._waiting.setdefault(int(partition[first]), []).append(table.slice(first, last - first))

    def close_before(self, local: int | None) -> None:
        """Write every partition that ends at or before a local second; all of them for None."""
        limit = None if local is None else int(np.datetime64(local, "s").astype(f"M8[{self._unit}]").astype(np.int64))
        for partition in sorted(key for key in self._waiting if limit is None or key < limit):
            rows = pa.concat_tables(self._waiting.pop(partition)).unify_dictionaries()
            rows = rows.take(pc.sort_indices(rows["_order"])).drop_columns("_order")
            name = str(np.array(partition).astype(f"M8[{self._unit}]"))
            if self._renamed is not None and name >= self._renamed[2]:
                old, new, _ = self._renamed
                rows = rows.rename_columns([new if column == old else column for column in rows.column_names])
            write_parquet(self._folder / f"{self._stem}_{name}.parquet", rows)
            self.row_count += rows.num_rows
