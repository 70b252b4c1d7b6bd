"""How a file itself writes its amounts and days, told from its values and not from company.yml.

The second reader (`raw_rows`) reads by this, so that a format that was declared wrongly shows as a difference: 1.039
means 1039 in a file that writes 12,50 elsewhere, whatever company.yml says, and 03/04 is April in one that has a 31/03.
Where values leave it open, the declaration counts. Zones leave no trace in values: only the source's own totals tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

from orchestration.declaration.file_options import FileOptions
from orchestration.ground.sql_text import literal

_DAY_AND_MONTH = re.compile(r"^%([dm])(.)%([dm])")


def evident_options(
    engine: duckdb.DuckDBPyConnection, relation: str, options: FileOptions, amount: str | None, day: str
) -> FileOptions:
    """The declared options, corrected by what the values of the two columns show.

    Args:
        engine: An in-memory engine.
        relation: SQL of the file's records.
        options: As company.yml declares them.
        amount: SQL of the amount as text; None without one.
        day: SQL of the day as text.

    Raises:
        duckdb.Error: The records cannot be read.
    """
    found: dict[str, str] = {}
    if amount is not None and (separator := _decimal_separator(engine, relation, amount)):
        found["decimal_separator"] = separator
    for name in ("date_format", "timestamp_format"):
        declared = getattr(options, name)
        if declared and _is_swapped(engine, relation, declared, day):
            found[name] = _DAY_AND_MONTH.sub(r"%\3\2%\1", declared)
    return options.model_copy(update=found)


def amount_of_text(value: str, options: FileOptions, kind: str) -> str:
    """SQL of an amount's exact value, thousands separators allowed; null for what is no number."""
    thousands = "." if options.decimal_separator == "," else ","
    bare = f"regexp_replace({value}, '[\\s\\x{{00a0}}'']', '', 'g')"
    plain = f"replace(replace({bare}, {literal(thousands)}, ''), {literal(options.decimal_separator)}, '.')"
    return f"try_cast({plain} as {kind})"


def _decimal_separator(engine: duckdb.DuckDBPyConnection, relation: str, amount: str) -> str | None:
    """Point or comma; None where no value tells, or as many tell one thing as the other."""
    signs = {
        # A separator that is followed by other than three digits at the end, or that stands after the other one.
        ",": r"^[^,]*,(\d{1,2}|\d{4,})?$|\.\d{3},\d+$|^[^,]*\.[^,.]*\.[^,]*$",
        ".": r"^[^.]*\.(\d{1,2}|\d{4,})?$|,\d{3}\.\d+$|^[^.]*,[^,.]*,[^.]*$",
    }
    counts = _counts(engine, relation, amount, signs)
    if counts[","] == counts["."]:
        return None
    return max(counts, key=lambda sign: counts[sign])


def _is_swapped(engine: duckdb.DuckDBPyConnection, relation: str, declared: str, day: str) -> bool:
    """Whether the file has months where the declared format has days."""
    found = _DAY_AND_MONTH.match(declared)
    if found is None or found[1] == found[3]:
        return False
    above_twelve = r"(1[3-9]|2\d|3[01])"
    signs = {"first": rf"^{above_twelve}\D\d{{1,2}}(\D|$)", "second": rf"^\d{{1,2}}\D{above_twelve}(\D|$)"}
    counts = _counts(engine, relation, day, signs)
    day_stands = "first" if found[1] == "d" else "second"
    other = "second" if day_stands == "first" else "first"
    return counts[other] > counts[day_stands]


def _counts(
    engine: duckdb.DuckDBPyConnection, relation: str, value: str, patterns: Mapping[str, str]
) -> dict[str, int]:
    """How many values match each pattern."""
    counted = ", ".join(
        f"count(*) filter (where regexp_matches(text, {literal(pattern)}))" for pattern in patterns.values()
    )
    row = engine.execute(f"select {counted} from (select trim({value}) as text from {relation})").fetchone() or ()
    return {name: int(count) for name, count in zip(patterns, row, strict=True)}
