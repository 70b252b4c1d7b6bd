"""Types of a table's columns from all its values, by the landing's own casts: what is proposed is what lands."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import duckdb

from cx_assets.contracts import ColumnType
from orchestration.declaration.file_options import FileOptions
from orchestration.ground.sql_text import quoted
from orchestration.landing.formats.casting import RawColumn, cast_sql
from orchestration.proposal.moments import formats_of, has_time
from orchestration.proposal.observed import ObservedColumn, ObservedTable

MANY_VALUES = 60
_NULLS = ("n/a", "na", "null", "none", "nan", "#n/a", "-", "--", "?", r"\n")
_WHOLE = r"[+-]?\d{1,18}"
_PATTERNS = {
    "whole": _WHOLE,
    "zero": r"[+-]?0\d+",
    "point": r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?",
    "money": r"[+-]?\d{1,15}(\.\d{1,2}0*)?",
    "comma": r"[+-]?\d+(,\d+)?",
    "comma_money": r"[+-]?\d{1,15}(,\d{1,2}0*)?",
    "of_points": r"[+-]?\d{1,3}((\.\d{3})+(,\d+)?|,\d+)",
    "of_commas": r"[+-]?\d{1,3}((,\d{3})+(\.\d+)?|\.\d+)",
    "word": r"(?i)(true|false|yes|no|t|f|y|n)",
}
_KEY_LIKE = re.compile(
    r"(^|_)(id|ids|no|nr|num|number|nummer|code|key|uuid|guid|zip|postal|postcode|plz|phone|mobile|telefon|card|karte"
    r"|kundennr|kundennummer|bestellnr|bestellnummer|belegnr|belegnummer|artikelnr|artikelnummer|receipt|beleg|prefix"
    r"|sku|ean|gtin|barcode|iban|vat|tax)($|_)"
)


_NUMBERS_LINES = re.compile(r"(^|_)(line|item|position|pos|seq\w*|zeile)($|_)")


@dataclass(frozen=True)
class _Counts:
    """Values of one column by what they look like."""

    filled: int
    distinct: int
    looks: dict[str, int]
    nulls: int

    def fits(self, look: str, *, allowed: int = 0) -> bool:
        known = self.filled - self.nulls
        return known > 0 and known - self.looks[look] <= allowed and 2 * self.looks[look] > known


def tolerated(rows: int) -> int:
    """Values that may be none of the type: a mistyped one or two do not make a column of amounts one of text."""
    return max(1, rows // 100) if rows >= 5 else 0


def is_key_like(header: str) -> bool:
    """Whether a column's name says that its digits are a code and no number: 0815 and 815 are two."""
    return _KEY_LIKE.search(folded(header)) is not None


def folded(header: str) -> str:
    """A header in lower case with underscores, umlauts written out, words of CamelCase apart."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header).lower()
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("é", "e"), ("è", "e")):
        text = text.replace(letter, written)
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


def scan(connection: duckdb.DuckDBPyConnection, relation: str, table: ObservedTable, raws: list[RawColumn]) -> None:
    """Fill in the columns, options, keys and notes of a table.

    Args:
        connection: The engine that has the relation.
        relation: Rows with a column of the name of each of `raws`.
        table: Takes what is found; its columns are there, its options may name the way it is written.
        raws: The columns as the reader gives them, named as in the landing.
    """
    counts = _counted(connection, relation, raws)
    table.rows = _one(connection, f"select count(*) from {relation}")[0]
    table_looks = [counts[raw.name] for raw in raws if raw.raw_type == "VARCHAR" and not is_key_like(raw.header)]
    separator = _decimal_separator(table_looks)
    if separator == ",":
        table.options["decimal_separator"] = ","
    for raw in raws:
        column = table.columns[raw.name]
        found = counts[raw.name]
        column.filled, column.distinct = found.filled, found.distinct
        if 0 < found.distinct <= MANY_VALUES and found.looks["point"] < found.filled:
            column.values = _values(connection, relation, raw)
        if raw.raw_type == "VARCHAR":
            _number(column, found, separator)
        else:
            column.type = _type_of_engine(raw, found)
    _moments(connection, relation, table, [raw for raw in raws if table.columns[raw.name].type in ("text", "bigint")])
    _verify(connection, relation, table, raws)
    table.pairs = _pairs(connection, relation, table)


def _counted(connection: duckdb.DuckDBPyConnection, relation: str, raws: list[RawColumn]) -> dict[str, _Counts]:
    """Counts of every column, in one reading."""
    nulls = ", ".join(f"'{text}'" for text in _NULLS)
    selected = []
    for raw in raws:
        value = _value(raw.name)
        selected += [f"count({value})", f"count(distinct {value})"]
        selected += [f"count(*) filter (regexp_full_match({value}, '{look}'))" for look in _PATTERNS.values()]
        selected.append(f"count(*) filter (lower({value}) in ({nulls}))")
    found = _one(connection, f"select {', '.join(selected)} from {relation}") if raws else ()
    width = len(_PATTERNS) + 3
    counts = {}
    for number, raw in enumerate(raws):
        filled, distinct, *looks, null_count = found[number * width : (number + 1) * width]
        counts[raw.name] = _Counts(filled, distinct, dict(zip(_PATTERNS, looks, strict=True)), null_count)
    return counts


def _value(name: str) -> str:
    return f"nullif(trim(cast({quoted(name)} as varchar)), '')"


def _values(connection: duckdb.DuckDBPyConnection, relation: str, raw: RawColumn) -> list[str]:
    value = _value(raw.name)
    query = f"select {value}, count(*) from {relation} where {value} is not null group by 1 order by 2 desc, 1"
    return [row[0] for row in connection.execute(query).fetchall()]


def _decimal_separator(counts: list[_Counts]) -> str:
    """The separator that makes most columns numbers; a point where neither does more."""
    commas = sum(c.fits("comma", allowed=tolerated(c.filled)) and c.looks["comma"] > c.looks["whole"] for c in counts)
    points = sum(c.fits("point", allowed=tolerated(c.filled)) and c.looks["point"] > c.looks["whole"] for c in counts)
    return "," if commas > points else "."


def _number(column: ObservedColumn, found: _Counts, separator: str) -> None:
    """The type of a column of text, unless it is a date; null marks are taken for null where that makes it one."""
    if is_key_like(column.header) or not found.filled:
        return
    allowed = tolerated(found.filled)
    number, money = ("comma", "comma_money") if separator == "," else ("point", "money")
    if found.fits("whole") and not found.looks["zero"]:
        column.type = "bigint"
    elif found.fits("word") and found.distinct <= 2:
        column.type = "boolean"
    elif found.looks["zero"]:
        return
    elif found.fits(money, allowed=allowed) and found.looks[number] > found.looks["whole"]:
        column.type = "decimal(18,2)"
    elif found.fits(number, allowed=allowed) and found.looks[number] > found.looks["whole"]:
        column.type = "double"
    elif found.fits("of_points", allowed=allowed) or found.fits("of_commas", allowed=allowed):
        column.thousands = "." if found.looks["of_points"] >= found.looks["of_commas"] else ","
        column.notes.append(f"amounts with {column.thousands!r} between thousands: cleaned in staging")
        return
    if column.type != "text" and found.nulls:
        column.nulls = sorted(value for value in column.values if value.lower() in _NULLS)
        if not column.nulls:
            column.type = "text"


def _type_of_engine(raw: RawColumn, found: _Counts) -> ColumnType:
    """The type of a column that has one already, as in Parquet."""
    kind = raw.raw_type.upper()
    if kind == "BOOLEAN":
        return "boolean"
    if kind == "DATE":
        return "date"
    if kind.startswith("TIMESTAMP"):
        return "timestamp"
    if kind.endswith(("INT", "INTEGER")) and "HUGE" not in kind:
        return "text" if is_key_like(raw.header) else "bigint"
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        return "decimal(18,2)" if found.fits("money") else "double"
    return "text"


def _moments(connection: duckdb.DuckDBPyConnection, relation: str, table: ObservedTable, raws: list[RawColumn]) -> None:
    """Dates and times: one format of each a table, the one that most columns have."""
    fitting: dict[str, list[str]] = {}
    for raw in raws:
        column = table.columns[raw.name]
        if column.thousands or not column.filled or raw.raw_type != "VARCHAR":
            continue
        value = _value(raw.name)
        first = connection.execute(f"select {value} from {relation} where {value} is not null limit 1").fetchall()
        likely = [] if is_key_like(raw.header) else formats_of([row[0] for row in first])
        known = [text for text in likely if _is_written_so(connection, relation, raw, text)]
        if known:
            fitting[raw.name] = known
    for is_timed, option in ((False, "date_format"), (True, "timestamp_format")):
        group = {
            name: known
            for name, known in fitting.items()
            if _is_timed(connection, relation, name, known[0]) is is_timed
        }
        _settle(table, group, option, "timestamp" if is_timed else "date")


def _is_timed(connection: duckdb.DuckDBPyConnection, relation: str, name: str, moment_format: str) -> bool:
    if moment_format:
        return has_time(moment_format)
    found = _one(connection, f"select max(length({_value(name)})) from {relation}")[0]
    return int(found) > len("2026-01-31")


def _is_written_so(connection: duckdb.DuckDBPyConnection, relation: str, raw: RawColumn, moment_format: str) -> bool:
    """Whether all values but a few are of the format."""
    value = _value(raw.name)
    kind: ColumnType = "timestamp"
    options = FileOptions(timestamp_format=moment_format or None)
    cast = cast_sql(RawColumn(raw.name, kind, raw.header, value, "VARCHAR"), options, "UTC")
    bad, filled = _one(connection, f"select count({value}) - count({cast}), count({value}) from {relation}")
    return bool(bad <= tolerated(filled) and 2 * bad < filled)


def _settle(table: ObservedTable, fitting: dict[str, list[str]], option: str, kind: ColumnType) -> None:
    if not fitting:
        return
    # Columns that leave no doubt between day and month decide for those that do.
    sure = Counter(known[0] for known in fitting.values() if len(known) == 1)
    votes = sure or Counter(known[0] for known in fitting.values())
    chosen = votes.most_common(1)[0][0]
    for name, known in fitting.items():
        column = table.columns[name]
        if chosen not in known:
            shown = known[0] or "ISO"
            column.notes.append(f"DECIDE: {kind} written as {shown}, unlike the others of this table; stays text")
            continue
        column.type = kind
        column.years = 2 if "%y" in chosen else 4
        if len(known) > 1 and not sure:
            other = next(text for text in known if text != chosen)
            column.notes.append(f"DECIDE: no day above 12 tells {chosen} from {other}")
        if column.years == 2:
            column.notes.append("years of two digits: 00 to 68 are read as 2000 to 2068")
    if chosen:
        table.options[option] = chosen


def _verify(connection: duckdb.DuckDBPyConnection, relation: str, table: ObservedTable, raws: list[RawColumn]) -> None:
    """Cast every column as the landing will; one of which too much would be refused stays text."""
    options = FileOptions(**table.options)
    typed = [raw for raw in raws if table.columns[raw.name].type != "text"]
    selected = []
    for raw in typed:
        column = table.columns[raw.name]
        nulls = tuple(column.nulls)
        declared = RawColumn(raw.name, column.type, raw.header, quoted(raw.name), raw.raw_type, nulls=nulls)
        value = RawColumn(raw.name, column.type, raw.header, declared.value, raw.raw_type)
        cast = cast_sql(value, options, "UTC")
        number = f"try_cast({cast} as double)" if column.type in ("bigint", "double", "decimal(18,2)") else "null"
        there = f"nullif(trim(cast({declared.value} as varchar)), '')"
        latest = f"cast(cast(max({cast}) as date) as varchar)" if column.years == 4 else "null"
        selected += [f"count({there}) - count({cast})", f"min({number})", f"max({number})", latest]
    found = _one(connection, f"select {', '.join(selected)} from {relation}") if selected else ()
    for place, raw in enumerate(typed):
        column = table.columns[raw.name]
        column.bad, column.low, column.high, latest = found[4 * place : 4 * place + 4]
        table.latest = max(filter(None, (table.latest, latest)), default=None)
        if column.bad > tolerated(column.filled):
            column.type, column.bad = "text", 0
        elif column.bad:
            column.notes.append(f"{column.bad:,} of {column.filled:,} values are no {column.type}: quarantined")


def _pairs(connection: duckdb.DuckDBPyConnection, relation: str, table: ObservedTable) -> list[tuple[str, str]]:
    """Pairs of key-like columns that are unique together, where no column is alone."""
    if any(table.is_unique(name) for name in table.columns) or not table.rows:
        return []
    keys = [name for name, column in table.columns.items() if is_key_like(column.header) and column.distinct > 1]
    lines = [name for name, column in table.columns.items() if _NUMBERS_LINES.search(folded(column.header))]
    found = []
    for first in keys[:6]:
        for second in [name for name in [*lines, *keys[:6]] if name != first]:
            both = f"({quoted(first)}, {quoted(second)})"
            together = _one(connection, f"select count(distinct {both}) from {relation}")[0]
            if together == table.rows and (second, first) not in found and (first, second) not in found:
                found.append((first, second))
    return found


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return connection.execute(query).fetchone() or ()
