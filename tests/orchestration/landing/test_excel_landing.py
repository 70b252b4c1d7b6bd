"""Excel workbooks as people fill them: every row lands or is refused with its sheet row, reason and values."""

# ruff: noqa: DTZ001  the landing keeps naive UTC

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.formats.excel_stream import ExcelStream

COLUMNS = {"contact_id": "text", "amount": "decimal(18,2)", "seen_at": "timestamp", "born": "date", "ok": "boolean"}


def write(path: Path, rows: list[list[object]], *, sheet: str = "Contacts", hidden: tuple[int, ...] = ()) -> None:
    """A workbook of two sheets."""
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    table = book.create_sheet(sheet)
    for row in rows:
        table.append(row)
    for number in hidden:
        table.row_dimensions[number].hidden = True
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


@pytest.fixture
def shop(make_shop):
    options = {"sheet": "Contacts", "header_row": 2}
    return make_shop(path="contacts*.xlsx", format="excel", options=options, columns=COLUMNS)


HEADER = [["Contacts of May"], ["Contact ID", "amount", "seen_at", "born", "ok", "remark"]]


def test_cells_land_with_their_types(shop):
    rows = [
        ["0012", 1.5, datetime(2024, 5, 1, 10, 30), datetime(2024, 2, 29), True, "x"],
        [None, None, None, None, None, None],
        [13, "2.25", "2024-05-01 11:00", date(2024, 3, 1), "no", 7.0],
        ["c3", 3, None, None, None, None],
    ]
    write(shop.source / "contacts.xlsx", HEADER + rows, hidden=(5,))
    assert shop.land().quarantined_count == 0
    assert shop.rows("contact_id, amount, seen_at, born, ok, remark, _source_row") == [
        ("0012", Decimal("1.50"), datetime(2024, 5, 1, 10, 30), date(2024, 2, 29), True, "x", 1),
        ("13", Decimal("2.25"), datetime(2024, 5, 1, 11), date(2024, 3, 1), False, "7", 2),
        ("c3", Decimal("3.00"), None, None, None, None, 3),
    ]


def test_errors_and_formulas_without_a_value_cost_their_row(shop):
    rows = [
        ["c1", "#N/A", None, None, None, None],
        ["#REF!", 1, None, None, None, None],
        ["c3", "=1+1", None, None, None, None],
        ["c4", "abc", None, None, None, None],
        ["c5", 5, None, None, None, "#N/A"],
        ["c6", 6, None, None, None, None, "beyond"],
        ["c7", 7, None, datetime(2024, 5, 1, 10), None, None],
    ]
    write(shop.source / "contacts.xlsx", HEADER + rows)
    shop.land()
    assert shop.rows("contact_id, remark") == [("c5", "#N/A")]
    # The header stands in row 2 of the sheet, so the first row is its row 3.
    assert [row[:3] for row in shop.quarantined()] == [
        (1, 3, "excel_error"),
        (2, 4, "excel_error"),
        (3, 5, "excel_error"),
        (4, 6, "amount_type"),
        (6, 8, "excel_too_many_values"),
        (7, 9, "born_type"),
    ]
    assert json.loads(shop.quarantined()[3][3])["amount"] == "abc"
    assert json.loads(shop.quarantined()[4][3])[" (7)"] == "beyond"


def test_numbers_take_the_declared_separator_beside_text(make_shop):
    shop = make_shop(path="*.xlsx", format="excel", options={"sheet": "Contacts", "decimal_separator": ","})
    write(shop.source / "a.xlsx", [["contact_id", "amount"], ["c1", 1.5], ["c2", "2,25"], ["c3", "3.5"]])
    shop.land()
    assert shop.rows("contact_id, amount") == [("c1", Decimal("1.50")), ("c2", Decimal("2.25"))]
    assert [row[2] for row in shop.quarantined()] == ["amount_type"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "it has 2 sheets: declare options.sheet"),
        ({"sheet": "Contact"}, "it has no sheet 'Contact'"),
        ({"sheet": "Contacts", "header_row": 5}, "row 5 of its sheet is empty"),
    ],
)
def test_a_sheet_or_header_that_is_not_there_refuses_the_file(make_shop, options, told):
    shop = make_shop(path="*.xlsx", format="excel", options=options)
    write(shop.source / "a.xlsx", [["contact_id", "amount"], ["c1", 1]])
    with pytest.raises(LandingError, match=rf"a\.xlsx: {told}"):
        shop.land()
    assert shop.manifests() == []


def test_a_file_that_is_no_workbook_is_refused(make_shop):
    shop = make_shop(path="*.xlsx", format="excel", options={"sheet": "Contacts"})
    shop.write("a.xlsx", "contact_id,amount\nc1,1\n")
    with pytest.raises(LandingError, match=r"a\.xlsx: it is no readable Excel workbook"):
        shop.land()


def test_refused_and_defaulted_rows_come_from_one_reading_of_the_sheet(shop, monkeypatch):
    columns = {**COLUMNS, "amount": {"type": "decimal(18,2)", "if_invalid": "default", "default": "0"}}
    shop.table["columns"] = columns
    rows = [["c1", "x", None, "no date", None], ["c2", "y", None, None, None], ["c3", 3, None, "none", None]]
    write(shop.source / "contacts.xlsx", HEADER + rows)
    read = []
    rows_of = ExcelStream._rows
    monkeypatch.setattr(ExcelStream, "_rows", lambda stream: read.append(1) or rows_of(stream))
    assert shop.land().manifest.parts[0].defaulted == {"amount": 1}
    assert shop.rows("contact_id, amount, _source_row") == [("c2", Decimal("0.00"), 2)]
    assert [row[:3] for row in shop.quarantined()] == [(1, 3, "born_type"), (3, 5, "born_type")]
    assert json.loads(shop.quarantined()[1][3])["born"] == "none"
    assert len(read) == 1


def test_what_does_not_change_how_rows_are_read_lands_nothing_again(shop):
    write(shop.source / "contacts.xlsx", [*HEADER, ["c1", 1.5, datetime(2024, 5, 1, 10, 30)]])
    assert shop.land().status == "landed"
    shop.table |= {"key": ["contact_id"], "reconcile": {"day": "seen_at", "amount": "amount"}, "description": "Others."}
    assert shop.land().status == "unchanged"
    shop.table["required"] = ["contact_id", "amount"]
    assert shop.land().status == "landed"
