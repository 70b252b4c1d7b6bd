"""Scores by touchpoint and month with their intervals; too few answers give a number of answers and no score."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from report import charts, meanings, pictures, states, tables
from report.comparison import METRIC_MEANINGS, METRIC_NAMES, SCORES, score_picture
from report.context import Context, month_name
from report.data import records

TITLE = "Scores"
ICON = ":material/sentiment_satisfied:"
ORDER = 20
CHOICES = ("period",)

RESPONSES = "marts.mart_experience__response_by_touchpoint_month"
SCORE_QUERY = f"""
    select score_month, survey_type, touchpoint, metric, scale_min, scale_max, response_count, is_suppressed,
        case when not is_suppressed then score_value end as score_value,
        case when not is_suppressed then interval_low end as interval_low,
        case when not is_suppressed then interval_high end as interval_high
    from {SCORES}
    where metric in ('nps', 'csat', 'ces')
    order by case metric when 'nps' then 1 when 'csat' then 2 else 3 end, metric, survey_type, touchpoint, scale_min,
        score_month"""
OTHER_QUERY = f"""
    select score_month, survey_type, touchpoint, metric, scale_min, scale_max, response_count, is_suppressed,
        case when not is_suppressed then round(mean_score, 2) end as mean_score
    from {SCORES} where metric not in ('nps', 'csat', 'ces')
    order by score_month desc, metric, survey_type, touchpoint"""
RESPONSE_QUERY = f"""
    select invited_month, survey_type, touchpoint, invited_count, answered_count, is_suppressed,
        case when not is_suppressed then response_share end as response_share,
        case when not is_suppressed then interval_low end as interval_low,
        case when not is_suppressed then interval_high end as interval_high
    from {RESPONSES} order by invited_month desc, survey_type, touchpoint"""


def render(context: Context) -> None:
    """One metric and survey at a time: the month by touchpoint, then each touchpoint over time."""
    if states.has_tables(context, SCORES):
        _scores(context)
        _others(context)
    st.header("Who answers")
    if states.has_tables(context, RESPONSES):
        _responses(context)


def _scores(context: Context) -> None:
    frame = context.publication.figures(SCORE_QUERY)
    if frame.empty:
        states.empty("No scored answers up to the observation date.", "Declare a survey in company.yml to have some.")
        return
    frame["score_month"] = pd.to_datetime(frame["score_month"])
    frame["survey"] = [
        f"{METRIC_NAMES.get(row['metric'], row['metric'])}, {row['survey_type']}" for row in records(frame)
    ]
    surveys = list(dict.fromkeys(frame["survey"]))
    survey = st.segmented_control("Metric and survey", surveys, default=surveys[0]) or surveys[0]
    rows = frame[frame["survey"] == survey].drop(columns="survey")
    if rows[["scale_min", "scale_max"]].drop_duplicates().shape[0] > 1:
        scales = [f" ({row['scale_min']:g} to {row['scale_max']:g})" for row in records(rows)]
        rows = rows.assign(touchpoint=rows["touchpoint"] + pd.Series(scales, index=rows.index))
    metric = str(rows["metric"].iloc[0])
    st.caption(METRIC_MEANINGS.get(metric, metric))
    meanings.links(context, meanings.Figure(METRIC_NAMES.get(metric, metric), SCORES, metric))
    _month(context, rows, metric)
    st.header("Over time")
    told = rows.groupby("touchpoint")["score_value"].count()
    touchpoints = [name for name in dict.fromkeys(rows["touchpoint"]) if told[name]]
    if not touchpoints:
        states.empty("No touchpoint has enough answers in any month.")
    for place, touchpoint in zip(pictures.places(len(touchpoints)), touchpoints, strict=True):
        with place:
            pictures.draw(score_picture(rows[rows["touchpoint"] == touchpoint], touchpoint, metric))
    silent = [name for name in dict.fromkeys(rows["touchpoint"]) if not told[name]]
    if silent and touchpoints:
        st.caption(f"Never enough answers in a month: {', '.join(silent)}.")
    with st.expander("All touchpoints and months"):
        tables.show(rows.sort_values(["score_month", "touchpoint"], ascending=[False, True]), "scores")
    states.suppressed(int(rows["is_suppressed"].sum()))


def _month(context: Context, rows: pd.DataFrame, metric: str) -> None:
    if context.period is None:
        return
    st.header(month_name(context.period))
    month = rows[rows["score_month"] == pd.Timestamp(context.period)]
    if month.empty:
        states.empty("No answers in this month.", "Choose another one in the sidebar.")
        return
    told = month[~month["is_suppressed"]].sort_values("score_value", ascending=False)
    if told.empty:
        states.empty("Every touchpoint has too few answers in this month.", "The months together are below.")
    else:
        pictures.draw(
            charts.whiskers(
                told,
                label="touchpoint",
                value="score_value",
                low="interval_low",
                high="interval_high",
                title="points" if metric == "nps" else "share of answers",
                value_format="+.0f" if metric == "nps" else ".0%",
            )
        )
    tables.show(month_table(month, metric), f"scores_{context.period:%Y-%m}")


def month_table(month: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The month in words: a score with its interval, or that there are too few answers."""

    def text(value: float) -> str:
        return f"{value:+.0f}" if metric == "nps" else f"{100 * value:.0f}%"

    rows = records(month)
    return pd.DataFrame(
        {
            "touchpoint": month["touchpoint"],
            "answers": month["response_count"],
            "score": ["too few" if row["is_suppressed"] else text(row["score_value"]) for row in rows],
            "interval (95%)": [
                "" if row["is_suppressed"] else f"{text(row['interval_low'])} to {text(row['interval_high'])}"
                for row in rows
            ],
        }
    )


def _others(context: Context) -> None:
    """Questions without a score of their own: means only, and only where there are any."""
    others = context.publication.figures(OTHER_QUERY)
    if not others.empty:
        st.header("Other questions")
        st.caption("Means on the scale of the question; the marts define no score of them, and so no interval.")
        tables.show(others, "other_questions")
        states.suppressed(int(others["is_suppressed"].sum()))


def _responses(context: Context) -> None:
    meanings.links(context, meanings.Figure("Response rate", RESPONSES, "response_rate"))
    frame = context.publication.figures(RESPONSE_QUERY)
    if frame.empty or context.period is None:
        states.empty("No invitations are known.", "Without them nobody can say what share answers.")
        return
    month = frame[pd.to_datetime(frame["invited_month"]) == pd.Timestamp(context.period)]
    told = month[~month["is_suppressed"]].assign(place=lambda rows: rows["survey_type"] + ", " + rows["touchpoint"])
    if told.empty:
        states.empty("No touchpoint has enough invitations in this month.")
    else:
        pictures.draw(
            charts.whiskers(
                told.sort_values("response_share", ascending=False),
                label="place",
                value="response_share",
                low="interval_low",
                high="interval_high",
                title="share of invitations that were answered",
                value_format=".0%",
            )
        )
    with st.expander("All touchpoints and months of invitation"):
        tables.show(frame, "responses")
    states.suppressed(int(frame["is_suppressed"].sum()))
