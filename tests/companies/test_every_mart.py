"""Every published table of every shipped company: it can be read, its types are the same, it holds what it should."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

pytestmark = [pytest.mark.needs_olist, pytest.mark.slow]

COMPANIES = ("sample", "olist", "documented")

# What a company has no data for; everything else must hold rows.
EMPTY = {
    "sample": set(),
    "olist": {
        # No web, service or campaign data; it knows who answered, not who was asked; nothing in its files is broken; 93
        # repeat buyers teach no churn.
        "core.fct_interaction",
        "core.fct_ticket",
        "core.fct_campaign_contact",
        "core.fct_survey_invitation",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_operations__quarantine_reason",
        "marts.mart_prediction__churn_score",
        "marts.mart_prediction__churn_reliability",
    },
    "documented": {
        # A till and a card file only, and two customers.
        "core.fct_interaction",
        "core.fct_ticket",
        "core.fct_campaign_contact",
        "core.fct_payment",
        "core.fct_lead",
        "core.fct_survey_invitation",
        "core.fct_survey_verbatim",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_prediction__churn_score",
        "marts.mart_prediction__churn_reliability",
    },
}

# Filled by time: scores can be judged only once a run's horizon has passed, so a first run has none.
EMPTY_ON_THE_FIRST_RUN = {"marts.mart_prediction__churn_outcome"}

Columns = list[tuple[str, str]]
Tables = dict[str, tuple[Columns, int]]


def tables(publication: Path) -> Tables:
    """Columns with types, and row count, of every published table; every value of every column is read."""
    found = {}
    with duckdb.connect(str(publication), read_only=True) as connection:
        names = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        for (name,) in names:
            described = connection.execute(f"describe {name}").fetchall()
            columns = [(column, data_type) for column, data_type, *_ in described]
            read = ", ".join(f'count("{column}"), sum(hash("{column}"))' for column, _ in columns)
            row = connection.execute(f"select count(*), {read} from {name}").fetchone()
            assert row is not None
            found[name] = (columns, row[0])
    return found


@pytest.fixture(scope="module")
def published(sample_publication: Path, olist_publication: Path, documented_publication: Path) -> dict[str, Tables]:
    files = zip(COMPANIES, (sample_publication, olist_publication, documented_publication), strict=True)
    found = {}
    for company, general in files:
        restricted = general.parent / "restricted" / "current.duckdb"
        assert not tables(general).keys() & tables(restricted).keys()
        found[company] = tables(general) | tables(restricted)
    return found


def test_all_companies_have_the_same_tables_and_types(published: dict[str, Tables]) -> None:
    shapes = {company: {name: columns for name, (columns, _) in found.items()} for company, found in published.items()}
    assert shapes["olist"] == shapes["sample"]
    assert shapes["documented"] == shapes["sample"]
    assert len([name for name in shapes["sample"] if name.startswith("marts.")]) >= 9


@pytest.mark.parametrize("company", COMPANIES)
def test_tables_hold_rows_where_the_company_has_the_data(published: dict[str, Tables], company: str) -> None:
    empty = {name for name, (_, count) in published[company].items() if count == 0}
    assert empty == EMPTY[company] | EMPTY_ON_THE_FIRST_RUN
