"""Customers by segment, recency, place and kind; the same for one segment where one is chosen."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from report import charts, meanings, pictures, states, tables
from report.context import Context
from report.data import Publication

TITLE = "Customers & segments"
ICON = ":material/groups:"
ORDER = 30
CHOICES = ("segment",)

CUSTOMERS = "marts.mart_customer__customer_360"
SEGMENTS = "marts.mart_segment__rfm"
HOUSEHOLDS = "marts.mart_customer__household"
OF_SEGMENT = "(? is null or coalesce(rfm_segment, 'no purchases') = ?)"
TOTAL_QUERY = f"""
    select count(*) as customers, count(*) filter (where purchase_count > 0) as buyers,
        cast(coalesce(sum(net_amount), 0) as double) as net_amount, min(currency_code) as currency,
        coalesce(sum(record_count), 0) as records
    from {CUSTOMERS} where {OF_SEGMENT}"""
SEGMENT_QUERY = f"""
    select coalesce(rfm_segment, 'no purchases') as segment, count(*) as customers,
        round(median(recency_days), 0) as median_recency_days, round(avg(purchase_count), 1) as mean_purchases,
        cast(sum(net_amount) as double) as net_amount,
        round(cast(sum(net_amount) as double) / nullif(sum(cast(sum(net_amount) as double)) over (), 0), 4)
            as net_amount_share,
        cast(sum(complaint_count) as bigint) as complaints
    from {CUSTOMERS} group by 1 order by customers desc, segment"""
RECENCY_QUERY = f"""
    select case when recency_days is null then 'never bought' when recency_days <= 30 then 'up to 30 days'
        when recency_days <= 90 then '31 to 90 days' when recency_days <= 180 then '91 to 180 days'
        when recency_days <= 365 then '181 to 365 days' else 'over a year' end as last_purchase,
        count(*) as customers
    from {CUSTOMERS} where {OF_SEGMENT}
    group by 1 order by min(coalesce(recency_days, 1000000))"""
# A place or kind of household with a handful could point at one of them.
MINIMUM_CUSTOMERS = 5
GROUP_QUERY = f"""
    with cell as (
        select customer_type, coalesce(country_code, 'unknown') as country, count(*) as customers,
            cast(sum(net_amount) as double) as net_amount
        from {CUSTOMERS} where {OF_SEGMENT} group by 1, 2
    )
    select customer_type, case when customers < {MINIMUM_CUSTOMERS} then 'countries of few' else country end as country,
        cast(sum(customers) as bigint) as customers,
        case when sum(customers) >= {MINIMUM_CUSTOMERS} then sum(net_amount) end as net_amount
    from cell group by 1, 2 order by customers desc, 1, 2"""
HOUSEHOLD_QUERY = f"""
    select member_count as members, count(*) as households,
        case when count(*) >= {MINIMUM_CUSTOMERS} then cast(sum(net_amount) as double) end as net_amount
    from {HOUSEHOLDS} group by 1 order by 1"""


def render(context: Context) -> None:
    """Totals, segments, recency, groups and households."""
    if not states.has_tables(context, CUSTOMERS):
        return
    chosen = (context.segment, context.segment)
    total = context.publication.figures(TOTAL_QUERY, chosen).iloc[0]
    if not total["customers"]:
        states.empty("No customers here.", "Choose another segment in the sidebar.")
        return
    places = st.columns(3)
    places[0].metric("Customers", f"{total['customers']:,}", help="People and companies, after matching of records.")
    places[1].metric("With purchases", f"{total['buyers']:,}")
    places[2].metric(f"Revenue to date, {total['currency']}", f"{total['net_amount']:,.0f}")
    meanings.links(
        context,
        meanings.Figure("Customers", CUSTOMERS, "customers"),
        meanings.Figure("Purchases and revenue of a customer", CUSTOMERS),
        meanings.Figure("Segments", SEGMENTS),
        meanings.Figure("Households", HOUSEHOLDS),
    )
    st.caption(f"Matched from {int(total['records']):,} source records.")
    _segments(context)
    st.header("Time since the last purchase")
    recency = context.publication.figures(RECENCY_QUERY, chosen)
    pictures.draw(charts.bars(recency, label="last_purchase", value="customers", title="customers"))
    st.caption("Silence is not leaving: for the chance that a customer stays away see Churn risk.")
    tables.show(recency, "recency")
    st.header("Kinds and countries")
    tables.show(context.publication.figures(GROUP_QUERY, chosen), "countries", formats={"net_amount": "%.2f"})
    st.header("Households")
    if states.has_tables(context, HOUSEHOLDS):
        households = context.publication.figures(HOUSEHOLD_QUERY)
        if households.empty:
            states.empty("No two customers share a household, or the company does not look for households.")
        else:
            tables.show(households, "households", formats={"net_amount": "%.2f"})


def segments(publication: Publication) -> pd.DataFrame:
    """One row per RFM segment, the largest first."""
    found = publication.figures(SEGMENT_QUERY)
    return found.assign(segment=found["segment"].str.replace("_", " "))


def _segments(context: Context) -> None:
    st.header("Segments by recency, frequency and money")
    found = segments(context.publication)
    if set(found["segment"]) <= {"no purchases"}:
        states.empty("No customer has a purchase, so there are no segments.")
        return
    pictures.draw(charts.bars(found, label="segment", value="customers", title="customers"))
    tables.show(
        found,
        "segments",
        formats={"net_amount": "%.2f", "net_amount_share": "percent", "median_recency_days": "%d"},
    )
