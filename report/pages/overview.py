"""The start: what changed in the chosen month, whether it is more than chance, and the last two years in pictures."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from report import charts, meanings, pictures, states, tables
from report.comparison import (
    ACTIVITY,
    METRIC_MEANINGS,
    METRIC_NAMES,
    SCORES,
    activity,
    headline,
    money_sentence,
    relative,
    score_changes,
    score_picture,
    score_totals,
)
from report.context import Context, day_name, month_before, month_name
from report.data import records
from report.months import MONTHS_SHOWN

TITLE = "Overview"
ICON = ":material/monitoring:"
ORDER = 10
CHOICES = ("period",)

MEASURES = (
    ("net_amount", "Revenue"),
    ("order_count", "Orders"),
    ("active_customer_count", "Customers who ordered"),
    ("new_customer_count", "New customers"),
)
METRICS = {
    "net_amount": "net_revenue",
    "order_count": "orders",
    "active_customer_count": "active_customers",
    "new_customer_count": "new_customers",
}
"""Metric of the same meaning as each measure."""


def render(context: Context) -> None:
    """Money and customers, scores, and how both went."""
    if context.period is None:
        states.empty("No orders and no answers up to the observation date.", "Other pages may still hold something.")
        return
    st.header(f"{month_name(context.period)} beside {month_name(month_before(context.period))}")
    if not context.is_complete:
        st.warning(
            f"{month_name(context.period)} is complete until {day_name(context.complete_until)} only; beside a whole "
            "month it looks small.",
            icon=":material/hourglass:",
        )
    if states.has_tables(context, ACTIVITY):
        _money(context, activity(context.publication), context.period)
    if states.has_tables(context, SCORES):
        _scores(context, score_totals(context.publication), context.period)


def _money(context: Context, frame: pd.DataFrame, month: dt.date) -> None:
    if frame.empty:
        states.empty("No orders up to the observation date.")
        return
    for currency, rows in frame.groupby("currency_code", dropna=False):
        by_month = {row["activity_month"].date(): row for row in records(rows)}
        if month not in by_month:
            states.empty(f"No orders in {currency} in this month.")
            continue
        before, year_before = by_month.get(month_before(month)), by_month.get(month_before(month, 12))
        for (column, label), place in zip(MEASURES, st.columns(len(MEASURES)), strict=True):
            is_known = column != "new_customer_count" or not by_month[month]["is_warm_up"]
            amount = f"{by_month[month][column]:,.0f}" if is_known else "not known yet"
            place.metric(
                f"{label}, {currency}" if column == "net_amount" else label,
                amount,
                relative(by_month[month][column], None if before is None else before[column]) if is_known else None,
                help="Against the month before. These are counts, no samples: the difference is exact.",
            )
        meanings.links(context, *(meanings.Figure(label, ACTIVITY, METRICS[column]) for column, label in MEASURES))
        st.markdown(money_sentence(str(currency), by_month[month], before, year_before))
        recent = rows[(rows["activity_month"] <= pd.Timestamp(month))].tail(MONTHS_SHOWN)
        pictures.draw(
            charts.columns_over_months(recent, month="activity_month", value="net_amount", title=f"revenue, {currency}")
        )
        with st.expander("The figures of this picture"):
            tables.show(recent, f"activity_{currency}")


def _scores(context: Context, totals: pd.DataFrame, month: dt.date) -> None:
    st.header("What customers say")
    changes = score_changes(totals, month)
    if not changes:
        states.empty("No answers in this month.", "Choose another month, or see Scores for the whole time.")
        return
    st.markdown(headline(changes))
    st.markdown("\n".join(f"- {change.sentence}" for change in changes))
    st.caption(
        " · ".join(METRIC_MEANINGS[metric] for metric in METRIC_MEANINGS if metric in {item.metric for item in changes})
        + ". Intervals are at 95%; of twenty comparisons in which nothing changed, one stands out all the same."
    )
    asked = {item.metric for item in changes}
    meanings.links(
        context, *(meanings.Figure(METRIC_NAMES[name], SCORES, name) for name in METRIC_NAMES if name in asked)
    )
    until = totals[totals["score_month"] <= pd.Timestamp(month)]
    drawn = [(change, until[until["name"] == change.name].tail(MONTHS_SHOWN)) for change in changes]
    with_scores = [(change, rows) for change, rows in drawn if rows["score_value"].notna().any()]
    for place, (change, rows) in zip(pictures.places(len(with_scores)), with_scores, strict=True):
        with place:
            pictures.draw(score_picture(rows, change.name, change.metric))
    with st.expander("The figures of these pictures"):
        tables.show(
            totals.drop(columns=["favourable_count", "detractor_count", "scale_min", "scale_max"]), "scores_by_month"
        )
    states.suppressed(int(totals["is_suppressed"].sum()))
