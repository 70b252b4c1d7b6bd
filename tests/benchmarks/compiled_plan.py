"""What dbt built in a run, as SQL in the order in which it was built: input of the plain calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

STAGE_FOLDERS = "stage_[0-9]*"
"""Below dbt's target folder: one of each stage, as `orchestration.dbt.stages` names them."""
PUBLISHED_SCHEMAS = ("core", "marts")


@dataclass(frozen=True)
class Node:
    """One model or data test that dbt ran.

    Attributes:
        name: dbt's unique id.
        kind: `view`, `table` or `test`.
        relation: Quoted relation of a model, empty for a test.
        sql: Compiled SQL; of a test, the query of its failing rows.
        failures: Failing rows that dbt counted; 0 for a model.
    """

    name: str
    kind: str
    relation: str
    sql: str
    failures: int


@dataclass(frozen=True)
class CompiledPlan:
    """Nodes by stage in order of completion, which keeps every node after its parents; and what is published."""

    stages: dict[str, list[Node]]
    published: list[dict[str, Any]]

    @property
    def node_count(self) -> int:
        """Models and data tests."""
        return sum(len(nodes) for nodes in self.stages.values())

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_plan(path: Path) -> CompiledPlan:
    """What `CompiledPlan.write` wrote."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    stages = {stage: [Node(**node) for node in nodes] for stage, nodes in stored["stages"].items()}
    return CompiledPlan(stages, stored["published"])


def plan_of_run(target: Path) -> CompiledPlan:
    """The plan of the newest full build below dbt's target folder.

    Raises:
        ValueError: The build extended incremental tables: its SQL cannot be run by itself.
    """
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    stages = {folder.name: list(_nodes(manifest, folder / "run_results.json")) for folder in _stage_folders(target)}
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    readable = sorted(
        (node for node in models if node["schema"] in PUBLISHED_SCHEMAS),
        key=lambda node: (node["schema"], node["alias"]),
    )
    return CompiledPlan(stages, [_published(node) for node in readable])


def dbt_seconds(target: Path) -> dict[str, float]:
    """What dbt itself says that each stage took, without the start of its process."""
    return {
        folder.name: float(json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["elapsed_time"])
        for folder in _stage_folders(target)
    }


def _stage_folders(target: Path) -> list[Path]:
    return sorted(target.glob(STAGE_FOLDERS))


def _nodes(manifest: dict[str, Any], results: Path) -> Iterator[Node]:
    document = json.loads(results.read_text(encoding="utf-8"))
    if not document["args"].get("full_refresh"):
        raise ValueError(f"{results}: not a full build")
    for result in document["results"]:
        node = manifest["nodes"].get(result["unique_id"])
        # What runs before all others is no node of the build (`confine`).
        if node is None or node["resource_type"] == "operation":
            continue
        is_test = node["resource_type"] == "test"
        kind = "test" if is_test else "view" if node["config"]["materialized"] == "view" else "table"
        yield Node(
            result["unique_id"], kind, result["relation_name"] or "", result["compiled_code"], result["failures"] or 0
        )


def _published(node: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": node["schema"],
        "name": node["alias"],
        "is_personal": bool(node["config"].get("meta", {}).get("personal_data")),
        "description": node["description"],
        "columns": {name: column["description"] for name, column in node["columns"].items()},
    }
