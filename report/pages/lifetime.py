"""What customers are expected to bring: in all, by tier, and by the quarter in which they came."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from report import charts, meanings, states, tables
from report.context import Context, day_name
from report.data import records

TITLE = "What customers will bring"
ICON = ":material/hourglass_top:"
ORDER = 47
CHOICES = ()

LIFETIMES = "marts.mart_value__lifetime"
MODELS = "marts.mart_value__lifetime_model"
COHORTS = "marts.mart_value__cohort"
MODEL_QUERY = (
    f"select * from {MODELS} order by case part when 'purchases' then 0 when 'spending' then 1 else 2 end, part"
)
CURRENCY_QUERY = f"select any_value(currency_code) as code from {LIFETIMES}"
TIER_QUERY = f"""
    select value_tier, count(*) as customers, any_value(currency_code) as currency_code,
        round(sum(expected_amount), 2) as expected_amount,
        round(sum(expected_amount) / nullif(sum(sum(expected_amount)) over (), 0), 4) as share_of_amount,
        round(sum(discounted_margin_amount), 2) as discounted_margin_amount,
        round(sum(contract_amount), 2) as contract_amount, round(avg(alive_probability), 4) as mean_alive_probability
    from {LIFETIMES} group by value_tier
    order by case value_tier when 'high' then 0 when 'middle' then 1 when 'low' then 2 else 3 end"""
CUSTOMER_QUERY = f"""
    select customer_id, value_tier, round(expected_amount, 2) as expected_amount, round(amount_low, 2) as amount_low,
        round(amount_high, 2) as amount_high, round(expected_purchase_count, 1) as expected_purchase_count,
        round(alive_probability, 3) as alive_probability,
        round(discounted_margin_amount, 2) as discounted_margin_amount, round(contract_amount, 2) as contract_amount
    from {LIFETIMES} where coalesce(expected_amount, contract_amount) is not null
    order by greatest(coalesce(expected_amount, 0), coalesce(contract_amount, 0)) desc, customer_id limit 1000"""
COHORT_QUERY = f"""
    select cohort_start, quarter_number, customer_count, buyer_count,
        case when not is_suppressed then round(buyer_share, 4) end as buyer_share,
        case when not is_suppressed then cast(amount_per_customer as double) end as amount_per_customer, currency_code
    from {COHORTS} where is_complete order by cohort_start, quarter_number"""
RETENTION_QUERY = f"""
    select quarter_number, sum(buyer_count) as buyers, sum(customer_count) as customers
    from {COHORTS} where is_complete group by quarter_number order by quarter_number"""


def render(context: Context) -> None:
    """The sum with its interval and its record, who brings it, and how earlier customers went on."""
    if not states.has_tables(context, LIFETIMES, MODELS, COHORTS):
        return
    models = context.publication.figures(MODEL_QUERY)
    st.header("In all")
    st.caption("Of those who are customers already; what customers yet to come will bring is not in it.")
    meanings.links(
        context,
        meanings.Figure("What each customer is expected to bring", LIFETIMES),
        meanings.Figure("Models and their record", MODELS),
        meanings.Figure("Cohorts", COHORTS),
    )
    if models.empty:
        states.empty("Nothing was expected yet.", "The daily job does it as soon as there are purchases.")
    else:
        currency = context.publication.figures(CURRENCY_QUERY)["code"].iloc[0]
        st.markdown("\n".join(f"- {line}" for row in records(models) for line in model_lines(row, str(currency))))
        tables.show(models, "lifetime_models")
    _tiers(context)
    _cohorts(context)


def model_lines(row: dict[str, Any], currency: str) -> list[str]:
    """One part in words: what is expected, and how the model did on days that it had not seen."""
    part = str(row["part"])
    what = {"purchases": "Purchases", "spending": "Amounts"}.get(
        part, f"Contracts billed by the {part.removeprefix('contract_')}"
    )
    if row["status"] != "fitted":
        return [f"{what}: nothing is expected. {row['reason']}"]
    unit = "days with a purchase" if part == "purchases" else currency
    total = f"{what}: {row['expected_total']:,.0f} {unit} in the next {row['horizon_days']} days"
    if pd.notna(row["total_low"]):
        total += f" (95% interval {row['total_low']:,.0f} to {row['total_high']:,.0f})"
    lines = [f"{total}, if customers go on as they did."]
    if pd.notna(row["judged_days"]):
        lines.append(
            f"{what}, the record: fitted to {day_name(row['judged_from_date'])}, the model foresaw"
            f" {row['judged_expected']:,.0f} for the {row['judged_days']} days after; {row['judged_actual']:,.0f} came."
            f" Of {row['judged_customer_count']:,} customers {100 * row['judged_coverage']:.0f}% were inside their 95%"
            f" interval; it was wrong by {row['judged_error']:,.1f} a customer, the rate so far by"
            f" {row['naive_error']:,.1f}."
        )
    return lines


def _tiers(context: Context) -> None:
    st.header("By tier")
    rows = context.publication.figures(TIER_QUERY)
    if rows.empty:
        states.empty("No customer bought or has a contract.")
        return
    tables.show(rows, "value_tiers", formats={"share_of_amount": "percent", "mean_alive_probability": "percent"})
    customers = context.publication.rows(CUSTOMER_QUERY)
    if not customers.empty:
        with st.expander("The thousand customers who are expected to bring most"):
            tables.show(customers, "customers_by_expected_amount")


def _cohorts(context: Context) -> None:
    st.header("By the quarter of the first purchase")
    rows = context.publication.figures(COHORT_QUERY)
    kept = context.publication.figures(RETENTION_QUERY)
    kept = kept[kept["quarter_number"] > 0]
    if rows.empty or kept.empty:
        states.empty("No quarter after a first purchase is over yet.")
        return
    kept = kept.assign(
        label="quarter " + kept["quarter_number"].astype(str) + " after",
        share=100 * kept["buyers"] / kept["customers"],
    )
    st.caption(
        "Of the customers whose quarter is over, the share that bought in it, in per cent. The first quarter of the "
        "data holds all who were customers before it began."
    )
    st.altair_chart(charts.bars(kept, label="label", value="share", title="bought, %"), width="stretch")
    tables.show(rows, "cohorts", formats={"buyer_share": "percent"})
