"""Downloads: what a spreadsheet would run is text, numbers stay numbers."""

from __future__ import annotations

import pandas as pd

from report.tables import as_csv, neutralised


def test_headings_are_neutral_too_and_the_frame_is_unchanged() -> None:
    frame = pd.DataFrame({"=name": ["@x", None], "amount": [-1.5, 2.0]})
    assert as_csv(frame).decode("utf-8-sig") == "'=name,amount\n'@x,-1.5\n,2.0\n"
    assert list(frame.columns) == ["=name", "amount"]


def test_columns_of_one_name_do_not_mix() -> None:
    frame = pd.DataFrame([["=a", "b"]], columns=["x", "x"])
    assert neutralised(frame).to_numpy().tolist() == [["'=a", "b"]]
