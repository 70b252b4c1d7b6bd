"""`exports` in company.yml: lists that go back to operating systems, each with its contract and its destination."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from cx_assets.contracts.marts import load_marts
from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.field_types import ColumnName, EnvironmentName, Owner, Prose
from orchestration.ground.nearest import near

ExportColumn = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_ .-]{0,62}$")]
"""A column's name in the receiving system; it begins with a letter, so that no spreadsheet runs it."""
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,80}$")]


def _by_name(value: object) -> object:
    """A list of columns is short for a mapping of each name to itself."""
    if isinstance(value, list):
        if len(set(map(str, value))) != len(value):
            raise ValueError("a column stands twice")
        return {name: name for name in value}
    return value


def _table(name: str) -> str:
    marts = {f"marts.{mart.name}" for mart in load_marts()}
    if name.startswith("marts.") and name not in marts:
        raise ValueError(f"there is no table {name}.{near(name, marts)}")
    return name


def _condition(text: str) -> str:
    from orchestration.ground.sql_conditions import plain_condition  # its parser is needed by no other start

    plain_condition(text)
    return text


Columns = Annotated[dict[ColumnName, ExportColumn], BeforeValidator(_by_name)]
TableName = Annotated[str, StringConstraints(pattern=r"^(marts|core)\.[a-z][a-z0-9_]{0,62}$"), AfterValidator(_table)]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_condition)]


IDENTITY_TABLE = "core.dim_customer_identity"


class FileDestination(Strict):
    """One file of a stable name below published/exports/<name>/, or below published/restricted/exports/<name>/."""

    kind: Literal["csv", "parquet"]


class HttpDestination(Strict):
    """JSON batches to an address that the environment holds.

    Attributes:
        url_env: Environment variable with the whole URL, without user, password and query.
        token_env: Environment variable with the bearer token; None sends none.
        batch_size: Rows of one request at most.
        send: `all` rows whenever one changed, or `changes` only, each with its operation.
        timeout_seconds, max_attempts, first_wait_seconds, longest_wait_seconds: As those of a source of kind http.
    """

    kind: Literal["http"]
    url_env: EnvironmentName
    token_env: EnvironmentName | None = None
    batch_size: int = Field(default=500, ge=1, le=10_000)
    send: Literal["all", "changes"] = "all"
    timeout_seconds: float = Field(default=30, gt=0, le=3600, strict=False)
    max_attempts: int = Field(default=5, ge=1, le=50)
    first_wait_seconds: float = Field(default=1, ge=0, le=60, strict=False)
    longest_wait_seconds: float = Field(default=60, ge=0, le=3600, strict=False)


class Export(Strict):
    """One list: a selection of a published table, a row a key.

    Attributes:
        description: What it is for.
        owner: Who answers for it; the company's owner where none is named.
        table: Published table that it is taken from.
        columns: Published name -> name in the list; a list of names keeps them.
        key: Columns of the list that tell its rows apart.
        where: Condition in SQL over the table's columns; None takes all rows.
        contact: Columns of core.dim_customer_identity, joined by customer_id; published name -> name in the list.
        purpose: Purpose that a customer must have consented to; None asks nobody.
        channel: Channel for which consent must hold; told from the contact columns where none is named.
        is_marketing: Whether it serves marketing: then a purpose must be named.
        leave_out_open_complaints: Whether customers with an open complaint are left out.
        to: Where it goes.
        max_rows: More rows than these are refused.
        empty_is_error: Whether no rows are refused.
    """

    description: Prose
    owner: Owner | None = None
    table: TableName
    columns: Columns = Field(min_length=1)
    key: tuple[ExportColumn, ...] = Field(min_length=1, strict=False)
    where: Condition | None = None
    contact: Columns = Field(default_factory=dict)
    purpose: Word | None = None
    channel: Word | None = None
    is_marketing: bool = False
    leave_out_open_complaints: bool = False
    to: Annotated[FileDestination | HttpDestination, Field(discriminator="kind")]
    max_rows: int = Field(ge=1, le=1_000_000_000)
    empty_is_error: bool = False

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = self.names
        if twice := sorted({name for name in names if [other.lower() for other in names].count(name.lower()) > 1}):
            raise ValueError(f"two columns of the list have the name {', '.join(twice)}")
        if unknown := [name for name in self.key if name not in names]:
            raise ValueError(f"key names {unknown[0]}, which is no column of the list.{near(unknown[0], names)}")
        if isinstance(self.to, HttpDestination) and self.to.send == "changes" and "operation" in names:
            raise ValueError("call no column `operation`: where changes are sent, that tells what to do with a row")
        if len(set(self.key)) != len(self.key):
            raise ValueError("key names a column twice")
        if self.purpose is None and (self.contact or self.is_marketing):
            raise ValueError("name the purpose that customers must have consented to: there is a contact or marketing")
        if self.purpose is None and self.table == IDENTITY_TABLE:
            raise ValueError(f"name the purpose that customers must have consented to: {IDENTITY_TABLE} is personal")
        if self.channel is not None and self.purpose is None:
            raise ValueError("channel needs a purpose")
        return self

    @property
    def names(self) -> list[str]:
        """Columns of the list, in order: those of the table, then the contact."""
        return [*self.columns.values(), *self.contact.values()]

    @property
    def is_of_customers(self) -> bool:
        """Whether something of the customer is asked, so that the table must have a customer_id."""
        return bool(self.contact or self.purpose or self.leave_out_open_complaints)
