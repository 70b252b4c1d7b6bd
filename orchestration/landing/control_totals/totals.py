"""Control totals: what a source itself says of its rows by day, kept with the load that it belongs to.

The control totals of a load are a small Parquet file. Its rows, by `kind`:

- total: a day's rows and their sum, counted by the source (databases, APIs) or by a second reader (files)
- refused: a row that the landing put to quarantine
- late: a row of the source that no load has brought, because it lies outside the pull's window
- gone: a landed row that the source does not show any more, or shows otherwise
- copy: a row of a key that the source shows several times, and of which another row stands in the landing
- released: a row that a person released from quarantine with another value than the source shows
- release: a load of released rows, for which the control totals before it name refused ones still
- unknown: the source could not be read for its totals; `reason` says why
- counted: what the second reader says of a day of which the company keeps a total of its own

What is common to all control totals, and how dbt gets them. `of_files` makes those of files, `of_pulls` those of pulled
tables; dbt compares.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.declaration.company import LandingTable
from orchestration.declaration.reconciliation import TableTotals
from orchestration.ground.sql_text import literal, literal_path, quoted
from orchestration.landing.formats.raw_rows import AMOUNT_TYPE
from orchestration.landing.loads.manifest import Manifest, Part, StoredFile
from orchestration.landing.loads.manifests import current_parts, of_table
from orchestration.landing.loads.parts import stored_file

BEFORE = "it landed before reconciliation was configured"
COLUMNS = {
    "kind": "varchar",
    "day": "date",
    "row_count": "bigint",
    "amount": AMOUNT_TYPE,
    "source_row": "bigint",
    "row_key": "varchar",
    "reason": "varchar",
}
_ORDER = ", ".join(f"{name} nulls last" for name in COLUMNS)


def new_control_totals(engine: duckdb.DuckDBPyConnection) -> None:
    """Begin with none: an empty temporary table `control_totals`."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    engine.execute(f"create or replace temp table control_totals ({columns})")


def add_unknown(engine: duckdb.DuckDBPyConnection, reason: str) -> None:
    """Let the control totals say only that the source could not be read for them, and why."""
    engine.execute("delete from control_totals")
    engine.execute("insert into control_totals (kind, reason) values ('unknown', ?)", [reason])


def write_control_totals(engine: duckdb.DuckDBPyConnection, target: Path, state_dir: Path) -> StoredFile:
    """Write the control totals in a fixed order, so that equal ones are equal files."""
    engine.execute(
        f"copy (from control_totals order by {_ORDER}) to {literal(target)} (format parquet, compression zstd)"
    )
    counted = engine.execute("select count(*) from control_totals").fetchone()
    return stored_file(target, int(counted[0]) if counted else 0, state_dir)


def counted_rows(engine: duckdb.DuckDBPyConnection) -> int:
    """Rows that the source counted, of all days."""
    counted = engine.execute("select coalesce(sum(row_count), 0) from control_totals where kind = 'total'").fetchone()
    return int(counted[0]) if counted else 0


def statement_rows(state_dir: Path, manifests: Sequence[Manifest], items: Sequence[LandingTable]) -> pd.DataFrame:
    """All control totals that the current loads of the reconciled tables hold, as one frame (run.source_statement).

    Of a pulled table only the last ones count: they speak of all its rows. Of files those count that
    say what the newest version of each file holds; of a full export, of the files that are it.

    Returns:
        source_name, table_name, load_id, source_file, is_of_table (whether it speaks of the whole table or of one
        file) and the columns of the control totals. A file or table
        without any has one row of kind unknown.
    """
    loads = current_parts(manifests)
    frames = []
    for item in items:
        if item.table.reconcile is None:
            continue
        frame = _table_rows(state_dir, item, of_table(loads, item.landing_name))
        if isinstance(item.table.reconcile.totals, TableTotals):
            kept = of_table(loads, f"{item.source_name}__{item.table.reconcile.totals.table}")
            frame = _with_kept_totals(frame, item, item.table.reconcile.totals, kept, state_dir)
        frames.append(frame)
    names = ["source_name", "table_name", "load_id", "source_file", "is_of_table", *COLUMNS]
    return pd.concat([pd.DataFrame(columns=names), *frames], ignore_index=True).astype(object)[names]


def _table_rows(state_dir: Path, item: LandingTable, loads: list[Manifest]) -> pd.DataFrame:
    told: list[tuple[str, str, StoredFile | None]]
    pulls = [load for load in loads if load.pull is not None]
    releases = [load for load in loads if load.release is not None]
    if pulls:
        with_totals = [load for load in pulls if load.pull is not None and load.pull.control_totals is not None]
        last = with_totals[-1] if with_totals else pulls[-1]
        told = [(last.load_id, item.address, last.pull.control_totals if last.pull else None)]
        releases = [load for load in releases if with_totals and load.sequence > last.sequence]
    else:
        newest = _newest_files(loads)
        told = [(load.load_id, part.source.path, part.control_totals) for load, part in newest.values()]
        contents = {path: part.source.sha256 for path, (_, part) in newest.items()}
        releases = [_of_contents(load, contents) for load in releases]
    is_of_table = bool(pulls)
    files = pd.DataFrame(
        [(load_id, source, str(state_dir / file.path) if file else None) for load_id, source, file in told],
        columns=["load_id", "source_file", "filename"],
        dtype=object,
    )
    paths = ", ".join(literal(literal_path(Path(path))) for path in files["filename"].dropna())
    columns = ", ".join(f"cast({name} as varchar) as {name}" for name in COLUMNS)
    with duckdb.connect() as engine:
        engine.register("files", files)
        read = f"select filename, {columns} from read_parquet([{paths}], filename=true)"
        nothing = f"select null as filename, {', '.join(f'null as {name}' for name in COLUMNS)} where false"
        told_rows = (
            f"select load_id, source_file, {literal(item.source_name)} as source_name,"
            f" {literal(item.table_name)} as table_name, {is_of_table} as is_of_table,"
            " coalesce(control_totals.kind, 'unknown') as kind,"
            f" control_totals.* exclude (filename, kind, reason),"
            f" case when files.filename is null then {literal(BEFORE)} else control_totals.reason end as reason"
            f" from files left join ({read if paths else nothing}) as control_totals"
            " on files.filename = control_totals.filename"
            " where files.filename is null or control_totals.kind is not null"
        )
        frame: pd.DataFrame = engine.execute(told_rows).df()
    if releases and not (pulls and "unknown" in set(frame["kind"])):
        files_of = [(load.load_id, path) for load in releases for path in sorted({p.source.path for p in load.parts})]
        released = pd.DataFrame(files_of, columns=["load_id", "source_file"]).assign(
            kind="release", source_name=item.source_name, table_name=item.table_name, is_of_table=is_of_table
        )
        frame = pd.concat([frame.astype(object), released], ignore_index=True)
    return frame.astype(object).where(lambda values: values.notna(), None)


def _with_kept_totals(
    frame: pd.DataFrame, item: LandingTable, totals: TableTotals, loads: Sequence[Manifest], state_dir: Path
) -> pd.DataFrame:
    """The control totals of a table, of some days those that the company itself keeps, not the second reader's.

    What the second reader says of such a day stays as kind `counted`, which nothing is compared with; the rest,
    refused rows above all, stays as it is.
    """
    parts = [part for load in loads for part in load.parts if totals.day in part.schema]
    if not parts:
        return frame
    files = ", ".join(literal(literal_path(state_dir / part.landed.path)) for part in parts)
    amount = f"cast({quoted(totals.amount)} as {AMOUNT_TYPE})" if totals.amount else "null"
    day = quoted(totals.day)
    query = (
        f"select 'total' as kind, cast({day} as varchar) as day, cast({quoted(totals.count)} as varchar) as row_count,"
        f" cast({amount} as varchar) as amount, _load_id as load_id, _source_file as source_file"
        f" from (select *, row_number() over (partition by {day} order by _load_sequence desc, _source_file desc,"
        f" _source_row desc) as _rank from read_parquet([{files}], union_by_name=true))"
        f" where _rank = 1 and not _is_deleted and {day} is not null order by day"
    )
    with duckdb.connect() as engine:
        kept: pd.DataFrame = engine.execute(query).df().astype(object)
    kept = kept.assign(source_name=item.source_name, table_name=item.table_name, is_of_table=True)
    is_kept = frame["kind"].eq("total") & frame["day"].isin(set(kept["day"]))
    frame = frame.assign(kind=frame["kind"].mask(is_kept | frame["kind"].eq("unknown"), "counted"))
    joined = pd.concat([frame.astype(object), kept], ignore_index=True)
    return joined.astype(object).where(lambda values: values.notna(), None)


def _newest_files(loads: Sequence[Manifest]) -> dict[str, tuple[Manifest, Part]]:
    """The newest landing of each file by path; of a full export, of the files that are it."""
    newest = {
        part.source.path: (load, part)
        for load in sorted(loads, key=lambda load: load.sequence)
        if load.release is None
        for part in load.parts
        if not part.is_departure
    }
    of_files = [load for load in loads if load.is_of_files]
    export = max(of_files, key=lambda load: load.sequence).full_export if of_files else None
    return newest if export is None else {path: newest[path] for path in sorted(export) if path in newest}


def standing_parts(loads: Sequence[Manifest]) -> list[Part]:
    """Parts of a table of files that say what stands in it now: the newest version of each file, and what was released.

    Files that are appended keep their earlier rows in the landing; how far a feed is complete they do not say.
    """
    newest = _newest_files(loads)
    contents = {path: part.source.sha256 for path, (_, part) in newest.items()}
    released = [part for load in loads if load.release is not None for part in _of_contents(load, contents).parts]
    return [part for _, part in newest.values()] + released


def _of_contents(release: Manifest, contents: dict[str, str]) -> Manifest:
    """A release without the rows of files that were written again since."""
    parts = tuple(part for part in release.parts if contents.get(part.source.path) == part.source.sha256)
    return dataclasses.replace(release, parts=parts)
