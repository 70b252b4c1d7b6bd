"""Names and values as SQL text. What the SQL does is elsewhere."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def without_values(message: str) -> str:
    """An engine's message without the values and the SQL that it quotes."""
    lines = message.splitlines() or [""]
    first = next((line.strip() for line in lines if "Error:" in line), lines[0])
    return re.sub(r"'.*'", "'...'", first)


def quoted(name: str) -> str:
    """An SQL identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def key_sql(values: Iterable[str]) -> str:
    """SQL of a row's key as one text, its parts joined by a bar; null without a key."""
    parts = [f"coalesce(cast({value} as varchar), '')" for value in values]
    return " || '|' || ".join(parts) if parts else "cast(null as varchar)"


def known_key_sql(names: Sequence[str]) -> str:
    """SQL of the same text from columns; null where one of them is null, because it then names no row."""
    if not names:
        return key_sql(())
    known = " and ".join(f"{quoted(name)} is not null" for name in names)
    return f"case when {known} then {key_sql(quoted(name) for name in names)} end"


def literal_path(path: Path) -> str:
    """A path that the engine takes as one file, whatever characters of a glob it holds."""
    return "".join(f"[{character}]" if character in "[*?" else character for character in str(path))
