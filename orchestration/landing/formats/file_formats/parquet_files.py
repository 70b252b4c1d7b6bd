"""Parquet: typed columns, whose names and number of rows stand at the file's end."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, literal_path, quoted
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import RawColumn
from orchestration.landing.formats.columns import match_columns
from orchestration.landing.formats.raw_rows import reconciled_names, rows
from orchestration.landing.formats.reading import Format, RawRows, Reading
from orchestration.landing.quarantine.refused_file import Quarantine

_FREE_ROWS, _ROWS_PER_BYTE = 1_000_000, 2
"""Rows that any Parquet file may have, and for each byte of a larger one: rows that differ take more than four bits."""


class ParquetFormat(Format):
    """Parquet."""

    def header(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
    ) -> list[str] | None:
        """The names in its schema."""
        return [name for name, _ in _parquet_columns(engine, item, path, source_file)[0]]

    def read(
        self,
        engine: duckdb.DuckDBPyConnection,
        item: LandingTable,
        path: Path,
        source_file: str,
        scratch: Path,
        quarantine: Quarantine,
    ) -> Reading:
        """By the engine; what a row holds is shown as JSON."""
        file = literal(literal_path(path))
        described, row_count = _parquet_columns(engine, item, path, source_file)
        headers = [name for name, _ in described]
        raw_values = [(quoted(name), kind) for name, kind in described]
        columns = match_columns(item, source_file, headers, raw_values)
        fields = ", ".join(f"{quoted(header)} := {quoted(header)}" for header in headers)
        return Reading(
            f"read_parquet({file}, file_row_number=true)",
            "file_row_number + 1",
            columns,
            lambda: row_count,
            raw_json=f"cast(to_json(struct_pack({fields})) as varchar)",
        )

    def reread(
        self, engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
    ) -> Iterator[RawRows]:
        """By Arrow."""
        fields = pq.read_schema(path)
        matched = match_columns(item, path.name, fields.names, [(quoted(name), "") for name in fields.names])
        wanted = [column.header for column in matched if column.name in reconciled_names(item)]
        engine.register("raw_rows", ds.dataset(path, schema=pa.schema([fields.field(name) for name in wanted])))
        types = {str(name): str(kind) for name, kind, *_ in engine.execute("describe raw_rows").fetchall()}
        columns = [
            RawColumn(column.name, column.type, column.header, column.raw, types[column.header], nulls=column.nulls)
            for column in matched
            if column.name in reconciled_names(item)
        ]
        yield rows(item, "raw_rows", columns, zone, item.table.options)


def _check_density(item: LandingTable, path: Path, source_file: str, row_count: int) -> None:
    """Equal rows take no room in Parquet: a small file can hold more of them than anybody can land.

    Raises:
        LandingError: It holds more rows than declared, or, without a declaration, than a file of its size does.
    """
    size = path.stat().st_size
    most = item.table.options.max_rows or max(_FREE_ROWS, size * _ROWS_PER_BYTE)
    if row_count > most:
        raise LandingError(
            f"{item.landing_name}: {source_file} holds {row_count:,} rows in {size:,} bytes, and {most:,} are taken:"
            " if it is meant so, declare options.max_rows"
        )


def _parquet_columns(
    engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, source_file: str
) -> tuple[list[tuple[str, str]], int]:
    """Columns with their types, and the number of rows, as the file says at its end."""
    file = literal(literal_path(path))
    try:
        described = engine.execute(f"describe select * from read_parquet({file})").fetchall()
        counted = engine.execute(f"select num_rows from parquet_file_metadata({file})").fetchone()
    except duckdb.Error as error:
        raise LandingError(f"{item.landing_name}: {source_file} is no readable Parquet file") from error
    row_count = int(counted[0]) if counted else 0
    _check_density(item, path, source_file, row_count)
    return [(str(row[0]), str(row[1])) for row in described], row_count
