"""`publication` in company.yml: where a finished generation is copied to besides the DuckDB file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.field_types import EnvironmentName

SchemaPrefix = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,30})?$")]
RoleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,62}$")]


class PostgresPublication(Strict):
    """A database of PostgreSQL to publish to; the whole URL, with user and password, stands in the environment.

    Attributes:
        url_env: Environment variable with postgresql://user:password@host:port/database.
        prefix: Before the names of the schemas core, marts and publication.
        read_role: Existing role that may read what is published.
        timeout_seconds: Of one statement.
        switch_wait_seconds: How long the switch waits for transactions that read tables about to be replaced.
    """

    url_env: EnvironmentName
    prefix: SchemaPrefix = ""
    read_role: RoleName | None = None
    timeout_seconds: int = Field(default=3600, ge=1, le=86_400)
    switch_wait_seconds: int = Field(default=300, ge=0, le=86_400)


class PublicationSettings(Strict):
    """Where a finished generation is copied to besides the DuckDB file.

    Attributes:
        parquet: Parquet of every table beside the DuckDB file.
        postgres: Tables in a database of PostgreSQL.
    """

    parquet: bool = Field(
        default=False,
        description="Whether every published table is written as Parquet too (docs/publication.md).",
        json_schema_extra={"evidence": "Off: it takes a few seconds of a run, and a third of the DuckDB file's space."},
    )
    postgres: PostgresPublication | None = Field(
        default=None,
        description="Database that gets the tables of the general publication: `url_env`, `prefix`, `read_role`,"
        " `timeout_seconds`, `switch_wait_seconds` (docs/publication.md).",
        json_schema_extra={"evidence": "None, until a company names one."},
    )
