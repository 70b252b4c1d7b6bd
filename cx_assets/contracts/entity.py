"""The canonical contracts: one YAML file per entity in `entities/`, read once and checked strictly.

The row rules derived from them are in `rules`, the border expectations in `expectations`.
"""

import re
from functools import cache
from importlib import resources
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from cx_assets.contracts.strict_yaml import StrictYamlError, read_strict_yaml

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
ColumnType = Literal["text", "bigint", "double", "boolean", "date", "timestamp", "decimal(18,2)", "decimal(18,6)"]
PersonalData = Literal["direct", "indirect"]

LINEAGE_COLUMNS: dict[str, ColumnType] = {
    "_load_id": "text",
    "_load_sequence": "bigint",
    "_source_file": "text",
    "_source_row": "bigint",
    "_is_deleted": "boolean",
}

MISTYPED_COLUMN = "_mistyped_columns"
"""Column beside the lineage: names, joined by commas, of the columns whose value was no valid one of their type."""

BLANKED_COLUMN = "_blanked_columns"
"""Column beside it: names of the columns whose value was beyond its limits and is null here, by the contract's word."""

OBSERVATION = "observation"
"""Stands for the observation date where a contract gives a limit."""

NUMERIC_TYPES = frozenset({"bigint", "double", "decimal(18,2)", "decimal(18,6)"})
TEMPORAL_TYPES = frozenset({"date", "timestamp"})

_SQL_WORDS = frozenset(
    {"and", "or", "not", "is", "null", "in", "between", "case", "when", "then", "else", "end", "like"}
    | {"true", "false", "cast", "as", "timestamp", "date", "double"}
    | {"length", "abs", "trim", "lower", "upper", "coalesce", "nullif"}
)
_STRING_LITERAL = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"[A-Za-z_]\w*")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class ContractError(ValueError):
    """A contract file is wrong; the message names the file and what is wrong in it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ColumnContract(_Strict):
    """One column: type, whether it must be filled, and what it may hold.

    Attributes:
        name: Column name.
        type: Logical type; timestamps are naive UTC.
        required: Null (or blank text) is a violation.
        allowed: Values that text may take; null is checked by `required` alone.
        min: Lowest value, inclusive; an ISO date for dates and timestamps.
        max: Highest value, inclusive; an ISO date for dates and timestamps, `observation` for the observation date.
        if_outside: What becomes of a value beyond min or max: its row is refused, or it is blanked (null, counted)
            because the rest of the row is worth keeping.
        length: Exact number of characters.
        max_length: Highest number of characters.
        code: Published list that text is taken from: iso_4217, currencies.
        unit: Unit of a quantity, the column that holds it (currency_code), or UTC.
        personal_data: direct (names a person), indirect (helps to single one out), or None.
        description: What it means.
    """

    name: Identifier
    type: ColumnType
    required: bool = False
    allowed: tuple[str, ...] | None = Field(default=None, strict=False, min_length=1)
    min: int | float | str | None = None
    max: int | float | str | None = None
    if_outside: Literal["refuse", "blank"] = "refuse"
    length: int | None = Field(default=None, ge=1)
    max_length: int | None = Field(default=None, ge=1)
    code: Literal["iso_4217"] | None = None
    unit: str | None = None
    personal_data: PersonalData | None = None
    description: str = Field(min_length=1)

    @model_validator(mode="after")
    def _limits_fit_the_type(self) -> Self:
        if self.type != "text" and (self.allowed or self.length or self.max_length or self.code):
            raise ValueError(f"{self.name}: allowed, code, length and max_length are for text only")
        if self.max == OBSERVATION and (self.type != "date" or self.if_outside != "blank"):
            raise ValueError(f"{self.name}: max observation is for dates that are blanked beyond it")
        if self.if_outside == "blank" and (self.required or (self.min is None and self.max is None)):
            raise ValueError(f"{self.name}: only a column that may be null and has a min or max can be blanked")
        for limit in (self.min, self.max):
            if limit is None or limit == OBSERVATION:
                continue
            is_number = isinstance(limit, int | float) and self.type in NUMERIC_TYPES
            is_date = isinstance(limit, str) and self.type in TEMPORAL_TYPES and _ISO_DATE.match(limit) is not None
            if not (is_number or is_date):
                raise ValueError(f"{self.name}: limit {limit!r} does not fit the type {self.type}")
        return self


class EntityRule(_Strict):
    """A condition over one row that must hold.

    Every column it reads is required, or the condition says what its null means (`is null`, `is not null`):
    a condition that ends in null would otherwise keep bad rows or turn good ones away.
    """

    name: Identifier
    sql: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    @property
    def column_names(self) -> frozenset[str]:
        """Names that the condition reads: every word outside literals that is not SQL's own."""
        words = {word for word in _WORD.findall(_STRING_LITERAL.sub("''", self.sql))}
        return frozenset(word for word in words if word.lower() not in _SQL_WORDS)


class EntityContract(_Strict):
    """One canonical entity.

    Attributes:
        entity: Name, as in `stg_<source>__<entity>`.
        grain: What one row is.
        key: Columns that identify a row within one version.
        version_order: Columns that order the versions of one key, oldest first; lineage breaks ties.
        event_time: Column whose maximum says how far the data reach; None for entities without time.
        columns: Columns in their order.
        rules: Conditions over one row.
    """

    entity: Identifier
    grain: str = Field(min_length=1)
    key: tuple[str, ...] = Field(strict=False, min_length=1)
    version_order: tuple[str, ...] = Field(default=(), strict=False)
    event_time: str | None = None
    columns: dict[str, ColumnContract]
    rules: tuple[EntityRule, ...] = Field(default=(), strict=False)

    @model_validator(mode="before")
    @classmethod
    def _name_columns(cls, data: object) -> object:
        columns = data.get("columns") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(columns, dict):
            return data
        named = {
            name: {**column, "name": name} if isinstance(column, dict) else column for name, column in columns.items()
        }
        return {**data, "columns": named}

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for name in (*self.key, *self.version_order, *([self.event_time] if self.event_time else [])):
            if name not in self.columns:
                raise ValueError(f"key, version_order or event_time names the unknown column {name!r}")
        for name in self.key:
            if not self.columns[name].required:
                raise ValueError(f"key column {name!r} must be required")
        if self.event_time and self.columns[self.event_time].type not in TEMPORAL_TYPES:
            raise ValueError(f"event_time {self.event_time!r} is neither date nor timestamp")
        if len({rule.name for rule in self.rules}) < len(self.rules):
            raise ValueError("two rules have one name")
        for rule in self.rules:
            self._check_rule(rule)
        return self

    def _check_rule(self, rule: EntityRule) -> None:
        for name in rule.column_names:
            if name not in self.columns:
                raise ValueError(f"rule {rule.name!r} reads the unknown column {name!r}")
            says_null = re.search(rf"\b{name}\s+is\s+(not\s+)?null\b", rule.sql, re.IGNORECASE)
            if not self.columns[name].required and not says_null:
                raise ValueError(f"rule {rule.name!r} reads {name!r}, which may be null: say what null means (is null)")


@cache
def load_contracts() -> dict[str, EntityContract]:
    """All canonical contracts by entity name, in alphabetical order.

    Raises:
        ContractError: A file is not YAML, has unknown keys, or contradicts itself.
    """
    folder = resources.files("cx_assets.contracts") / "entities"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yml")), key=lambda f: f.name)
    contracts = [parse_contract(item.read_text(encoding="utf-8"), item.name) for item in files]
    return {contract.entity: contract for contract in contracts}


def parse_contract(text: str, file_name: str) -> EntityContract:
    """One contract from its YAML text; the entity must be named as its file.

    Raises:
        ContractError: The text is not strict YAML, has unknown keys, or contradicts itself.
    """
    try:
        document = read_strict_yaml(text, file_name)
        contract = EntityContract.model_validate(document.data)
    except StrictYamlError as error:
        raise ContractError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContractError(f"{file_name}: {where}: {first['msg']}") from error
    if file_name != f"{contract.entity}.yml":
        raise ContractError(f"{file_name}: entity {contract.entity!r} must be in {contract.entity}.yml")
    return contract
