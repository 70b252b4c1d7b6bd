"""How the files of a table are written."""

import codecs
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from cx_assets.contracts.strict_yaml import Strict

Format = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,60}$")]

_OF_A_HEADER = frozenset({"header_row", "header_rows", "names_from"})


@dataclass(frozen=True)
class FileFormat:
    """What may be declared of the files of a format.

    Attributes:
        foreign_options: Options that mean nothing for it.
        has_places: Whether columns may be told by their place in the header.
    """

    foreign_options: frozenset[str] = frozenset()
    has_places: bool = False


FILE_FORMATS: dict[str, FileFormat] = {
    "csv": FileFormat(frozenset({"sheet", "max_rows"}), has_places=True),
    "jsonl": FileFormat(frozenset({"delimiter", "quote", "sheet", "max_rows"}) | _OF_A_HEADER),
    "parquet": FileFormat(frozenset({"delimiter", "quote", "encoding", "sheet"}) | _OF_A_HEADER),
    "excel": FileFormat(frozenset({"delimiter", "quote", "encoding", "max_rows"}), has_places=True),
}
"""By name."""


def _known_format(name: str) -> str:
    if name not in FILE_FORMATS:
        raise ValueError(f"unknown format {name!r}; the formats are {', '.join(FILE_FORMATS)}")
    return name


FormatName = Annotated[str, AfterValidator(_known_format)]


def _text_encoding(name: str) -> str:
    try:
        info = codecs.lookup(name)
    except LookupError as error:
        raise ValueError(f"unknown encoding {name!r}; use utf-8, utf-16, latin-1, cp1252, ...") from error
    if not info._is_text_encoding:
        raise ValueError(f"{name!r} is not an encoding of text")
    return info.name


class FileOptions(Strict):
    """How a text file or a sheet is written; None takes the format's own default.

    Attributes:
        header_row: Line (of a sheet: row) on which the header begins, from 1; what stands above it is no data.
        header_rows: Rows that make up the header; None is one.
        names_from: Those of them that the names come from, counted from 1; None takes all.
        max_rows: Rows that a Parquet file may have; None takes what a file of its size plausibly holds.
    """

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    quote: Annotated[str, StringConstraints(max_length=1)] = '"'
    encoding: Annotated[str, AfterValidator(_text_encoding)] = "utf-8"
    decimal_separator: Literal[".", ","] = "."
    timestamp_format: Format | None = None
    date_format: Format | None = None
    sheet: Annotated[str, StringConstraints(min_length=1, max_length=31)] | None = None
    header_row: int | None = Field(default=None, ge=1, le=1000)
    header_rows: int | None = Field(default=None, ge=1, le=5)
    names_from: tuple[int, ...] | None = Field(default=None, strict=False, min_length=1)
    max_rows: int | None = Field(default=None, ge=1)

    @property
    def last_header_row(self) -> int:
        """The row on which the header ends, where no blank line is passed over."""
        return (self.header_row or 1) + (self.header_rows or 1) - 1

    @model_validator(mode="after")
    def _names_come_from_header_rows(self) -> Self:
        if not all(1 <= number <= (self.header_rows or 1) for number in self.names_from or ()):
            raise ValueError("names_from counts the header_rows from 1, and names one that is not among them")
        return self

    @model_validator(mode="after")
    def _marks_are_no_data(self) -> Self:
        # Records are numbered and ended in a clean copy of the file: digits and line breaks would cut it elsewhere.
        for name, mark in (("delimiter", self.delimiter), ("quote", self.quote)):
            if mark.isalnum() or mark in ("\n", "\r", "\0"):
                raise ValueError(f"{name} must be a sign, not a letter, a digit, a line break or a zero byte")
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quote must differ")
        return self
