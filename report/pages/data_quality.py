"""Whether the figures can be trusted: late feeds, rows put aside, control totals, conservation of rows, matching."""

from __future__ import annotations

import streamlit as st

from report import states, tables
from report.context import Context

TITLE = "Data quality"
ICON = ":material/verified:"
ORDER = 60
CHOICES = ()

FEEDS = "marts.mart_operations__feed_completeness"
REASONS = "marts.mart_operations__quarantine_reason"
RECONCILED = "marts.mart_operations__reconciliation"
CONSERVED = "marts.mart_operations__row_conservation"
IDENTITY = "marts.mart_operations__identity_quality"
REPLACED = "marts.mart_operations__replaced_value"
UNMAPPED = "marts.mart_operations__unmapped_touchpoint"
FEED_QUERY = f"""
    select source_name, entity, table_names, row_count, complete_until_date, days_behind, usual_silence_days, is_late,
        is_ended, stray_row_count
    from {FEEDS} order by coalesce(is_late, false) desc, days_behind desc nulls last, source_name, entity"""
REASON_QUERY = f"select * from {REASONS} order by row_count desc, stage, source_name, object_name, rule"
CATEGORIES = ["late", "duplicate", "changed", "quarantined", "deleted", "merged", "filtered", "unknown", "unexplained"]
RECONCILED_QUERY = f"""
    select source_name, table_name, count(*) as days, cast(sum(source_count) as bigint) as source_count,
        cast(sum(landing_count) as bigint) as landing_count, cast(sum(mart_count) as bigint) as mart_count,
        {", ".join(f"cast(sum({name}_count) as bigint) as {name}" for name in CATEGORIES)},
        cast(sum(abs(unexplained_amount)) as double) as unexplained_amount
    from {RECONCILED} group by 1, 2 order by abs(unexplained) desc, source_name, table_name"""
DIFFERENCE_QUERY = f"""
    select source_name, table_name, day_label, source_count, mart_count,
        {", ".join(f"{name}_count as {name}" for name in CATEGORIES)}
    from {RECONCILED}
    where {" or ".join(f"{name}_count <> 0" for name in CATEGORIES)}
    order by local_day desc nulls last, source_name, table_name"""
CONSERVED_QUERY = f"select * from {CONSERVED} order by abs(difference_row_count) desc, stage, source_name, object_name"
IDENTITY_QUERY = f"""
    select known_at, customer_type, record_count, customer_count,
        round(records_per_customer, 3) as records_per_customer, link_count,
        round(links_per_record, 3) as links_per_record, review_pair_count, largest_cluster_record_count,
        round(doubtful_pair_share, 3) as doubtful_pair_share, is_drifted
    from {IDENTITY} order by known_at desc, customer_type"""


def render(context: Context) -> None:
    """From what stops a reader (late feeds, warnings) to what reassures one (every row is somewhere)."""
    _warnings(context)
    _feeds(context)
    _quarantine(context)
    _reconciliation(context)
    _conservation(context)
    _identity(context)
    _losses(context)


def _warnings(context: Context) -> None:
    made = context.publication
    st.markdown(f"**{made.checks_passed} of {made.checks_declared} checks passed** before this was published.")
    if made.warnings:
        st.warning("\n".join(f"- {warning}" for warning in made.warnings), icon=":material/warning:")


def _feeds(context: Context) -> None:
    st.header("How far each feed is complete")
    if not states.has_tables(context, FEEDS):
        return
    feeds = context.publication.figures(FEED_QUERY)
    if feeds.empty:
        states.empty("No feed declares when its rows happened, so none can be called late.")
        return
    late = feeds[feeds["is_late"].fillna(value=False).astype(bool)]
    if late.empty:
        st.success("No feed is late.", icon=":material/check:")
    for row in late.itertuples():
        st.warning(
            f"{row.source_name}, {row.entity}: {row.days_behind} days behind; it was never silent for more than "
            f"{row.usual_silence_days}.",
            icon=":material/schedule:",
        )
    tables.show(feeds, "feeds")


def _quarantine(context: Context) -> None:
    st.header("Rows put aside")
    if not states.has_tables(context, REASONS):
        return
    reasons = context.publication.figures(REASON_QUERY)
    if reasons.empty:
        st.success("No row broke a rule.", icon=":material/check:")
        return
    st.caption(
        f"{len(reasons)} reasons. A row that breaks several rules counts under each. The rows themselves may be "
        f"personal: `cx quarantine show <entity> --company {context.publication.company}`."
    )
    tables.show(reasons, "quarantine")


def _reconciliation(context: Context) -> None:
    st.header("Beside the sources' own counts")
    if not states.has_tables(context, RECONCILED):
        return
    reconciled = context.publication.figures(RECONCILED_QUERY)
    if reconciled.empty:
        states.empty("No source is reconciled.", "company.yml says which are; docs/reconciliation.md how.")
        return
    unexplained = int(reconciled["unexplained"].abs().sum())
    if unexplained:
        st.error(f"{unexplained:,} rows differ and nobody knows why.", icon=":material/error:")
    else:
        st.success("Every difference between sources and marts is explained.", icon=":material/check:")
    tables.show(reconciled, "reconciliation", formats={"unexplained_amount": "%.2f"})
    differences = context.publication.figures(DIFFERENCE_QUERY)
    with st.expander(f"Days with differences: {len(differences):,}"):
        tables.show(differences, "reconciliation_days")


def _conservation(context: Context) -> None:
    st.header("Every row is somewhere")
    if not states.has_tables(context, CONSERVED):
        return
    conserved = context.publication.figures(CONSERVED_QUERY)
    if conserved.empty:
        states.empty("Nothing has landed.")
        return
    lost = int(conserved["difference_row_count"].abs().sum())
    rows = int(conserved.loc[conserved["stage"] == "extraction", "input_row_count"].sum())
    if lost:
        st.error(f"{lost:,} rows are nowhere.", icon=":material/error:")
    else:
        st.success(f"Of {rows:,} rows read from the sources none is lost.", icon=":material/check:")
    with st.expander("By stage"):
        tables.show(conserved, "row_conservation")


def _identity(context: Context) -> None:
    st.header("Matching of customers")
    if not states.has_tables(context, IDENTITY):
        return
    quality = context.publication.figures(IDENTITY_QUERY)
    if quality.empty:
        states.empty("No records were matched.")
        return
    if quality["is_drifted"].fillna(value=False).astype(bool).any():
        st.warning("A run found clearly more or fewer links per record than the one before.", icon=":material/warning:")
    tables.show(quality, "identity_quality")


def _losses(context: Context) -> None:
    """Only where there is something to say."""
    for table, title, name in (
        (REPLACED, "Values that were taken away", "replaced_values"),
        (UNMAPPED, "Touchpoints that the catalogue does not know", "unmapped_touchpoints"),
    ):
        if table in context.publication.tables:
            rows = context.publication.figures(f"select * from {table} order by all")
            if not rows.empty:
                st.header(title)
                tables.show(rows, name)
