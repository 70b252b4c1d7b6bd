"""What company.yml says of a source and its tables: where they lie, their columns, how they are read.

What it says of the company as a whole is in `company`, how a source is reached in `connections`.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cx_assets.contracts.entity import NUMERIC_TYPES, TEMPORAL_TYPES
from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.columns import IfInvalid, IfMissing, LandingColumn, NullValues, declared_column
from orchestration.declaration.connections import (
    CompareKeys,
    Connection,
    Cursor,
    DeleteFlag,
    Deletes,
    FilesConnection,
)
from orchestration.declaration.field_types import (
    ApiPath,
    ColumnName,
    FieldName,
    Owner,
    Prose,
    Relation,
    SqlName,
    TimeZone,
)
from orchestration.declaration.file_options import FILE_FORMATS, FileFormat, FileOptions, FormatName
from orchestration.declaration.http_connections import DateWindows, Paging
from orchestration.declaration.reconciliation import Reconcile, TableTotals
from orchestration.declaration.source_kinds import CAPABILITIES, Capabilities


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


_OF_AN_ANSWER = (
    "parameters",
    "method",
    "body",
    "paging",
    "windows",
    "records",
    "total",
    "failure",
    "explode",
    "explode_key",
    "explode_position",
    "keep_json",
)
_FIELDS_BY_PLACE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "path": (("path", "format"), ("relation", "endpoint", *_OF_AN_ANSWER, "cursor")),
    "endpoint": (("endpoint", "key"), ("path", "format", "relation", "mode")),
    "relation": (("relation", "key"), ("path", "format", "mode", "endpoint", *_OF_AN_ANSWER)),
}
"""Fields that a table needs, and those that mean nothing, by where it lies."""


class Table(Strict):
    """One table of a source: where it lies there (files, a relation or an endpoint), and its columns.

    Attributes:
        path, format, options, is_optional: Of files.
        mode: Of files. append (None): a file that is written again adds its rows, and what left it stays. snapshot: the
            files that match are the whole table as it is now, together. dated_snapshots: each file is, and the one
            whose path sorts last counts. Rows that left a snapshot are deleted, by key.
        relation: Of a database.
        endpoint, parameters, method, body: Of an HTTP API; a body makes it a POST, and takes what paging sends.
        paging, windows: How its list is cut; without paging, as the connection says.
        records, total, explode: Fields of its answer: the list of records, their number over all pages, and a list
            in each record that gives one row per element.
        failure: Field of its answer that stands for an error, whatever the status.
        explode_key: The exploded field is an object, and its keys become this field of the elements.
        explode_position: Name of the elements' number within the exploded list; `position` unless said otherwise.
        keep_json: Fields of the records that stay JSON text where they are objects, instead of becoming columns each.
        key: Columns that tell rows apart; needed where rows are pulled and not read from files.
        cursor, deletes: How changes and deletions are found.
        if_missing, if_invalid: Of columns that do not say it themselves; see `LandingColumn`. None stops where a column
            is missing (a JSON object may leave keys out) and refuses rows with an invalid value.
        null_values: Texts that mean null in all its columns, declared or not.
        reconcile: How its rows are compared with the source's own numbers; None leaves it out.
    """

    description: Prose
    path: Annotated[str, AfterValidator(_relative_glob)] | None = None
    format: FormatName | None = None
    mode: Literal["append", "snapshot", "dated_snapshots"] | None = None
    relation: Relation | None = None
    endpoint: ApiPath | None = None
    records: FieldName | None = None
    total: FieldName | None = None
    failure: FieldName | None = None
    explode: FieldName | None = None
    explode_key: FieldName | None = None
    explode_position: FieldName | None = None
    keep_json: tuple[FieldName, ...] = Field(default=(), strict=False)
    method: Literal["get", "post"] | None = None
    body: dict[str, Any] = Field(default={})
    paging: Paging | None = None
    windows: DateWindows | None = None
    parameters: dict[FieldName, str] = Field(default={})
    key: tuple[str, ...] = Field(default=(), strict=False)
    cursor: Cursor | None = None
    deletes: Deletes | None = None
    reconcile: Reconcile | None = None
    time_zone: TimeZone = "UTC"
    options: FileOptions = FileOptions()
    is_optional: bool = False
    event_time: str | None = None
    required: tuple[str, ...] = Field(default=(), strict=False)
    if_missing: IfMissing | None = None
    if_invalid: IfInvalid | None = None
    null_values: NullValues | None = None
    columns: dict[ColumnName, Annotated[LandingColumn, BeforeValidator(declared_column)]] = Field(min_length=1)

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
            "reconcile.day": (self.reconcile.day,) if self.reconcile else (),
            "reconcile.amount": (self.reconcile.amount,) if self.reconcile else (),
        }
        for field, names in named.items():
            for name in names:
                if name is not None and name not in self.columns:
                    raise ValueError(f"{field} names {name!r}, which is not among its columns")
        self._has_type("event_time", self.event_time, "date", "timestamp")
        self._has_type("cursor", cursor, "date", "timestamp", "bigint")
        self._deletes_can_be_told()
        if self.reconcile:
            self._has_type("reconcile.day", self.reconcile.day, *sorted(TEMPORAL_TYPES))
            self._has_type("reconcile.amount", self.reconcile.amount, *sorted(NUMERIC_TYPES))
        return self

    @model_validator(mode="after")
    def _defaults_are_taken(self) -> Self:
        for name, column in self.columns.items():
            taken = "default" in (column.if_missing or self.if_missing, column.if_invalid or self.if_invalid)
            if column.default is not None and not taken:
                raise ValueError(
                    f"column {name} has a default that nothing takes: say if_missing or if_invalid: default"
                )
        return self

    def _deletes_can_be_told(self) -> None:
        if not isinstance(self.deletes, DeleteFlag):
            return
        is_text = self.columns[self.deletes.column].type == "text"
        if is_text and not self.deletes.values:
            raise ValueError(
                f"deletes {self.deletes.column!r} is text: say what means deleted there (values: [deleted])"
            )
        if not is_text:
            self._has_type("deletes", self.deletes.column, "date", "timestamp", "boolean")
            if self.deletes.values:
                raise ValueError("deletes.values are for a text column; a date or a boolean speaks for itself")

    def nulls_of(self, name: str) -> tuple[str, ...]:
        """Texts that mean null in a column; () for none."""
        own = self.columns[name].null_values if name in self.columns else None
        return self.null_values or () if own is None else own

    @model_validator(mode="after")
    def _snapshots_have_a_key(self) -> Self:
        if self.is_full_export and not self.key:
            raise ValueError(f"mode {self.mode} needs key: it tells which rows left the file")
        if self.path and not self.is_full_export and isinstance(self.deletes, CompareKeys):
            raise ValueError("deletes of kind compare_keys is for files that are full exports: say mode: snapshot")
        return self

    @property
    def is_full_export(self) -> bool:
        """Whether its files are the whole table, so that a row which left them is gone."""
        return self.mode in ("snapshot", "dated_snapshots")

    @property
    def max_deleted_share(self) -> float:
        """Share of the known keys that may be gone at once."""
        return (
            self.deletes.max_share
            if isinstance(self.deletes, CompareKeys)
            else CompareKeys(kind="compare_keys").max_share
        )

    def _has_type(self, field: str, name: str | None, *types: str) -> None:
        if name is not None and self.columns[name].type not in types:
            raise ValueError(f"{field} {name!r} must be a {' or '.join(types)}")

    @model_validator(mode="after")
    def _options_mean_something(self) -> Self:
        given = self.options.model_fields_set
        known = FILE_FORMATS[self.format] if self.format else FileFormat(frozenset(given))
        foreign = given & known.foreign_options
        if foreign:
            raise ValueError(f"options {sorted(foreign)} mean nothing for {self.format or 'pulled rows'}: remove them")
        placed = [name for name, column in self.columns.items() if column.is_placed]
        if placed and not known.has_places:
            raise ValueError(f"after and place of {placed} mean nothing for {self.format or 'pulled rows'}")
        return self

    @model_validator(mode="after")
    def _answer_options_fit(self) -> Self:
        if self.explode is None and (self.explode_key or self.explode_position):
            raise ValueError("explode_key and explode_position mean nothing without explode")
        if self.method == "get" and self.body:
            raise ValueError("a body is sent by post: leave method: get out, or the body")
        if self.windows and self.cursor and self.cursor.parameter == self.windows.from_parameter:
            self._has_type("windows that begin at the cursor: it", self.cursor.column, *sorted(TEMPORAL_TYPES))
        return self

    def fits(self, kind: str) -> str | None:
        """What is missing or too much for a source of this kind; None when nothing is."""
        place = CAPABILITIES[kind].place
        wanted, foreign = _FIELDS_BY_PLACE[place]
        absent = [name for name in wanted if not getattr(self, name)]
        present = [name for name in foreign if getattr(self, name)]
        if self.reconcile and (problem := self.reconcile.totals_problem(place == "path", place == "endpoint")):
            return problem
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
            if problem := table.fits(self.connection.kind) or self._totals_problem(table):
                raise ValueError(f"table {name}: {problem}")
        return self

    def _totals_problem(self, table: Table) -> str | None:
        """What is wrong with the table in which the company keeps its own totals; None when nothing is."""
        totals = table.reconcile.totals if table.reconcile else None
        if not isinstance(totals, TableTotals):
            return None
        kept = self.tables.get(totals.table)
        if kept is None:
            return f"reconcile.totals names {totals.table!r}, which is no table of this source"
        wanted: dict[str, tuple[str, ...]] = {totals.day: ("date",), totals.count: ("bigint",)}
        wanted |= {totals.amount: tuple(sorted(NUMERIC_TYPES))} if totals.amount else {}
        for name, types in wanted.items():
            if name not in kept.columns or kept.columns[name].type not in types:
                return f"reconcile.totals: {totals.table} has no column {name} of type {' or '.join(types)}"
        return None


@dataclass(frozen=True)
class LandingTable:
    """A table with what its source says about it.

    Attributes:
        source_name: Source that it belongs to.
        table_name: Its name within the source.
        owner: Owner of the source, or of the company.
        kind: files, object_storage, postgres, mysql or http.
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
    def capabilities(self) -> Capabilities:
        """What its kind of source can do."""
        return CAPABILITIES[self.kind]

    @property
    def is_of_files(self) -> bool:
        """Whether it is read from files, wherever they lie."""
        return self.capabilities.is_of_files

    @property
    def description(self) -> str:
        """What one row is."""
        return self.table.description

    @property
    def format(self) -> str:
        """csv, jsonl, parquet or excel; rows of a database come as csv, those of an API as jsonl."""
        return self.table.format or self.capabilities.pulled_format

    @property
    def address(self) -> str:
        """Where it lies in the source: glob below the source folder or the bucket's URL, relation or endpoint."""
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

    @property
    def source_day(self) -> str:
        """The column of the day as the source calls it; only for tables that are reconciled."""
        if self.table.reconcile is None:
            raise ValueError(f"{self.landing_name} is not reconciled")
        return self._header(self.table.reconcile.day)

    @property
    def source_amount(self) -> str | None:
        """The column of the amount as the source calls it; None without one."""
        amount = self.table.reconcile.amount if self.table.reconcile else None
        return self._header(amount) if amount else None

    def _header(self, name: str) -> str:
        return self.table.columns[name].source_name or name
