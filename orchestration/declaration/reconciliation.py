"""What company.yml says about reconciliation: how a table's rows are counted by day, and what they become.

The counting at the source is in `landing.control_totals`, the comparison in dbt
(`int_reconciliation__row`).
"""

from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from cx_assets.contracts import load_contracts
from cx_assets.contracts.entity import NUMERIC_TYPES
from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.field_types import ApiPath, FieldName


def _sentence(text: str) -> str:
    if "{{" in text or "{%" in text or "{#" in text or "'" in text or "\\" in text:
        raise ValueError("write it without quotes, backslashes and {{, {% or {#, which dbt would run")
    return text


class DayTotals(Strict):
    """Where an API says how many rows each day has: a list with one object per day.

    Attributes:
        endpoint: Path below the base URL.
        records: Field of the answer that holds the list; without it the answer itself is the list.
        day, count, amount: Fields of an entry; the day is written YYYY-MM-DD in the company's time zone.
    """

    endpoint: ApiPath
    records: FieldName | None = None
    day: FieldName = "day"
    count: FieldName = "count"
    amount: FieldName | None = None


class TableTotals(Strict):
    """A table of the same source in which the company itself says how many rows each day has, one row a day.

    Attributes:
        table: Its name in company.yml. It lands as any other; the newest row of a day counts.
        day: Its column of the day, a date.
        count: Its column of the number of rows, a bigint.
        amount: Its column of the sum; None compares numbers of rows alone.
    """

    table: str
    day: str = "day"
    count: str = "count"
    amount: str | None = None


class Reconcile(Strict):
    """How a table is compared with its source, day by day.

    Attributes:
        day: Date or timestamp column whose day, in the company's time zone, a row belongs to.
        amount: Numeric column that is summed.
        entity: Canonical entity of which one row of this table becomes one row.
        entity_amount: The entity's column that `amount` becomes, unchanged.
        filtered: Why the staging SQL leaves rows out; without it, a row left out is unexplained.
        totals: For APIs that tell their own totals, and for files of which the company keeps totals in another table.
    """

    day: str
    amount: str | None = None
    entity: str | None = None
    entity_amount: str | None = None
    filtered: (
        Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00-\x1f]*$"), AfterValidator(_sentence)] | None
    ) = None
    totals: DayTotals | TableTotals | None = None

    @model_validator(mode="after")
    def _names_a_contract(self) -> Self:
        if self.entity is None:
            if self.entity_amount is not None or self.filtered is not None:
                raise ValueError("entity_amount and filtered mean nothing without entity")
            return self
        contracts = load_contracts()
        if self.entity not in contracts:
            raise ValueError(f"unknown entity {self.entity!r}; the contracts are {', '.join(contracts)}")
        if self.entity_amount is not None:
            column = contracts[self.entity].columns.get(self.entity_amount)
            if column is None or column.type not in NUMERIC_TYPES:
                raise ValueError(f"entity_amount {self.entity_amount!r} is no numeric column of {self.entity}")
            if self.amount is None:
                raise ValueError("entity_amount needs amount, the landed column that it is compared with")
        return self

    def totals_problem(self, is_of_files: bool, is_api: bool) -> str | None:
        """What is wrong with `totals` for a table of files or of an API; None when nothing is."""
        if isinstance(self.totals, DayTotals) and not is_api:
            return "reconcile.totals with an endpoint is for APIs: name a table of this source instead"
        if isinstance(self.totals, TableTotals) and not is_of_files:
            return "reconcile.totals with a table is for files: databases and APIs count their own totals"
        return None
