"""A second, slow reader of text files, written from the rules alone: it follows a file character by character and
checks that what landed and what was refused are together the whole file. The first reader is in `records`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from orchestration.landing.quarantine.raw_bytes import KEEP_BYTES
from tests.orchestration.landing.conftest import Shop

LINE_BREAK = re.compile("\r\n|\r|\n")
NUMBER = re.compile(r"[+-]?(\d+([.]\d*)?|[.]\d+)", re.ASCII)
SPACES = "".join(character for character in map(chr, range(0x3001)) if unicodedata.category(character) == "Zs")
COLUMNS = {"contact_id": "text", "amount": "decimal(18,2)", "note": "text"}
REQUIRED = ["contact_id"]
Values = tuple[object, ...]


@dataclass(frozen=True)
class Found:
    """A record as the rules have it: where it stands, its text, and its values or the rule that it breaks."""

    row: int
    line: int
    raw: str
    values: Values | None
    rule: str | None

    @property
    def shown(self) -> str:
        """Its text as quarantine keeps it."""
        return self.raw.encode("utf-8", "backslashreplace").decode()


def decoded(content: bytes, encoding: str) -> str:
    """Text of a file; bytes of another encoding are marked, and a byte order mark is no text."""
    return content.decode("utf-8-sig" if encoding == "utf-8" else encoding, KEEP_BYTES).removeprefix("\ufeff")


def csv_records(text: str, encoding: str, delimiter: str, quote: str) -> Iterator[Found]:
    """Every record after the header, which names exactly COLUMNS; what lies between two of them is line breaks."""
    place, line, row = 0, 1, -1
    while place < len(text):
        if blank := LINE_BREAK.match(text, place):
            place, line = blank.end(), line + 1
            continue
        fields, end = _csv_fields(text, place, delimiter, quote)
        raw = text[place:end]
        row += 1
        if row:
            values, rule = _judged(fields, raw, encoding)
            yield Found(row, line, raw, values, rule)
        line += len(LINE_BREAK.findall(raw))
        place = end
        if ended := LINE_BREAK.match(text, place):
            place, line = ended.end(), line + 1
        else:
            assert place == len(text)


def json_records(text: str, encoding: str) -> Iterator[Found]:
    """Every line that is not blank."""
    row = 0
    for line, raw in enumerate(LINE_BREAK.split(text), start=1):
        if not raw.strip():
            continue
        row += 1
        values, rule = _judged(_json_fields(raw), raw.strip(), encoding, broken="json_not_an_object")
        if _is_spoilt(raw, encoding):
            values, rule = None, "file_encoding"
        yield Found(row, line, raw.strip(), values, rule)


def check_all_accounted(shop: Shop, files: dict[str, list[Found]]) -> Counter[str]:
    """Compare what landed and was refused with the files' records, one by one; the rules by number of records.

    Raises:
        AssertionError: A record is absent, landed otherwise, is there twice, or was refused without need.
    """
    names = ", ".join(COLUMNS)
    landed = [(row[0], row[1], row[2:]) for row in shop.rows(f"_source_file, _source_row, {names}")]
    refused = shop.quarantined("_source_file, _source_row, _source_line, rule, raw_text")
    records = [(name, record) for name, found in files.items() for record in found]
    assert landed == [(name, item.row, item.values) for name, item in records if item.rule is None]
    assert sorted(refused) == sorted(
        (name, item.row, item.line, item.rule, item.shown) for name, item in records if item.rule is not None
    )
    return Counter(item.rule or "landed" for _, item in records)


def _csv_fields(text: str, start: int, delimiter: str, quote: str) -> tuple[list[str] | None, int]:
    """Fields of the record at `start` and its end; None and the end of its first line when its quotes are broken."""
    fields: list[str] = []
    place = start
    while True:
        if quote and text.startswith(quote, place):
            value, place = _quoted_value(text, place + 1, quote)
            if place < 0 or (place < len(text) and text[place] not in (delimiter, "\r", "\n")):
                return None, _line_end(text, start)
        else:
            end = place
            while end < len(text) and text[end] not in (delimiter, "\r", "\n"):
                end += 1
            value, place = text[place:end], end
        fields.append(value)
        if place == len(text) or text[place] != delimiter:
            return fields, place
        place += 1


def _quoted_value(text: str, place: int, quote: str) -> tuple[str, int]:
    value = ""
    while (end := text.find(quote, place)) >= 0:
        value += text[place:end]
        if not text.startswith(quote, end + 1):
            return value, end + 1
        value, place = value + quote, end + 2
    return value, -1


def _line_end(text: str, start: int) -> int:
    found = LINE_BREAK.search(text, start)
    return found.start() if found else len(text)


def _json_fields(raw: str) -> list[str] | None:
    try:
        pairs = json.loads(raw.strip(" \t"), object_pairs_hook=tuple)
    except ValueError:
        return None
    if not isinstance(pairs, tuple):
        return None
    document = dict(pairs)
    if len(document) < len(pairs):
        return None
    return ["" if document.get(name) is None else str(document[name]) for name in COLUMNS]


def _judged(
    fields: list[str] | None, raw: str, encoding: str, broken: str = "csv_quote"
) -> tuple[Values | None, str | None]:
    rule = broken if fields is None else None
    if fields is not None and len(fields) != len(COLUMNS):
        rule = "csv_too_few_values" if len(fields) < len(COLUMNS) else "csv_too_many_values"
    if rule is None and _is_spoilt(raw, encoding):
        rule = "file_encoding"
    if rule or fields is None:
        return None, rule
    contact_id, amount, note = fields
    number = amount.strip(SPACES)
    if not contact_id.strip(SPACES):
        return None, "contact_id_required"
    if number and not _is_money(number):
        return None, "amount_type"
    return (contact_id, Decimal(number) if number else None, note or None), None


def _is_spoilt(raw: str, encoding: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in raw)


def _is_money(number: str) -> bool:
    return bool(NUMBER.fullmatch(number)) and Decimal(number) == round(Decimal(number), 2) and len(number) < 16
