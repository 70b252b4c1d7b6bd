"""What is built step by step equals what is built anew: staging SQL that leaves rows out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.company import Company
from tests.dbt.incremental_steps import INCREMENTAL, Steps, events_of
from tests.dbt.small_company import answer, complete_company, line

pytestmark = pytest.mark.slow


FILTERED = """
with {entity} as (
    {rows}
),

mapped as (
    select {{{{ contract_columns('{entity}') }}}},
        {{{{ landing_columns() }}}}
    from {entity}
    where {condition}
)

{{{{ conform('{entity}') }}}}
"""
LATEST = "{{{{ latest_landed('crm__{entity}', key=['{key}']) }}}}"
ALL = "select * from {{{{ source('landing', 'crm__{entity}') }}}}"


def filter_staging(company: Company, rows: str, entity: str, key: str, condition: str) -> None:
    text = FILTERED.format(entity=entity, rows=rows.format(entity=entity, key=key), condition=condition)
    (company.project / "staging" / f"stg_crm__{entity}.sql").write_text(text)


@pytest.mark.parametrize(("rows", "is_declared"), [(LATEST, True), (ALL, False)], ids=["latest_landed", "all_versions"])
def test_a_row_whose_newest_version_is_filtered_out_leaves_the_core_and_comes_back(
    rows: str, is_declared: bool, tmp_path: Path
) -> None:
    company = complete_company(tmp_path / "company")
    for entity, key, condition in (
        ("ticket", "ticket_id", "category_name is distinct from 'deleted'"),
        ("transaction_line", "line_id", "channel is distinct from 'test'"),
        ("survey_response", "response_id", "channel is distinct from 'test'"),
    ):
        filter_staging(company, rows, entity, key, condition)
        company.filtered[f"stg_crm__{entity}"] = {
            "landing": f"crm__{entity}",
            "key": [key],
            "is_declared": is_declared,
        }
    steps = Steps(company)
    assert company.rows("select ticket_id from core.fct_ticket order by 1") == [("t1",), ("t2",), ("t3",)]
    steps.next()
    company.land(
        2,
        ticket=[{"ticket_id": "t2", "category_name": "deleted", "opened_at": "2026-03-21 10:00"}],
        # The only line of February in dollars, and an answer of March to an invitation of March.
        transaction_line=[line("l9", "o7", "c", "2026-02-20 12:00", 70, currency_code="USD", channel="test")],
        survey_response=[answer("r1", "nps", 10, "2026-03-03 10:00", invitation_id="i1", channel="test")],
    )
    tables = steps.built()
    assert company.rows("select ticket_id from core.fct_ticket order by 1") == [("t1",), ("t3",)]
    assert events_of(company, "t2", "l9", "r1|q-nps") == []
    assert ("02", "USD", 1, 1) not in steps.activity()
    assert steps.responses() == [("02", 1, 1), ("03", 4, 2)]
    # Nothing is nowhere: the difference is 0 everywhere.
    assert {row[8] for row in tables["marts.mart_operations__row_conservation"]} == {0}
    steps.next()
    company.land(
        3,
        ticket=[{"ticket_id": "t2", "category_name": "again", "opened_at": "2026-03-21 10:00", "is_complaint": False}],
        transaction_line=[line("l9", "o7", "c", "2026-02-20 12:00", 70, currency_code="USD")],
        survey_response=[answer("r1", "nps", 10, "2026-03-03 10:00", invitation_id="i1")],
    )
    steps.built()
    assert company.rows("select ticket_id, category_name from core.fct_ticket order by 1") == [
        ("t1", None),
        ("t2", "again"),
        ("t3", None),
    ]
    assert ("02", "USD", 1, 1) in steps.activity()
    assert steps.responses() == [("02", 1, 1), ("03", 4, 3)]


def test_a_filter_that_picks_one_of_several_rows_a_key_withdraws_nothing(tmp_path: Path) -> None:
    company = complete_company(tmp_path / "company")
    # Long form: a response has a row for its score and one for its text, and the mapping takes the first.
    filter_staging(company, ALL, "ticket", "ticket_id", "priority is distinct from 'low'")
    company.filtered["stg_crm__ticket"] = {"landing": "crm__ticket", "key": ["ticket_id"], "is_declared": False}
    company.dbt("run", "--select", *INCREMENTAL)
    company.land(
        2,
        ticket=[
            {"ticket_id": "t1", "priority": "low", "opened_at": "2026-03-20 10:00", "is_complaint": True},
            {"ticket_id": "t4", "priority": "low", "opened_at": "2026-03-20 10:00", "is_complaint": True},
            {"ticket_id": "t4", "priority": "high", "opened_at": "2026-03-20 10:00", "is_complaint": True},
        ],
    )
    company.dbt("run", "--select", *INCREMENTAL)
    assert company.rows("select ticket_id from core.fct_ticket order by 1") == [("t1",), ("t2",), ("t3",), ("t4",)]


def test_files_that_land_together_withdraw_as_if_they_had_landed_one_by_one(tmp_path: Path) -> None:
    company = complete_company(tmp_path / "company")
    filter_staging(company, ALL, "ticket", "ticket_id", "category_name is distinct from 'deleted'")
    company.filtered["stg_crm__ticket"] = {"landing": "crm__ticket", "key": ["ticket_id"], "is_declared": True}
    company.land(2, ticket=[{"ticket_id": "t2", "category_name": "deleted", "opened_at": "2026-03-21 10:00"}])
    with company.connect() as connection:
        # Both files in the first load, the later one second by name.
        connection.execute(
            "update landing.crm__ticket set _load_sequence = 1, _load_id = 'load-0001-ticket', _source_file = 'z.csv'"
            " where _load_sequence = 2"
        )
    company.dbt("run", "--select", "+fct_ticket")
    assert company.rows("select ticket_id from core.fct_ticket order by 1") == [("t1",), ("t3",)]
