"""Values as YAML text, whatever they hold. What the documents mean is elsewhere."""

from collections.abc import Mapping
from typing import Any

import yaml

_WIDTH = 120
_ONE_LINE = 100_000


class _IndentingDumper(yaml.SafeDumper):
    """Lists stand below the key that they belong to, as everywhere in the project."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def yaml_text(document: Mapping[str, Any]) -> str:
    """A document, its keys in their order."""
    return yaml.dump(document, Dumper=_IndentingDumper, sort_keys=False, width=_WIDTH, allow_unicode=True)


def yaml_entry(key: str, value: Any) -> str:
    """One entry of a mapping on one line without a line break, so that a comment can stand behind it or above."""
    if not isinstance(value, Mapping | list | tuple):
        return _one_line({key: value}, is_flow=False)
    inner = dict(value) if isinstance(value, Mapping) else list(value)
    return f"{_one_line({key: 0}, is_flow=False).removesuffix('0')}{_one_line(inner, is_flow=True)}"


def _one_line(value: Any, *, is_flow: bool) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=is_flow, sort_keys=False, width=_ONE_LINE, allow_unicode=True)
    return text.strip()
