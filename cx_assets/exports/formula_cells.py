"""Texts that a spreadsheet would run as a formula, made texts: the one definition for every CSV that is written."""

from __future__ import annotations

import re
from typing import Any

NUMBER = re.compile(r"([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?|\+\d[\d ]*)\Z")
"""A number, or a telephone number of digits and blanks: `+49 30 123` is no formula, `+49-30-123` is one."""
RISKY = ("=", "+", "-", "@", "\t", "\r")


def neutral(value: Any) -> Any:
    """The value, with an apostrophe before text that a spreadsheet would run; numbers stay.

    Source:
        OWASP, CSV Injection.
    """
    if isinstance(value, str) and _is_run(value) and not NUMBER.match(value):
        return f"'{value}"
    return value


def _is_run(text: str) -> bool:
    """Some spreadsheets pass over blanks and line ends before the sign."""
    return text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(RISKY)
