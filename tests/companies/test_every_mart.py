"""Every published table of every shipped company: it can be read, its types are the same, it holds what it should."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import pytest

from tests.conftest import REAL_DATA

pytestmark = pytest.mark.slow

COMPANIES = [
    "sample",
    "documented",
    *(pytest.param(company, marks=getattr(pytest.mark, f"needs_{company}")) for company in REAL_DATA),
]

# What the sample company alone has a source for.
SAMPLE_ONLY = {
    "core.fct_consent_event",
    "core.fct_employee_answer",
    "core.fct_exit_interview",
    "core.fct_interface_metric",
    "core.fct_loyalty_entry",
    "core.fct_marketing_spend",
    "core.fct_message_sent",
    "core.fct_message_text",
    "core.fct_referral",
    "core.fct_subscription",
}

# What a company has no data for; everything else must hold rows.
EMPTY = {
    "sample": {
        "marts.mart_operations__replaced_value",
        # Its catalogue knows every touchpoint, and every kind of event that names none.
        "marts.mart_operations__unmapped_touchpoint",
    },
    "olist": {
        # Its catalogue knows every touchpoint, and every kind of event that names none.
        "marts.mart_operations__unmapped_touchpoint",
        # Not reconciled: its company.yml names no day to count by.
        "marts.mart_operations__reconciliation",
        "marts.mart_operations__reconciliation_row",
        # No value gave way to a default, nobody was born in the future.
        "marts.mart_operations__replaced_value",
        # No source says that it merged records.
        "core.bridge_record_merge",
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
    "sfo_airport": {
        # Its catalogue knows every touchpoint, and every kind of event that names none.
        "marts.mart_operations__unmapped_touchpoint",
        # Not reconciled: its company.yml names no day to count by.
        "marts.mart_operations__reconciliation",
        "marts.mart_operations__reconciliation_row",
        # No value gave way to a default, nobody was born in the future.
        "marts.mart_operations__replaced_value",
        # No source says that it merged records.
        "core.bridge_record_merge",
        # A survey of strangers: nobody is a customer, nothing is sold, nobody was invited.
        "core.bridge_record_customer",
        "core.dim_customer",
        "core.dim_customer_identity",
        "core.dim_product",
        "core.fct_campaign_contact",
        "core.fct_interaction",
        "core.fct_lead",
        "core.fct_payment",
        "core.fct_sales_order",
        "core.fct_survey_invitation",
        "core.fct_survey_verbatim",
        "core.fct_ticket",
        "core.fct_transaction_line",
        "marts.mart_customer__customer_360",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_finance__activity_by_month",
        "marts.mart_finance__order_settlement",
        "marts.mart_operations__quarantine_reason",
        "marts.mart_prediction__churn_score",
        "marts.mart_prediction__churn_reliability",
        "marts.mart_segment__rfm",
    },
    "complete_journey": {
        # Its catalogue knows every touchpoint, and every kind of event that names none.
        "marts.mart_operations__unmapped_touchpoint",
        # Not reconciled: its company.yml names no day to count by.
        "marts.mart_operations__reconciliation",
        "marts.mart_operations__reconciliation_row",
        # No value gave way to a default, nobody was born in the future.
        "marts.mart_operations__replaced_value",
        # No source says that it merged records.
        "core.bridge_record_merge",
        # Tills, cards and mailings only; nothing in the files is broken.
        "core.fct_lead",
        "core.fct_payment",
        "core.fct_survey_invitation",
        "core.fct_survey_response",
        "core.fct_survey_verbatim",
        "core.fct_ticket",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_experience__score_by_touchpoint_month",
        "marts.mart_operations__quarantine_reason",
    },
    "documented": {
        # It declares no touchpoints, so every event is unmapped.
        "core.dim_touchpoint",
        # Not reconciled: its company.yml names no day to count by.
        "marts.mart_operations__reconciliation",
        "marts.mart_operations__reconciliation_row",
        # No value gave way to a default, nobody was born in the future.
        "marts.mart_operations__replaced_value",
        # No source says that it merged records.
        "core.bridge_record_merge",
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


@cache
def published(general: Path) -> Tables:
    """All tables of a publication, the general and the restricted part together."""
    restricted = general.parent / "restricted" / "current.duckdb"
    assert not tables(general).keys() & tables(restricted).keys()
    return tables(general) | tables(restricted)


@pytest.fixture
def publication(company: str, request: pytest.FixtureRequest) -> Path:
    path = request.getfixturevalue(f"{company}_publication")
    assert isinstance(path, Path)
    return path


@pytest.mark.parametrize("company", COMPANIES)
def test_all_companies_have_the_same_tables_and_types(publication: Path, sample_publication: Path) -> None:
    shape = {name: columns for name, (columns, _) in published(publication).items()}
    assert shape == {name: columns for name, (columns, _) in published(sample_publication).items()}
    assert len([name for name in shape if name.startswith("marts.")]) >= 9


@pytest.mark.parametrize("company", COMPANIES)
def test_tables_hold_rows_where_the_company_has_the_data(publication: Path, company: str) -> None:
    empty = {name for name, (_, count) in published(publication).items() if count == 0}
    absent = set() if company == "sample" else SAMPLE_ONLY
    assert empty == EMPTY[company] | absent | EMPTY_ON_THE_FIRST_RUN
