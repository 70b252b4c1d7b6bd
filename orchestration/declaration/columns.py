"""A column of a landing table, as company.yml declares it."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from cx_assets.contracts import ColumnType
from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.field_types import Prose


def _trimmed(text: str) -> str:
    if not text or text != text.strip():
        raise ValueError("write it without spaces around it; an empty text is null by itself")
    return text


NullValues = Annotated[tuple[Annotated[str, AfterValidator(_trimmed)], ...], Field(strict=False)]
IfMissing = Literal["stop", "default", "quarantine"]
IfInvalid = Literal["quarantine", "default", "stop"]


class LandingColumn(Strict):
    """A declared column: `name: type`, or a mapping where the source calls it otherwise or may change.

    Attributes:
        if_missing: When the source no longer has it: nothing of the table lands, its default is taken, or all rows are
            refused. None takes the table's.
        if_invalid: When a value is none of the type: the row is refused, the default is taken (and counted), or nothing
            of the table lands. None takes the table's.
        default: Value as the source would write it; None is null.
        source_name: Header in the source; "" for a column without one.
        null_values: Texts that mean null, such as "N/A"; None takes the table's.
        after, place: Tell columns of equal or no headers apart: the header on the left of them, and which of how many.
            Whatever does not fit exactly is refused.
    """

    type: ColumnType
    if_missing: IfMissing | None = None
    if_invalid: IfInvalid | None = None
    default: str | None = None
    source_name: str | None = None
    null_values: NullValues | None = None
    after: str | None = None
    place: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3} of [1-9][0-9]{0,3}$")] | None = None
    description: Prose | None = None

    @property
    def is_placed(self) -> bool:
        """Whether its header alone does not say which column it is."""
        return self.after is not None or self.place is not None

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.source_name == "" and not self.is_placed:
            raise ValueError("a column without a header (source_name: '') needs after or place to be found")
        if self.place and int(self.place.split()[0]) > int(self.place.split()[2]):
            raise ValueError(f"there is no place {self.place}")
        return self


def declared_column(value: object) -> object:
    """`name: type` as the mapping that it stands for."""
    return {"type": value} if isinstance(value, str) else value
