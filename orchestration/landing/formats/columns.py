"""Which column of a file is which column of the landing: by name, never by position."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from orchestration.declaration.columns import IfMissing
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.casting import RawColumn

_MAX_COLUMNS = 2000
_MAX_NAME = 60
_MUCH_ALIKE = 0.75


class MissingColumnError(LandingError):
    """A file lacks a declared column, or has it twice."""


def match_columns(
    item: LandingTable,
    source_file: str,
    headers: Sequence[str],
    raw_values: Sequence[tuple[str, str]],
    *,
    absent_is_null: bool = False,
) -> list[RawColumn]:
    """Declared columns in their order, then undeclared ones as text in file order.

    A declared column takes the header of its `source_name`, else of its own name, else the only header that
    becomes its name in lower case with underscores ("Customer ID" is customer_id).

    Args:
        item: The table.
        source_file: Name of the file for messages.
        headers: Column names in the file.
        raw_values: SQL of the raw value and its DuckDB type, one per header.
        absent_is_null: JSON objects leave keys out; a file of them lacks no column.

    Raises:
        MissingColumnError: A declared column is absent or not unique. The file's own names are not repeated
            in the message, but for those much like a declared one: without a header they would be a customer's data.
        LandingError: The file has thousands of columns.
    """
    if len(headers) > _MAX_COLUMNS:
        advice = (
            "; name objects of many keys in keep_json: they land as JSON text"
            if item.capabilities.place == "endpoint"
            else ""
        )
        raise LandingError(f"{item.landing_name}: {source_file} has more than {_MAX_COLUMNS} columns{advice}")
    taken: dict[int, str] = {}
    for name in item.table.columns:
        position = _find(item, name, headers, source_file)
        if position is not None:
            taken[position] = name
    absent = [name for name in item.table.columns if name not in taken.values()]
    policies = {name: _if_missing(item, name, "default" if absent_is_null else "stop") for name in absent}
    stopping = [name for name, policy in policies.items() if policy == "stop"]
    # JSON without a record has no keys, and no column is missing from nothing.
    if stopping and (headers or not absent_is_null):
        raise MissingColumnError(
            f"{item.landing_name}: {source_file} lacks the declared column(s) {', '.join(stopping)}; it has"
            f" {len(headers)} column(s). Fix the file, or declare the columns as they are called there"
            " (source_name), set if_missing: default or quarantine, or remove them from company.yml; check the"
            f" delimiter and the encoding{_likely(item, stopping, headers, taken)}"
        )
    by_name = {name: position for position, name in taken.items()}
    declared = [_declared(item, name, by_name.get(name), headers, raw_values) for name in item.table.columns]
    return declared + _undeclared(item, headers, raw_values, taken)


def _likely(item: LandingTable, absent: Sequence[str], headers: Sequence[str], taken: dict[int, str]) -> str:
    """What the file may call the columns that it lacks, as the end of a message; "" when nothing is like them."""
    free = {landing_column_name(header, at + 1): header for at, header in enumerate(headers) if at not in taken}
    found = []
    for name in absent:
        wanted = {name, landing_column_name(item.table.columns[name].source_name or name, 0)}
        close = [match for text in sorted(wanted) for match in get_close_matches(text, list(free), 1, _MUCH_ALIKE)]
        if close:
            found.append(f"{free[close[0]]!r} for {name}")
    return f". Did you mean {', '.join(found)}?" if found else ""


def one_spelling(item: LandingTable, keys: Sequence[str]) -> dict[str, list[str]]:
    """Keys of JSON objects that are one field: those of a declared column that differ in case alone.

    Two columns that are declared in spellings that differ in case alone are two fields, as are undeclared keys.

    Args:
        item: The table.
        keys: All keys of the file's objects.

    Returns:
        Keys by header, which is spelled as declared; the declared spelling first.
    """
    exact = [column.source_name or name for name, column in item.table.columns.items()]
    by_fold: dict[str, list[str]] = {}
    for name in exact:
        by_fold.setdefault(name.casefold(), []).append(name)
    nameless = {name for name, column in item.table.columns.items() if column.source_name is None}
    found: dict[str, list[str]] = {}
    for position, key in enumerate(sorted(keys, key=lambda key: (key not in exact, key)), start=1):
        declared = by_fold.get(key.casefold(), [])
        header = declared[0] if len(declared) == 1 else key
        if not declared and landing_column_name(key, position) in nameless:
            header = next((other for other in found if other.casefold() == key.casefold()), key)
        found.setdefault(header, []).append(key)
    return found


def keys_by_column(item: LandingTable, source_file: str, keys: Sequence[str]) -> dict[str, str]:
    """Key of a JSON object by the column that takes its value; a declared column without one is named as declared.

    Raises:
        LandingError: As for `match_columns`.
    """
    spellings = one_spelling(item, keys)
    columns = match_columns(
        item, source_file, list(spellings), [("null", "VARCHAR")] * len(spellings), absent_is_null=True
    )
    return {column.name: spellings.get(column.header, [column.header])[0] for column in columns}


def landing_column_name(header: str, position: int) -> str:
    """Name for an undeclared column: lower case, a-z, 0-9 and _, at most 60 characters.

    A header of which nothing remains (other scripts), or that is longer, is told apart by a hash of it, so that it has
    the same name in every file; column_<position> for a blank one.
    """
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name:
        return f"column_{_digest(header)}" if header.strip() else f"column_{position}"
    name = name if name[0].isalpha() else f"c_{name}"
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 9]}_{_digest(header)}"


def labels_of(headers: Sequence[str], columns: Sequence[RawColumn], raw_names: Sequence[str]) -> list[str]:
    """A name for each header, no two alike: blank and repeated headers are called like their column in the landing.

    Args:
        headers: Column names in the file.
        columns: What `match_columns` made of them.
        raw_names: SQL of the raw values, one per header, as it was given there.
    """
    counts = Counter(headers)
    names = {column.raw: column.name for column in columns}
    return [
        header if header and counts[header] == 1 else names[raw] for header, raw in zip(headers, raw_names, strict=True)
    ]


def _digest(header: str) -> str:
    return hashlib.sha256(header.encode(errors="surrogatepass")).hexdigest()[:8]


def _find(item: LandingTable, name: str, headers: Sequence[str], source_file: str) -> int | None:
    column = item.table.columns[name]
    wanted = name if column.source_name is None else column.source_name
    positions = [position for position, header in enumerate(headers) if header == wanted]
    if not positions and column.source_name is None:
        positions = [
            position
            for position, header in enumerate(headers)
            if landing_column_name(header, position + 1) == name and header not in item.table.columns
        ]
    if column.is_placed:
        return _find_placed(item, name, headers, positions, source_file)
    if len(positions) > 1:
        raise MissingColumnError(
            f"{item.landing_name}: {source_file} has {len(positions)} columns that could be {name!r}: say which by"
            " source_name, by after (the header on its left) and place (1 of 2), or fix the file"
        )
    return positions[0] if positions else None


def _find_placed(
    item: LandingTable, name: str, headers: Sequence[str], positions: Sequence[int], source_file: str
) -> int | None:
    """The column among those of equal or no header; None when there is none at all."""
    column = item.table.columns[name]
    # A refused row that is judged again names its values by column, because their headers are alike.
    if not positions and name in headers:
        return headers.index(name)
    found = list(positions) if column.after is None else _run_after(column.after, headers, positions)
    if not found:
        return None
    number, count = map(int, (column.place or "1 of 1").split(" of "))
    if len(found) != count:
        raise MissingColumnError(
            f"{item.landing_name}: {source_file} has {len(found)} columns that could be {name!r}, and company.yml"
            f" knows {count}: look which is which, and correct after and place"
        )
    if column.after is None and len({headers[position - 1] if position else "" for position in found}) > 1:
        raise MissingColumnError(
            f"{item.landing_name}: {source_file} has {len(found)} columns that could be {name!r}, behind columns of"
            " different names: say by after which header stands on its left, so that it is found when columns move"
        )
    return found[number - 1]


def _run_after(left: str, headers: Sequence[str], positions: Sequence[int]) -> list[int]:
    """Those of the positions that follow a header without a gap; "" is the beginning of the header."""
    starts = [-1] if left == "" else [position for position, header in enumerate(headers) if header == left]
    found: set[int] = set()
    for start in starts:
        while start + 1 in positions:
            start += 1
            found.add(start)
    return sorted(found)


def _if_missing(item: LandingTable, name: str, usual: IfMissing) -> IfMissing:
    return item.table.columns[name].if_missing or item.table.if_missing or usual


def _declared(
    item: LandingTable,
    name: str,
    position: int | None,
    headers: Sequence[str],
    raw_values: Sequence[tuple[str, str]],
) -> RawColumn:
    column = item.table.columns[name]
    absent = "cast(null as varchar)" if column.default is None else literal(column.default)
    raw, raw_type = (absent, "VARCHAR") if position is None else raw_values[position]
    return RawColumn(
        name=name,
        type=item.table.columns[name].type,
        header=name if position is None else headers[position],
        raw=raw,
        raw_type=raw_type,
        is_required=name in item.table.required,
        is_missing=position is None and bool(headers) and _if_missing(item, name, "default") == "quarantine",
        if_invalid=column.if_invalid or item.table.if_invalid or "quarantine",
        default=column.default,
        nulls=() if position is None else item.table.nulls_of(name),
    )


def _undeclared(
    item: LandingTable, headers: Sequence[str], raw_values: Sequence[tuple[str, str]], taken: dict[int, str]
) -> list[RawColumn]:
    columns = []
    used = set(item.table.columns)
    nulls = item.table.null_values or ()
    counts = Counter(landing_column_name(header, 0) for header in headers if header)
    for position, header in enumerate(headers):
        if position in taken:
            continue
        base = _undeclared_name(headers, position, counts)
        name, suffix = base, 2
        while name in used:
            name, suffix = f"{base}_{suffix}", suffix + 1
        used.add(name)
        raw, raw_type = raw_values[position]
        columns.append(RawColumn(name, "text", header, raw, raw_type, is_declared=False, nulls=nulls))
    return columns


def _undeclared_name(headers: Sequence[str], position: int, counts: Counter[str]) -> str:
    """A name that does not depend on how many columns stand before it, where the header allows that.

    One without a header is called after the nearest header on its left; one of several alike by the one next to it.
    """
    header = headers[position]
    if header:
        name = landing_column_name(header, position + 1)
        if counts[name] == 1:
            return name
        if headers.count(header) == 1:
            return landing_column_name(f"{name} {_digest(header)}", 0)
        if not position:
            return landing_column_name(f"{name} first", 0)
        before = headers[position - 1]
        left = landing_column_name(before, 0) if before else _undeclared_name(headers, position - 1, counts)
        return landing_column_name(f"{name} after {left}", 0)
    anchor = next((at for at in range(position - 1, -1, -1) if headers[at]), -1)
    if anchor < 0:
        return landing_column_name("", position + 1)
    return landing_column_name(f"{_undeclared_name(headers, anchor, counts)} {position - anchor + 1}", 0)
