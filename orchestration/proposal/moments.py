"""Dates and times in text: which format their values have, and whether the data tell day from month."""

import re
from collections.abc import Sequence

_NUMERIC = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(.*)", re.DOTALL)
_NAMED = re.compile(r"(\d{1,2})([ -])([A-Za-z]{3})\2(\d{4}|\d{2})(.*)", re.DOTALL)
_TIMES = (
    (re.compile(r"[ T]\d{1,2}:\d{2}"), "%H:%M"),
    (re.compile(r"[ T]\d{1,2}:\d{2}:\d{2}"), "%H:%M:%S"),
    (re.compile(r"[ T]\d{1,2}:\d{2}:\d{2}\.\d{1,6}"), "%H:%M:%S.%f"),
    (re.compile(r"[ T]\d{1,2}:\d{2} ?[AaPp][Mm]"), "%I:%M %p"),
    (re.compile(r"[ T]\d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]"), "%I:%M:%S %p"),
)
DAY_FIRST, MONTH_FIRST = "%d{0}%m{0}", "%m{0}%d{0}"


def formats_of(values: Sequence[str]) -> list[str]:
    """Formats that the first of the values can have, the likelier first; "" is ISO, which needs no format.

    Args:
        values: Some values of a column, trimmed.

    Returns:
        None of them when it is no date. Two where only the other values tell day from month.
    """
    for value in values[:1]:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?", value):
            return [""]
        if re.fullmatch(r"(19|20)\d{6}", value):
            return ["%Y%m%d"]
        if (named := _NAMED.fullmatch(value)) and (time := _time_format(named[5])) is not None:
            year = "%Y" if len(named[4]) == 4 else "%y"
            return [f"%d{named[2]}%b{named[2]}{year}{time}"]
        if (found := _NUMERIC.fullmatch(value)) and (time := _time_format(found[5])) is not None:
            return [f"{day}{time}" for day in _day_formats(found[1], found[2], found[4])]
    return []


def has_time(moment_format: str) -> bool:
    """Whether a format has a time of day."""
    return "%H" in moment_format or "%I" in moment_format


def _day_formats(first: str, mark: str, last: str) -> list[str]:
    if len(first) == 4:
        return [f"%Y{mark}%m{mark}%d"]
    if len(first) == 3 or len(last) not in (2, 4):
        return []
    year = "%Y" if len(last) == 4 else "%y"
    return [f"{order.format(mark)}{year}" for order in (DAY_FIRST, MONTH_FIRST)]


def _time_format(rest: str) -> str | None:
    """Format of what follows the date; "" for nothing, None for what is no time."""
    if not rest:
        return ""
    for pattern, text in _TIMES:
        if pattern.fullmatch(rest):
            mark = rest[0]
            written = text if " " in rest[1:] else text.replace(" ", "")
            return f"{mark}{written}"
    return None
