"""Which column of a file is which column of the landing: by name, never by position."""

import re
import unicodedata
from collections.abc import Sequence

from orchestration.declared_tables import IfMissing, LandingTable
from orchestration.landing.casting import RawColumn
from orchestration.landing.sources import LandingError
from orchestration.sql_text import literal

_MAX_COLUMNS = 2000


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
            in the message: without a header they would be a customer's data.
        LandingError: The file has thousands of columns.
    """
    if len(headers) > _MAX_COLUMNS:
        raise LandingError(f"{item.landing_name}: {source_file} has more than {_MAX_COLUMNS} columns")
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
            f" {len(headers)} column(s). Mend the file, or declare the columns as they are called there"
            " (source_name), say if_missing: default or quarantine, or declare them not at all; check the delimiter"
            " and the encoding"
        )
    by_name = {name: position for position, name in taken.items()}
    declared = [_declared(item, name, by_name.get(name), headers, raw_values) for name in item.table.columns]
    return declared + _undeclared(headers, raw_values, taken, set(item.table.columns))


def landing_column_name(header: str, position: int) -> str:
    """Name for an undeclared column: lower case, a-z, 0-9 and _; column_<position> when nothing remains."""
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60]
    if not name:
        return f"column_{position}"
    return name if name[0].isalpha() else f"c_{name}"


def _find(item: LandingTable, name: str, headers: Sequence[str], source_file: str) -> int | None:
    wanted = item.table.columns[name].source_name or name
    positions = [position for position, header in enumerate(headers) if header == wanted]
    if not positions and item.table.columns[name].source_name is None:
        positions = [
            position
            for position, header in enumerate(headers)
            if landing_column_name(header, position + 1) == name and header not in item.table.columns
        ]
    if len(positions) > 1:
        raise MissingColumnError(
            f"{item.landing_name}: {source_file} has {len(positions)} columns that could be {name!r}:"
            " say which by source_name, or mend the file"
        )
    return positions[0] if positions else None


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
    )


def _undeclared(
    headers: Sequence[str], raw_values: Sequence[tuple[str, str]], taken: dict[int, str], names: set[str]
) -> list[RawColumn]:
    columns = []
    used = set(names)
    for position, header in enumerate(headers):
        if position in taken:
            continue
        base = landing_column_name(header, position + 1)
        name, suffix = base, 2
        while name in used:
            name, suffix = f"{base}_{suffix}", suffix + 1
        used.add(name)
        raw, raw_type = raw_values[position]
        columns.append(RawColumn(name, "text", header, raw, raw_type, is_declared=False))
    return columns
