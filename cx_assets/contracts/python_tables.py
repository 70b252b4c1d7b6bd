"""Tables that Python steps write: each declared once, in a file `tables.yml` beside the concept that makes it.

From the declaration come the warehouse's DDL, the columns that Dagster shows, the check of what was written, dbt's
source and the documentation. Canonical entities are in `entity`, marts in `marts`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cx_assets.contracts.entity import ContractError, PersonalData
from cx_assets.contracts.expectations import Expectation, counted
from cx_assets.contracts.strict_yaml import StrictYamlError, read_strict_yaml

FILE_NAME = "tables.yml"
SQL_TYPES = {
    "text": "varchar",
    "bigint": "bigint",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "decimal(38,6)": "decimal(38,6)",
}
_DTYPES = {
    "text": "str",
    "double": "float64",
    "date": "datetime64[us]",
    "timestamp": "datetime64[us]",
    "decimal(38,6)": "object",
}
_WHOLE = {"bigint": ("int64", "Int64"), "boolean": ("bool", "boolean")}
"""Of a required column, and of one that may be null."""


class TableColumn(BaseModel):
    """One column.

    Attributes:
        type: Logical type; timestamps are naive UTC, dates days without a time.
        required: Whether it is never null.
        unit: Of a quantity.
        description: What a value says.
        personal_data: Whether it names a person, or leads to one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["text", "bigint", "double", "boolean", "date", "timestamp", "decimal(38,6)"]
    required: bool = False
    unit: str | None = None
    description: str = Field(min_length=1)
    personal_data: PersonalData | None = None

    @property
    def sql_type(self) -> str:
        """Type in the warehouse."""
        return SQL_TYPES[self.type]

    @property
    def dtype(self) -> str:
        """Type in a frame."""
        if self.type in _WHOLE:
            return _WHOLE[self.type][0 if self.required else 1]
        return _DTYPES[self.type]

    @property
    def meaning(self) -> str:
        """The description with its unit."""
        return f"{self.description} Unit: {self.unit}." if self.unit else self.description


class PythonTable(BaseModel):
    """A table written by Python.

    Attributes:
        schema_name: Schema in the warehouse, first part of the asset key.
        name: Table, second part of the asset key.
        grain: What one row is.
        key: Columns that identify a row, null being a value like any other; rows are written in this order.
        is_history: Whether it keeps what earlier runs decided; landings alone cannot give that back.
        columns: By name, in their order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_name: str
    name: str
    grain: str = Field(min_length=1)
    key: tuple[str, ...] = Field(min_length=1)
    is_history: bool = False
    columns: dict[str, TableColumn] = Field(min_length=1)

    @model_validator(mode="after")
    def _key_is_of_columns(self) -> PythonTable:
        if unknown := [name for name in self.key if name not in self.columns]:
            raise ValueError(f"key names the unknown columns {unknown}")
        return self

    @property
    def address(self) -> str:
        """schema.table."""
        return f"{self.schema_name}.{self.name}"

    @property
    def relation(self) -> str:
        """Quoted schema.table."""
        return f'"{self.schema_name}"."{self.name}"'

    @property
    def types(self) -> dict[str, str]:
        """SQL type by column."""
        return {name: column.sql_type for name, column in self.columns.items()}

    @property
    def column_ddl(self) -> str:
        """Columns with types, as `create table` takes them."""
        return ", ".join(f'"{name}" {kind}' for name, kind in self.types.items())

    def typed(self, rows: pd.DataFrame | list[dict[str, Any]]) -> pd.DataFrame:
        """The declared columns, in their order and with their types; no rows in, a typed frame without rows out.

        Args:
            rows: Any grain; other columns are left out, one that may be null may be absent.

        Returns:
            A new frame with a fresh index.

        Raises:
            ValueError: A required column is absent from rows that there are, or has a null.
        """
        frame = pd.DataFrame(rows)
        if frame.empty:
            return pd.DataFrame({name: pd.Series(dtype=column.dtype) for name, column in self.columns.items()})
        required = [name for name, column in self.columns.items() if column.required]
        if missing := [name for name in required if name not in frame.columns]:
            raise ValueError(f"{self.address}: columns are missing: {', '.join(missing)}")
        if null := [name for name in required if frame[name].isna().any()]:
            raise ValueError(f"{self.address}: columns are null: {', '.join(null)}")
        whole = frame.reindex(columns=list(self.columns)).reset_index(drop=True)
        return whole.astype({name: column.dtype for name, column in self.columns.items()})


def parse_tables(text: str, file_name: str) -> dict[str, PythonTable]:
    """The tables of one declaration, by schema.table.

    Raises:
        ContractError: The text is not strict YAML, has unknown keys, or contradicts itself.
    """
    try:
        document = read_strict_yaml(text, file_name).data
        found = {}
        for address, fields in document.items():
            schema_name, _, name = address.partition(".")
            found[address] = PythonTable(schema_name=schema_name, name=name, **fields)
    except StrictYamlError as error:
        raise ContractError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContractError(f"{file_name}: {where}: {first['msg']}") from error
    return found


@cache
def tables_of(package: str) -> dict[str, PythonTable]:
    """Tables that one concept declares, by schema.table.

    Args:
        package: The concept, such as `cx_assets.churn`.

    Raises:
        ContractError: Its declaration is wrong.
    """
    text = resources.files(package).joinpath(FILE_NAME).read_text(encoding="utf-8")
    return parse_tables(text, f"{package}/{FILE_NAME}")


@cache
def python_tables() -> dict[str, PythonTable]:
    """The tables of every concept that declares some, by schema.table; a new concept is found by its file.

    Raises:
        ContractError: A declaration is wrong, or two concepts declare one table.
    """
    concepts = sorted(
        item.name for item in resources.files("cx_assets").iterdir() if item.joinpath(FILE_NAME).is_file()
    )
    found: dict[str, PythonTable] = {}
    for concept in concepts:
        declared = tables_of(f"cx_assets.{concept}")
        if twice := set(found) & set(declared):
            raise ContractError(f"cx_assets.{concept}: {', '.join(sorted(twice))} is declared twice")
        found |= declared
    return found


def history_tables() -> list[PythonTable]:
    """Tables that keep what earlier runs decided."""
    return [table for table in python_tables().values() if table.is_history]


def table_aggregate_sql(table: PythonTable) -> str:
    """The query that reduces a table to one row: row_count, null_count, duplicate_key_count."""
    key = ", ".join(f'"{name}"' for name in table.key)
    is_null = " or ".join(f'"{name}" is null' for name, column in table.columns.items() if column.required) or "false"
    return (
        f"select\n  count(*) as row_count,\n  count(*) filter (where {is_null}) as null_count,\n"
        f"  (select count(*) from (select {key} from {table.relation} group by {key}\n"
        f"    having count(*) > 1) as repeated) as duplicate_key_count\nfrom {table.relation}"
    )


def table_expectations() -> list[Expectation]:
    """What must hold for the row that table_aggregate_sql returns."""
    return [
        counted("row_count", 0, None, "The table was read."),
        counted("null_count", 0, 0, "A required column is null."),
        counted("duplicate_key_count", 0, 0, "The key is not unique."),
    ]
