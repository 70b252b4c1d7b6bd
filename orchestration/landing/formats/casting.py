"""SQL that casts a raw value to its declared type, or to null where that would change or invent something.

A value that is there and casts to null is a violation (`violation_sql`); nothing is rounded, cut or guessed.
"""

import re
from dataclasses import dataclass

from cx_assets.contracts import ColumnType
from orchestration.declaration.columns import IfInvalid
from orchestration.declaration.file_options import FileOptions
from orchestration.ground.sql_text import literal
from orchestration.ground.zones import is_told_sql, local_offsets, offset_sql

CASTING_VERSION = 4
"""Raise it when the same file would be cast to other values: every file is then landed again."""

_NUMBER = r"[+-]?(\d+([.]\d*)?|[.]\d+)([eE][+-]?\d+)?"
_WHOLE_NUMBER = r"[+-]?\d+([.]0*)?"
_DATE = r"\d{4}-\d{1,2}-\d{1,2}([ T]00:00(:00([.]0+)?)?)?"
_LOCAL = r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?)?"
_INSTANT = r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)"
# Lists and not IN, which the engine makes a join: it would look up every row, those too that are judged already.
_TRUE = "['true', 't', 'yes', 'y', '1']"
_FALSE = "['false', 'f', 'no', 'n', '0']"


@dataclass(frozen=True)
class _Decimal:
    """How a decimal is nearly always written, and what is noise: binary floating point stores 12.34 as 12.339999..."""

    plain: str
    noise: str


_DECIMAL_TYPE = re.compile(r"decimal\((\d+), ?(\d+)\)")
_DECIMALS = {
    "decimal(18,2)": _Decimal(r"[+-]?\d{1,15}([.]\d{1,2})?", "0.000001"),
    "decimal(18,6)": _Decimal(r"[+-]?\d{1,12}([.]\d{1,6})?", "0.000000001"),
}


@dataclass(frozen=True)
class RawColumn:
    """A column as the reader hands it over.

    Attributes:
        name: Name in the landing.
        type: Declared type; text when undeclared.
        header: Name in the source.
        raw: SQL of the raw value.
        raw_type: DuckDB type of the raw value (VARCHAR for CSV and JSON).
        is_declared: Whether company.yml names it.
        is_required: Whether null or blank is a violation.
        plain: SQL of `plain_cast_sql` where that is worked out beforehand.
        is_missing: Whether the source lacks it although its rows are to have it: all are refused.
        if_invalid: quarantine, default or stop; see `declaration.columns.LandingColumn`.
        default: Value instead of an invalid one, as the source would write it; None is null.
        nulls: Texts that the source writes for null, without spaces around them.
    """

    name: str
    type: ColumnType
    header: str
    raw: str
    raw_type: str
    is_declared: bool = True
    is_required: bool = False
    plain: str | None = None
    is_missing: bool = False
    if_invalid: IfInvalid = "quarantine"
    default: str | None = None
    nulls: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """SQL of the raw value, null where the source writes a text that means it."""
        if not self.nulls or self.raw_type.upper() != "VARCHAR":
            return self.raw
        texts = ", ".join(literal(text) for text in self.nulls)
        return f"case when list_contains([{texts}], trim({self.raw})) then null else {self.raw} end"

    @property
    def has_value(self) -> str:
        """SQL: whether the source gave a value at all."""
        return f"trim(cast({self.raw} as varchar)) <> ''"


def cast_sql(column: RawColumn, options: FileOptions, time_zone: str) -> str:
    """SQL of the column's value in its declared type; null where the raw value cannot be cast.

    Timestamps without an offset are read in `time_zone` and become naive UTC; an hour that summer time
    repeats is read as its second pass, one that it skips as if the clock had not yet moved.
    """
    raw_type = column.raw_type.upper()
    typed = _typed_cast(column.raw, raw_type, column.type, time_zone)
    if typed is not None:
        return typed
    is_text = raw_type == "VARCHAR"
    value = _text(column.raw, is_text)
    if column.type == "text":
        return value
    options = options if is_text else FileOptions()
    trimmed = f"nullif(trim({value}), '')"
    cast = _text_cast(trimmed, column.type, options, time_zone)
    if column.plain is None:
        return cast
    # What the engine writes just as it stands needs no pattern to be judged by, which takes twice the time.
    same = f"cast({column.plain} as varchar) = {column.raw}"
    form = {"date": f"length({column.raw}) = 10 and ", "timestamp": f"length({column.raw}) = 19 and "}
    same = form.get(column.type, "") + same + (f" and isfinite({column.plain})" if column.type == "double" else "")
    plain = _column_to_utc(column.plain, time_zone) if column.type == "timestamp" else column.plain
    return f"case when {same} then {plain} else {cast} end"


def plain_cast_sql(column: RawColumn, options: FileOptions) -> str | None:
    """SQL of the engine's own cast, which takes more than is allowed; null where `cast_sql` has no use for it."""
    format_given = {
        "date": options.date_format,
        "timestamp": options.timestamp_format,
        "double": options.decimal_separator == ",",
        "decimal(18,2)": options.decimal_separator == ",",
        "decimal(18,6)": options.decimal_separator == ",",
    }
    if column.raw_type.upper() != "VARCHAR" or column.type == "text" or format_given.get(column.type):
        return None
    return f"try_cast({column.raw} as {column.type})"


def defaulted_sql(column: RawColumn, cast: str, options: FileOptions, time_zone: str) -> str:
    """SQL of a cast that gives the column's default for a value that is there and casts to null."""
    if column.if_invalid != "default" or column.default is None:
        return cast
    written = RawColumn(column.name, column.type, column.header, literal(column.default), "VARCHAR")
    default = cast_sql(written, options, time_zone)
    return f"coalesce({cast}, case when {column.has_value} then {default} end)"


def violation_sql(column: RawColumn, cast_name: str) -> str | None:
    """SQL giving the name of the broken rule, or null: `<column>_type` before `<column>_required`."""
    cases = []
    if column.is_missing:
        return literal(f"{column.name}_missing")
    takes_null = column.if_invalid == "default" and column.default is None
    if column.type != "text" and not takes_null:
        cases.append(f"when {cast_name} is null and {column.has_value} then '{column.name}_type'")
    if column.is_required:
        missing = f"{cast_name} is null"
        if column.type == "text":
            missing = f"({missing} or trim({cast_name}) = '')"
        cases.append(f"when {missing} then '{column.name}_required'")
    return f"case {' '.join(cases)} end" if cases else None


def reason_of(rule: str, columns: list[RawColumn]) -> str:
    """Sentence for a rule that `violation_sql` names; it holds no value."""
    for column in columns:
        if rule == f"{column.name}_type":
            decimals = {"decimal(18,2)": "two", "decimal(18,6)": "six"}.get(column.type)
            extra = f" of at most {decimals} decimals" if decimals else ""
            return f"{column.name} is no valid {column.type}{extra}."
        if rule == f"{column.name}_missing":
            return f"The source lacks the declared column {column.name}."
        if rule == f"{column.name}_required":
            return f"{column.name} is missing."
    raise ValueError(f"no column has the rule {rule!r}")


def _text(raw: str, is_text: bool) -> str:
    return f"nullif({raw if is_text else f'cast({raw} as varchar)'}, '')"


def _typed_cast(raw: str, raw_type: str, wanted: ColumnType, time_zone: str) -> str | None:
    """Casts between types that a Parquet file may have; None sends the value through text."""
    if raw_type.endswith(("INT", "INTEGER", "DOUBLE", "FLOAT")) or raw_type.startswith("DECIMAL"):
        return _number_cast(raw, raw_type, wanted)
    if raw_type == "BOOLEAN":
        return raw if wanted == "boolean" else None
    if raw_type == "DATE":
        return _moment_cast(f"cast({raw} as timestamp)", wanted, time_zone, is_instant=False)
    if raw_type == "TIMESTAMP WITH TIME ZONE":
        return _moment_cast(f"timezone('UTC', {raw})", wanted, time_zone, is_instant=True)
    if raw_type.startswith("TIMESTAMP"):
        return _moment_cast(f"cast({raw} as timestamp)", wanted, time_zone, is_instant=False)
    return None


def _number_cast(raw: str, raw_type: str, wanted: ColumnType) -> str | None:
    if wanted == "bigint":
        whole = f"try_cast({raw} as bigint)"
        return f"case when {whole} = {raw} then {whole} end"
    if wanted == "double":
        return _finite(f"try_cast({raw} as double)")
    if wanted in _DECIMALS:
        return f"cast({raw} as {wanted})" if _fits(raw_type, wanted) else _exact_decimal(raw, wanted)
    return None


def _fits(raw_type: str, wanted: ColumnType) -> bool:
    """Whether every value of a decimal type is one of another."""
    raw, other = (_DECIMAL_TYPE.fullmatch(kind.lower()) for kind in (raw_type, wanted))
    if raw is None or other is None:
        return False
    (digits, places), (most, kept) = ((int(found[1]), int(found[2])) for found in (raw, other))
    return places <= kept and digits - places <= most - kept


def _moment_cast(moment: str, wanted: ColumnType, time_zone: str, is_instant: bool) -> str | None:
    if wanted == "timestamp":
        return moment if is_instant else _column_to_utc(moment, time_zone)
    if wanted == "date":
        local = f"timezone({literal(time_zone)}, timezone('UTC', {moment}))" if is_instant else moment
        return f"case when date_trunc('day', {local}) = {local} then cast({local} as date) end"
    return None


def _text_cast(value: str, wanted: ColumnType, options: FileOptions, time_zone: str) -> str:
    if wanted == "bigint":
        return f"case when regexp_full_match({value}, '{_WHOLE_NUMBER}') then try_cast({value} as bigint) end"
    if wanted == "double" or wanted in _DECIMALS:
        return _text_number(value, wanted, options.decimal_separator)
    if wanted == "boolean":
        word = f"lower({value})"
        return f"case when list_contains({_TRUE}, {word}) then true when list_contains({_FALSE}, {word}) then false end"
    if wanted == "date":
        if options.date_format:
            return f"cast(try_strptime({value}, {literal(options.date_format)}) as date)"
        return f"case when regexp_full_match({value}, '{_DATE}') then try_cast({value} as date) end"
    return _text_timestamp(value, options.timestamp_format, time_zone)


def _text_number(value: str, wanted: ColumnType, separator: str) -> str:
    number = value
    if separator == ",":
        # A dot is then a thousands separator or a mistake; both are ambiguous, so both are refused.
        number = f"case when not contains({value}, '.') then replace({value}, ',', '.') end"
    if wanted == "double":
        return f"case when regexp_full_match({number}, '{_NUMBER}') then {_finite(f'try_cast({number} as double)')} end"
    # Money as it is nearly always written takes the short way; the exact comparison costs five times as much.
    return (
        f"case when regexp_full_match({number}, '{_DECIMALS[wanted].plain}') then try_cast({number} as {wanted})"
        f" when regexp_full_match({number}, '{_NUMBER}') then {_exact_decimal(number, wanted)} end"
    )


def _exact_decimal(value: str, wanted: ColumnType) -> str:
    exact = f"try_cast({value} as decimal(38,10))"
    kept = f"try_cast({value} as {wanted})"
    return f"case when abs({exact} - {kept}) <= {_DECIMALS[wanted].noise} then {kept} end"


def _finite(value: str) -> str:
    return f"case when isfinite({value}) then {value} end"


def _text_timestamp(value: str, timestamp_format: str | None, time_zone: str) -> str:
    if timestamp_format:
        parsed = f"try_strptime({value}, {literal(timestamp_format)})"
        has_offset = "%z" in timestamp_format or "%Z" in timestamp_format
        return f"timezone('UTC', {parsed})" if has_offset else _to_utc(parsed, time_zone)
    local = _to_utc(f"try_cast({value} as timestamp)", time_zone)
    # The engine's cast wants seconds and takes no blank before an offset.
    compact = f"regexp_replace(replace({value}, 'UTC', 'Z'), ' ([Z+-])', '\\1')"
    full = f"regexp_replace({compact}, '([ T]\\d{{1,2}}:\\d{{2}})([Z+-])', '\\1:00\\2')"
    instant = f"timezone('UTC', try_cast({full} as timestamptz))"
    return (
        f"case when regexp_full_match({value}, '{_LOCAL}') then {local}"
        f" when regexp_full_match({value}, '{_INSTANT}') then {instant} end"
    )


def _column_to_utc(moment: str, time_zone: str) -> str:
    """As `_to_utc`, for a column: it is compared with the few changes of the zone, a tenth of the time."""
    if time_zone == "UTC":
        return _to_utc(moment, time_zone)
    offset = offset_sql(moment, local_offsets(time_zone))
    known = f"cast({moment} as timestamp) - to_seconds({offset})"
    return f"case when {is_told_sql(moment)} then {known} else {_to_utc(moment, time_zone)} end"


def _to_utc(moment: str, time_zone: str) -> str:
    if time_zone == "UTC":
        return f"cast({moment} as timestamp)"
    return f"timezone('UTC', timezone({literal(time_zone)}, cast({moment} as timestamp)))"
