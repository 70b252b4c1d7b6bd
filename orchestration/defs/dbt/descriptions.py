"""What a dbt test says, in one sentence: dbt has names for its tests, people want to know what must hold."""

from collections.abc import Mapping
from typing import Any

_SENTENCES = {
    "not_null": "{column_name} is never null.",
    "never_null": "Never null: {columns}.",
    "unique": "{column_name} is unique.",
    "accepted_values": "{column_name} is one of: {values}.",
    "relationships": "Every {column_name} is a {field} of {to}.",
    "unique_combination": "{columns} are unique together.",
    "between": "{column_name} lies between {low} and {high}, both included.",
    "holds": "Every row holds: {condition}.",
}


def data_test_description(test: Mapping[str, Any]) -> str:
    """The test's own description, else a sentence of what its kind and arguments say, else the comment in its SQL.

    Args:
        test: The node of a data test in dbt's manifest.
    """
    if declared := test.get("description"):
        return str(declared)
    metadata = test.get("test_metadata") or {}
    if sentence := _SENTENCES.get(metadata.get("name", "")):
        arguments = {name: _words(value) for name, value in metadata["kwargs"].items()}
        return sentence.format_map(arguments)
    return _comment(str(test.get("raw_code") or ""))


def _words(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _comment(sql: str) -> str:
    """The first comment, its lines joined."""
    lines = [line.strip() for line in sql.splitlines()]
    start = next((number for number, line in enumerate(lines) if line.startswith("--")), len(lines))
    comment = []
    for line in lines[start:]:
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    return " ".join(comment)
