"""Staging models that leave landed rows out, and what tells the versions of one row apart there.

A filter such as `where status <> 'deleted'` leaves the newest version of a row out. Without this its earlier version
would pass for the newest: the contract takes such versions for gone (`dbt_project/macros/contract/withdrawn.sql`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cx_assets.contracts import load_contracts
from orchestration.declaration.company import STAGING_FILE, Company
from orchestration.declaration.staging_check import DIALECT, LANDING, UNKNOWN, StagingReading, read_staging

_PICKS_ROWS = (exp.Window, exp.Group, exp.AggFunc, exp.Having, exp.Qualify, exp.Distinct, exp.Limit)
"""What picks one of several rows, perhaps an earlier one on purpose: no sign that its key is gone."""


_MORE_THAN_A_ROW = (
    *(exp.Where, exp.Join, exp.Lateral, exp.UDTF, exp.Explode, exp.Subquery, exp.Exists, exp.SetOperation),
    *(exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.Rand, exp.Uuid),
)
"""What makes a mapped row depend on anything but its landed row, or leaves it out."""


@dataclass(frozen=True)
class FilteredStaging:
    """A staging model that may leave rows of its landing table out.

    Attributes:
        landing: Table whose rows it counts.
        key: Columns of that table that the versions of one row share.
        is_declared: Whether company.yml names them; otherwise they are read off the mapping, and hold only while each
            file has them once.
    """

    landing: str
    key: tuple[str, ...]
    is_declared: bool


def filtered_staging(company: Company) -> dict[str, dict[str, Any]]:
    """The company's filtered staging models by name, as dbt gets them. What cannot be understood unrun is left out."""
    return {name: asdict(found) for name, found in _filtered(company)}


def reducing_staging(company: Company) -> list[dict[str, str]]:
    """Staging models that may leave landed rows out in any way, as dbt gets them: model, source_name, landing table."""
    tables = {item.landing_name: item for item in company.tables()}
    found = []
    for path, _, reading, mapped in _readings(company):
        counted = _counted_table(mapped, reading)
        if counted and counted[1] in tables and _may_reduce(mapped):
            source = tables[counted[1]].source_name
            found.append({"model": path.stem, "source": source, "landing": counted[1]})
    return found


def row_by_row_staging(company: Company) -> list[str]:
    """Staging models that map each row of one landing table by itself: what they gave of earlier loads stays.

    No filter, join, window, aggregate, subquery or union, no function of the clock, no macro that is not known here.
    """
    tables = {item.landing_name for item in company.tables()}
    found = []
    for path, _, reading, mapped in _readings(company):
        counted = _counted_table(mapped, reading)
        is_plain = not sqlglot.parse_one(reading.sql, read=DIALECT).find(*_PICKS_ROWS, *_MORE_THAN_A_ROW)
        if is_plain and counted and counted[1] in tables and not reading.picks_latest and UNKNOWN not in reading.sql:
            found.append(path.stem)
    return found


def counted_table(reading: StagingReading) -> str | None:
    """Landing table whose rows a staging model counts; None where that is not plain."""
    mapped = _mapped(reading) if len(reading.conforms) == 1 else None
    counted = _counted_table(mapped, reading) if mapped else None
    return counted[1] if counted else None


def _filtered(company: Company) -> Iterator[tuple[str, FilteredStaging]]:
    tables = {item.landing_name: item for item in company.tables()}
    for path, entity, reading, mapped in _readings(company):
        counted = _counted_table(mapped, reading) if _leaves_rows_out(mapped) else None
        item = tables.get(counted[1]) if counted else None
        if item is None or counted is None:
            continue
        declared = item.table.key
        key = declared or _mapped_key(mapped, load_contracts()[entity].key, counted[0], set(item.table.columns))
        if key:
            yield path.stem, FilteredStaging(item.landing_name, tuple(key), bool(declared))


def _readings(company: Company) -> Iterator[tuple[Path, str, StagingReading, _Mapped]]:
    """Each staging file that can be understood unrun, with its entity."""
    for path in sorted((company.folder / "staging").rglob("*.sql"), key=lambda file: file.name):
        match = STAGING_FILE.match(path.name)
        reading = read_staging(path.read_text(encoding="utf-8")) if match else None
        if match is None or reading is None or len(reading.conforms) != 1:
            continue
        mapped = _mapped(reading)
        if mapped is not None:
            yield path, match[2], reading, mapped


@dataclass(frozen=True)
class _Mapped:
    """The query that a staging model conforms, and the queries that it may read from by name."""

    query: exp.Select
    ctes: Mapping[str, exp.Expression]


def _mapped(reading: StagingReading) -> _Mapped | None:
    try:
        tree = sqlglot.parse_one(reading.sql, read=DIALECT)
    except SqlglotError:
        return None
    if not isinstance(tree, exp.Query):
        return None
    ctes = {cte.alias.lower(): cte.this for cte in tree.ctes}
    query = ctes.get(reading.conforms[0].relation.lower())
    return _Mapped(query, ctes) if isinstance(query, exp.Select) else None


def _may_reduce(mapped: _Mapped) -> bool:
    trees = [mapped.query, *mapped.ctes.values()]
    return any(tree.find(*_PICKS_ROWS) for tree in trees) or _leaves_rows_out(mapped)


def _leaves_rows_out(mapped: _Mapped) -> bool:
    trees = [mapped.query, *mapped.ctes.values()]
    if any(tree.find(*_PICKS_ROWS) for tree in trees):
        return False
    has_filter = any(tree.find(exp.Where) for tree in trees)
    return has_filter or any(join.side != "LEFT" for tree in trees for join in tree.find_all(exp.Join))


def _counted_table(mapped: _Mapped, reading: StagingReading) -> tuple[str, str] | None:
    """Alias and landing table of the relation whose lineage the model passes on; None where that is not plain."""
    relations = {table.alias_or_name.lower(): table for table in _relations(mapped.query)}
    alias = reading.counted_alias or (next(iter(relations)) if len(relations) == 1 else None)
    table = relations.get(alias.lower()) if alias else None
    for _ in range(len(mapped.ctes) + 1):
        if table is None:
            return None
        if table.db.lower() == LANDING:
            return str(alias), table.name
        inner = mapped.ctes.get(table.name.lower())
        inside = list(_relations(inner)) if isinstance(inner, exp.Select) else []
        table = inside[0] if len(inside) == 1 else None
    return None


def _relations(query: exp.Select) -> Iterator[exp.Table]:
    source = query.args.get("from_") or query.args.get("from")
    for item in [source, *(query.args.get("joins") or [])]:
        if item is not None and isinstance(item.this, exp.Table):
            yield item.this


def _mapped_key(mapped: _Mapped, key: tuple[str, ...], alias: str, columns: set[str]) -> tuple[str, ...]:
    """Landed columns that the contract's key is made of; empty where it is made of anything else."""
    names: list[str] = []
    for projection in mapped.query.selects:
        if projection.output_name.lower() not in key:
            continue
        for column in projection.find_all(exp.Column):
            if column.table.lower() not in ("", alias.lower()) or column.name.lower() not in columns:
                return ()
            names.append(column.name.lower())
    return tuple(sorted(set(names)))
