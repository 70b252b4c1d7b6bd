"""One customer: what is known without personal data, and how the id came to be what it is."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from report import states, tables
from report.context import Context
from report.data import Publication

TITLE = "Customer 360"
ICON = ":material/person_search:"
ORDER = 50
CHOICES = ("segment",)

CUSTOMERS = "marts.mart_customer__customer_360"
REDIRECTS = "marts.mart_customer__customer_redirect"
EVENTS = "marts.mart_customer__identity_event"
FIELDS = "marts.mart_customer__field_source"
CUSTOMER_ID = re.compile(r"c_[0-9a-f]{4,64}\Z")
LIST_QUERY = f"""
    select customer_id, customer_type, country_code, rfm_segment, purchase_count,
        cast(net_amount as double) as net_amount, last_purchase_date, record_count
    from {CUSTOMERS} where ? is null or rfm_segment = ?
    order by net_amount desc nulls last, customer_id limit 200"""
# Of the earlier ids too: their lives went on in this one.
HISTORY_QUERY = f"""
    select known_at, event_type, customer_id, other_customer_id, record_id, rule, match_weight, agreed_fields,
        differing_fields, reason, moved_order_count, cast(moved_net_amount as double) as moved_net_amount
    from {EVENTS}
    where customer_id = $id or other_customer_id = $id
        or customer_id in (select unnest($earlier)) or other_customer_id in (select unnest($earlier))
    order by known_at, event_id"""
EVENT_WORDS = {
    "created": "the id was used for the first time",
    "joined": "a record came to it",
    "merged": "another id ended and its records came to it",
    "split": "records came to it from an id that lives on",
    "retired": "a record is gone, or the customer with its last one",
}


def render(context: Context) -> None:
    """Choose a customer, by hand or by the address; then all that is known."""
    if not states.has_tables(context, CUSTOMERS):
        return
    st.info(
        "This publication holds no personal data: no names, no addresses, no text. They stand in the restricted one, "
        f"`{context.publication.company}/published/restricted/current.duckdb` in the state folder, for those who may "
        "read it; both share `customer_id`.",
        icon=":material/shield_person:",
    )
    if "customer" not in st.session_state:
        st.session_state["customer"] = st.query_params.get("customer", "")
    asked = st.text_input("Customer id", key="customer", placeholder="c_…", max_chars=70).strip()
    if not asked:
        st.query_params.pop("customer", None)
        _list(context)
        return
    st.query_params["customer"] = asked
    if not CUSTOMER_ID.match(asked):
        st.warning("A customer id begins with c_ and goes on with digits and letters from a to f.")
        return
    current, earlier = follow(context.publication, asked)
    if current != asked:
        st.warning(
            f"`{asked}` was given up; its records are with `{current}`, which is shown.", icon=":material/merge:"
        )
    _customer(context, current, earlier)


def follow(publication: Publication, customer_id: str) -> tuple[str, list[str]]:
    """The id under which a customer lives now, and all ids that were given up for it."""
    if REDIRECTS not in publication.tables:
        return customer_id, []
    redirects = publication.rows(f"select old_customer_id, customer_id from {REDIRECTS}")
    onward = dict(zip(redirects["old_customer_id"], redirects["customer_id"], strict=True))
    current, seen = customer_id, set[str]()
    while current in onward and current not in seen:
        seen.add(current)
        current = onward[current]
    earlier: set[str] = set()
    frontier = {current}
    while frontier:
        frontier = {old for old, new in onward.items() if new in frontier} - earlier - {current}
        earlier |= frontier
    return current, sorted(earlier)


def _list(context: Context) -> None:
    rows = context.publication.rows(LIST_QUERY, (context.segment, context.segment))
    if rows.empty:
        states.empty("No customers here.", "Choose another segment in the sidebar.")
        return
    st.caption("The 200 customers with the most revenue of the chosen segment. Copy an id into the field above.")
    tables.show(rows, "customers", formats={"net_amount": "%.2f"})


def _customer(context: Context, customer_id: str, earlier: list[str]) -> None:
    found = context.publication.rows(f"select * from {CUSTOMERS} where customer_id = ?", (customer_id,))
    if found.empty:
        states.empty(
            f"No current customer has the id {customer_id}.", "It may have been retired; see its history below."
        )
    else:
        _facts(found.iloc[0])
        with st.expander("Everything in customer_360"):
            whole = found.iloc[0].rename("value").rename_axis("column").reset_index()
            tables.show(whole.assign(value=whole["value"].map(_text)), f"customer_{customer_id}")
    st.header("History of the id")
    if states.has_tables(context, EVENTS):
        _history(context, customer_id, earlier)
    if not found.empty and int(found.iloc[0]["record_count"]) > 1 and states.has_tables(context, FIELDS):
        st.header("Which record each field comes from")
        query = f"select field, record_id, source_system, updated_at, value_count, decided_by from {FIELDS} "
        tables.show(
            context.publication.rows(f"{query} where customer_id = ? order by field", (customer_id,)),
            f"fields_{customer_id}",
        )


def _history(context: Context, customer_id: str, earlier: list[str]) -> None:
    if earlier:
        st.markdown(f"Ids that were given up for this one: {', '.join(f'`{item}`' for item in earlier)}.")
    with_lists = {"id": customer_id, "earlier": earlier}
    history = context.publication.named_rows(HISTORY_QUERY, with_lists)
    if history.empty:
        states.empty("No event of this id is known.")
        return
    history.insert(2, "meaning", history["event_type"].map(EVENT_WORDS).fillna(""))
    tables.show(history.dropna(axis="columns", how="all"), f"history_{customer_id}")


def _facts(row: pd.Series) -> None:
    st.header(f"{row['customer_id']}")
    places = st.columns(4)
    places[0].metric(f"Revenue, {_text(row['currency_code'])}", f"{float(row['net_amount'] or 0):,.2f}")
    places[1].metric("Purchases", _text(row["purchase_count"]))
    places[2].metric("Days since the last", _text(row["recency_days"]))
    places[3].metric("Open tickets", _text(row["open_ticket_count"]))
    said = [
        f"{name.upper()} {row[f'last_{name}_score']:g} on {_text(row[f'last_{name}_date'])}"
        for name in ("nps", "csat", "ces")
        if pd.notna(row[f"last_{name}_score"])
    ]
    risk = row["churn_probability"]
    chance = "not scored (only those who bought lately are, and only by a model that passed its test)"
    if pd.notna(risk):
        chance = f"{100 * risk:.0f}% for no purchase within {int(row['churn_horizon_days'])} days"
    alive, amount = row["alive_probability"], row["expected_amount"]
    gone = "not known" if pd.isna(alive) else f"{100 * (1 - alive):.0f}%"
    ahead = "not known"
    if pd.notna(amount):
        days = int(row["expected_amount_days"])
        ahead = f"{amount:,.0f} {row['currency_code']} in {days} days, value tier {row['value_tier']}"
    st.markdown(
        f"- Segment: {_text(row['rfm_segment']).replace('_', ' ')}\n"
        f"- Last answers: {'; '.join(said) or 'none'}\n"
        f"- Chance to stay away: {chance}\n"
        f"- Chance to be gone for good, by the rhythm of the own purchases: {gone}\n"
        f"- Expected: {ahead}\n"
        f"- Known since {_text(row['first_seen_date'])}, by {_text(row['record_count'])} record(s) of "
        f"{_text(row['source_systems'])}"
    )


def _text(value: object) -> str:
    if value is None or (not isinstance(value, list | dict) and pd.isna(value)):  # type: ignore[call-overload]
        return "none"
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
