"""The pairs to look at as a sheet for people, and their decisions read back from it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import pandas as pd

FIELDS = (
    "source_system", "given_name", "family_name", "company_name", "birth_date", "email", "phone", "tax_number",
    "street_address", "postal_code", "city", "country_code",
)  # fmt: skip
SAME, DIFFERENT = "same", "different"
_PAIR = ("record_id_a", "record_id_b")
# Apostrophes before it keep a text that has some apart from one that was given one, so that ids read back whole.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


class SheetError(ValueError):
    """A sheet cannot be read; the message names the row, counted as a spreadsheet counts, and what to write."""


@dataclass(frozen=True)
class Decided:
    """What people wrote.

    Attributes:
        same, different: Pairs of record_ids in the sheet's order.
        blank_count: Pairs without a decision.
    """

    same: tuple[tuple[str, str], ...]
    different: tuple[tuple[str, str], ...]
    blank_count: int


def review_sheet(pairs: pd.DataFrame, records: pd.DataFrame) -> str:
    """The pairs as CSV, both records' fields side by side, with an empty column `decision`.

    Args:
        pairs: Columns of tables.REVIEW_PAIR, in the order in which people should look at them.
        records: The current records, record_id unique; those of the pairs at least. A record that is not there, or a
            value that is null, is an empty cell.

    Returns:
        CSV with a header. It holds personal data. What a spreadsheet would take for a formula has an apostrophe
        before it.
    """
    known = records.set_index("record_id")
    told = pairs[[*_PAIR]].assign(
        decision="",
        reason=pairs["reason"],
        match_probability=pairs["match_probability"].map("{:.4f}".format),
        agreed_fields=pairs["agreed_fields"],
        differing_fields=pairs["differing_fields"],
    )
    for name in FIELDS:
        for end in _PAIR:
            values = known[name] if name in known else pd.Series(dtype="object")
            told[f"{name}_{end[-1]}"] = values.reindex(pairs[end]).to_numpy()
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(told.columns)
    for row in told.itertuples(index=False, name=None):
        writer.writerow([harmless(_text(value)) for value in row])
    return output.getvalue()


def _text(value: object) -> str:
    if value is None or value is pd.NaT or value != value:
        return ""
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)


def harmless(text: str) -> str:
    """A cell that a spreadsheet shows instead of computing it; `as_written` takes the apostrophe off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def as_written(cell: str) -> str:
    """A cell without the apostrophe that `harmless` put before it."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def read_sheet(text: str) -> Decided:
    """Read decisions back.

    Args:
        text: CSV with commas or semicolons and a header that has record_id_a, record_id_b and decision; other
            columns are ignored. A decision is same, different or blank, in any case of letters.

    Raises:
        SheetError: A column is absent, a row has another number of cells, an id is empty, both are one, or the
            decision is another word.
    """
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise SheetError(f"this is no CSV file: {error}") from None
    header = [cell.strip() for cell in rows[0]] if rows else []
    if missing := [name for name in (*_PAIR, "decision") if name not in header]:
        raise SheetError(
            f"row 1: the columns {', '.join(missing)} are missing; cx identity review --output writes them"
        )
    places = [header.index(name) for name in (*_PAIR, "decision")]
    found: dict[str, list[tuple[str, str]]] = {SAME: [], DIFFERENT: [], "": []}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise SheetError(f"row {number}: {len(row)} cells, the header has {len(header)}")
        a, b, decision = as_written(row[places[0]]), as_written(row[places[1]]), row[places[2]].strip().lower()
        if not a or not b or a == b:
            raise SheetError(f"row {number}: give two different record ids")
        if decision not in found:
            raise SheetError(f"row {number}: the decision is {decision!r}; write same, different or nothing")
        found[decision].append((a, b))
    return Decided(tuple(found[SAME]), tuple(found[DIFFERENT]), len(found[""]))
