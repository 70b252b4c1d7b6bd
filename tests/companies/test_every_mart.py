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

# Without names and addresses of 200 records of a kind, nothing is learnt that could be doubted, and no home is known.
UNNAMED = {
    "core.bridge_customer_household",
    "marts.mart_customer__household",
    "marts.mart_operations__identity_review",
}

# Every customer is one record, so that no field has a choice of sources.
SINGLE = {"marts.mart_customer__field_source"}

# Without ratings nothing is known of happiness.
HAPPINESS = {
    "marts.mart_happiness__customer",
    "marts.mart_happiness__driver",
    "marts.mart_happiness__expectation_gap",
    "marts.mart_happiness__index",
    "marts.mart_happiness__promise_gap",
    "marts.mart_happiness__weight",
}

# What a company has no data for; everything else must hold rows.
EMPTY = {
    "sample": {
        "marts.mart_operations__replaced_value",
        # Its catalogue knows every touchpoint, and every kind of event that names none.
        "marts.mart_operations__unmapped_touchpoint",
    },
    "olist": UNNAMED
    | {
        # Its catalogue knows every touchpoint, and every kind of event that names none.
        "marts.mart_operations__unmapped_touchpoint",
        # Not reconciled: its company.yml names no day to count by.
        "marts.mart_operations__reconciliation",
        "marts.mart_operations__reconciliation_row",
        # No value gave way to a default, nobody was born in the future.
        "marts.mart_operations__replaced_value",
        # No source says that it merged records.
        "core.bridge_record_merge",
        # Reviews of orders only: one rating each, no overall answer, no expectation.
        "marts.mart_happiness__driver",
        "marts.mart_happiness__expectation_gap",
        # No web, service or campaign data; it knows who answered, not who was asked; nothing in its files is broken; 93
        # repeat buyers teach no churn.
        "core.fct_interaction",
        "core.fct_ticket",
        "core.fct_campaign_contact",
        "core.fct_survey_invitation",
        "core.fct_invitation_outcome",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_experience__survey_load",
        "marts.mart_operations__quarantine_reason",
        "marts.mart_prediction__churn_score",
        "marts.mart_prediction__churn_reliability",
    },
    "sfo_airport": UNNAMED
    | SINGLE
    | {
        # Its catalogue knows every touchpoint, and every kind of event that names none.
        "marts.mart_operations__unmapped_touchpoint",
        # Not reconciled: its company.yml names no day to count by.
        "marts.mart_operations__reconciliation",
        "marts.mart_operations__reconciliation_row",
        # No value gave way to a default, nobody was born in the future.
        "marts.mart_operations__replaced_value",
        # No source says that it merged records.
        "core.bridge_record_merge",
        # Nobody asked what guests expected.
        "marts.mart_happiness__expectation_gap",
        # A survey of strangers: nobody is a customer, nothing is sold, nobody was invited.
        "marts.mart_happiness__customer",
        "marts.mart_happiness__promise_gap",
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
        "core.fct_invitation_outcome",
        "core.fct_survey_verbatim",
        "core.fct_ticket",
        "core.fct_transaction_line",
        "marts.mart_customer__customer_360",
        "marts.mart_customer__identity_event",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_experience__survey_load",
        "marts.mart_finance__activity_by_month",
        "marts.mart_finance__order",
        "marts.mart_finance__order_settlement",
        "marts.mart_operations__identity_quality",
        "marts.mart_operations__quarantine_reason",
        "marts.mart_prediction__churn_score",
        "marts.mart_prediction__churn_reliability",
        "marts.mart_segment__rfm",
        "marts.mart_value__point",
        "marts.mart_value__bad_experience",
        "marts.mart_value__touchpoint_risk",
        "marts.mart_value__customer_profit",
        "marts.mart_value__lifetime",
        "marts.mart_value__cohort",
    },
    "complete_journey": UNNAMED
    | SINGLE
    | {
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
        "core.fct_invitation_outcome",
        "core.fct_survey_response",
        "core.fct_survey_verbatim",
        "core.fct_ticket",
        "core.fct_answer",
        "marts.mart_experience__answer_count",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_experience__score",
        "marts.mart_experience__score_by_touchpoint_month",
        "marts.mart_experience__score_change",
        "marts.mart_experience__survey_load",
        *HAPPINESS,
        "marts.mart_operations__quarantine_reason",
        # Nobody answered, no parcel was promised, nobody complained.
        "marts.mart_value__point",
        "marts.mart_value__bad_experience",
        "marts.mart_value__touchpoint_risk",
    },
    "documented": UNNAMED
    | {
        # It declares no touchpoints, so every event is unmapped.
        "core.dim_touchpoint",
        # Not reconciled: its company.yml names no day to count by.
        "marts.mart_operations__reconciliation",
        "marts.mart_operations__reconciliation_row",
        # No value gave way to a default, nobody was born in the future.
        "marts.mart_operations__replaced_value",
        # No source says that it merged records.
        "core.bridge_record_merge",
        # Three stars at the till: one touchpoint that weighs all, no overall answer, no promised day.
        *(HAPPINESS - {"marts.mart_happiness__index", "marts.mart_happiness__weight"}),
        # A till and a card file only, and two customers.
        "core.fct_interaction",
        "core.fct_ticket",
        "core.fct_campaign_contact",
        "core.fct_payment",
        "core.fct_lead",
        "core.fct_survey_invitation",
        "core.fct_invitation_outcome",
        "core.fct_survey_verbatim",
        "marts.mart_experience__response_by_touchpoint_month",
        "marts.mart_experience__survey_load",
        "marts.mart_prediction__churn_score",
        "marts.mart_prediction__churn_reliability",
        # Its three answers are younger than the days in which outcomes are counted.
        "marts.mart_value__point",
        "marts.mart_value__bad_experience",
    },
}

# Filled by time: scores can be judged only once a run's horizon has passed, and no id is given up on a first run.
EMPTY_ON_THE_FIRST_RUN = {"marts.mart_prediction__churn_outcome", "marts.mart_customer__customer_redirect"}

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
