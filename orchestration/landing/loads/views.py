"""Landing views: the exact files that the pinned manifests list, never a glob."""

from collections.abc import Sequence

from cx_assets.contracts import LINEAGE_COLUMNS
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, literal_path, quoted
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifest import Manifest
from orchestration.landing.loads.manifests import current_parts, of_table


def landing_view_sql(workspace: Workspace, manifests: Sequence[Manifest], item: LandingTable) -> str:
    """`create or replace view landing.<source>__<table>` over the current files of the given loads.

    Columns: the declared ones with their types (null where no file has them), then undeclared ones as text,
    sorted, then the lineage. Without a load the view is empty and has the same types.

    Args:
        workspace: Folders.
        manifests: Pinned loads, of any table.
        item: The table.
    """
    loads = of_table(current_parts(manifests), item.landing_name)
    parts = [part for load in loads for part in load.parts]
    present = {name for part in parts for name in part.schema}
    declared = {name: column.type for name, column in item.table.columns.items()}
    undeclared = sorted({name for part in parts for name in part.schema} - set(declared))
    selected = [
        f"cast({quoted(name) if name in present else 'null'} as {kind}) as {quoted(name)}"
        for name, kind in declared.items()
    ]
    selected += [f"cast({quoted(name)} as text) as {quoted(name)}" for name in undeclared]
    lineage = "{name}" if parts else "null"
    selected += [f"cast({lineage.format(name=name)} as {kind}) as {name}" for name, kind in LINEAGE_COLUMNS.items()]
    paths = ", ".join(literal(literal_path(workspace.state_dir / part.landed.path)) for part in parts)
    origin = f"from read_parquet([{paths}], union_by_name=true)" if parts else "where false"
    return f"create or replace view landing.{quoted(item.landing_name)} as select {', '.join(selected)} {origin}"
