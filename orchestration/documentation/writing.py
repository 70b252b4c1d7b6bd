"""Writes the documentation of a generation beside the generations; each file is replaced in one step."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.documentation import dbt_pages, lineage_page
from orchestration.documentation.tables import Table
from orchestration.publication.generations import Generation
from orchestration.publication.report_file import DOCS, LINEAGE


def write_documentation(
    published: Path, manifest: Mapping[str, Any], tables: Mapping[str, Table], generation: Generation
) -> dict[str, Path]:
    """Write dbt's pages with manifest and catalogue, and the lineage as a page and as JSON.

    Equal inputs give equal files: they bear the time of the publication.

    Args:
        published: The company's folder of publications.
        manifest: dbt's manifest.json.
        tables: The documented tables.
        generation: What readers see.

    Returns:
        Path by file name. The page of lineage, which names the generation, is written last.

    Raises:
        DocumentationError: dbt's page has no place for the data.
    """
    plain = dbt_pages.plain_manifest(manifest, generation.published_at)
    catalog = dbt_pages.catalog(manifest, tables, generation.published_at)
    lineage = lineage_page.lineage(tables, generation)
    texts = {
        "index.html": dbt_pages.page(plain, catalog),
        "manifest.json": json.dumps(plain, separators=(",", ":")) + "\n",
        "catalog.json": json.dumps(catalog, separators=(",", ":")) + "\n",
        "lineage.json": json.dumps(lineage, indent=1) + "\n",
        Path(LINEAGE).name: lineage_page.page(lineage),
    }
    folder = published / DOCS
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        fresh = folder / f".{name}.new"
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, folder / name)
    return {name: folder / name for name in texts}
