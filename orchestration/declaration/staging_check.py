"""What a company's staging SQL maps, read without running it, so that a wrong name is told before a run.

The Jinja is rendered with stand-ins for dbt's macros and the SQL parsed. What cannot be understood that way passes here
and is left to dbt and the engine.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import sqlglot
from jinja2.sandbox import SandboxedEnvironment
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cx_assets.contracts import LINEAGE_COLUMNS, EntityContract, load_contracts
from cx_assets.contracts.python_tables import python_tables
from orchestration.declaration.company import STAGING_FILE, Company, CompanyError

DIALECT = "duckdb"
LANDING = "landing"
_ENVIRONMENT = re.compile(r"\benv_var\s*\(")
UNKNOWN = "unknown_to_the_mapping_check"


class _UnknownMacro(jinja2.ChainableUndefined):
    """Stands for whatever dbt knows and this module does not: an expression, or a type, of one word."""

    def __call__(self, *_: object, **__: object) -> _UnknownMacro:  # type: ignore[override]
        return self

    def __str__(self) -> str:
        return UNKNOWN

    def __iter__(self) -> Iterator[str]:
        yield UNKNOWN

    def __html__(self) -> str:
        return UNKNOWN


@dataclass(frozen=True)
class _Conform:
    entity: str
    missing: Sequence[str]
    relation: str


@dataclass
class StagingReading:
    """What the macros of one file were called with.

    Attributes:
        sources: Schema and table of every `source` call.
        conforms: Every `conform` call.
        sql: The rendered SQL.
        counted_alias: Relation whose lineage the model passes on; None where it did not say.
        picks_latest: Whether it reads the latest version of each key of some table.
    """

    sources: list[tuple[str, str]] = field(default_factory=list)
    conforms: list[_Conform] = field(default_factory=list)
    sql: str = ""
    counted_alias: str | None = None
    picks_latest: bool = False

    def _source(self, schema: str, table: str) -> str:
        self.sources.append((str(schema), str(table)))
        return f"{schema}.{table}"

    def _latest_landed(self, landing_table: str, key: object = None) -> str:
        self.picks_latest = True
        return f"select * from {self._source(LANDING, landing_table)}"

    def _conform(self, entity: str, missing: Sequence[str] = (), from_relation: str = "mapped") -> str:
        self.conforms.append(_Conform(str(entity), [str(name) for name in missing], str(from_relation)))
        return f"select * from {from_relation}"

    def _landing_columns(self, *aliases: str) -> str:
        self.counted_alias = str(aliases[0]) if aliases else None
        return ", ".join(LINEAGE_COLUMNS)

    def _nothing(self, *_: object, **__: object) -> str:
        return ""


def check_staging(company: Company) -> None:
    """Refuse staging SQL that names what is not there, or maps a column that nothing takes.

    Raises:
        CompanyError: One line per wrong name: file, name, and the nearest one that is known.
    """
    problems = list(staging_problems(company))
    if problems:
        raise CompanyError("\n".join(problems))


def staging_problems(company: Company) -> Iterator[str]:
    """One line per wrong name in the company's staging SQL, in the order of the files."""
    company.staging_models()
    for path in sorted((company.folder / "staging").rglob("*.sql"), key=lambda file: file.name):
        match = STAGING_FILE.match(path.name)
        if match is None:
            continue
        yield from (f"{path}: {problem}" for problem in _name_problems(company, match[1]))
        yield from (f"{path}: {problem}" for problem in _file_problems(company, path, match[2]))


def _name_problems(company: Company, source: str) -> Iterator[str]:
    known = [*company.sources, company.name]
    if not any(source == name or source.startswith(f"{name}_") for name in known):
        yield (
            f"{source!r} is no source of company.yml{_nearest(source, known)}; its sources are "
            f"{', '.join(company.sources)}; a model that joins several may be named after the company"
        )


def _file_problems(company: Company, path: Path, entity: str) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield f"cannot be read as utf-8 ({type(error).__name__})"
        return
    if "conform" not in text:
        yield f"it must end in {{{{ conform('{entity}', missing=[...]) }}}}"
        return
    if _ENVIRONMENT.search(text):
        yield "it reads the environment (env_var), where credentials stand: write what it needs into the SQL"
        return
    reading = read_staging(text)
    if reading is None:
        return
    yield from _source_problems(company, reading)
    if len(reading.conforms) == 1:
        yield from _conform_problems(entity, reading)


def read_staging(text: str) -> StagingReading | None:
    """The file with stand-ins for its macros; None when that is not possible."""
    reading = StagingReading()
    environment = SandboxedEnvironment(undefined=_UnknownMacro, extensions=["jinja2.ext.do"])
    names: dict[str, Any] = {
        "source": reading._source,
        "latest_landed": reading._latest_landed,
        "conform": reading._conform,
        "landing_columns": reading._landing_columns,
        "config": reading._nothing,
        "log": reading._nothing,
        "contract_columns": _contract_columns,
    }
    try:
        reading.sql = environment.from_string(text).render(names)
    except Exception:  # noqa: BLE001  templates may do anything; dbt will say what is wrong with this one
        return None
    return reading


def _contract_columns(entity: str, relation: str | None = None, omit: Collection[str] = ()) -> str:
    prefix = f"{relation}." if relation else ""
    return ", ".join(f"{prefix}{name}" for name in load_contracts()[entity].columns if name not in omit)


def _source_problems(company: Company, reading: StagingReading) -> Iterator[str]:
    tables = [item.landing_name for item in company.tables()]
    python_schemas = {table.schema_name for table in python_tables().values()}
    for schema, table in dict.fromkeys(reading.sources):
        if schema != LANDING and schema not in python_schemas:
            yield f"source('{schema}', '{table}'): the company's tables are in '{LANDING}'"
        elif schema == LANDING and table not in tables and UNKNOWN not in table:
            yield (
                f"source('{LANDING}', '{table}') is no table of company.yml{_nearest(table, tables)}; write "
                f"<source>__<table>, one of {', '.join(tables)}"
            )


def _conform_problems(entity: str, reading: StagingReading) -> Iterator[str]:
    [conform] = reading.conforms
    if conform.entity != entity:
        yield f"conform('{conform.entity}') stands in a file named after the contract {entity!r}: make them equal"
        return
    contract = load_contracts()[entity]
    for name in conform.missing:
        if name not in contract.columns and name != UNKNOWN:
            hint = _nearest(name, contract.columns)
            yield f"missing names the column {name!r}, which the contract {entity} does not know{hint}"
    mapped = _mapped_columns(reading.sql, conform.relation)
    if mapped is not None and UNKNOWN not in conform.missing:
        yield from _column_problems(contract, conform, mapped)


def _column_problems(contract: EntityContract, conform: _Conform, mapped: Sequence[str]) -> Iterator[str]:
    place = conform.relation
    open_names = [name for name in contract.columns if name not in mapped and name not in conform.missing]
    if "" in mapped:
        yield f"column {mapped.index('') + 1} of {place} has no name: give it one with `as`"
    for name in filter(None, mapped):
        if name not in contract.columns and name not in LINEAGE_COLUMNS:
            hint = _nearest(name, open_names) or _nearest(name, [n for n in contract.columns if n not in mapped])
            yield (
                f"{place} has the column {name!r}, which the contract {contract.entity} does not know and would be "
                f"dropped{hint}; correct it or take it out"
            )
    if open_names:
        names = ", ".join(open_names)
        yield f"neither in {place} nor in missing: {names}; the contract {contract.entity} has them, so say which"
    both = [name for name in conform.missing if name in mapped]
    if both:
        yield f"both in {place} and in missing: {', '.join(both)}; take each out of one"
    lineage = [name for name in LINEAGE_COLUMNS if name not in mapped]
    if lineage:
        yield f"{place} lacks {', '.join(lineage)}: end its columns with {{{{ landing_columns() }}}}"


def _mapped_columns(sql: str, relation: str) -> list[str] | None:
    """Output columns of a CTE, in lower case, '' for one without a name; None when they cannot be told unrun."""
    try:
        tree = sqlglot.parse_one(sql, read=DIALECT)
    except SqlglotError:
        return None
    if not isinstance(tree, exp.Query):
        return None
    query = next((cte.this for cte in tree.ctes if cte.alias.lower() == relation.lower()), None)
    if not isinstance(query, exp.Query):
        return None
    columns = []
    for projection in query.selects:
        name = projection.output_name
        if projection.is_star or projection.find(exp.Columns) or UNKNOWN in (name, projection.name):
            return None
        columns.append(name.lower())
    return columns


def _nearest(name: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""
