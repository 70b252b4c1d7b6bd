"""Scores of any period and cut with their intervals, and which of them changed by more than chance."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from report import charts, meanings, pictures, states, tables
from report.comparison import METRIC_NAMES
from report.context import Context, day_name
from report.data import records

TITLE = "Scores by period and cut"
ICON = ":material/grid_view:"
ORDER = 22
CHOICES = ()

CELLS = "marts.mart_experience__score"
CHANGES = "marts.mart_experience__score_change"
PERIODS = {
    **{"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"},
    **{"rolling_30": "30 days", "rolling_90": "90 days", "all_time": "all time"},
}
MOST_DRAWN = 40
CUT_QUERY = f"select distinct cut from {CELLS} order by length(cut), cut"
PLACE = """array_to_string(list_filter([nullif(touchpoint, 'all'), nullif(channel, 'all'),
        nullif(product_category, 'all'), nullif(segment, 'all')], part -> part is not null), ', ')"""
CELL_QUERY = f"""
    select period_start, counted_until_date, is_complete, metric, survey_type, scale_min, scale_max,
        coalesce(nullif({PLACE}, ''), 'all') as place, invited_count, answered_count, response_share, response_count,
        effective_count, is_suppressed,
        case when not is_suppressed then score_value end as score_value,
        case when not is_suppressed then interval_low end as interval_low,
        case when not is_suppressed then interval_high end as interval_high,
        case when not is_suppressed then weighted_value end as weighted_value
    from {CELLS} where period = ? and cut = ? and metric in ('nps', 'csat', 'ces')
    order by period_start desc, case metric when 'nps' then 1 when 'csat' then 2 else 3 end, survey_type, scale_max,
        place"""
CHANGE_QUERY = f"""
    select period_start, compared_start, compared_with, metric, survey_type,
        coalesce(nullif({PLACE}, ''), 'all') as place, score_value, compared_value, difference, difference_low,
        difference_high, p_value, q_value, tested_count, verdict
    from {CHANGES} where period = ? and cut = ? and is_complete
        and period_start = (select max(period_start) from {CHANGES} where period = ? and cut = ? and is_complete)
    order by q_value, abs(difference) desc, place"""


def render(context: Context) -> None:
    """The newest period of the chosen kind and cut, what changed in it, and all its periods as a table."""
    if not states.has_tables(context, CELLS, CHANGES):
        return
    cuts = context.publication.figures(CUT_QUERY)["cut"].tolist()
    if not cuts:
        states.empty("No scored answers up to the observation date.", "Declare a survey in company.yml to have some.")
        return
    meanings.links(context, meanings.Figure("Scores", CELLS), meanings.Figure("Changes", CHANGES))
    period = st.selectbox("Period", list(PERIODS), index=2, format_func=lambda name: PERIODS[name])
    cut = st.selectbox("Cut by", cuts, format_func=lambda name: name.replace("+", " and ").replace("_", " "))
    _newest(context, period, cut)
    _changes(context, period, cut)


def _newest(context: Context, period: str, cut: str) -> None:
    rows = context.publication.figures(CELL_QUERY, (period, cut))
    complete = rows[rows["is_complete"]]
    if complete.empty:
        states.empty("No period of this kind is over yet.")
        return
    newest = complete[complete["period_start"] == complete["period_start"].max()]
    last = day_name(pd.Timestamp(newest["counted_until_date"].iloc[0]).date())
    st.header(f"{PERIODS[period].capitalize()} up to {last}" if period != "all_time" else f"All time up to {last}")
    for (metric, survey_type, scale_max), told in newest.groupby(["metric", "survey_type", "scale_max"], sort=False):
        shown = told[~told["is_suppressed"]].sort_values("score_value", ascending=False).head(MOST_DRAWN)
        st.subheader(f"{METRIC_NAMES.get(str(metric), metric)}, {survey_type}, up to {scale_max:g}")
        if shown.empty:
            states.empty("Every cell has too few answers.")
            continue
        pictures.draw(
            charts.whiskers(
                shown,
                label="place",
                value="score_value",
                low="interval_low",
                high="interval_high",
                title="points" if metric == "nps" else "share of answers",
                value_format="+.0f" if metric == "nps" else ".0%",
            )
        )
    tables.show(cell_table(newest), f"scores_{period}_{cut}")
    with st.expander("All periods"):
        tables.show(rows, f"all_scores_{period}_{cut}", formats={"response_share": "percent"})
    states.suppressed(int(newest["is_suppressed"].sum()))


def cell_table(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells in words: each value with its unit and denominator, raw and weighted beside each other."""
    told = records(cells)
    return pd.DataFrame(
        {
            "cell": cells["place"],
            "question": [
                f"{METRIC_NAMES.get(str(row['metric']), row['metric'])}, {row['survey_type']}" for row in told
            ],
            "score": [_score(row, "score_value") for row in told],
            "interval (95%)": [
                ""
                if row["is_suppressed"]
                else f"{_value(row['metric'], row['interval_low'])} to {_value(row['metric'], row['interval_high'])}"
                for row in told
            ],
            "weighted": [
                "" if pd.isna(row["weighted_value"]) else _value(row["metric"], row["weighted_value"]) for row in told
            ],
            "counts as": [f"{row['effective_count']:,.0f} independent answers" for row in told],
            "response rate": [
                "no invitation names it"
                if pd.isna(row["response_share"])
                else f"{100 * row['response_share']:.0f}% of {int(row['invited_count']):,} invitations"
                for row in told
            ],
        }
    )


def _value(metric: str, value: float) -> str:
    return f"{value:+.0f}" if metric == "nps" else f"{100 * value:.0f}%"


def _score(row: dict[str, Any], name: str) -> str:
    answers = f"{int(row['response_count']):,} answers"
    if row["is_suppressed"]:
        return f"too few: {answers}"
    unit = " points from" if row["metric"] == "nps" else " of"
    return f"{_value(row['metric'], row[name])}{unit} {answers}"


def change_line(row: dict[str, Any]) -> str:
    """One change in words: from what to what, how sure."""
    metric = str(row["metric"])
    if metric == "nps":
        low, high = row["difference_low"], row["difference_high"]
        by = f"{row['difference']:+.0f} points (95% interval {low:+.0f} to {high:+.0f})"
    else:
        low, high = 100 * row["difference_low"], 100 * row["difference_high"]
        by = f"{100 * row['difference']:+.0f} percentage points (95% interval {low:+.0f} to {high:+.0f})"
    values = f"from {_value(metric, row['compared_value'])} to {_value(metric, row['score_value'])}"
    against = "a year before" if row["compared_with"] == "year_ago" else f"since {day_name(row['compared_start'])}"
    name = METRIC_NAMES.get(metric, metric)
    return f"**{name} of {row['place']}** ({row['survey_type']}) went {row['verdict']} {values}, {against}: {by}."


def _changes(context: Context, period: str, cut: str) -> None:
    st.header("What changed")
    rows = context.publication.figures(CHANGE_QUERY, (period, cut, period, cut))
    if rows.empty:
        states.empty("There is nothing to compare: no earlier period of this kind has enough answers.")
        return
    sure = rows[rows["verdict"] != "no clear change"]
    st.caption(
        f"The {PERIODS[period]} from {day_name(pd.Timestamp(rows['period_start'].iloc[0]).date())}: {len(rows)}"
        f" comparisons of this cut. Of the changes called so among all {int(rows['tested_count'].max())} of"
        " the period, no more than the company's share are chance (Benjamini and Hochberg)."
    )
    if sure.empty:
        st.markdown("Nothing changed by more than chance.")
    else:
        st.markdown("\n".join(f"- {change_line(row)}" for row in records(sure)))
    tables.show(rows, f"changes_{period}_{cut}")
