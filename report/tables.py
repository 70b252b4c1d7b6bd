"""Tables on a page, each with its download: what a spreadsheet would run as a formula is made text first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cx_assets.exports.formula_cells import neutral

ROWS_SHOWN = 1000


def neutralised(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy with neutral texts, headings included."""
    safe = frame.copy()
    for position, dtype in enumerate(frame.dtypes):
        if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype)):
            safe.isetitem(position, frame.iloc[:, position].map(neutral).array)
    safe.columns = pd.Index([neutral(name) for name in frame.columns])
    return safe


def as_csv(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know it."""
    text: str = neutralised(frame).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8-sig")


def show(frame: pd.DataFrame, file_name: str, *, formats: dict[str, str] | None = None) -> None:
    """A table with a button that downloads all of it.

    Args:
        frame: The rows; texts are shown neutral, since the table's own menu downloads what it shows.
        file_name: Name of the download, without ending; also tells the tables of a page apart.
        formats: Streamlit's number format by column.
    """
    shown = neutralised(frame.head(ROWS_SHOWN))
    config = {str(name): _column(shown[name], (formats or {}).get(str(name))) for name in shown.columns}
    st.dataframe(shown, hide_index=True, width="stretch", column_config=config)
    if len(frame) > ROWS_SHOWN:
        st.caption(f"The first {ROWS_SHOWN:,} of {len(frame):,} rows; the download has all.")
    st.download_button(
        f"Download {file_name}.csv",
        data=lambda: as_csv(frame),
        file_name=f"{file_name}.csv",
        mime="text/csv",
        key=f"download-{file_name}",
        icon=":material/download:",
        on_click="ignore",
    )


def _column(values: pd.Series, number_format: str | None) -> Any:
    """How a column is shown: days without a time of day."""
    if number_format:
        return st.column_config.NumberColumn(format=number_format)
    if pd.api.types.is_datetime64_any_dtype(values):
        known = values.dropna()
        is_of_days = bool((known.dt.normalize() == known).all())
        return st.column_config.DatetimeColumn(format="YYYY-MM-DD" if is_of_days else "YYYY-MM-DD HH:mm")
    return st.column_config.Column()
