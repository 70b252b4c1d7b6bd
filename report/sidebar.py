"""What the reader chooses: company, month, segment. The address carries each choice, so that it can be sent on."""

from __future__ import annotations

import datetime as dt

import duckdb
import streamlit as st

from report.context import Context, month_end, month_name
from report.data import Publication
from report.months import complete_until, default_month, months

ALL = "All customers"


def choose_company(names: list[str]) -> str:
    """The company; from the address at first."""
    _from_address("company", names, names[0])
    return _kept(st.sidebar.selectbox("Company", names, key="company"), "company")


def choose(publication: Publication, choices: tuple[str, ...], now: dt.datetime) -> Context:
    """Month and segment, as far as the page obeys them.

    Args:
        publication: The generation to choose from.
        choices: What the page obeys: `period`, `segment`.
        now: Time of the view (UTC).
    """
    found, segments, until = months(publication), _segments(publication), complete_until(publication)
    period: dt.date | None = None
    if newest := default_month(found, until):
        labels = {month.strftime("%Y-%m"): month for month in found}
        complete = [label for label, month in labels.items() if month_end(month) <= until]
        _from_address("period", list(labels), newest.strftime("%Y-%m"))
        chosen = st.sidebar.selectbox(
            "Month",
            list(labels),
            key="period",
            format_func=lambda label: month_name(labels[label]) + ("" if label in complete else " (incomplete)"),
            disabled="period" not in choices,
            help=None if "period" in choices else "This page shows the state on the observation date.",
        )
        period = labels[_kept(chosen, "period")]
    segment: str | None = None
    if segments:
        _from_address("segment", [ALL, *segments], ALL)
        chosen = st.sidebar.selectbox(
            "Segment",
            [ALL, *segments],
            key="segment",
            format_func=lambda name: name.replace("_", " "),
            disabled="segment" not in choices,
            help=None if "segment" in choices else "The tables of this page are not cut by segment.",
        )
        segment = None if _kept(chosen, "segment", default=ALL) == ALL else chosen
    return Context(publication, period, until, segment, now)


def _from_address(name: str, options: list[str], default: str) -> None:
    """Start with what was chosen on another page, then with the address.

    Streamlit forgets both a page's widgets and the address when the reader goes to another page. A value of the address
    that is not there is told of, never shown as something else in silence.
    """
    chosen = st.session_state.get(name, st.session_state.get(f"chosen {name}"))
    asked = st.query_params.get(name)
    if chosen is None and asked is not None and asked not in options:
        st.sidebar.warning(f"The address asks for {name} “{asked[:40]}”, which is not here; this shows another.")
    # Set each time: the next page's widget has the name of this one and would else begin with its first option.
    st.session_state[name] = next((value for value in (chosen, asked) if value in options), default)


def _kept(value: str, name: str, default: str | None = None) -> str:
    st.session_state[f"chosen {name}"] = value
    if value == default:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value
    return value


def _segments(publication: Publication) -> list[str]:
    try:
        rows = publication.figures("select distinct rfm_segment as name from marts.mart_segment__rfm order by 1")
    except duckdb.CatalogException:
        return []
    return [str(name) for name in rows["name"]]
