"""Stages of the dbt project: which models can be built at one go, told by the Python results that they wait for.

A model's stage is the number of Python borders behind it: 1 for a model that waits for none, one more for a model that
reads a Python table which itself reads models of the stage before. Nothing is tagged; as many stages as there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

Address = tuple[str, str]
"""Schema and table."""


class StageError(ValueError):
    """Models and Python tables wait for each other; the message names them."""


@dataclass(frozen=True)
class Stage:
    """A part of the dbt project that is built at one go.

    Attributes:
        number: From 1.
        models: dbt's unique ids, sorted.
        tests: Of the tests that run with it: those whose last parent it builds.
    """

    number: int
    models: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """As steps, folders and records of what was built call it."""
        return f"stage_{self.number}"


def address_of(node: Mapping[str, Any]) -> Address:
    """Where a model or a source lies; the same as its asset key."""
    meta = node.get("meta") or node.get("config", {}).get("meta", {})
    declared = meta.get("dagster", {}).get("asset_key")
    if declared:
        return declared[0], declared[1]
    return node["schema"], node.get("alias") or node["name"]


class _Borders:
    """Python borders behind models and tables, counted once each."""

    def __init__(self, manifest: Mapping[str, Any], python_reads: Mapping[Address, Set[Address]]) -> None:
        self._parents = manifest["parent_map"]
        self._sources = {name: address_of(node) for name, node in manifest["sources"].items()}
        self._models = {
            address_of(node): name for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
        }
        self._python_reads = python_reads
        self._found: dict[str | Address, int] = {}
        self._waiting: list[str | Address] = []

    def behind(self, thing: str | Address) -> int:
        """Of a model (by unique id) or a Python table; -1 for a table behind which there is no model."""
        if thing not in self._found:
            if thing in self._waiting:
                circle = " -> ".join(map(str, [*self._waiting[self._waiting.index(thing) :], thing]))
                raise StageError(f"Models and Python tables wait for each other: {circle}")
            self._waiting.append(thing)
            self._found[thing] = self._of_model(thing) if isinstance(thing, str) else self._of_table(thing)
            self._waiting.pop()
        return self._found[thing]

    def _of_model(self, model: str) -> int:
        behind = 0
        for parent in self._parents.get(model, ()):
            if parent in self._sources:
                behind = max(behind, 1 + self.behind(self._sources[parent]))
            elif parent.startswith("model."):
                behind = max(behind, self.behind(parent))
        return behind

    def _of_table(self, table: Address) -> int:
        read = self._python_reads.get(table, ())
        return max((self.behind(self._models.get(address, address)) for address in read), default=-1)


def derive_stages(manifest: Mapping[str, Any], python_reads: Mapping[Address, Set[Address]]) -> list[Stage]:
    """The stages of a project, in the order in which they are built; every model and every test is in one of them.

    Args:
        manifest: dbt's manifest.json.
        python_reads: What each table that Python writes is made from: models and other tables of Python.

    Raises:
        StageError: Models and Python tables wait for each other.
    """
    borders = _Borders(manifest, python_reads)
    stages: dict[int, list[str]] = {}
    for name, node in manifest["nodes"].items():
        if node["resource_type"] == "model":
            stages.setdefault(borders.behind(name), []).append(name)
    tests: dict[int, list[str]] = {}
    for name, node in manifest["nodes"].items():
        if node["resource_type"] == "test":
            parents = [parent for parent in node["depends_on"]["nodes"] if parent.startswith("model.")]
            tests.setdefault(max(map(borders.behind, parents), default=0), []).append(name)
    return [
        Stage(number, tuple(sorted(stages[behind])), tuple(sorted(tests.get(behind, []))))
        for number, behind in enumerate(sorted(stages), start=1)
    ]


def with_stages(manifest: Mapping[str, Any], stages: Sequence[Stage]) -> dict[str, Any]:
    """The manifest with every node tagged by its stage and every test attached to a parent in that stage.

    A tag selects a stage in one pass over the nodes; dbt would make one pass for each of several hundred names.

    dbt runs a test with its last parent; Dagster asks for its result where it is attached. A test's own word
    (`meta.dagster.ref`) stands where it names a parent of that stage.

    Args:
        manifest: dbt's manifest.json; it is left as it is.
        stages: All stages.
    """
    stage_of = {model: stage.number for stage in stages for model in stage.models}
    nodes = dict(manifest["nodes"])
    for name, node in manifest["nodes"].items():
        parents = sorted(parent for parent in node["depends_on"]["nodes"] if parent in stage_of)
        if node["resource_type"] != "test" or len(parents) < 2:
            continue
        last = max(stage_of[parent] for parent in parents)
        named = node["config"].get("meta", {}).get("dagster", {}).get("ref", {}).get("name")
        attached = [parent for parent in parents if nodes[parent]["name"] == named] + [node.get("attached_node")]
        if stage_of.get(attached[0] or "") == last:
            continue
        at = next(parent for parent in parents if stage_of[parent] == last)
        meta = {**node["config"].get("meta", {}), "dagster": {"ref": {"name": nodes[at]["name"]}}}
        nodes[name] = {**node, "config": {**node["config"], "meta": meta}, "meta": meta}
    for stage in stages:
        for name in (*stage.models, *stage.tests):
            nodes[name] = {**nodes[name], "tags": [*nodes[name]["tags"], stage.name]}
    return {**manifest, "nodes": nodes}
