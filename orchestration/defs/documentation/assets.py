"""The documentation of a new generation as files that anybody can open; how it is written is in `documentation`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext, MaterializeResult

from orchestration.defs.area import Frame
from orchestration.defs.publication.assets import GENERATION
from orchestration.documentation.tables import Recorded, documented_tables
from orchestration.documentation.writing import write_documentation
from orchestration.publication.generations import PublicationError, current_generation
from orchestration.runs.site import Site

TURN = 3
"""After the publication that it describes."""
PYTHON_TABLE = "python"
"""Kind of an asset whose table Python writes."""


def build_defs(frame: Frame) -> dg.Definitions:
    """One asset, owned by whoever owns the company's data."""
    reads = {
        ".".join(key.path): sorted(".".join(dep.path) for dep in asset.asset_deps[key])
        for asset in frame.assets
        for key in asset.keys
        if PYTHON_TABLE in asset.specs_by_key[key].kinds
    }
    return dg.Definitions(
        assets=[documentation_asset(frame.project.nodes(), frame.asset_keys, reads, frame.site.company.owner)]
    )


def recorded(instance: dg.DagsterInstance, keys: Collection[dg.AssetKey]) -> dict[str, Recorded]:
    """Types and column lineage as Dagster shows them: of the last materialisation of each asset."""
    found = {}
    for record in instance.get_asset_records(list(keys)):
        event = record.asset_entry.last_materialization
        materialization = event.asset_materialization if event else None
        if materialization is None:
            continue
        schema: Any = materialization.metadata.get("dagster/column_schema")
        lineage: Any = materialization.metadata.get("dagster/column_lineage")
        found[".".join(materialization.asset_key.path)] = Recorded(
            types={column.name: column.type for column in schema.schema.columns} if schema else {},
            made_of={
                column: [(".".join(dep.asset_key.path), dep.column_name) for dep in deps]
                for column, deps in lineage.value.deps_by_column.items()
            }
            if lineage
            else {},
        )
    return found


def documentation_asset(
    manifest: Mapping[str, Any],
    documented: Collection[dg.AssetKey],
    python_reads: Mapping[str, Sequence[str]],
    owner: str,
) -> dg.AssetsDefinition:
    """The files; a failure here leaves readers the new generation and the documentation of the one before."""

    @dg.asset(
        key=dg.AssetKey(["published", "documentation"]),
        deps=[GENERATION],
        group_name="publication",
        description="What every table and column means and where it comes from, as HTML and JSON: dbt's pages, and the"
        " lineage of each column. No figures, no personal data, no network.",
        owners=[owner],
        kinds={"html", "dbt"},
    )
    def documentation(context: AssetExecutionContext, site: dg.ResourceParam[Site]) -> MaterializeResult:
        published = site.workspace.published_dir
        generation = current_generation(published)
        if generation is None:
            raise PublicationError("Nothing is published that could be documented.")
        tables = documented_tables(manifest, recorded(context.instance, documented), python_reads)
        written = write_documentation(published, manifest, tables, generation)
        return MaterializeResult(
            metadata={
                "generation_id": generation.generation_id,
                "tables": len(tables),
                "columns": sum(len(table.columns) for table in tables.values()),
                "columns_followed": sum(bool(column.made_of) for table in tables.values() for column in table.columns),
                "bytes": sum(path.stat().st_size for path in written.values()),
                **{name: dg.MetadataValue.path(str(path)) for name, path in written.items() if name.endswith(".html")},
            }
        )

    return documentation
