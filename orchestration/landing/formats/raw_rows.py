"""Files read a second time, by another reader than the one that lands them: only day, amount and key of each row.

What all formats share; how each is read is in `file_formats`.

The landing cuts text into records itself; here DuckDB cuts (CSV, JSON Lines) or Arrow reads (Parquet). Whatever one of
the two loses or doubles shows as a difference. So does a format that company.yml declares wrongly: amounts and days of
text files are read as the file itself writes them (`evident_formats`).
"""

import codecs
import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from orchestration.declaration.file_options import FileOptions
from orchestration.declaration.reconciliation import Reconcile
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import key_sql, literal, quoted
from orchestration.ground.zones import is_told_sql, offset_sql, utc_offsets
from orchestration.landing.formats.casting import RawColumn, cast_sql, defaulted_sql
from orchestration.landing.formats.evident_formats import amount_of_text, evident_options
from orchestration.landing.formats.reading import RawRows

AMOUNT_TYPE = "decimal(38,6)"
_COPY_CHARACTERS = 1 << 20


def day_sql(item: LandingTable, value: str, zone: str) -> str:
    """SQL of the local day, in the company's zone, of a landed value of the table's day column.

    Args:
        item: The table.
        value: A column, or what is as cheap to repeat.
        zone: The company's.
    """
    column = _reconciled(item).day
    if item.table.columns[column].type == "date":
        return f"cast({value} as date)"
    offset = offset_sql(value, utc_offsets(zone))
    by_engine = f"cast(timezone({literal(zone)}, timezone('UTC', {value})) as date)"
    return f"case when {is_told_sql(value)} then cast({value} + to_seconds({offset}) as date) else {by_engine} end"


def amount_sql(item: LandingTable, value: str | None = None) -> str:
    """SQL of the landed amount as an exact decimal; null where none is configured."""
    amount = _reconciled(item).amount
    if amount is None:
        return f"cast(null as {AMOUNT_TYPE})"
    return f"try_cast({value or quoted(amount)} as {AMOUNT_TYPE})"


def text_rows(
    engine: duckdb.DuckDBPyConnection, item: LandingTable, relation: str, columns: Sequence[RawColumn], zone: str
) -> RawRows:
    """Rows of text, their amounts and days as the file writes them; those of a connector are written by us."""
    if not item.is_of_files:
        return rows(item, relation, columns, zone, item.table.options)
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
    return rows(item, relation, columns, zone, options, told)


def rows(
    item: LandingTable,
    relation: str,
    columns: Sequence[RawColumn],
    zone: str,
    options: FileOptions,
    told_amount: str | None = None,
) -> RawRows:
    """Rows of a relation, cast by these options."""
    reconcile = _reconciled(item)
    wanted = [column for column in columns if column.name in reconciled_names(item)]
    # Named before they are used: the day repeats its value.
    name_of = {column.name: f"_value{number}" for number, column in enumerate(wanted)}
    casts = [
        f"{cast_sql(dataclasses.replace(column, raw=column.value), options, item.table.time_zone)} as"
        f" {name_of[column.name]}"
        for column in wanted
    ]
    amount = name_of.get(reconcile.amount) if reconcile.amount else None
    if told_amount:
        casts.append(f"{told_amount} as _amount")
        amount = "_amount"
    selected = [
        f"{day_sql(item, name_of[reconcile.day], zone)} as day",
        f"{amount_sql(item, amount)} as amount",
        f"{key_sql(name_of[name] for name in item.table.key)} as row_key",
    ]
    if item.table.cursor:
        selected.append(f"{name_of[item.table.cursor.column]} as cursor")
    cast, values = ", ".join(casts), ", ".join(selected)
    # The engine numbers rows in the order of the file, because preserve_insertion_order is on.
    numbered = f"(select row_number() over () as _row, * from {relation})"
    return RawRows(
        f"(select {values} from (select {cast} from {relation}))",
        lambda positions: (
            f"(select _row, {values} from (select _row, {cast} from {numbered} where _row in ({positions})))"
        ),
    )


def reconciled_names(item: LandingTable) -> set[str]:
    """Columns that the second reading needs."""
    reconcile = _reconciled(item)
    names = {reconcile.day, *item.table.key}
    names |= {reconcile.amount} if reconcile.amount else set()
    return names | ({item.table.cursor.column} if item.table.cursor else set())


def _reconciled(item: LandingTable) -> Reconcile:
    if item.table.reconcile is None:
        raise ValueError(f"{item.landing_name} is not reconciled")
    return item.table.reconcile


def as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """The file itself, or a copy in UTF-8 where it is written otherwise."""
    if codecs.lookup(encoding).name == "utf-8":
        return path
    with path.open(encoding=encoding, newline="") as source:
        return written(iter(lambda: source.read(_COPY_CHARACTERS), ""), scratch)


def written(texts: Iterable[str], scratch: Path) -> Path:
    """A copy of a text in UTF-8."""
    copy = scratch / "second_reading.txt"
    with copy.open("w", encoding="utf-8", newline="") as target:
        target.writelines(texts)
    return copy
