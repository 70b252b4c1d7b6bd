"""One HTML page and one JSON file: choose a published column, follow it back to the landing tables."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from orchestration.documentation.dbt_pages import script_json
from orchestration.documentation.tables import Table
from orchestration.publication.generations import Generation
from orchestration.publication.report_file import generation_mark

TEMPLATE = Path(__file__).with_name("lineage.html")


def lineage(tables: Mapping[str, Table], generation: Generation) -> dict[str, Any]:
    """Column lineage as one document.

    Args:
        tables: The documented tables.
        generation: What they were published as.

    Returns:
        `tables` by schema.table: id (in dbt), kind, description, is_published, reads (tables), and columns: name, type,
        description, made_of (table and column). A column that Python or a source gives, or a constant, is made of none.
    """
    return {
        "company": generation.company,
        "generation_id": generation.generation_id,
        "as_of_date": generation.as_of_date,
        "tables": {
            address: {
                "id": table.unique_id,
                "kind": table.kind,
                "description": table.description,
                "is_published": table.is_published,
                "reads": list(table.reads),
                "columns": [
                    {
                        "name": column.name,
                        "type": column.type,
                        "description": column.description,
                        "made_of": [list(source) for source in column.made_of],
                    }
                    for column in table.columns
                ],
            }
            for address, table in tables.items()
        },
    }


def page(document: Mapping[str, Any]) -> str:
    """The HTML page with the lineage inside: no network, no other file."""
    title = f"Lineage of {document['company']}, as of {document['as_of_date']}"
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("{{mark}}", generation_mark(str(document["generation_id"]))).replace("{{title}}", escape(title))
    return text.replace("{{lineage}}", script_json(document))
