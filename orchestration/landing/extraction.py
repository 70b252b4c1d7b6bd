"""Extraction: what is new in one table becomes one load, whole or not at all."""

import dataclasses
from datetime import datetime
from pathlib import Path

from orchestration.connectors import ConnectorError, FoundObject, open_storage
from orchestration.declaration.company import Company
from orchestration.declaration.tables import LandingTable
from orchestration.ground.workspace import Workspace
from orchestration.landing.control_totals.of_files import add_control_totals
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.readers import FORMATS
from orchestration.landing.load_result import LoadResult, LoadStatus
from orchestration.landing.loads.full_exports import departure, last_export, newest_only
from orchestration.landing.loads.load import (
    Load,
    commit,
    declaration_hash,
    landing_lock,
    remove_leftovers,
    short_hash,
    writing_load,
)
from orchestration.landing.loads.manifest import Manifest, Part, SourceFile
from orchestration.landing.loads.manifests import current_parts, of_table, read_manifests
from orchestration.landing.loads.parts import land_part
from orchestration.landing.loads.sources import (
    check_unchanged,
    describe_file,
    find_files,
    find_objects,
    known_objects,
    object_identity,
)
from orchestration.landing.loads.verification import verify_files
from orchestration.landing.pulls.pull import pull_parts
from orchestration.landing.pulls.window import PullWindow


def extract_table(
    company: Company,
    source_name: str,
    table_name: str,
    workspace: Workspace,
    *,
    now: datetime,
    window: PullWindow | None = None,
) -> LoadResult:
    """Land what a table has that has not landed yet, as one load.

    A file counts as landed when its content landed under the table's present declaration, a row that was pulled
    when an equal one did; when the declaration changes, what is still there lands again and replaces its earlier
    landing. Killed at any moment, the next call gives what the killed one would have given.

    Args:
        company: The company.
        source_name: Source in company.yml.
        table_name: Table of the source.
        workspace: Folders.
        now: When it is landed, aware.
        window: The usual window, a full refresh or a backfill; files know no window.

    Raises:
        MissingSourceError: No file matches and the table is not optional.
        LandingError: A file is not as declared (a missing column, an unreadable file), or a source cannot be read.
            Nothing of this call has landed; other tables are not concerned.
        DamagedStateError: A manifest or a landed file is not what was written.
    """
    item = company.table(source_name, table_name)
    with landing_lock(workspace):
        manifests = read_manifests(workspace)
        remove_leftovers(item, manifests, workspace)
        loads = of_table(manifests, item.landing_name)
        verify_files(current_parts(loads), workspace)  # what comes is compared with what has landed
        if item.capabilities.is_local:
            return _extract_files(company, item, loads, workspace, now)
        if item.is_of_files:
            return _extract_objects(company, item, loads, workspace, now)
        return _extract_rows(company, item, loads, window or PullWindow(), workspace, now)


def _extract_files(
    company: Company, item: LandingTable, loads: list[Manifest], workspace: Workspace, now: datetime
) -> LoadResult:
    current = current_parts(loads)
    paths = newest_only(item, find_files(item, workspace.source_dir), str)
    declaration = declaration_hash(item)
    if item.table.is_full_export:
        last = last_export(loads, declaration)
        pending, export, repeated = _pending_export(item, paths, current, last, workspace)
        # No file of an optional table: no export came. That is no empty one.
        is_news = bool(export) and (bool(pending) or export != last)
    else:
        pending, repeated = _pending(item, paths, current, declaration, workspace)
        export, is_news = None, bool(pending)
    if not is_news:
        status: LoadStatus = "unchanged" if paths or current else "empty"
        return LoadResult(item.landing_name, status, None, repeated, _rows(current))
    load_id = _load_id(item, declaration, [described for _, described in pending], current)
    with writing_load(item, load_id, workspace, now) as load:
        parts = []
        for number, (path, described) in enumerate(pending):
            parts.append(_land_file(load, path, described, number, company.time_zone))
            check_unchanged(path, described, item.landing_name)
        manifest, withheld = _with_departures(load, loads, declaration, parts, export)
        load.is_wanted = bool(manifest.parts)
    if not manifest.parts:
        return LoadResult(item.landing_name, "unchanged", None, repeated, _rows(current), withheld)
    commit(manifest, workspace)
    total = _rows(current_parts([*loads, manifest]))
    return LoadResult(item.landing_name, "landed", manifest, repeated, total, withheld)


def _with_departures(
    load: Load, loads: list[Manifest], declaration: str, parts: list[Part], export: dict[str, str] | None
) -> tuple[Manifest, int]:
    """The manifest of a load of files, with the rows that left a full export; and the keys that it withheld."""
    manifest = load.manifest(declaration, tuple(parts), full_export=export)
    if export is None:
        return manifest, 0
    known = current_parts([*loads, manifest])
    if not parts:
        known.append(manifest)
    last = last_export(loads, declaration)
    left = departure(load.engine, load.item, known, (last, export), load.target.part(len(parts)))
    if left.part is not None:
        parts = [*parts, left.part]
    return dataclasses.replace(manifest, parts=tuple(parts), withheld_count=left.withheld), left.withheld


def _pending_export(
    item: LandingTable, paths: list[Path], current: list[Manifest], last: dict[str, str], workspace: Workspace
) -> tuple[list[tuple[Path, SourceFile]], dict[str, str], tuple[str, ...]]:
    """Files of a full export that differ from the last one, all of its files, and those that are as they were.

    A file that goes back to an earlier content lands again: its rows are the newest then.
    """
    pending, repeated = [], []
    export: dict[str, str] = {}
    for path in paths:
        described = describe_file(path, workspace.source_dir, current)
        if described.sha256 in export.values():
            repeated.append(described.path)
            continue
        export[described.path] = described.sha256
        if last.get(described.path) == described.sha256:
            repeated.append(described.path)
        else:
            pending.append((path, described))
    return pending, export, tuple(repeated)


def _extract_objects(
    company: Company, item: LandingTable, loads: list[Manifest], workspace: Workspace, now: datetime
) -> LoadResult:
    current = current_parts(loads)
    declaration = declaration_hash(item)
    known = known_objects(current)
    is_export = item.table.is_full_export
    last = last_export(loads, declaration) if is_export else {}
    landed = _landed_contents(current, declaration)
    export: dict[str, str] = {}
    try:
        storage = open_storage(company.sources[item.source_name])
        found = newest_only(item, find_objects(item, storage), lambda one: one.url)
        pending: list[FoundObject] = []
        repeated: list[FoundObject] = []
        for one in found:
            content = known.get(object_identity(one.url, one.bytes, one.etag, one.modified_ns))
            if is_export and content is not None and last.get(one.url) == content:
                export[one.url] = content
                repeated.append(one)
            else:
                (repeated if content in landed and not is_export else pending).append(one)
        if not pending and (not is_export or not export or export == last):
            status: LoadStatus = "unchanged" if found or current else "empty"
            return LoadResult(item.landing_name, status, None, _urls(repeated), _rows(current))
        load_id = _objects_load_id(item, declaration, pending, current)
        with writing_load(item, load_id, workspace, now) as load:
            parts: list[Part] = []
            # One after the other, so that the disk holds a single one beside what it becomes.
            path = load.target.scratch / f"object{FORMATS[item.format].suffix}"
            for one in pending:
                described = SourceFile(one.url, one.bytes, storage.fetch(one, path), one.modified_ns, 0, one.etag)
                is_repeated = described.sha256 in (export.values() if is_export else landed)
                if is_export and not is_repeated:
                    export[one.url] = described.sha256
                if is_repeated or (is_export and last.get(one.url) == described.sha256):
                    repeated.append(one)
                else:
                    landed.add(described.sha256)
                    parts.append(_land_file(load, path, described, len(parts), company.time_zone))
                path.unlink()
            manifest, withheld = _with_departures(load, loads, declaration, parts, export if is_export else None)
            load.is_wanted = bool(manifest.parts)
    except ConnectorError as error:
        # The library's own exception is not kept: it quotes what was sent and what the store says of it.
        raise LandingError(f"{item.landing_name}: {error}") from None
    if not manifest.parts:
        return LoadResult(item.landing_name, "unchanged", None, _urls(repeated), _rows(current), withheld)
    commit(manifest, workspace)
    total = _rows(current_parts([*loads, manifest]))
    return LoadResult(item.landing_name, "landed", manifest, _urls(repeated), total, withheld)


def _urls(objects: list[FoundObject]) -> tuple[str, ...]:
    return tuple(sorted(one.url for one in objects))


def _land_file(load: Load, path: Path, described: SourceFile, number: int, zone: str) -> Part:
    target = load.target.part(number)
    part = land_part(load.engine, load.item, path, described, target)
    return add_control_totals(load.engine, load.item, path, part, target, zone)


def _extract_rows(
    company: Company, item: LandingTable, loads: list[Manifest], window: PullWindow, workspace: Workspace, now: datetime
) -> LoadResult:
    source = company.sources[item.source_name]
    current = current_parts(loads)
    declaration = declaration_hash(item)
    known = [load for load in current if load.declaration == declaration]
    if not any(load.pull for load in known):
        known = []
    load_id = short_hash(
        {
            "table": item.landing_name,
            "declaration": declaration,
            "after": current[-1].load_id if current else "",
        }
    )
    with writing_load(item, load_id, workspace, now) as load:
        landed = pull_parts(load.engine, source, item, known, window, load.target, company.time_zone)
        manifest = load.manifest(declaration, landed.parts, landed.pull)
        load.is_wanted = landed.is_news
    if not landed.is_news:
        return LoadResult(item.landing_name, "unchanged", None, (), _rows(current))
    commit(manifest, workspace)
    return LoadResult(item.landing_name, "landed", manifest, (), _rows(current_parts([*loads, manifest])))


def _pending(
    item: LandingTable, paths: list[Path], current: list[Manifest], declaration: str, workspace: Workspace
) -> tuple[list[tuple[Path, SourceFile]], tuple[str, ...]]:
    landed = _landed_contents(current, declaration)
    pending, repeated = [], []
    for path in paths:
        described = describe_file(path, workspace.source_dir, current)
        if described.sha256 in landed:
            repeated.append(described.path)
            continue
        landed.add(described.sha256)
        pending.append((path, described))
    return pending, tuple(repeated)


def _landed_contents(current: list[Manifest], declaration: str) -> set[str]:
    return {
        part.source.sha256
        for manifest in current
        if manifest.declaration == declaration and manifest.is_of_files
        for part in manifest.parts
    }


def _objects_load_id(item: LandingTable, declaration: str, objects: list[FoundObject], current: list[Manifest]) -> str:
    # Their contents are known only once they are fetched into the load; what the bucket calls them stands for those.
    return short_hash(
        {
            "table": item.landing_name,
            "declaration": declaration,
            "after": current[-1].load_id if current else "",
            "objects": [[one.url, one.bytes, one.modified_ns, one.etag] for one in objects],
        }
    )


def _load_id(item: LandingTable, declaration: str, files: list[SourceFile], current: list[Manifest]) -> str:
    # A file that goes back to an earlier declaration lands again: the load that it replaces makes the id new.
    files_loads = [manifest for manifest in current if manifest.is_of_files]
    replaced = {part.source.sha256: manifest.load_id for manifest in files_loads for part in manifest.parts}
    pulled = [manifest.load_id for manifest in current if manifest.pull is not None]
    return short_hash(
        {
            "table": item.landing_name,
            "declaration": declaration,
            "pulled": pulled[-1:],
            # An export that only lost files has none of its own.
            **({"after": current[-1].load_id} if item.table.is_full_export and current else {}),
            "files": [[file.path, file.sha256, replaced.get(file.sha256, "")] for file in files],
        }
    )


def _rows(manifests: list[Manifest]) -> int:
    return sum(manifest.row_count for manifest in manifests)
