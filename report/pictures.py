"""A picture on a page. What pictures look like is in `charts`, which the static report uses too."""

from __future__ import annotations

import altair as alt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def places(count: int) -> list[DeltaGenerator]:
    """A place for each of so many pictures, two beside each other; one alone has the whole width."""
    beside: list[DeltaGenerator] = []
    while len(beside) < count:
        beside += st.columns(min(2, count))
    return beside[:count]


def draw(chart: alt.LayerChart) -> None:
    """Show a chart as wide as its place.

    Charts are checked by the tests; checking each against the schema again would take most of the time of a page.
    """
    st.vega_lite_chart(chart.to_dict(validate=False), theme=None, width="stretch")
