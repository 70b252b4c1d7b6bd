"""What satisfaction is worth in money: after answers, after bad experiences, behind touchpoints, and per customer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from report import states, tables
from report.context import Context
from report.data import records

TITLE = "What satisfaction is worth"
ICON = ":material/payments:"
ORDER = 45
CHOICES = ()

POINTS = "marts.mart_value__point"
LOSSES = "marts.mart_value__bad_experience"
RISKS = "marts.mart_value__touchpoint_risk"
PROFITS = "marts.mart_value__customer_profit"
POINT_QUERY = f"select * from {POINTS} order by metric desc, outcome, contrast"
LOSS_QUERY = f"select * from {LOSSES} order by experience"
RISK_QUERY = f"""
    select metric, touchpoint, answered_customer_count, weak_customer_count,
        cast(weak_net_amount as double) as weak_net_amount, extra_loss_share,
        cast(at_risk_amount as double) as at_risk_amount, cast(at_risk_low as double) as at_risk_low,
        cast(at_risk_high as double) as at_risk_high, currency_code, is_claim, status, reason
    from {RISKS} order by at_risk_amount desc nulls last, metric, touchpoint"""
PROFIT_QUERY = f"""
    select period, currency_code, count(*) as customers, count(profit_amount) as profit_known,
        round(cast(sum(profit_amount) as double), 2) as profit_amount,
        round(cast(median(profit_amount) as double), 2) as median_profit_amount,
        count(*) filter (where profit_amount < 0) as customers_at_a_loss
    from {PROFITS} group by 1, 2 order by 1 desc"""
EXPERIENCES = {
    "nps": "an answer of 0 to 3 of 10",
    "csat": "an answer in the lower two of five",
    "late_delivery": "a late delivery",
    "complaint": "a complaint",
}
CLASSES = {
    "nps": {"promoter": "9 or 10", "passive": "7 or 8", "detractor": "0 to 6"},
    "csat": {"promoter": "4 or 5 of 5", "passive": "about 3 of 5", "detractor": "1 or 2 of 5"},
}
SHARES = {"repeat_share": "bought again", "silent_share": "fell silent against their own rhythm"}
COUNTS = {"order_count": "orders", "referral_count": "referrals", "ticket_count": "tickets"}


def render(context: Context) -> None:
    """Words first, each with its interval; the tables below them."""
    st.caption(
        "Associations between customers who are alike in what was known of them before. Nobody was made satisfied by "
        "lot: what no column knows may stand behind both."
    )
    for header, needed, part in (
        ("After an answer", [POINTS], _points),
        ("Lost after one bad experience", [LOSSES], _losses),
        ("Revenue at risk behind touchpoints", [RISKS], _risks),
        ("Profit of customers", [PROFITS], _profits),
    ):
        st.header(header)
        if states.has_tables(context, *needed):
            part(context)


def point_line(row: dict[str, Any]) -> str:
    """One comparison in words: how much, how sure, and that it is an association."""
    metric, days = str(row["metric"]), row["outcome_days"]
    if row["contrast"] == "per_point":
        scale = "10" if metric == "nps" else "1 to 5"
        who, beside = f"For each point more ({metric.upper()}, scale {scale})", "than comparable ones a point lower"
    else:
        first, second = str(row["contrast"]).split("_")
        classes = CLASSES[metric]
        who = f"{metric.upper()}: customers who answered {classes[first]}"
        beside = f"than comparable ones who answered {classes[second]}"
    if row["status"] != "stated":
        return f"{who}: not said. {row['reason']}"
    value, low, high = (float(row[name]) for name in ("adjusted_difference", "adjusted_low", "adjusted_high"))
    way = "more" if value >= 0 else "less"
    sign = 1 if value >= 0 else -1
    low, high = (low, high) if sign > 0 else (-high, -low)
    name = str(row["outcome"])
    if name == "net_amount":
        said = f"spent {abs(value):,.0f} {row['currency_code']} {way} in the next {days} days {beside}"
        interval = f"{low:,.0f} to {high:,.0f}"
    elif name in SHARES:
        said = f"{SHARES[name]} {100 * abs(value):.1f} percentage points {way} often {beside}"
        interval = f"{100 * low:.1f} to {100 * high:.1f}"
    else:
        said = f"had {abs(value):.2f} {way} {COUNTS[name]} in the next {days} days {beside}"
        interval = f"{low:.2f} to {high:.2f}"
    sure = "an association" if row["is_claim"] else "chance alone could make it, among so many comparisons"
    return f"{who} {said} (95% interval {interval}): {sure}."


def loss_line(row: dict[str, Any]) -> str:
    """One bad experience in words."""
    what = EXPERIENCES.get(str(row["experience"]), str(row["experience"]))
    if row["status"] != "stated":
        return f"After {what}: not said. {row['reason']}"
    low, high = 100 * row["adjusted_low"], 100 * row["adjusted_high"]
    sure = "an association" if row["is_claim"] else "chance alone could make it"
    return (
        f"After {what} {100 * row['bad_left_share']:.0f}% left, of comparable customers "
        f"{100 * row['comparable_left_share']:.0f}%: {100 * row['adjusted_difference']:+.1f} percentage points "
        f"(95% interval {low:+.1f} to {high:+.1f}): {sure}."
    )


def _points(context: Context) -> None:
    rows = context.publication.figures(POINT_QUERY)
    if rows.empty:
        states.empty("No answers of known customers are old enough to see what followed.")
        return
    told = rows[rows["contrast"].isin(["promoter_detractor", "per_point"])]
    st.markdown("\n".join(f"- {point_line(row)}" for row in records(told[told["outcome"] == "net_amount"])))
    with st.expander("Orders, repeat purchases, silence, referrals, tickets"):
        st.markdown("\n".join(f"- {point_line(row)}" for row in records(told[told["outcome"] != "net_amount"])))
    tables.show(rows, "value_of_a_point")


def _losses(context: Context) -> None:
    rows = context.publication.figures(LOSS_QUERY)
    if rows.empty:
        states.empty("No experience is old enough to see who left after it.")
        return
    st.caption(
        "Left means that the last subscription ended, or that nothing was bought any more after the customer's own "
        "rhythm. A long pause counts as leaving, a late return as staying: true departures may differ more or less."
    )
    st.markdown("\n".join(f"- {loss_line(row)}" for row in records(rows)))
    tables.show(rows, "lost_after_a_bad_experience")


def _risks(context: Context) -> None:
    rows = context.publication.figures(RISK_QUERY)
    if rows.empty:
        states.empty("Nobody answered of a touchpoint in the last 365 days.")
        return
    st.caption(
        "What customers whose last answer was bad bought in a year, times how many more leave after such an answer. A "
        "customer may stand behind several touchpoints: amounts do not add up."
    )
    if pd.isna(rows["at_risk_amount"]).all():
        states.empty("No amount is said: that more customers leave after a bad answer is not known, or no claim.")
    tables.show(rows, "revenue_at_risk", formats={"extra_loss_share": "percent"})


def _profits(context: Context) -> None:
    rows = context.publication.figures(PROFIT_QUERY)
    if rows.empty:
        states.empty("No customers.")
        return
    st.caption("Margin of the lines less what tickets, contacts and campaigns cost; unknown where any cost is unknown.")
    tables.show(rows, "profit_of_customers")
