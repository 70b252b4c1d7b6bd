"""The SQL of one model, as dbt compiles it for the small company, on rows that are given: no warehouse around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd

from tests.dbt.company import Company, Row

READ = {
    "core": (
        "dim_observation",
        "fct_answer",
        "fct_invitation_outcome",
        "fct_survey_response",
        "fct_survey_invitation",
        "fct_transaction_line",
    ),
    "intermediate": (
        "int_event__touchpoint_key",
        "int_experience__response_cell",
        "int_experience__score_cell",
    ),
    "marts": ("mart_experience__score",),
    "scores": ("customer_rfm", "answer_weight"),
}
MORE = {"core": ("bridge_record_customer", "dim_product")}


class CompiledModels:
    """A database with the empty tables that the score models read, to be filled, and the models' SQL.

    Args:
        connection: In memory or a file; gets the catalog `cx` as its current one.
        company: Built or compiled by dbt.
        catalog: Where `cx` lies: a path, or `:memory:`.
        read: Tables that are made, by schema; those of the score models unless others are asked for.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        company: Company,
        catalog: str = ":memory:",
        read: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.connection = connection
        self._compiled = company.folder / "target" / "compiled"
        connection.execute(f"attach '{company.warehouse}' as built (read_only)")
        connection.execute(f"attach '{catalog}' as cx; use cx")
        for tables in (READ, MORE) if read is None else (read,):
            for schema, names in tables.items():
                connection.execute(f"create schema if not exists {schema}")
                for name in names:
                    connection.execute(f"create table {schema}.{name} as from built.{schema}.{name} limit 0")

    def fill(self, table: str, rows: Sequence[Row] | pd.DataFrame) -> None:
        """Replace the rows of a table; columns that are not given are null."""
        self.connection.execute(f"delete from {table}")
        if isinstance(rows, pd.DataFrame):
            self.connection.execute(f"insert into {table} by name select * from rows")
            return
        for row in rows:
            places = ", ".join("?" * len(row))
            self.connection.execute(f"insert into {table} ({', '.join(row)}) values ({places})", list(row.values()))

    def sql(self, model: str) -> str:
        """The model's query."""
        [path] = self._compiled.rglob(f"{model}.sql")
        return path.read_text(encoding="utf-8")

    def rows(self, model: str, tables: Mapping[str, Sequence[Row] | pd.DataFrame]) -> list[dict[str, Any]]:
        """What the model makes of the rows."""
        for table, rows in tables.items():
            self.fill(table, rows)
        found = self.connection.execute(self.sql(model))
        columns = [column[0] for column in found.description or []]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def build(self, schema: str, model: str) -> None:
        """Make the model a table, for the models that read it."""
        self.connection.execute(f"create or replace table {schema}.{model} as {self.sql(model)}")
