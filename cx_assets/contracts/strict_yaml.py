"""YAML read strictly: plain data only, no duplicate keys, no aliases, every key with its line number.

What the keys mean is checked elsewhere: contracts in `entity`, companies in `orchestration.declaration.company`.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """What such a text says, checked: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StrictYamlError(ValueError):
    """The text is not plain YAML; the message names the file and the line."""


@dataclass(frozen=True)
class StrictDocument:
    """Parsed data, and the 1-based line of every key and list item by its path."""

    name: str
    data: Any
    lines: dict[tuple[str | int, ...], int] = field(repr=False)

    def line_of(self, path: tuple[str | int, ...]) -> int | None:
        """Line of the nearest known ancestor of `path`; None for the document itself."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader without aliases (a few lines of them can exhaust memory) and without duplicate keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases before they are expanded."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not supported: write the value out",
                problem_mark=self.peek_event().start_mark,
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key that is given twice: the last one would win silently."""
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} is given twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_strict_yaml(text: str, name: str) -> StrictDocument:
    """Parse YAML text into plain data.

    Args:
        text: The document.
        name: File name for error messages.

    Raises:
        StrictYamlError: The text is not YAML, uses tags that build objects, aliases or duplicate keys.
    """
    loader = _StrictLoader(text)
    try:
        node = loader.get_single_node()
        data = None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or str(error)
        raise StrictYamlError(f"{where}: {problem}") from error
    finally:
        loader.dispose()
    lines: dict[tuple[str | int, ...], int] = {}
    _collect_lines(node, (), lines)
    return StrictDocument(name=name, data=data, lines=lines)


def _collect_lines(
    node: yaml.Node | None, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]
) -> None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            key_path = (*path, str(key_node.value))
            lines[key_path] = key_node.start_mark.line + 1
            _collect_lines(value_node, key_path, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            _collect_lines(item, (*path, index), lines)
