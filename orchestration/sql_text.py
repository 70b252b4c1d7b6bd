"""Names and values as SQL text. What the SQL does is elsewhere."""

import re


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
