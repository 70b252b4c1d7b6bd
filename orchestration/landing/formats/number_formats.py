"""What a number format of Excel makes of a number: a date, a duration, or a code whose zeros are shown (00000).

Amounts are no matter of formats: a cell that is shown as 1.50 EUR holds the number 1.5. How cells are read is in
`workbook`.
"""

import re
from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

_DATES_OF_LOCALES = {*range(27, 37), *range(50, 59)}
"""Built-in formats that East Asian editions write without saying what they are: all of them dates."""
_CONDITION = re.compile(r"^\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_COLOUR_OR_LOCALE = re.compile(r"^\[(?:\$[^\]]*|[A-Za-z]+ ?\d*)\]")
_PIECE = re.compile(r'"([^"]*)"|\\(.)|([_*]).|(0)|([-+ ():!^&\'~{}<>=$])', re.DOTALL)
_LEAST_ZEROS = 2
"""A single zero is the format of plain numbers, also where a unit follows it."""


@dataclass(frozen=True)
class CodeFormat:
    """A section of a format that shows whole numbers with all their zeros: zeros and fixed text, nothing else.

    Attributes:
        pieces: Fixed text, and None for each digit.
        condition: Operator and number that choose this section; None where the sign chooses it.
    """

    pieces: tuple[str | None, ...]
    condition: tuple[str, float] | None

    def shown(self, number: int) -> str:
        """The number as Excel shows it; digits beyond the zeros stand at the first of them."""
        zeros = self.pieces.count(None)
        digits = str(number).zfill(zeros)
        surplus = len(digits) - zeros
        text, at = "", 0
        for piece in self.pieces:
            if piece is not None:
                text += piece
                continue
            end = at + 1 + (surplus if at == 0 else 0)
            text, at = text + digits[at:end], end
        return text


@dataclass(frozen=True)
class NumberFormat:
    """What a cell's format says of its number.

    Attributes:
        is_date, is_duration: Whether it is a day, a time, or both; a duration is one of them.
        sections: How whole numbers are shown, by section of the format; None for a section that shows no code.
    """

    is_date: bool = False
    is_duration: bool = False
    sections: tuple[CodeFormat | None, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the number stands for itself."""
        return not self.is_date and not any(self.sections)

    def code(self, number: int) -> str | None:
        """The code that Excel shows for a whole number from 0 on; None where it shows an ordinary number."""
        first = self.sections[0] if self.sections else None
        condition = first.condition if first else None
        if number < 0:
            return None
        if condition is None or _holds(number, *condition):
            return first.shown(number) if first else None
        second = self.sections[1] if len(self.sections) > 1 else None
        return second.shown(number) if second else None


def number_format(format_id: int, declared: dict[int, str]) -> NumberFormat:
    """The format of a style.

    Args:
        format_id: Its number.
        declared: Formats that the workbook declares itself, by number.
    """
    text = declared.get(format_id, BUILTIN_FORMATS.get(format_id, "General"))
    if format_id not in declared and format_id in _DATES_OF_LOCALES:
        return NumberFormat(is_date=True)
    if is_date_format(text):
        return NumberFormat(is_date=True, is_duration=bool(is_timedelta_format(text)))
    return NumberFormat(sections=tuple(_code_format(section) for section in _sections(text)))


def _sections(text: str) -> list[str]:
    """A format's sections; a semicolon within fixed text parts nothing."""
    return re.findall(r'((?:"[^"]*"|\\.|[^;"\\])+)', text, re.DOTALL)


def _code_format(section: str) -> CodeFormat | None:
    condition = None
    while section.startswith("["):
        if found := _CONDITION.match(section):
            condition = found[1], float(found[2])
        elif not (found := _COLOUR_OR_LOCALE.match(section)):
            return None
        section = section[found.end() :]
    pieces: list[str | None] = []
    at = 0
    while at < len(section):
        piece = _PIECE.match(section, at)
        if piece is None:
            return None
        quoted, escaped, spacing, zero, sign = piece.groups()
        if zero:
            pieces.append(None)
        elif not spacing:
            pieces.append(next(text for text in (quoted, escaped, sign) if text is not None))
        at = piece.end()
    return CodeFormat(tuple(pieces), condition) if pieces.count(None) >= _LEAST_ZEROS else None


def _holds(number: int, operator: str, limit: float) -> bool:
    return {
        "<=": number <= limit,
        ">=": number >= limit,
        "<>": number != limit,
        "<": number < limit,
        ">": number > limit,
        "=": number == limit,
    }[operator]
