"""What a company is: company.yml, names of its staging models, forced matches. Nothing is executed."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from cx_assets.contracts import LINEAGE_COLUMNS, ColumnType, load_contracts
from cx_assets.contracts.strict_yaml import StrictDocument, StrictYamlError, read_strict_yaml
from orchestration.connections import (
    ApiPath,
    Connection,
    Cursor,
    DeleteFlag,
    Deletes,
    FieldName,
    FilesConnection,
    Relation,
    Strict,
)
from orchestration.workspace import Workspace

Identifier = Literal["source_person_id", "email", "phone", "tax_number"]
IDENTIFIERS: tuple[Identifier, ...] = ("source_person_id", "email", "phone", "tax_number")
STAGING_FILE = re.compile(r"stg_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)__([a-z][a-z0-9_]*)\.sql\Z")
MAX_BYTES = 1 << 20
"""Of company.yml: a hundred times what the longest needs, and read in seconds."""
MUST_LINK_HEADER = ["record_id_a", "record_id_b", "reason"]


class CompanyError(ValueError):
    """The company's folder is wrong; the message names the file, the key and what to do."""


def _no_template(text: str) -> str:
    if "{{" in text or "{%" in text or "{#" in text:
        raise ValueError("write it without {{, {% or {#, which dbt would run")
    return text


def _relative_glob(path: str) -> str:
    parts = PurePosixPath(path).parts
    hostile = (
        not parts
        or path.startswith(("/", "~"))
        or any("**" in part and part != "**" for part in parts)
        or "\\" in path
        or "://" in path
        or ".." in parts
        or any(ord(character) < 32 for character in path)
        or PureWindowsPath(path).drive
    )
    if hostile:
        raise ValueError(
            "give a path or glob below the source folder: no absolute path, no .., no URL, ** only as a whole folder"
        )
    return path


@cache
def _zones() -> set[str]:
    return available_timezones()


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/Berlin")
    return name


def _text_encoding(name: str) -> str:
    try:
        info = codecs.lookup(name)
    except LookupError as error:
        raise ValueError(f"unknown encoding {name!r}; use utf-8, utf-16, latin-1, cp1252, ...") from error
    if not info._is_text_encoding:
        raise ValueError(f"{name!r} is not an encoding of text")
    return info.name


def _as_of(value: object) -> object:
    is_iso_date = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
    return date.fromisoformat(value) if is_iso_date else value  # type: ignore[arg-type]


# No double underscore: it separates source and table.
SqlName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", min_length=1, max_length=40)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Owner = Annotated[
    str, StringConstraints(pattern=r"^(team:[a-z0-9_-]+|[^@\s]+@[^@\s]+\.[a-z]+)$"), AfterValidator(_no_template)
]
Prose = Annotated[str, StringConstraints(min_length=1), AfterValidator(_no_template)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Format = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,60}$")]


class FileOptions(Strict):
    """How a text file is written; None takes the format's own default."""

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    quote: Annotated[str, StringConstraints(max_length=1)] = '"'
    encoding: Annotated[str, AfterValidator(_text_encoding)] = "utf-8"
    decimal_separator: Literal[".", ","] = "."
    timestamp_format: Format | None = None
    date_format: Format | None = None

    @model_validator(mode="after")
    def _marks_are_no_data(self) -> Self:
        # Records are numbered and ended in a clean copy of the file: digits and line breaks would cut it elsewhere.
        for name, mark in (("delimiter", self.delimiter), ("quote", self.quote)):
            if mark.isalnum() or mark in ("\n", "\r", "\0"):
                raise ValueError(f"{name} must be a sign, not a letter, a digit, a line break or a zero byte")
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quote must differ")
        return self


class LandingColumn(Strict):
    """A declared column: `name: type`, or a mapping where the source calls it otherwise."""

    type: ColumnType
    source_name: Annotated[str, StringConstraints(min_length=1)] | None = None
    description: Prose | None = None


def _column(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


_OF_AN_ANSWER = ("parameters", "records", "total", "explode")


class Table(Strict):
    """One table of a source: where it lies there (files, a relation or an endpoint), and its columns.

    Attributes:
        path, format, options, is_optional: Of files.
        relation: Of a database.
        endpoint, parameters: Of an HTTP API.
        records, total, explode: Fields of its answer: the list of records, their number over all pages, and a list
            in each record that gives one row per element.
        key: Columns that tell rows apart; needed where rows are asked for and not read from files.
        cursor, deletes: How changes and deletions are found.
    """

    description: Prose
    path: Annotated[str, AfterValidator(_relative_glob)] | None = None
    format: Literal["csv", "jsonl", "parquet"] | None = None
    relation: Relation | None = None
    endpoint: ApiPath | None = None
    records: FieldName | None = None
    total: FieldName | None = None
    explode: FieldName | None = None
    parameters: dict[FieldName, str] = Field(default={})
    key: tuple[str, ...] = Field(default=(), strict=False)
    cursor: Cursor | None = None
    deletes: Deletes | None = None
    time_zone: TimeZone = "UTC"
    options: FileOptions = FileOptions()
    is_optional: bool = False
    event_time: str | None = None
    required: tuple[str, ...] = Field(default=(), strict=False)
    columns: dict[ColumnName, Annotated[LandingColumn, BeforeValidator(_column)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_declared(self) -> Self:
        cursor = self.cursor.column if self.cursor else None
        flag = self.deletes.column if isinstance(self.deletes, DeleteFlag) else None
        named: dict[str, tuple[str | None, ...]] = {
            "required": self.required,
            "key": self.key,
            "event_time": (self.event_time,),
            "cursor": (cursor,),
            "deletes": (flag,),
        }
        for field, names in named.items():
            for name in names:
                if name is not None and name not in self.columns:
                    raise ValueError(f"{field} names {name!r}, which is not among its columns")
        self._has_type("event_time", self.event_time, "date", "timestamp")
        self._has_type("cursor", cursor, "date", "timestamp", "bigint")
        self._has_type("deletes", flag, "date", "timestamp", "boolean")
        return self

    def _has_type(self, field: str, name: str | None, *types: str) -> None:
        if name is not None and self.columns[name].type not in types:
            raise ValueError(f"{field} {name!r} must be a {' or '.join(types)}")

    @model_validator(mode="after")
    def _options_mean_something(self) -> Self:
        given = self.options.model_fields_set
        foreign = {
            "csv": set(),
            "jsonl": given & {"delimiter", "quote"},
            "parquet": given & {"delimiter", "quote", "encoding"},
            None: given,
        }[self.format]
        if foreign:
            raise ValueError(
                f"options {sorted(foreign)} mean nothing for {self.format or 'rows asked for'}: remove them"
            )
        return self

    def fits(self, kind: str) -> str | None:
        """What is missing or too much for a source of this kind; None when nothing is."""
        wanted: tuple[str, ...]
        foreign: tuple[str, ...]
        if kind == "files":
            wanted, foreign = ("path", "format"), ("relation", "endpoint", *_OF_AN_ANSWER, "cursor", "deletes")
        elif kind == "http":
            wanted, foreign = ("endpoint", "key"), ("path", "format", "relation")
        else:
            wanted, foreign = ("relation", "key"), ("path", "format", "endpoint", *_OF_AN_ANSWER)
        absent = [name for name in wanted if not getattr(self, name)]
        present = [name for name in foreign if getattr(self, name)]
        if absent:
            return f"a table of {kind} needs {', '.join(absent)}"
        return f"{', '.join(present)} mean nothing for {kind}: remove them" if present else None


class Source(Strict):
    """One system that the company reads from."""

    description: Prose
    owner: Owner | None = None
    connection: Connection = FilesConnection()
    tables: dict[SqlName, Table] = Field(min_length=1)

    @model_validator(mode="after")
    def _tables_fit_the_connection(self) -> Self:
        for name, table in self.tables.items():
            if problem := table.fits(self.connection.kind):
                raise ValueError(f"table {name}: {problem}")
        return self


class ChurnSettings(Strict):
    """Horizon and population of the churn score, in days, and how many past cuts train it."""

    horizon_days: int = Field(default=30, ge=1, le=730)
    eligible_days: int = Field(default=180, ge=1, le=3650)
    training_cuts: int = Field(default=6, ge=1, le=60)


class IdentitySettings(Strict):
    """Which identifiers join records."""

    identifiers: tuple[Identifier, ...] = Field(default=IDENTIFIERS, strict=False)


@dataclass(frozen=True)
class LandingTable:
    """A table with what its source says about it.

    Attributes:
        source_name: Source that it belongs to.
        table_name: Its name within the source.
        owner: Owner of the source, or of the company.
        kind: files, postgres, mysql or http.
        table: Its declaration.
    """

    source_name: str
    table_name: str
    owner: str
    kind: str
    table: Table

    @property
    def landing_name(self) -> str:
        """Name in the schema `landing`."""
        return f"{self.source_name}__{self.table_name}"

    @property
    def description(self) -> str:
        """What one row is."""
        return self.table.description

    @property
    def format(self) -> str:
        """csv, jsonl or parquet; rows of a database come as csv, those of an API as jsonl."""
        return self.table.format or ("jsonl" if self.kind == "http" else "csv")

    @property
    def address(self) -> str:
        """Where it lies in the source: glob below the source folder, relation or endpoint."""
        return self.table.path or self.table.relation or self.table.endpoint or ""

    @property
    def source_key(self) -> list[str]:
        """The key's columns as the source calls them."""
        return [self._header(name) for name in self.table.key]

    @property
    def source_cursor(self) -> str:
        """The cursor's column as the source calls it; only for tables that have one."""
        if self.table.cursor is None:
            raise ValueError(f"{self.landing_name} has no cursor")
        return self._header(self.table.cursor.column)

    def _header(self, name: str) -> str:
        return self.table.columns[name].source_name or name


class Company(Strict):
    """company.yml, checked. Names are fit to be SQL identifiers, paths stay below the source folder."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    title: Prose
    description: Prose
    currency_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    time_zone: TimeZone
    country_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    as_of: Annotated[Literal["schedule", "latest_landed"] | date, BeforeValidator(_as_of)] = "schedule"
    minimum_answers: int = Field(default=30, ge=1, le=1_000_000_000)
    max_quarantined_share: float = Field(default=0.05, ge=0, le=1)
    owner: Owner
    churn: ChurnSettings = ChurnSettings()
    identity: IdentitySettings = IdentitySettings()
    sources: dict[SqlName, Source] = Field(min_length=1)
    _folder: Path = PrivateAttr()
    _profile: str | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path:
        """Folder that the company was loaded from."""
        return self._folder

    @property
    def profile(self) -> str | None:
        """Profile that was laid over company.yml."""
        return self._profile

    @property
    def zone(self) -> ZoneInfo:
        """Zone in which days are cut."""
        return ZoneInfo(self.time_zone)

    def tables(self) -> Iterator[LandingTable]:
        """Every landing table, in the order of company.yml."""
        for source_name, source in self.sources.items():
            for table_name, table in source.tables.items():
                owner = source.owner or self.owner
                yield LandingTable(source_name, table_name, owner, source.connection.kind, table)

    def table(self, source_name: str, table_name: str) -> LandingTable:
        """One table.

        Raises:
            CompanyError: company.yml does not declare it.
        """
        for item in self.tables():
            if (item.source_name, item.table_name) == (source_name, table_name):
                return item
        raise CompanyError(f"company.yml declares no table {source_name}.{table_name}")

    def staging_models(self) -> dict[str, list[str]]:
        """Names of the company's staging models by entity, every entity present, each list sorted.

        Raises:
            CompanyError: The staging folder is missing, or a file is not stg_<source>__<entity>.sql.
        """
        folder = self.folder / "staging"
        if not folder.is_dir():
            raise CompanyError(f"{folder} is missing: put the company's stg_<source>__<entity>.sql there")
        models: dict[str, list[str]] = {entity: [] for entity in load_contracts()}
        for path in sorted(folder.rglob("*.sql"), key=lambda file: file.name):
            match = STAGING_FILE.match(path.name)
            if match is None:
                raise CompanyError(f"{path}: name it stg_<source>__<entity>.sql, lower case, one double underscore")
            if match[2] not in models:
                raise CompanyError(f"{path}: unknown entity {match[2]!r}; the contracts are {', '.join(models)}")
            models[match[2]].append(path.stem)
        return models

    def must_link(self) -> list[tuple[str, str]]:
        """Pairs of record ids that people declared one customer; none without identity/must_link.csv.

        Raises:
            CompanyError: The file has another header, an empty id, or a pair of one record.
        """
        path = self.folder / "identity" / "must_link.csv"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
        if not rows or rows[0] != MUST_LINK_HEADER:
            raise CompanyError(f"{path}: the first line must be {','.join(MUST_LINK_HEADER)}")
        pairs = []
        for number, row in enumerate(rows[1:], start=2):
            if not row:
                continue
            if len(row) != len(MUST_LINK_HEADER) or not row[0] or not row[1] or row[0] == row[1]:
                raise CompanyError(f"{path}, row {number}: give two different record ids and a reason")
            pairs.append((row[0], row[1]))
        return pairs


def load_company(workspace: Workspace) -> Company:
    """Read and check company.yml, with the profile over it where one is chosen.

    A profile (`profiles/<name>.yml`) holds the keys that differ where the same sources are reached otherwise, files
    here and servers there: mappings are merged, null removes a key, anything else replaces it.

    Raises:
        CompanyError: A file is missing or wrong; the message names file, line, key and what to do.
    """
    path = workspace.company_dir / "company.yml"
    document = _read_yaml(path, "check --company or CX_COMPANY_DIR")
    data = document.data
    if workspace.profile_path is not None:
        profile = _read_yaml(workspace.profile_path, "check --profile or CX_PROFILE")
        data = _merged(data, profile.data)
        document = replace(document, name=f"{path} with {profile.name}", lines={**document.lines, **profile.lines})
    try:
        company = Company.model_validate(data)
    except ValidationError as error:
        raise CompanyError(_explain(error, document)) from error
    if company.name != workspace.company:
        raise CompanyError(f"{path}: name is {company.name!r}, but the company run is {workspace.company!r}")
    company._folder = workspace.company_dir
    company._profile = workspace.profile
    return company


def _read_yaml(path: Path, advice: str) -> StrictDocument:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CompanyError(f"{path} is larger than {MAX_BYTES:,} bytes: it is no {path.name}")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CompanyError(f"{path} cannot be read ({type(error).__name__}): {advice}") from error
    try:
        return read_strict_yaml(text, str(path))
    except StrictYamlError as error:
        raise CompanyError(str(error)) from error


def _merged(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    merged = {name: value for name, value in base.items() if name not in over}
    for name, value in over.items():
        if value is not None:
            merged[name] = _merged(base[name], value) if name in base else value
    # Tables keep the order of company.yml.
    return {name: merged[name] for name in [*(n for n in base if n in merged), *(n for n in merged if n not in base)]}


def _explain(error: ValidationError, document: StrictDocument) -> str:
    lines = []
    for item in error.errors(include_url=False, include_input=False):
        known = [part for part in item["loc"] if part != "[key]"]
        key = ".".join(str(part) for part in known) or "the whole file"
        line = document.line_of(tuple(known))
        where = f"{document.name}, line {line}" if line else document.name
        unknown = item["type"] == "extra_forbidden"
        lines.append(f"{where}: {key}: {'unknown key: remove or correct it' if unknown else item['msg']}")
    return "\n".join(dict.fromkeys(lines))


def landing_sources_yaml(company: Company) -> str:
    """The dbt sources file of the schema `landing`, with Dagster's asset keys.

    Undeclared columns are known only once they have landed, so they are not listed.
    """
    tables = [_source_yaml(item) for item in company.tables()]
    source = {
        "name": "landing",
        "schema": "landing",
        "description": f"Raw rows of {company.title} as landed.",
        "tables": tables,
    }
    return yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=100_000)


def _source_yaml(item: LandingTable) -> dict[str, Any]:
    columns = [
        {"name": name, "data_type": column.type, "description": column.description or ""}
        for name, column in item.table.columns.items()
    ]
    columns += [
        {"name": name, "data_type": data_type, "description": "Lineage of the row."}
        for name, data_type in LINEAGE_COLUMNS.items()
    ]
    meta = {"dagster": {"asset_key": ["landing", item.landing_name]}, "owner": item.owner}
    return {
        "name": item.landing_name,
        "description": item.description,
        "config": {"meta": meta},
        "columns": columns,
    }
