"""Manifests on disk: read, checked, committed. A load without one does not exist; extraction is in `extraction`."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from orchestration.connectors.pulling import Position
from orchestration.ground.durable import (
    DamagedStateError,
    numbered_files,
    read_document,
    write_numbered,
)
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifest import ColumnRange, Manifest, Part, Pull, SourceFile, StoredFile
from orchestration.landing.quarantine.reasons import QuarantineReason, ReleasedPart, left_after, release_from

_REMEDY = "restore it from a backup, or delete it: the next run lands its source files again where they still exist"
# The name under which manifests have always kept the file of control totals; renaming it would orphan those on disk.
_CONTROL_TOTALS = "statement"


def read_manifests(workspace: Workspace) -> list[Manifest]:
    """All committed loads in the order of their sequence, each checked against its files.

    Raises:
        DamagedStateError: A manifest is cut short or changed, or a file that it lists is absent or has
            another size. Manifests are written atomically, so this is never a killed run but lost data.
    """
    manifests = [_read(path, sequence) for sequence, path in numbered_files(workspace.manifests_dir).items()]
    for manifest in manifests:
        check_files(manifest, workspace)
    return manifests


def check_files(manifest: Manifest, workspace: Workspace) -> None:
    """Compare the files of a load with what its manifest says.

    Raises:
        DamagedStateError: One is absent or has another size.
    """
    for file in manifest.stored_files:
        path = workspace.state_dir / file.path
        if not path.is_file() or path.stat().st_size != file.bytes:
            raise DamagedStateError(f"{path} is absent or cut short: {file_remedy(manifest, workspace)}")


def file_remedy(manifest: Manifest, workspace: Workspace) -> str:
    """What to do when a file that a manifest lists is not what was written."""
    path = workspace.manifests_dir / f"{manifest.sequence:08d}.json"
    if manifest.release is not None:
        again = "the next run holds its rows in quarantine again, to be released again"
    elif manifest.pull is not None:
        # The cursor of later loads lies beyond these rows: only a full refresh pulls them again.
        table = f"{manifest.source_name}.{manifest.table_name}"
        again = f"`cx load {table} --reload` then lands what the source still has"
    else:
        again = "the next run lands its source files again where they still exist"
    return f"restore it from a backup, or delete {path}, which lists it: {again}"


def commit_manifest(manifest: Manifest, workspace: Workspace) -> Path:
    """Make a load exist; its files must be on disk already.

    Raises:
        DamagedStateError: A listed file is absent or has another size.
        SequenceTakenError: Another process committed this sequence.
    """
    check_files(manifest, workspace)
    document = dataclasses.asdict(manifest)
    for holder in filter(None, (*document["parts"], document["pull"])):
        holder[_CONTROL_TOTALS] = holder.pop("control_totals")
    document["row_count"] = manifest.row_count
    document["quarantined_count"] = manifest.quarantined_count
    return write_numbered(workspace.manifests_dir, manifest.sequence, document)


def next_sequence(workspace: Workspace) -> int:
    """Sequence of the next load."""
    return max(numbered_files(workspace.manifests_dir), default=0) + 1


def current_parts(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The loads without the parts that a later load of the same file replaced; empty loads are left out.

    A file is landed again when its table's declaration changes; only its newest landing counts. A first pull replaces
    all that the table had before it, and files that land after pulls replace those. A pull that brought no row but
    other control totals is kept. Released rows count as long as the landing that had refused them, and are
    taken out of its refused rows.

    Args:
        manifests: All loads of the tables, not what an earlier call left of them.
    """
    in_order = sorted((item for item in manifests if item.release is None), key=lambda item: item.sequence)
    since: dict[str, int] = {}
    is_pulled: dict[str, bool] = {}
    newest: dict[tuple[str, str], int] = {}
    for manifest in in_order:
        name = manifest.landing_name
        other_kind = is_pulled.setdefault(name, manifest.pull is not None) != (manifest.pull is not None)
        is_pulled[name] = manifest.pull is not None
        if other_kind or (manifest.pull is not None and manifest.pull.mode == "first"):
            since[name] = manifest.sequence
        for part in manifest.parts:
            newest[name, part.source.sha256] = manifest.sequence
    kept = []
    for manifest in in_order:
        if manifest.sequence < since.get(manifest.landing_name, 0):
            continue
        parts = manifest.parts
        if manifest.pull is None:
            parts = tuple(
                part for part in parts if newest[manifest.landing_name, part.source.sha256] == manifest.sequence
            )
        if parts or (manifest.pull is not None and manifest.pull.control_totals is not None):
            kept.append(dataclasses.replace(manifest, parts=parts))
    return _with_releases(kept, sorted((item for item in manifests if item.release), key=lambda item: item.sequence))


def _with_releases(loads: list[Manifest], releases: list[Manifest]) -> list[Manifest]:
    taken: dict[str, list[ReleasedPart]] = {
        part.quarantined.path: [] for load in loads for part in load.parts if part.quarantined is not None
    }
    standing = []
    for load in releases:
        pairs = list(zip(load.parts, load.release.origins if load.release else (), strict=True))
        pairs = [(part, origin) for part, origin in pairs if origin.quarantined in taken]
        for _, origin in pairs:
            taken[origin.quarantined].append(origin)
        if pairs and load.release:
            release = dataclasses.replace(load.release, origins=tuple(origin for _, origin in pairs))
            standing.append(dataclasses.replace(load, parts=tuple(part for part, _ in pairs), release=release))
    return [_less_released(load, taken) for load in loads] + standing


def _less_released(load: Manifest, taken: dict[str, list[ReleasedPart]]) -> Manifest:
    parts = tuple(
        dataclasses.replace(part, reasons=left_after(part.reasons, taken[part.quarantined.path]))
        if part.quarantined is not None and taken[part.quarantined.path]
        else part
        for part in load.parts
    )
    return dataclasses.replace(load, parts=parts)


def of_table(manifests: Iterable[Manifest], landing_name: str) -> list[Manifest]:
    """Loads of one table."""
    return [manifest for manifest in manifests if manifest.landing_name == landing_name]


def _read(path: Path, sequence: int) -> Manifest:
    document = read_document(path, _REMEDY)
    try:
        manifest = _from_document(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedStateError(f"{path} lacks or misnames a field ({error}): {_REMEDY}") from error
    if manifest.sequence != sequence:
        raise DamagedStateError(f"{path} says that it is sequence {manifest.sequence}: {_REMEDY}")
    return manifest


def _from_document(document: dict[str, Any]) -> Manifest:
    fields = {field.name for field in dataclasses.fields(Manifest)}
    values = {name: value for name, value in document.items() if name in fields}
    pull, release = document.get("pull"), document.get("release")
    return Manifest(
        **{
            **values,
            "parts": tuple(_part(part) for part in document["parts"]),
            "pull": _pull(pull) if pull is not None else None,
            "release": release_from(release) if release is not None else None,
        }
    )


def _part(part: dict[str, Any]) -> Part:
    return Part(
        **{
            "maxima": {},
            **_without_totals(part),
            "source": SourceFile(**part["source"]),
            "landed": StoredFile(**part["landed"]),
            "quarantined": _stored(part["quarantined"]),
            "control_totals": _stored(part.get(_CONTROL_TOTALS)),
            "reasons": tuple(QuarantineReason(**reason) for reason in part["reasons"]),
            "ranges": {name: ColumnRange(**value) for name, value in part["ranges"].items()},
        }
    )


def _pull(pull: dict[str, Any]) -> Pull:
    position = pull.get("position")
    return Pull(
        **{
            **_without_totals(pull),
            "control_totals": _stored(pull.get(_CONTROL_TOTALS)),
            "position": Position(**position) if position is not None else None,
        }
    )


def _without_totals(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != _CONTROL_TOTALS}


def _stored(file: dict[str, Any] | None) -> StoredFile | None:
    return StoredFile(**file) if file else None
