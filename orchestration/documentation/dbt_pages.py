"""dbt's own static documentation, made of the project as it was parsed and of what the run has recorded.

`dbt docs generate` would compile every model again and read the warehouse over a second connection. Its page is a
template with two places for JSON; these are filled here, without what belongs to the machine or to one invocation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.documentation.tables import Table

MANIFEST_PLACE, CATALOG_PLACE = '"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"'
CATALOG_SCHEMA = "https://schemas.getdbt.com/dbt/catalog/v1.json"
POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'"
    " 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; connect-src 'none'\">"
)
"""No request leaves the page, whatever its script would like to ask; Angular evaluates its templates."""
DOCUMENTED = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "macros", "docs")
_NO_STATISTICS = {
    "has_stats": {"id": "has_stats", "label": "Has Stats?", "value": False, "description": "", "include": False}
}


class DocumentationError(RuntimeError):
    """dbt's page has no place for the data: another version of dbt."""


def plain_manifest(manifest: Mapping[str, Any], generated_at: str) -> dict[str, Any]:
    """The manifest as others may have it: no moment of parsing, no id of an invocation, no environment, no unit tests.

    Macros of dbt itself are left out too: they are a fifth of it, and nobody looks them up here.

    Args:
        manifest: dbt's manifest.json; unchanged.
        generated_at: ISO time that it bears.
    """
    project = manifest["metadata"]["project_name"]
    kept = {name: {uid: _plain(item) for uid, item in manifest[name].items()} for name in DOCUMENTED}
    kept["macros"] = {uid: item for uid, item in kept["macros"].items() if item["package_name"] == project}
    kept["docs"] = {uid: item for uid, item in kept["docs"].items() if item["package_name"] == project}
    tests = manifest.get("unit_tests", {})
    named = ("dbt_schema_version", "dbt_version", "project_name", "adapter_type", "quoting")
    return {
        "metadata": {name: manifest["metadata"].get(name) for name in named}
        | {"generated_at": generated_at, "env": {}, "send_anonymous_usage_stats": False},
        **kept,
        "unit_tests": {},
        "groups": {},
        "selectors": {},
        "disabled": {},
        "functions": {},
        "group_map": {},
        **{
            side: {
                uid: [other for other in others if other not in tests]
                for uid, others in manifest[side].items()
                if uid not in tests
            }
            for side in ("parent_map", "child_map")
        },
    }


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("created_at", "build_path", "compiled_path")}


def catalog(manifest: Mapping[str, Any], tables: Mapping[str, Table], generated_at: str) -> dict[str, Any]:
    """catalog.json: type and columns of every model and source, as the run left them; no counts of rows.

    Args:
        manifest: dbt's manifest.json.
        tables: The documented tables.
        generated_at: ISO time that it bears.
    """
    told: dict[str, dict[str, Any]] = {"nodes": {}, "sources": {}}
    for table in tables.values():
        schema, name = table.address.split(".", 1)
        place = told["sources" if table.unique_id in manifest["sources"] else "nodes"]
        place[table.unique_id] = {
            "unique_id": table.unique_id,
            "metadata": {
                "type": "VIEW" if table.kind == "view" else "BASE TABLE",
                "database": "cx",
                "schema": schema,
                "name": name,
                "comment": table.description or None,
                "owner": None,
            },
            "columns": {
                column.name: {
                    "name": column.name,
                    "type": column.type,
                    "index": index,
                    "comment": column.description or None,
                }
                for index, column in enumerate(table.columns, start=1)
            },
            "stats": _NO_STATISTICS,
        }
    version = manifest["metadata"]["dbt_version"]
    metadata = {"dbt_schema_version": CATALOG_SCHEMA, "dbt_version": version, "generated_at": generated_at, "env": {}}
    return {"metadata": metadata, **told, "errors": None}


def page(manifest: Mapping[str, Any], tables_catalog: Mapping[str, Any]) -> str:
    """Page of dbt with both documents inside; it asks no other host.

    Raises:
        DocumentationError: The page that dbt ships has no place for them.
    """
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    text = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for place, document in ((MANIFEST_PLACE, manifest), (CATALOG_PLACE, tables_catalog)):
        if text.count(place) != 1:
            raise DocumentationError(f"dbt's page of documentation has not one place for {place}.")
        text = text.replace(place, script_json(document))
    if "<head>" not in text:
        raise DocumentationError("dbt's page of documentation has no head.")
    return text.replace("<head>", f"<head>{POLICY}", 1)


def script_json(document: Mapping[str, Any]) -> str:
    """JSON that can stand in a script of an HTML page: nothing in it ends the script."""
    return json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")
