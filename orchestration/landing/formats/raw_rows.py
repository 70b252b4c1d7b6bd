"""Files read a second time, by another reader than the one that lands them: only day, amount and key of each row.

The landing cuts text into records itself; here DuckDB cuts (CSV, JSON Lines) or Arrow reads (Parquet). Whatever one of
the two loses or doubles shows as a difference. So does a format that company.yml declares wrongly: amounts and days of
text files are read as the file itself writes them (`evident_formats`).
"""

import codecs
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from orchestration.connectors.refusals import MARK
from orchestration.declaration.file_options import FileOptions
from orchestration.declaration.reconciliation import Reconcile
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import key_sql, literal, quoted
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import RawColumn, cast_sql, defaulted_sql
from orchestration.landing.formats.columns import match_columns
from orchestration.landing.formats.evident_formats import amount_of_text, evident_options
from orchestration.landing.formats.readers import literal_path
from orchestration.landing.formats.records import header_of, text_lines

AMOUNT_TYPE = "decimal(38,6)"
_SURPLUS_FIELDS = 64
_LINE_LIMIT = "max_line_size=16777216, buffer_size=33554432"
_COPY_CHARACTERS = 1 << 20


class UnreadableError(RuntimeError):
    """The second reader cannot read the file; the message says why and holds no value of it."""


@dataclass(frozen=True)
class RawRows:
    """A file as a relation with the columns `_row` (from 1), `day`, `amount`, `row_key` and, if asked for, `cursor`.

    Attributes:
        relation: SQL.
        columns: The same rows without `_row`, which takes time to number.
    """

    relation: str
    columns: str


def day_sql(item: LandingTable, value: str, zone: str) -> str:
    """SQL of the local day, in the company's zone, of a landed value of the table's day column."""
    column = _reconciled(item).day
    if item.table.columns[column].type == "date":
        return f"cast({value} as date)"
    return f"cast(timezone({literal(zone)}, timezone('UTC', {value})) as date)"


def amount_sql(item: LandingTable, value: str | None = None) -> str:
    """SQL of the landed amount as an exact decimal; null where none is configured."""
    amount = _reconciled(item).amount
    if amount is None:
        return f"cast(null as {AMOUNT_TYPE})"
    return f"try_cast({value or quoted(amount)} as {AMOUNT_TYPE})"


def open_rows(
    engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
) -> Iterator[RawRows]:
    """Ways to read a file, the fastest first; the caller takes the first that works.

    Raises:
        UnreadableError: There is none.
    """
    try:
        if item.format == "csv":
            yield from _csv(engine, item, path, scratch, zone)
        elif item.format == "jsonl":
            yield _jsonl(engine, item, path, scratch, zone)
        elif item.format == "parquet":
            yield _parquet(engine, item, path, zone)
        else:
            raise UnreadableError(f"there is no second reader of {item.format}")
    except (LandingError, UnicodeError, ValueError, OSError, pa.ArrowException) as error:
        raise UnreadableError(f"the second reader stops ({type(error).__name__})") from error


def _csv(
    engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str
) -> Iterator[RawRows]:
    options = item.table.options
    lines = text_lines(path, options.encoding)
    headers = header_of(lines, options) or []
    is_below = bool(options.header_row or options.header_rows)
    # The engine would count header rows in a way of its own.
    text = _written(lines, scratch) if is_below else _as_utf8(path, options.encoding, scratch)
    matched = match_columns(item, path.name, headers, [(f"c{n}", "VARCHAR") for n in range(len(headers))])
    for surplus, extra in ((0, ""), (_SURPLUS_FIELDS, ", null_padding=true, parallel=false")):
        names = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(headers) + surplus))
        relation = (
            f"read_csv({literal(literal_path(text))}, auto_detect=false, header={not is_below}, nullstr='',"
            f" delim={literal(options.delimiter)}, quote={literal(options.quote)}, escape={literal(options.quote)},"
            f" columns={{{names}}}, strict_mode=true, {_LINE_LIMIT}{extra})"
        )
        yield _text_rows(engine, item, relation, matched, zone)


def _jsonl(engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, scratch: Path, zone: str) -> RawRows:
    text = _as_utf8(path, item.table.options.encoding, scratch)
    lines = (
        f"read_csv({literal(literal_path(text))}, auto_detect=false, header=false, delim='\\x02', quote='', escape='',"
        f" columns={{'line': 'VARCHAR'}}, {_LINE_LIMIT})"
    )
    # What a connector refused has a mark before its text; its day and key may be readable all the same.
    text_sql = f"regexp_replace(line, {literal(f'^{MARK}[a-z_]+{MARK}')}, '')"
    told = f"(select {text_sql} as line from {lines} where trim(line) <> '')"
    relation = f"(select case when json_valid(line) then line end as line from {told})"
    columns = []
    spelled = [column.source_name or name for name, column in item.table.columns.items()]
    for name in _names(item):
        header = item.table.columns[name].source_name or name
        raw = _json_value(header, spelled)
        nulls = item.table.nulls_of(name)
        columns.append(RawColumn(name, item.table.columns[name].type, header, raw, "VARCHAR", nulls=nulls))
    return _text_rows(engine, item, relation, columns, zone)


def _json_value(header: str, spelled: list[str]) -> str:
    """SQL of a field's value, also where a line spells its key in another case that no other column has."""
    pointer = "/" + header.replace("~", "~0").replace("/", "~1")
    exact = f"json_extract_string(line, {literal(pointer)})"
    if sum(other.casefold() == header.casefold() for other in spelled) > 1:
        return exact
    keys = f"list_filter(json_keys(line), lambda key: lower(key) = {literal(header.lower())})"
    escaped = f"replace(replace({keys}[1], '~', '~0'), '/', '~1')"
    return f"coalesce({exact}, json_extract_string(line, '/' || {escaped}))"


def _parquet(engine: duckdb.DuckDBPyConnection, item: LandingTable, path: Path, zone: str) -> RawRows:
    fields = pq.read_schema(path)
    matched = match_columns(item, path.name, fields.names, [(quoted(name), "") for name in fields.names])
    wanted = [column.header for column in matched if column.name in _names(item)]
    engine.register("raw_rows", ds.dataset(path, schema=pa.schema([fields.field(name) for name in wanted])))
    types = {str(name): str(kind) for name, kind, *_ in engine.execute("describe raw_rows").fetchall()}
    columns = [
        RawColumn(column.name, column.type, column.header, column.raw, types[column.header], nulls=column.nulls)
        for column in matched
        if column.name in _names(item)
    ]
    return _rows(item, "raw_rows", columns, zone, item.table.options)


def _text_rows(
    engine: duckdb.DuckDBPyConnection, item: LandingTable, relation: str, columns: Sequence[RawColumn], zone: str
) -> RawRows:
    """Rows of text, their amounts and days as the file writes them; those of a connector are written by us."""
    if not item.is_of_files:
        return _rows(item, relation, columns, zone, item.table.options)
    reconcile = _reconciled(item)
    values = {column.name: column.value for column in columns}
    amount = values.get(reconcile.amount) if reconcile.amount else None
    try:
        options = evident_options(engine, relation, item.table.options, amount, values[reconcile.day])
    except duckdb.Error:
        # The caller meets the same and takes another way to read the file.
        options = item.table.options
    told = amount_of_text(amount, options, AMOUNT_TYPE) if amount is not None else None
    declared = next((column for column in columns if column.name == reconcile.amount), None)
    if told is not None and declared is not None and declared.if_invalid == "default":
        # The landing may put a default in its place, which mart_operations__replaced_value counts.
        column = dataclasses.replace(declared, raw=declared.value)
        cast = cast_sql(column, item.table.options, item.table.time_zone)
        default = defaulted_sql(column, cast, item.table.options, item.table.time_zone)
        told = f"case when {cast} is null then try_cast({default} as {AMOUNT_TYPE}) else {told} end"
    return _rows(item, relation, columns, zone, options, told)


def _rows(
    item: LandingTable,
    relation: str,
    columns: Sequence[RawColumn],
    zone: str,
    options: FileOptions,
    told_amount: str | None = None,
) -> RawRows:
    reconcile = _reconciled(item)
    cast = {
        column.name: cast_sql(dataclasses.replace(column, raw=column.value), options, item.table.time_zone)
        for column in columns
        if column.name in _names(item)
    }
    amount = told_amount or (cast.get(reconcile.amount) if reconcile.amount else None)
    selected = [
        f"{day_sql(item, cast[reconcile.day], zone)} as day",
        f"{amount_sql(item, amount)} as amount",
        f"{key_sql(cast[name] for name in item.table.key)} as row_key",
    ]
    if item.table.cursor:
        selected.append(f"{cast[item.table.cursor.column]} as cursor")
    values = ", ".join(selected)
    # The engine numbers rows in the order of the file, because preserve_insertion_order is on.
    return RawRows(
        f"(select row_number() over () as _row, {values} from {relation})", f"(select {values} from {relation})"
    )


def _names(item: LandingTable) -> set[str]:
    reconcile = _reconciled(item)
    names = {reconcile.day, *item.table.key}
    names |= {reconcile.amount} if reconcile.amount else set()
    return names | ({item.table.cursor.column} if item.table.cursor else set())


def _reconciled(item: LandingTable) -> Reconcile:
    if item.table.reconcile is None:
        raise ValueError(f"{item.landing_name} is not reconciled")
    return item.table.reconcile


def _as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """The file itself, or a copy in UTF-8 where it is written otherwise."""
    if codecs.lookup(encoding).name == "utf-8":
        return path
    with path.open(encoding=encoding, newline="") as source:
        return _written(iter(lambda: source.read(_COPY_CHARACTERS), ""), scratch)


def _written(texts: Iterable[str], scratch: Path) -> Path:
    copy = scratch / "second_reading.txt"
    with copy.open("w", encoding="utf-8", newline="") as target:
        target.writelines(texts)
    return copy
