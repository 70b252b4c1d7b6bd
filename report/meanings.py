"""What a figure means: links to the page of definitions, and the metrics that lie beside the generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from orchestration.semantic.catalogue import MetricDefinition, counted_from, metric_definitions
from orchestration.semantic.definitions import Definitions, MetricError, read_definitions
from report.context import Context
from report.data import Publication

PAGE = "definitions"


@dataclass(frozen=True)
class Figure:
    """A figure or picture of a page.

    Attributes:
        label: As the page calls it.
        table: Published table that it is taken from.
        metric: Metric of the same meaning; None where no metric is defined.
    """

    label: str
    table: str
    metric: str | None = None


def definitions(publication: Publication) -> Definitions | None:
    """The definitions of the generation's metrics; None where it was published without them."""
    try:
        return read_definitions(publication.path.parent)
    except MetricError:
        return None


def metrics(publication: Publication) -> Mapping[str, MetricDefinition]:
    """Metrics of the generation, by name; none where it was published without them."""
    found = definitions(publication)
    return {} if found is None else metric_definitions(found.document())


def metric_tables(publication: Publication, name: str) -> list[str]:
    """Published tables that a metric is counted from."""
    found = definitions(publication)
    return [] if found is None else counted_from(found, name)


def address(company: str, figure: Figure) -> str:
    """Address of the page of definitions that shows the figure's metric, if it has one, and its table's columns."""
    asked = {"company": company, "metric": figure.metric, "table": figure.table}
    return f"{PAGE}?{urlencode({name: value for name, value in asked.items() if value})}"


def links(context: Context, *figures: Figure) -> None:
    """A line of links from figures to their definitions; a table that this publication has not gets none."""
    publication = context.publication
    known = [figure for figure in figures if figure.table in publication.tables]
    if known:
        told = (f"[{figure.label}]({address(publication.company, figure)})" for figure in known)
        st.caption("Definitions: " + " · ".join(told))
