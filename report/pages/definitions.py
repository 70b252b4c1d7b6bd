"""What each metric, table and column means, as the publication itself says, and which sources feed an entity."""

from __future__ import annotations

import streamlit as st

from report import meanings, states, tables
from report.context import Context

TITLE = "Lineage & definitions"
ICON = ":material/account_tree:"
ORDER = 70
CHOICES = ()

FEEDS = "marts.mart_operations__feed_completeness"
CONSERVED = "marts.mart_operations__row_conservation"
TABLE_QUERY = """
    select schema_name || '.' || table_name as "table", coalesce(comment, '') as description,
        estimated_size as "rows", column_count as "columns"
    from duckdb_tables() order by schema_name desc, table_name"""
COLUMN_QUERY = """
    select column_name as "column", data_type as "type", coalesce(comment, '') as description
    from duckdb_columns() where schema_name || '.' || table_name = ? order by column_index"""
SOURCE_QUERY = f"""
    select source_name as "source", table_names as "source tables", entity, row_count as "landed rows",
        complete_until_date as "complete until"
    from {FEEDS} order by entity, source_name"""
STAGE_QUERY = f"""
    select stage, count(*) as objects, cast(sum(input_row_count) as bigint) as "rows in",
        cast(sum(quarantined_row_count) as bigint) as "put aside",
        cast(sum(superseded_row_count) as bigint) as "replaced by newer",
        cast(sum(deleted_row_count) as bigint) as deleted,
        cast(sum(filtered_row_count) as bigint) as "left out", cast(sum(output_row_count) as bigint) as "rows out"
    from {CONSERVED}
    group by stage order by case stage when 'extraction' then 1 when 'staging' then 2 else 3 end"""


def render(context: Context) -> None:
    """One metric, the tables, the columns of one, and the way from source to mart."""
    counted = _metric(context)
    st.header("Tables")
    found = context.publication.figures(TABLE_QUERY)
    if found.empty:
        states.empty("The publication has no tables.")
        return
    word = st.text_input("Search in names and descriptions").strip().casefold()
    texts = (found["table"] + " " + found["description"]).str.casefold()
    hits = found[texts.str.contains(word, regex=False)]
    if hits.empty:
        states.empty(f"No table speaks of “{word}”.", "Clear the search to see all.")
    else:
        tables.show(hits, "tables")
    _columns(context, list(hits["table"]) or list(found["table"]), counted)
    _lineage(context)


def _metric(context: Context) -> list[str]:
    """What one metric means; the tables that it is counted from, where the address asks for a metric."""
    known = meanings.metrics(context.publication)
    asked = st.query_params.get("metric")
    if asked is not None and asked not in known:
        st.warning(f"The address asks for the metric “{asked[:40]}”, which this publication does not define.")
    if not known:
        return []
    st.header("What a metric means")
    if st.session_state.get("metric") not in known:
        st.session_state["metric"] = asked if asked in known else next(iter(known))
    name = st.selectbox(
        "Metric", list(known), key="metric", format_func=lambda name: f"{known[name].label} ({known[name].unit})"
    )
    if asked is not None or name != next(iter(known)):
        st.query_params["metric"] = name
    metric, counted = known[name], meanings.metric_tables(context.publication, name)
    minimum = f"\n- Told only from the company's minimum of `{metric.minimum_of}` on" if metric.minimum_of else ""
    st.markdown(
        f"**{metric.label}**: {metric.description}\n\n- Formula: `{metric.formula}`\n- Unit: {metric.unit}\n"
        f"- Owner: {metric.owner}{minimum}\n- Counted from: {', '.join(f'`{table}`' for table in counted)}\n"
        f"- Asked for by name: `cx metric {name}`"
    )
    return counted if asked in known else []


def _columns(context: Context, names: list[str], counted: list[str]) -> None:
    st.header("Columns of one table")
    asked = st.query_params.get("table")
    if "table" not in st.session_state or st.session_state["table"] not in names:
        wanted = [asked, *counted, names[0]]
        st.session_state["table"] = next(table for table in wanted if table in names)
    name = st.selectbox("Table", names, key="table")
    st.query_params["table"] = name
    tables.show(context.publication.figures(COLUMN_QUERY, (name,)), f"columns_{name}")


def _lineage(context: Context) -> None:
    st.header("From source to mart")
    st.markdown(
        "Source tables land as they are; staging makes entities of them; each row is judged by its contract; core "
        "holds what was accepted (`dim_`, `fct_`, `bridge_`); marts answer questions and read core only. Column by "
        "column the way stands in `published/docs/lineage.html`, a file that any browser opens, and in Dagster: "
        f"`cx dev --company {context.publication.company}`."
    )
    if states.has_tables(context, CONSERVED):
        stages = context.publication.figures(STAGE_QUERY)
        if not stages.empty:
            tables.show(stages, "stages")
    if states.has_tables(context, FEEDS):
        sources = context.publication.figures(SOURCE_QUERY)
        if sources.empty:
            states.empty("No feed declares when its rows happened, so none is listed.")
        else:
            tables.show(sources, "sources")
