"""What a spreadsheet would run is text; numbers, also of telephones, stay."""

from __future__ import annotations

import pytest

from cx_assets.exports.formula_cells import neutral


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "-", "--1", "-2+3|cmd", "+x", "+49-30-1", "+49 30=1", "+ 1"],
)
def test_what_a_spreadsheet_runs_is_made_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", ["-1", "-1.5", "+3", "-1e-5", "-12%", "", "Anna", "a=b", "+49 30 123456", "+4930123", -1, -1.5, None, True]
)
def test_numbers_and_plain_text_stay(value: object) -> None:
    assert neutral(value) is value
