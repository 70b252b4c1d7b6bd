"""Answers of an API as JSON without loss: digits as they were sent, keys given twice, numbers that are none.

Which part of an answer is the list, and what the answer tells of it, is found here too; paging is in `pages`.
"""

import json
from decimal import Decimal
from typing import Any

import simplejson  # type: ignore[import-untyped]

_MOST_DIGITS = 30


class TwiceGiven(dict[str, Any]):
    """An object that gives a key twice; `items` has every pair, so that its text is what came."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        """All pairs in the order in which they came."""
        return self._pairs


def parsed(body: bytes) -> Any:
    """A JSON document. Numbers with a fraction are Decimals: a float is NaN or an infinity, which JSON has not.

    Raises:
        ValueError: It is no JSON.
    """
    text = body.decode(json.detect_encoding(body), "surrogatepass")
    return simplejson.loads(text, object_pairs_hook=_object, parse_float=_number, allow_nan=True)


def written(value: Any, *, is_sorted: bool = False) -> str:
    """A value as JSON, digits as they came."""
    text = str(simplejson.dumps(value, use_decimal=True, allow_nan=True, ensure_ascii=False, sort_keys=is_sorted))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which no file in UTF-8 can hold
        text = str(simplejson.dumps(value, use_decimal=True, allow_nan=True, sort_keys=is_sorted))
    return text


def field(document: Any, dotted: str) -> Any:
    """A field of nested objects by its dotted name; None where it is absent or null."""
    for name in dotted.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def records_of(document: Any, dotted: str | None) -> list[Any]:
    """The list of an answer; null where the list should be is an empty one, an object is a list of one record.

    Raises:
        ValueError: The answer has no such field, gives it twice, or has an object of objects there: many records
            that are told apart by their keys would become one.
    """
    for name in dotted.split(".") if dotted else ():
        if isinstance(document, TwiceGiven):
            raise ValueError(f"the answer gives a field twice where {dotted} should be")
        if document is None:
            return []
        if not isinstance(document, dict) or name not in document:
            raise ValueError(f"the answer has no field {dotted}")
        document = document[name]
    if document is None:
        return []
    if isinstance(document, dict) and document and all(isinstance(value, dict) for value in document.values()):
        raise ValueError(
            f"{dotted or 'the answer'} is an object of objects, not a list: say in records where the list is"
        )
    return document if isinstance(document, list) else [document]


def total_of(document: Any, dotted: str | None) -> int | None:
    """How many records there are over all pages, as the answer says, in digits or as text; None where it tells none.

    Raises:
        ValueError: What stands there is no whole number.
    """
    value = field(document, dotted) if dotted else None
    if value is None or value == "":
        return None
    try:
        number = None if isinstance(value, bool) else Decimal(str(value).strip())
    except ArithmeticError:
        number = None
    if number is None or not number.is_finite() or number != number.to_integral_value():
        raise ValueError(f"its total, {dotted}, is no whole number")
    return int(number) if number >= 0 else None


def flag_of(document: Any, dotted: str | None) -> bool | None:
    """A flag, also as text or 0 and 1; None where the answer has none.

    Raises:
        ValueError: What stands there is neither true nor false.
    """
    value = field(document, dotted) if dotted else None
    if value is None:
        return None
    found = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(str(value).lower())
    if found is None:
        raise ValueError(f"{dotted} is neither true nor false")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else TwiceGiven(pairs)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    # 1e5 is a whole number to whoever casts digits.
    if "e" in text.lower() and number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS:
        return Decimal(format(number, "f"))
    return number
