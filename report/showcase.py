"""The README's pictures from a publication: `python -m report.showcase --published FOLDER --into docs/pictures`."""

from __future__ import annotations

import argparse
from pathlib import Path

import altair as alt
import pandas as pd
import vl_convert

from report import charts
from report.data import Publication, open_publication

QUERIES = {
    "nps": """
        select period_start, score_value, interval_low, interval_high from marts.mart_experience__score
        where period = 'quarter' and cut = 'all' and metric = 'nps' and survey_type = 'relational' and is_complete
            and not is_suppressed order by period_start""",
    "drivers": """
        select touchpoint, r2_share, share_low, share_high from marts.mart_happiness__driver
        where segment = 'all' and r2_share is not null order by r2_share desc, touchpoint""",
    "expectation": """
        select touchpoint, mean_gap, gap_low, gap_high from marts.mart_happiness__expectation_gap
        where period = 'all_time' and not is_suppressed and gap_low is not null order by mean_gap, touchpoint""",
}


def drawn(name: str, rows: pd.DataFrame) -> alt.LayerChart:
    """The picture of that name."""
    if name == "nps":
        rows = rows.assign(period_start=pd.to_datetime(rows["period_start"]))
        return charts.band_over_months(
            rows,
            month="period_start",
            value="score_value",
            low="interval_low",
            high="interval_high",
            title="NPS, points",
            value_format="+.0f",
            months_apart=3,
        )
    value, low, high, title, value_format = {
        "drivers": ("r2_share", "share_low", "share_high", "part of the explained variance", ".0%"),
        "expectation": ("mean_gap", "gap_low", "gap_high", "reality less expectation, points of the scale", "+.1f"),
    }[name]
    return charts.whiskers(
        rows, label="touchpoint", value=value, low=low, high=high, title=title, value_format=value_format
    )


def write_pictures(publication: Publication, folder: Path) -> list[Path]:
    """One SVG for each picture that the publication has rows for.

    Returns:
        What was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, query in QUERIES.items():
        rows = publication.figures(query)
        if rows.empty:
            continue
        path = folder / f"{name}.svg"
        chart = drawn(name, rows).properties(width=640)
        path.write_text(vl_convert.vegalite_to_svg(chart.to_json()) + "\n", encoding="utf-8")
        written.append(path)
    return written


def main() -> None:
    """Write the pictures and say which."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--published", type=Path, required=True, help="A company's folder of publications.")
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    company = given.published.resolve().parent.name
    for path in write_pictures(open_publication(given.published, company), given.into):
        print(path)


if __name__ == "__main__":
    main()
