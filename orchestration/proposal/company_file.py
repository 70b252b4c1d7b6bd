"""`company.yml` as text, with a comment wherever the data do not tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cx_assets.contracts import load_contracts
from orchestration.ground.yaml_text import yaml_entry
from orchestration.proposal.entities import Mapping
from orchestration.proposal.observed import ObservedColumn, ObservedTable
from orchestration.proposal.scan import is_key_like

_NO_EVENTS = ("product", "customer_record")


def company_yaml(
    name: str,
    source: str,
    tables: Sequence[ObservedTable],
    mappings: Sequence[Mapping],
    *,
    currency: str,
    time_zone: str,
    country: str,
    connection: dict[str, str] | None = None,
    left_out: Sequence[str] = (),
) -> str:
    """The file's text; it is accepted as it stands.

    Args:
        name: Of the company.
        source: The one source that the tables belong to.
        tables: In the order in which they are declared.
        mappings: What the contracts are filled from.
        currency: Reporting currency.
        time_zone: Of the company, and of times without one.
        country: Country of telephone numbers without a prefix.
        connection: How a database is reached; null for files.
        left_out: Files that are not read, a line each.
    """
    events = {table.name: event_time(table, mappings) for table in tables}
    identifiers = _identifiers(mappings)
    lines = [
        "# Proposed by `cx init`. Look at every line marked DECIDE, correct it, and take the mark away.",
        *_commented(left_out, ""),
        yaml_entry("name", name),
        yaml_entry("title", name.replace("_", " ").capitalize()),
        yaml_entry("description", "Proposed from the company's own data."),
        _decided("currency_code", currency, "the reporting currency"),
        _decided("time_zone", time_zone, "the zone in which days and months are cut"),
        _decided("country_code", country, "the country of telephone numbers without a prefix"),
        yaml_entry("as_of", "latest_landed" if any(events.values()) else "schedule"),
        f"{yaml_entry('owner', 'team:data')}  # DECIDE",
        _decided("identity", {"identifiers": identifiers}, "leave out what customers share"),
        "sources:",
        f"  {_opened(source)}",
        f"    {yaml_entry('description', 'DECIDE what this system is.')}",
    ]
    if connection:
        lines.append(f"    {yaml_entry('connection', connection)}")
    lines.append("    tables:")
    for table in tables:
        lines += _table_lines(table, [m for m in mappings if m.table is table], events[table.name], time_zone)
    return "\n".join(lines) + "\n"


def event_time(table: ObservedTable, mappings: Sequence[Mapping]) -> str | None:
    """The column of things that happened: what the first contract with an event of its own takes from it."""
    contracts = load_contracts()
    for mapping in mappings:
        target = contracts[mapping.entity].event_time
        if mapping.table is table and target and mapping.entity not in _NO_EVENTS and target in mapping.columns:
            return mapping.columns[target]
    return None


def key_of(table: ObservedTable) -> list[str]:
    """Columns that tell rows apart: the first unique one that is called like a key, else the first unique pair."""
    unique = [name for name, column in table.columns.items() if column.is_declarable and table.is_unique(name)]
    named = [name for name in unique if is_key_like(table.columns[name].header)]
    return named[:1] or ([*table.pairs[0]] if table.pairs and not table.is_sample else [])


def _identifiers(mappings: Sequence[Mapping]) -> list[str]:
    columns = {target for mapping in mappings if mapping.entity == "customer_record" for target in mapping.columns}
    found = [name for name in ("source_person_id", "email", "phone", "tax_number") if name in columns]
    return found or ["email", "phone"]


def _table_lines(table: ObservedTable, mappings: list[Mapping], event: str | None, time_zone: str) -> list[str]:
    key = key_of(table)
    required = [name for name in dict.fromkeys([*key, *([event] if event else [])]) if table.is_full(name)]
    rows = f"{table.rows:,} rows" if not table.is_sample else f"the first {table.rows - 1:,} rows"
    entities = ", ".join(mapping.entity for mapping in mappings)
    lines = [
        f"      # {rows} were looked at; " + (f"fills {entities}" if entities else "DECIDE: no contract fits by name"),
        *_commented(table.notes, "      "),
        f"      {_opened(table.name)}",
        f"        {yaml_entry('description', 'DECIDE what one row is.')}",
        *(f"        {yaml_entry(name, value)}" for name, value in table.place.items()),
    ]
    moments = any(column.type == "timestamp" for column in table.columns.values())
    if moments and time_zone != "UTC":
        lines.append(f"        {_decided('time_zone', time_zone, 'the zone of times that carry none')}")
    if table.options:
        lines.append(f"        {yaml_entry('options', table.options)}")
    lines += _key_lines(table, key)
    if event:
        lines.append(f"        {yaml_entry('event_time', event)}")
    if required:
        lines.append(f"        {yaml_entry('required', required)}")
    lines.append("        columns:")
    declared = [column for column in table.columns.values() if column.is_declarable]
    for column in declared:
        lines += [*_commented(column.notes, "          "), f"          {_column_line(column)}"]
    others = [column.name for column in table.columns.values() if not column.is_declarable]
    lines += _commented([f"without a header of its own, as text: {', '.join(others)}"] if others else [], "          ")
    return lines


def _key_lines(table: ObservedTable, key: list[str]) -> list[str]:
    unique = [name for name in table.columns if table.is_unique(name) and name not in key]
    pairs = [f"{first} with {second}" for first, second in table.pairs if [first, second] != key]
    others = ", ".join([*unique, *pairs][:6])
    lines = [f"        # DECIDE: also unique: {others}"] if others and table.rows > 1 else []
    if key:
        return [*lines, f"        {yaml_entry('key', key)}"]
    return lines or ["        # DECIDE: no column and no pair of columns is unique"]


def _column_line(column: ObservedColumn) -> str:
    from orchestration.landing.formats.columns import landing_column_name

    extra: dict[str, Any] = {}
    if landing_column_name(column.header, 1) != column.name:
        extra["source_name"] = column.header
    if column.nulls:
        extra["null_values"] = column.nulls
    return yaml_entry(column.name, {"type": column.type, **extra} if extra else column.type)


def _commented(notes: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}# {' '.join(note.split())}" for note in notes]


def _decided(key: str, value: Any, question: str) -> str:
    return f"{yaml_entry(key, value)}  # DECIDE: {question}"


def _opened(key: str) -> str:
    """A key whose entries follow on lines of their own."""
    return yaml_entry(key, {}).removesuffix(" {}")
