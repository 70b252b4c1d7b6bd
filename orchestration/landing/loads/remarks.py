"""What a person should hear of the source folder and the landings although nothing failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestration.declaration.company import Company
from orchestration.declaration.tables import LandingTable
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifest import Manifest
from orchestration.landing.loads.manifests import current_parts, of_table

SHOWN = 10
"""Names that a line holds at most."""
_LOOKED_AT = 10_000
"""Files of the folder that are looked at; one with more is no folder of exports, and listing it would take long."""


def remarks(company: Company, workspace: Workspace, manifests: Sequence[Manifest]) -> list[str]:
    """One line for each thing that happened without a word: reads names only, no file and no row.

    Args:
        company: Whose tables.
        workspace: Its source folder.
        manifests: All loads.

    Returns:
        Files that match no table, files that were removed after they landed, copies of landed files under another
        name, rows that left a full export, and columns that nobody declared; none where all is as declared.
    """
    tables = [item for item in company.tables() if item.capabilities.is_local]
    present = {item.landing_name: _matching(item, workspace.source_dir) for item in tables}
    found = list(_unmatched(workspace.source_dir, set().union(*present.values()) if present else set()))
    for item in company.tables():
        loads = of_table(manifests, item.landing_name)
        if item.capabilities.is_local:
            found += _of_files(item, present[item.landing_name], loads)
        found += _of_departures(item, loads)
        if loads and (names := sorted(loads[-1].undeclared)):
            found.append(f"{item.landing_name}: columns that company.yml does not declare land as text: {_list(names)}")
    return found


def _of_departures(item: LandingTable, loads: Sequence[Manifest]) -> Iterator[str]:
    """What the last load of a full export did to rows that are no longer in it."""
    exports = [load for load in loads if load.full_export is not None]
    if not exports:
        return
    if left := sum(part.landed.rows for part in exports[-1].parts if part.is_departure):
        yield f"{item.landing_name}: {left} rows left the export with its last load and count as deleted"
    if withheld := exports[-1].withheld_count:
        yield (
            f"{item.landing_name}: {withheld} keys are not in the export, but stay: it has more records than before"
            " whose key cannot be read (see cx quarantine list)"
        )


def _matching(item: LandingTable, folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.glob(item.address) if path.is_file()}


def _unmatched(folder: Path, matched: set[str]) -> Iterator[str]:
    names = []
    for number, path in enumerate(folder.rglob("*")):
        if number >= _LOOKED_AT:
            break
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in parts):
            names.append("/".join(parts))
    if strays := sorted(name for name in names if name not in matched):
        yield f"files in {folder} that match no table of company.yml: {_list(strays)}"


def _of_files(item: LandingTable, present: set[str], loads: Sequence[Manifest]) -> Iterator[str]:
    kept = {part.source.path for load in current_parts(loads) if load.is_of_files for part in load.parts}
    known = {part.source.path for load in loads for part in load.parts}
    if not item.table.is_full_export and (gone := sorted(kept - present)):
        yield f"{item.landing_name}: landed files that are no longer in the folder; their rows stay: {_list(gone)}"
    if loads and item.table.mode != "dated_snapshots" and (copies := sorted(present - known)):
        yield f"{item.landing_name}: files with the content of another one, which are not landed again: {_list(copies)}"


def _list(names: Sequence[str]) -> str:
    printable = (name if name.isprintable() else name.encode("unicode_escape").decode() for name in names[:SHOWN])
    shown = ", ".join(printable)
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
