"""Rows out of quarantine: judged again by the gate that refused them, landed as a load of their own if they pass."""

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from orchestration.connectors.refusals import UNMENDED
from orchestration.declaration.company import Company
from orchestration.declaration.tables import LandingTable
from orchestration.ground.sql_text import literal, literal_path, quoted
from orchestration.ground.workspace import Workspace
from orchestration.landing.errors import LandingError
from orchestration.landing.formats.columns import keys_by_column, match_columns
from orchestration.landing.formats.records import Problem
from orchestration.landing.loads.load import (
    Load,
    commit,
    declaration_hash,
    landing_lock,
    remove_leftovers,
    short_hash,
    writing_load,
)
from orchestration.landing.loads.manifest import Manifest, Part
from orchestration.landing.loads.manifests import current_parts, of_table, read_manifests
from orchestration.landing.loads.parts import PartTarget, land_part, rows_part
from orchestration.landing.quarantine.raw_bytes import decoded
from orchestration.landing.quarantine.reasons import QuarantineReason, Release, ReleasedPart
from orchestration.landing.quarantine.refused_file import open_quarantine
from orchestration.landing.refused.rows import RefusedRow, RowId, refused_parts, refused_rows, released_in


@dataclass(frozen=True)
class ReleaseRequest:
    """Which refused rows a person releases, and how.

    Attributes:
        id: A load's refused rows, or one of them.
        rule: Only rows that break this rule; None for all.
        corrections: Value by column, written as the source writes it.
        text: Text instead of the row's own; of one row only.
        by: Who releases.
    """

    id: RowId
    by: str
    rule: str | None = None
    corrections: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class ReleaseResult:
    """What a release did.

    Attributes:
        manifest: Its load; None when nothing changed.
        released: Rows that landed.
        refused: Rows that are refused still, with the reason of now.
        superseded: Ids of rows of which a newer version has landed since; releasing them would put it back.
        already: Load in which the requested row was released before.
    """

    manifest: Manifest | None
    released: tuple[RowId, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    superseded: tuple[RowId, ...] = ()
    already: Manifest | None = None


@dataclass
class _Judged:
    """What became of the rows of one part."""

    released: list[RefusedRow] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    superseded: list[RowId] = field(default_factory=list)
    before: dict[int, tuple[str, str]] = field(default_factory=dict)


def release_rows(company: Company, workspace: Workspace, request: ReleaseRequest, *, now: datetime) -> ReleaseResult:
    """Judge refused rows again by the present declaration, with corrections, and land those that pass.

    They land as a load of their own, committed by its manifest: killed at any moment, it exists or does not. A row
    lands once; a file that is read again under a changed declaration replaces its released rows with the rest.

    Raises:
        LandingError: There is no such row, a column of a correction is not declared, or the table waits to be read
            again under a changed declaration.
        CompanyError: The table is no longer declared.
        DamagedStateError: A manifest or a landed file is not what was written.
    """
    with landing_lock(workspace):
        manifests = read_manifests(workspace)
        origin, parts = refused_parts(manifests, request.id)
        item = company.table(origin.source_name, origin.table_name)
        remove_leftovers(item, manifests, workspace)
        _check(item, origin, request)
        rows = [(part, _rows(workspace, manifests, origin, number, part, request)) for number, part in parts]
        rows = [(part, found) for part, found in rows if found]
        if not rows:
            return ReleaseResult(None, already=_already(workspace, manifests, parts, request))
        newer = [load for load in of_table(current_parts(manifests), item.landing_name) if load.release is None]
        newer = [load for load in newer if load.sequence > origin.sequence]
        return _release(item, rows, newer, request, workspace, now)


def _rows(
    workspace: Workspace,
    manifests: Sequence[Manifest],
    origin: Manifest,
    number: int,
    part: Part,
    request: ReleaseRequest,
) -> list[RefusedRow]:
    found = refused_rows(workspace, manifests, origin, number, part, request.id.row)
    return [row for row in found if request.rule in (None, row.rule)]


def _check(item: LandingTable, origin: Manifest, request: ReleaseRequest) -> None:
    for name in request.corrections:
        if name not in item.table.columns:
            raise LandingError(f"{item.landing_name} declares no column {name!r}: correct one of its own columns")
    if request.text is not None and request.id.row is None:
        raise LandingError("a text stands for one row: name the row, as cx quarantine show does")
    if origin.pull is not None and origin.declaration != declaration_hash(item):
        raise LandingError(
            f"the declaration of {item.landing_name} changed: the next run (or cx load) pulls all its rows again and"
            " judges them by it; release what it still refuses"
        )


def _already(
    workspace: Workspace, manifests: Sequence[Manifest], parts: list[tuple[int, Part]], request: ReleaseRequest
) -> Manifest:
    for _, part in parts:
        if request.id.row is not None and (load := released_in(workspace, manifests, part, request.id.row)):
            return load
    releases = [load for load in manifests if load.release and _took_from(load, parts)]
    if request.id.row is None and request.rule is None and releases:
        return releases[-1]
    raise LandingError(f"no refused row {request.id}{f' of rule {request.rule}' if request.rule else ''}: see show")


def _took_from(load: Manifest, parts: list[tuple[int, Part]]) -> bool:
    paths = {part.quarantined.path for _, part in parts if part.quarantined}
    return any(origin.quarantined in paths for origin in (load.release.origins if load.release else ()))


def _release(
    item: LandingTable,
    rows: list[tuple[Part, list[RefusedRow]]],
    newer: list[Manifest],
    request: ReleaseRequest,
    workspace: Workspace,
    now: datetime,
) -> ReleaseResult:
    declaration = declaration_hash(item)
    load_id = short_hash(
        {
            "table": item.landing_name,
            "declaration": declaration,
            "released": [[str(row.id), row.rule] for _, found in rows for row in found],
            "corrections": dict(request.corrections),
            "text": request.text,
        }
    )
    judged: list[_Judged] = []
    with writing_load(item, load_id, workspace, now) as load:
        parts, origins = [], []
        for number, (part, found) in enumerate(rows):
            outcome, landed, origin = _judge(load, item, part, found, newer, request, number)
            judged.append(outcome)
            parts.append(landed)
            origins.append(origin)
        release = Release(request.by, dict(request.corrections), request.text, tuple(origins))
        manifest = load.manifest(declaration, tuple(parts), release=release)
        load.is_wanted = any(outcome.released for outcome in judged) or any(_news(outcome) for outcome in judged)
    if load.is_wanted:
        commit(manifest, workspace)
    return ReleaseResult(
        manifest if load.is_wanted else None,
        tuple(row.id for outcome in judged for row in outcome.released),
        tuple(row for outcome in judged for row in outcome.refused),
        tuple(row_id for outcome in judged for row_id in outcome.superseded),
    )


def _news(judged: _Judged) -> bool:
    return any((row.rule, row.reason) != judged.before[row.source_row] for row in judged.refused)


def _judge(
    load: Load,
    item: LandingTable,
    part: Part,
    rows: list[RefusedRow],
    newer: list[Manifest],
    request: ReleaseRequest,
    number: int,
) -> tuple[_Judged, Part, ReleasedPart]:
    judged = _Judged(before={row.source_row: (row.rule, row.reason) for row in rows})
    target, passing = load.target.part(number), load.target.passing()
    written, malformed = _written(item, rows, request, load.target.scratch / "again.jsonl")
    by_row = {position: row for position, row in enumerate(written, start=1)}
    # The row names its values from here on, so that every format goes through one gate.
    options = item.table.options.model_copy(update={"encoding": "utf-8"})
    read_as = dataclasses.replace(item, table=item.table.model_copy(update={"format": "jsonl", "options": options}))
    again = land_part(load.engine, read_as, load.target.scratch / "again.jsonl", part.source, passing)
    superseded = _superseded(load.engine, item, part, newer, passing, load.target.state_dir)
    judged.superseded = [by_row[position].id for position in sorted(superseded)]
    judged.refused = [dataclasses.replace(row, rule=problem.rule, reason=problem.reason) for row, problem in malformed]
    if again.quarantined_count:
        for refused in pq.read_table(passing.quarantined, columns=["_source_row", "rule", "reason"]).to_pylist():
            row = by_row[refused["_source_row"]]
            judged.refused.append(dataclasses.replace(row, rule=refused["rule"], reason=refused["reason"]))
    still = {row.id for row in judged.refused} | set(judged.superseded)
    judged.released = [row for row in rows if row.id not in still]
    _copy_landed(load.engine, again, passing, target, by_row, superseded)
    _write_refused(judged.refused, part, target)
    landed = rows_part(load.engine, target, part.source, again.schema, len(judged.released), len(judged.refused))
    landed = dataclasses.replace(landed, record_count=len(judged.released), undeclared=again.undeclared)
    moved = judged.released + judged.refused
    return judged, landed, ReleasedPart(_path(part), _counted(moved, judged.before), _counted(judged.refused))


def _path(part: Part) -> str:
    if part.quarantined is None:
        raise ValueError("only parts with refused rows are released")
    return part.quarantined.path


def _counted(
    rows: list[RefusedRow], before: Mapping[int, tuple[str, str]] | None = None
) -> tuple[QuarantineReason, ...]:
    counts = Counter(before[row.source_row] if before else (row.rule, row.reason) for row in rows)
    return tuple(QuarantineReason(rule, reason, n) for (rule, reason), n in sorted(counts.items()))


def _written(
    item: LandingTable, rows: list[RefusedRow], request: ReleaseRequest, path: Path
) -> tuple[list[RefusedRow], list[tuple[RefusedRow, Problem]]]:
    """Write the rows that can be cut into values as JSON Lines; those that cannot come back with their problem."""
    written, malformed = [], []
    options = item.table.options
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows:
            text = row.text(options) if request.text is None else request.text
            values = row.values(text, options)
            if isinstance(values, dict) and request.text is None and row.rule in UNMENDED:
                values = Problem(row.rule, row.reason)
            if isinstance(values, Problem):
                malformed.append((row, values))
                continue
            corrected = _corrected(item, row, list(values), request.corrections)
            if corrected or row.header is not None:
                text = json.dumps({**values, **corrected})
            if row.rule == "json_no_number" and _holds_no_number(text):
                malformed.append((row, Problem(row.rule, row.reason)))
                continue
            file.write(" ".join(text.splitlines()) + "\n")
            written.append(row)
    return written, malformed


def _holds_no_number(text: str) -> bool:
    constants: list[str] = []
    json.loads(text, parse_constant=constants.append)
    return bool(constants)


def _corrected(
    item: LandingTable, row: RefusedRow, headers: list[str], corrections: Mapping[str, str]
) -> dict[str, str]:
    # Matched as the gate matches them: a file that lacks a declared column is refused here too.
    if row.header is None:
        by_name = keys_by_column(item, row.source_file, headers)
    else:
        columns = match_columns(item, row.source_file, headers, [("null", "VARCHAR")] * len(headers))
        by_name = {column.name: column.header for column in columns}
    return {by_name[name]: value for name, value in corrections.items()}


def _superseded(
    engine: duckdb.DuckDBPyConnection,
    item: LandingTable,
    part: Part,
    newer: list[Manifest],
    passing: PartTarget,
    state_dir: Path,
) -> set[int]:
    """Positions of rows that would hide a newer version: of their key, or, without a key, of their whole file."""
    later = [other for load in newer for other in load.parts]
    if not item.table.key:
        came_again = any(other.source.path == part.source.path for other in later)
        return set(_positions(engine, passing, "true")) if came_again else set()
    if not later:
        return set()
    paths = ", ".join(literal(literal_path(state_dir / other.landed.path)) for other in later)
    key = " and ".join(f"known.{quoted(name)} is not distinct from came.{quoted(name)}" for name in item.table.key)
    exists = f"exists (select 1 from read_parquet([{paths}], union_by_name=true) as known where {key})"
    return set(_positions(engine, passing, exists))


def _positions(engine: duckdb.DuckDBPyConnection, passing: PartTarget, condition: str) -> list[int]:
    query = f"select _source_row from read_parquet({literal(literal_path(passing.landed))}) as came where {condition}"
    return [position for (position,) in engine.execute(query).fetchall()]


def _copy_landed(
    engine: duckdb.DuckDBPyConnection,
    again: Part,
    passing: PartTarget,
    target: PartTarget,
    by_row: Mapping[int, RefusedRow],
    superseded: set[int],
) -> None:
    """Land the rows that passed under their position in the source."""
    engine.execute("create or replace temp table position (again bigint, source_row bigint)")
    pairs = [[again_row, row.source_row] for again_row, row in by_row.items() if again_row not in superseded]
    if pairs:
        engine.executemany("insert into position values (?, ?)", pairs)
    engine.execute(
        f"copy (select came.* replace (position.source_row as _source_row)"
        f" from read_parquet({literal(literal_path(passing.landed))}) as came"
        f" join position on came._source_row = position.again order by position.source_row)"
        f" to {literal(target.landed)} (format parquet, compression zstd)"
    )


def _write_refused(rows: list[RefusedRow], part: Part, target: PartTarget) -> None:
    with open_quarantine(target.quarantined, target.load_id, target.sequence, part.source.path) as quarantine:
        for row in sorted(rows, key=lambda row: row.source_row):
            quarantine.header, quarantine.encoding = row.header, row.encoding
            raw = row.raw_text if row.raw_bytes is None or not row.encoding else decoded(row.raw_bytes, row.encoding)
            quarantine.add(row.source_row, row.source_line, row.rule, row.reason, raw)
