"""Fingerprints of what a model is made of: its SQL and that of everything behind it, macros, settings, Python code.

Words are left out: a description, a comment in a page of documentation or a help text builds nothing anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from typing import Any

from orchestration.dbt.stages import Address, address_of

_OF_CONFIG = ("materialized", "incremental_strategy", "unique_key", "on_schema_change", "contract", "schema", "alias")


def stage_fingerprint(
    manifest: Mapping[str, Any],
    models: Iterable[str],
    python_reads: Mapping[Address, Set[Address]],
    python_code: Mapping[Address, str],
    settings: str,
) -> str:
    """Hash of what decides the rows of some models.

    Args:
        manifest: dbt's manifest.json.
        models: Their unique ids.
        python_reads: What each table that Python writes is made from.
        python_code: Hash of the code that makes it.
        settings: What company.yml says to SQL and Python.

    Returns:
        Sixteen hexadecimal digits.
    """
    models_by_name = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    by_address = {address_of(node): name for name, node in models_by_name.items()}
    sources = {name: address_of(node) for name, node in manifest["sources"].items()}
    nodes: set[str] = set()
    tables: set[Address] = set()
    frontier: list[str | Address] = list(models)
    while frontier:
        thing = frontier.pop()
        if isinstance(thing, str):
            if thing in nodes or thing not in manifest["nodes"]:
                continue
            nodes.add(thing)
            parents = manifest["parent_map"].get(thing, ())
            frontier += [sources.get(parent, parent) for parent in parents]
        elif thing in by_address and thing not in python_reads:
            frontier.append(by_address[thing])
        elif thing not in tables:
            tables.add(thing)
            frontier += python_reads.get(thing, ())
    digest = hashlib.sha256(settings.encode())
    for name in sorted(nodes):
        digest.update(json.dumps([name, *_of_node(manifest["nodes"][name])], sort_keys=True).encode())
    for name in sorted(_macros(manifest, nodes)):
        digest.update(f"{name}\0{manifest['macros'][name]['macro_sql']}\0".encode())
    for table in sorted(tables):
        digest.update(f"{'.'.join(table)}\0{python_code.get(table, '')}\0".encode())
    return digest.hexdigest()[:16]


def _of_node(node: Mapping[str, Any]) -> list[Any]:
    config = {name: node["config"].get(name) for name in _OF_CONFIG}
    meta = {name: value for name, value in node["config"].get("meta", {}).items() if name not in ("owner", "dagster")}
    types = {name: column.get("data_type") for name, column in node["columns"].items()}
    return [node["raw_code"], config, meta, types]


def _macros(manifest: Mapping[str, Any], nodes: Iterable[str]) -> set[str]:
    """Macros of this project that the nodes call, and those that these call."""
    frontier = [name for node in nodes for name in manifest["nodes"][node]["depends_on"]["macros"]]
    # Materialisation and strategy are found by name when dbt runs, and stand in no node.
    frontier += [name for name in manifest["macros"] if name.startswith("macro.cx.get_incremental_")]
    found: set[str] = set()
    while frontier:
        name = frontier.pop()
        if name in found or not name.startswith("macro.cx."):
            continue
        found.add(name)
        frontier += manifest["macros"][name]["depends_on"]["macros"]
    return found
