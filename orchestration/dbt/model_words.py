"""What a dbt model is, in one line: as its YAML says, or for a company's staging model as its contract says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cx_assets.contracts import load_contracts


def description_of(node: Mapping[str, Any]) -> str:
    """The grain of a model or source of the manifest; empty where nobody says."""
    declared, name = str(node.get("description") or ""), str(node["name"])
    if declared or not name.startswith("stg_"):
        return declared
    source, entity = name.removeprefix("stg_").split("__", 1)
    contract = load_contracts().get(entity)
    return f"{contract.grain if contract else entity} As {source} gives it: the company's own SQL."
