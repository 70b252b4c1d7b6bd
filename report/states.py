"""What a reader sees where there is nothing to see, each with what to do: empty, suppressed, stale, missing."""

from __future__ import annotations

import streamlit as st

from report.context import Context, day_name
from report.data import Publication


def nothing_published(root: str) -> None:
    """No company has a publication."""
    st.title("Nothing published yet")
    st.info(
        "The report shows what the daily job has published, and no company has a publication yet. Run `cx run`; this "
        f"page then finds it.\n\nLooked in `{root}`.",
        icon=":material/inbox:",
    )


def unreadable(company: str, reason: str) -> None:
    """A company's publication cannot be read."""
    st.title("The publication cannot be read")
    st.error(
        f"{reason}\n\nThe next `cx run --company {company}` publishes again; `cx status --company {company}` says "
        "more.",
        icon=":material/error:",
    )


def changed_meanwhile() -> None:
    """The generation went away between two queries."""
    st.warning("The publication was replaced while this page was read. Reload the page.", icon=":material/sync:")


def other_version(detail: str) -> None:
    """The publication has other columns than this report reads."""
    st.warning(
        "This publication was made by another version of the platform and lacks a column that this page reads. "
        f"`cx run` publishes anew.\n\n{detail}",
        icon=":material/difference:",
    )


def empty(what: str, advice: str = "") -> None:
    """There are no rows, and that is no fault."""
    st.info(f"{what} {advice}".strip(), icon=":material/inbox:")


def suppressed(count: int) -> None:
    """Some cells have too few answers."""
    if count:
        st.caption(
            f"{count:,} cell{'s' if count > 1 else ''} with too few answers: number of answers only, no score. Few "
            "answers swing by chance."
        )


def has_tables(context: Context, *tables: str) -> bool:
    """Whether the publication has the tables; says which are missing."""
    missing = [table for table in tables if table not in context.publication.tables]
    if missing:
        st.info(
            f"This publication has no table {', '.join(f'`{table}`' for table in missing)}, so this part stays empty. "
            "A `cx run` with the present version of the platform makes it.",
            icon=":material/table_rows:",
        )
    return not missing


def freshness(context: Context) -> None:
    """How fresh the figures are; on every page."""
    publication: Publication = context.publication
    st.caption(
        f"**{publication.company}**, as of {day_name(publication.as_of_date)} · published "
        f"{day_name(publication.published_at.date())}, {publication.published_at:%H:%M} UTC · "
        f"{publication.checks_passed} of {publication.checks_declared} checks passed · "
        f"generation {publication.generation_id}"
    )
    if publication.is_stale(context.now):
        days = (context.now - publication.last_fresh_at).total_seconds() / 86400
        st.warning(
            f"Stale: no run has looked at the sources for {days:.1f} days. The figures are right as of "
            f"{day_name(publication.as_of_date)}, what came later is missing. `cx status --company "
            f"{publication.company}` says why.",
            icon=":material/schedule:",
        )
