"""What drives satisfaction: importance beside performance, the happiness index, expectation beside reality."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from report import charts, pictures, states, tables
from report.context import Context

TITLE = "Drivers & happiness"
ICON = ":material/favorite:"
ORDER = 25
CHOICES = ("segment",)

DRIVERS = "marts.mart_happiness__driver"
INDEX = "marts.mart_happiness__index"
GAP = "marts.mart_happiness__expectation_gap"
PROMISE = "marts.mart_happiness__promise_gap"
DRIVER_QUERY = f"""
    select segment, touchpoint, answer_count, respondent_count, r_squared, r2_share, share_low, share_high, importance,
        case when not is_suppressed then performance_score end as performance_score, quadrant, is_beyond_chance,
        left_out_reason, is_suppressed
    from {DRIVERS} order by r2_share desc nulls last, touchpoint"""
INDEX_QUERY = f"""
    select period_start, segment, answer_count as response_count, covered_weight, is_complete, is_suppressed,
        case when not is_suppressed then happiness_index end as happiness_index,
        case when not is_suppressed then index_low end as index_low,
        case when not is_suppressed then index_high end as index_high
    from {INDEX} where period = 'month' order by period_start"""
GAP_QUERY = f"""
    select touchpoint, scale_min, scale_max, pair_count, is_suppressed,
        case when not is_suppressed then mean_expectation end as mean_expectation,
        case when not is_suppressed then mean_reality end as mean_reality,
        case when not is_suppressed then mean_gap end as mean_gap,
        case when not is_suppressed then gap_low end as gap_low,
        case when not is_suppressed then gap_high end as gap_high
    from {GAP} where period = 'all_time' order by mean_gap nulls last, touchpoint"""
PROMISE_QUERY = f"""
    select survey_type, touchpoint, metric, scale_min, scale_max, promise_kept, answer_count, is_suppressed,
        case when not is_suppressed then mean_score end as mean_score,
        case when not is_suppressed then favourable_share end as favourable_share,
        case when not is_suppressed then interval_low end as interval_low,
        case when not is_suppressed then interval_high end as interval_high
    from {PROMISE} order by survey_type, metric, touchpoint, scale_min, scale_max, promise_order"""


def render(context: Context) -> None:
    """Drivers of the chosen segment, the index over time, expectation and promise beside reality."""
    if states.has_tables(context, DRIVERS):
        _drivers(context)
    st.header("Happiness index")
    if states.has_tables(context, INDEX):
        _index(context)
    st.header("Expectation and reality")
    if states.has_tables(context, GAP):
        _gap(context)
    st.header("Promised and delivered")
    if states.has_tables(context, PROMISE):
        _promise(context)


def _drivers(context: Context) -> None:
    frame = context.publication.figures(DRIVER_QUERY)
    segment = context.segment or "all"
    rows = frame[frame["segment"] == segment].drop(columns="segment")
    told = rows[rows["r2_share"].notna()]
    if told.empty:
        reasons = ", ".join(sorted(set(rows["left_out_reason"].dropna())))
        states.empty("No drivers are known here.", f"{reasons.capitalize()}." if reasons else "No overall answers.")
        return
    st.caption(
        f"The touchpoints explain {told['r_squared'].iloc[0]:.0%} of how the overall answers of customers differ; each "
        "has its part, averaged over all orders in which touchpoints could come (Shapley). Parts say what goes with "
        "the overall answer, not what a change would bring."
    )
    if not told["is_beyond_chance"].all():
        st.warning("Chance alone could make these parts: no touchpoint is called a driver.", icon=":material/casino:")
    pictures.draw(
        charts.whiskers(
            told,
            label="touchpoint",
            value="r2_share",
            low="share_low",
            high="share_high",
            title="part of the explained variance",
            value_format=".1%",
        )
    )
    st.header("Importance beside performance")
    st.caption(
        "Important and good are those at or above the middle touchpoint. Improve first: important, not good. Keep up: "
        "important and good. Watch: neither. Nice to have: good, not important."
    )
    shown = told[told["performance_score"].notna()]
    if shown.empty:
        states.empty("Every touchpoint has too few answers.")
    else:
        pictures.draw(charts.importance_performance(shown))
    tables.show(rows, "drivers", formats={"performance_score": "%.1f"})
    left_out = rows[rows["left_out_reason"].notna()]
    if not left_out.empty:
        st.caption("Left out: " + "; ".join(left_out["touchpoint"] + " (" + left_out["left_out_reason"] + ")") + ".")


def _index(context: Context) -> None:
    frame = context.publication.figures(INDEX_QUERY)
    rows = frame[frame["segment"] == (context.segment or "all")].drop(columns="segment")
    if rows.empty:
        states.empty("No ratings, so no index.")
        return
    rows["period_start"] = pd.to_datetime(rows["period_start"])
    st.caption("Ratings from 0 to 100, weighted by what drives the overall answer; the same weights in every month.")
    if rows["happiness_index"].notna().any():
        pictures.draw(
            charts.band_over_months(
                rows,
                month="period_start",
                value="happiness_index",
                low="index_low",
                high="index_high",
                title="happiness index",
                value_format=".1f",
            )
        )
    else:
        states.empty("No month has enough answers.")
    with st.expander("All months"):
        tables.show(rows.sort_values("period_start", ascending=False), "happiness_index")
    states.suppressed(int(rows["is_suppressed"].sum()))


def _gap(context: Context) -> None:
    frame = context.publication.figures(GAP_QUERY)
    if frame.empty:
        states.empty("No survey asks what was expected beside how it was.")
        return
    st.caption("Reality less expectation in points of the scale, both from the same response.")
    told = frame[frame["gap_low"].notna()]
    if not told.empty:
        pictures.draw(
            charts.whiskers(
                told,
                label="touchpoint",
                value="mean_gap",
                low="gap_low",
                high="gap_high",
                title="reality less expectation, points",
                value_format="+.2f",
            )
        )
    tables.show(frame, "expectation_gap")
    states.suppressed(int(frame["is_suppressed"].sum()))


def _promise(context: Context) -> None:
    frame = context.publication.figures(PROMISE_QUERY)
    if frame.empty:
        states.empty("No answer is about an order with a promised and an actual delivery.")
        return
    delivery = frame[(frame["touchpoint"] == "delivery") & frame["favourable_share"].notna()]
    if not delivery.empty:
        first = delivery[delivery["metric"] == delivery["metric"].iloc[0]]
        st.caption("Share of favourable answers after delivery, by how the promise was kept.")
        pictures.draw(
            charts.whiskers(
                first,
                label="promise_kept",
                value="favourable_share",
                low="interval_low",
                high="interval_high",
                title="share of answers",
                value_format=".0%",
            )
        )
    tables.show(frame, "promise_gap")
    states.suppressed(int(frame["is_suppressed"].sum()))
