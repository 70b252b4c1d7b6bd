"""What was seen of a table before anything is declared of it."""

from dataclasses import dataclass, field
from typing import Any

from cx_assets.contracts import ColumnType

SAMPLE_ROWS = 200_000
"""Rows that are looked at; a longer table is judged by its first ones, and the proposal says so."""


@dataclass
class ObservedColumn:
    """One column and what its values say.

    Attributes:
        name: In the landing.
        header: In the source.
        type: That all values have, but for a few that are named in `notes`.
        is_declarable: Whether its header alone says which column it is; others land undeclared, as text.
        filled: Rows with a value.
        distinct: Different values.
        bad: Values that are not of the type and would go to quarantine.
        nulls: Texts that stand for null.
        values: Different values, most frequent first; empty where there are more than `scan.MANY_VALUES`.
        low, high: Of a number; None for others.
        thousands: The mark between thousands in amounts that stay text, "." or ","; None without.
        years: Digits of the years in a date, 2 or 4; None where it is none.
        notes: What a person should know or decide.
    """

    name: str
    header: str
    type: ColumnType = "text"
    is_declarable: bool = True
    filled: int = 0
    distinct: int = 0
    bad: int = 0
    nulls: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    low: float | None = None
    high: float | None = None
    thousands: str | None = None
    years: int | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class ObservedTable:
    """One table.

    Attributes:
        name: In `company.yml`.
        place: Keys of `company.yml` that say where it lies (path and format, or relation).
        options: Keys of its `options`.
        columns: By name in the landing, in their order.
        rows: Rows looked at.
        is_sample: Whether it has more.
        pairs: Two columns that are unique together, where none is alone.
        latest: Last day of what is no date of birth and no promise, as ISO text; None without dates.
        notes: What a person should know or decide.
    """

    name: str
    place: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, ObservedColumn] = field(default_factory=dict)
    rows: int = 0
    is_sample: bool = False
    pairs: list[tuple[str, str]] = field(default_factory=list)
    latest: str | None = None
    notes: list[str] = field(default_factory=list)

    def is_unique(self, name: str) -> bool:
        """Whether a column has a value in every row, and no value twice."""
        column = self.columns[name]
        return self.rows > 0 and column.filled == self.rows == column.distinct

    def is_full(self, name: str) -> bool:
        """Whether a column has a good value in every row."""
        column = self.columns[name]
        return self.rows > 0 and column.filled == self.rows and not column.bad
