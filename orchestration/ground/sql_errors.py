"""What an engine says against a model, with the file, the line and the names that it knows; no value of a row."""

from __future__ import annotations

import re
from pathlib import Path

from orchestration.ground.sql_text import without_values

_UNKNOWN = re.compile(r'(?:Referenced column|Column|Table with name|Function with name) "?(\w+)"?')
_CANDIDATES = re.compile(r'Candidate (?:bindings|functions|Entries)?:? ?((?:"?[\w.]+"?,? ?)+)')
_HINT = re.compile(r'Did you mean "([\w.]+)"')


def told(model: str, message: str, path: Path) -> str:
    """One line for people.

    Args:
        model: Its name.
        message: The engine's whole message.
        path: File of the model; may be absent.

    Returns:
        Model, message without values, and where they can be told: file and line of the unknown name, and names like it.
    """
    text = f"{model}: {without_values(message)}"
    unknown = _UNKNOWN.search(message)
    line = _line_of(unknown[1], path) if unknown else None
    if line is not None:
        text += f" ({path}, line {line})"
    if found := _CANDIDATES.search(message):
        text += f" The nearest names are {found[1].strip(' ,')}."
    elif hint := _HINT.search(message):
        text += f" Did you mean {hint[1]}?"
    return text


def _line_of(name: str, path: Path) -> int | None:
    """First line on which a name stands as a word; None where it does not, as in a macro's output."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    word = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
    return next((number for number, line in enumerate(lines, start=1) if word.search(line)), None)
