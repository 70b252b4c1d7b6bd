"""What is built step by step equals what is built anew, column for column, after everything that can happen."""

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.company import Company
from tests.dbt.small_company import ORDERS, answer, complete_company, invitation, line, order

# What was there before: a build from nothing has no memory of it, and needs none.
MEMORY = {
    "intermediate.int_contract__departure",
    "intermediate.int_contract__deletion",
    "intermediate.int_sales__order_version",
    "intermediate.int_experience__answer_version",
    "intermediate.int_experience__invitation_version",
}
# What changed in which run; what they must hold is told by the marts, which nothing else tells what to build anew.
CHANGE_SETS = "intermediate.int_change__"
Tables = dict[str, list[tuple[Any, ...]]]

pytestmark = pytest.mark.slow


class Steps:
    """One company that lives on; each step is built incrementally and compared with a build from nothing."""

    def __init__(self, folder: Path) -> None:
        self.company = complete_company(folder)
        self.company.dbt("run")
        self.sequence = 1

    def next(self, as_of: date = date(2026, 3, 31)) -> None:
        self.sequence += 1
        # Summer time: the day ends at 22:00 UTC.
        self.company.snapshot(self.sequence, as_of, datetime(as_of.year, as_of.month, as_of.day, 22))  # noqa: DTZ001

    def assign(self, **customers: str) -> None:
        self.company.assign(self.sequence, datetime(2026, 4, 1 + self.sequence, tzinfo=UTC), **customers)

    def built(self) -> Tables:
        """The tables after an incremental build, once they equal a full refresh of the same landings."""
        self.company.dbt("run")
        incremental = self.company.tables("intermediate", "core", "marts")
        aside = self.company.folder / "incremental.duckdb"
        shutil.copyfile(self.company.warehouse, aside)
        self.company.dbt("run", "--full-refresh")
        full = self.company.tables("intermediate", "core", "marts")
        aside.replace(self.company.warehouse)
        assert incremental.keys() == full.keys()
        for relation in full:
            if relation.startswith(CHANGE_SETS):
                continue
            if relation in MEMORY:
                assert set(incremental[relation]) >= set(full[relation]), relation
            else:
                assert incremental[relation] == full[relation], relation
        return incremental

    def activity(self, columns: str = "new_customer_count, active_customer_count") -> list[tuple[Any, ...]]:
        return self.company.rows(
            f"select strftime(activity_month, '%m'), currency_code, {columns} "
            "from marts.mart_finance__activity_by_month order by all"
        )

    def responses(self) -> list[tuple[Any, ...]]:
        return self.company.rows(
            "select strftime(invited_month, '%m'), invited_count, answered_count "
            "from marts.mart_experience__response_by_touchpoint_month order by all"
        )

    def touched_in(self, sequence: int, mart: str, column: str) -> Sequence[tuple[Any, ...]]:
        return self.company.rows(
            f"select distinct strftime({column}, '%m') from marts.{mart} "
            f"where snapshot_sequence = {sequence} order by 1"
        )


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    return Steps(tmp_path_factory.mktemp("incremental") / "company")


def test_a_merge_and_its_undo(steps: Steps) -> None:
    before = steps.company.tables("core", "marts")
    steps.next()
    steps.assign(b="A")
    steps.built()
    # B's first order of February is now A's second; in March A and B are one.
    assert steps.activity() == [("01", "EUR", 1, 1), ("02", "EUR", 0, 1), ("02", "USD", 1, 1), ("03", "EUR", 0, 1)]
    # Months in which only A's own record bought were not written again.
    assert steps.touched_in(2, "mart_finance__activity_by_month", "activity_month") == [("02",), ("03",)]
    steps.next()
    steps.assign(b="B")
    after = steps.built()
    for relation in before.keys() - {"core.bridge_record_customer"}:
        assert after[relation] == before[relation], relation


def test_late_repeated_outdated_and_moved_records(steps: Steps) -> None:
    steps.next()
    steps.company.land(
        2,
        sales_order=[
            ORDERS[0],
            # Late: B was a customer since 2 January.
            order("o8", "b", "2026-01-02 12:00"),
            # Outdated: o2 was last changed on 6 February.
            order("o2", "b", "2025-06-01 12:00", "created", updated_at="2026-02-04 12:00"),
        ],
        transaction_line=[
            line("l10", "o8", "b", "2026-01-02 12:00", 15),
            # Changed: o2's line moves from February to March.
            line("l3", "o2", "b", "2026-03-02 12:00", 31, updated_at="2026-03-02 12:00"),
            # Breaks a rule, so that the version held stays.
            line("l5", "o4", "a", "1900-01-01 00:00", 50),
        ],
        survey_response=[
            # Moved from March to January, and away from its invitation.
            answer("r2", "nps", 9, "2026-01-03 10:00", record_id="crm:b"),
            # A late answer to an invitation of February.
            answer("r11", "csat", 3, "2026-03-05 10:00", invitation_id="i6"),
        ],
        survey_invitation=[invitation("i6", "2026-02-20 09:00", "transactional", "delivery")],
    )
    tables = steps.built()
    assert steps.activity("new_customer_count, order_count, line_count, net_amount::text") == [
        ("01", "EUR", 2, 2, 3, "45.00"),
        ("02", "EUR", 0, 1, 1, "-20.00"),
        ("02", "USD", 1, 1, 1, "70.00"),
        ("03", "EUR", 0, 3, 3, "121.00"),
    ]
    assert steps.company.rows(
        "select strftime(score_month, '%m'), metric, response_count "
        "from marts.mart_experience__score_by_touchpoint_month order by all"
    ) == [("01", "nps", 1), ("02", "ces", 2), ("02", "csat", 3), ("03", "csat", 1), ("03", "nps", 3)]
    # An answer of March to an invitation of February, and one that left its invitation of March.
    assert steps.responses() == [("02", 2, 2), ("03", 4, 2)]
    superseded = {
        row[2]: (row[3], row[4], row[5], row[8])
        for row in tables["marts.mart_operations__row_conservation"]
        if row[0] == "contract"
    }
    assert superseded["sales_order"] == (11, 0, 3, 0)
    assert superseded["transaction_line"] == (12, 2, 1, 0)
    # The repeated order took its load, but nothing of it changed.
    assert steps.company.rows(
        "select order_id, load_sequence, snapshot_sequence from core.fct_sales_order where order_id in ('o1', 'o2')"
        " order by 1"
    ) == [("o1", 2, 1), ("o2", 1, 1)]


def test_the_observation_date_moves_on(steps: Steps) -> None:
    steps.next(date(2026, 4, 1))
    steps.built()
    # The 60 days after the first known order, of 10 January, end on 11 March.
    assert steps.activity("order_count, net_amount::text, counted_until_date::text, is_warm_up")[-2:] == [
        ("03", "EUR", 3, "121.00", "2026-03-31", True),
        ("04", "EUR", 1, "60.00", "2026-04-01", False),
    ]


def test_the_observation_date_moves_back_while_the_later_customer_survives_a_merge(steps: Steps) -> None:
    steps.next(date(2026, 3, 28))
    # A's record goes to B, who is the earlier customer by the late order o8.
    steps.assign(a="B")
    steps.built()
    assert steps.activity("new_customer_count, order_count, net_amount::text, counted_until_date::text") == [
        ("01", "EUR", 1, 2, "45.00", "2026-01-31"),
        ("02", "EUR", 0, 1, "-20.00", "2026-02-28"),
        ("02", "USD", 1, 1, "70.00", "2026-02-28"),
        # Without o4 of the 29th.
        ("03", "EUR", 0, 2, "71.00", "2026-03-28"),
    ]


def test_a_record_changes_hands_while_its_facts_move(steps: Steps) -> None:
    steps.next()
    steps.company.land(
        3,
        sales_order=[order("o4", "c", "2026-02-27 12:00", updated_at="2026-04-01 12:00")],
        transaction_line=[line("l5", "o4", "c", "2026-02-27 12:00", 50, updated_at="2026-04-01 12:00")],
    )
    steps.assign(c="A", a="A")
    steps.built()
    # A came on 10 January with o1; o4 is now of February, under C's record, which is A's.
    assert steps.activity("new_customer_count, active_customer_count, net_amount::text") == [
        ("01", "EUR", 2, 2, "45.00"),
        ("02", "EUR", 0, 2, "30.00"),
        ("02", "USD", 0, 1, "70.00"),
        ("03", "EUR", 0, 1, "71.00"),
    ]


def test_a_second_build_touches_nothing(steps: Steps) -> None:
    steps.next()
    steps.company.dbt("run")
    assert steps.touched_in(steps.sequence, "mart_finance__activity_by_month", "activity_month") == []
    assert steps.touched_in(steps.sequence, "mart_experience__score_by_touchpoint_month", "score_month") == []
    assert steps.touched_in(steps.sequence, "mart_experience__response_by_touchpoint_month", "invited_month") == []


def test_a_late_answer_changes_the_month_of_its_invitation_only(steps: Steps) -> None:
    steps.next()
    # Of March, by a form of 27 February; the invitation had been answered, another of the month had not.
    steps.company.land(4, survey_invitation=[invitation("i7", "2026-02-21 09:00", "transactional", "delivery")])
    steps.built()
    assert steps.responses() == [("02", 3, 2), ("03", 4, 2)]
    steps.next()
    steps.company.land(5, survey_response=[answer("r12", "csat", 4, "2026-03-27 10:00", invitation_id="i7")])
    steps.built()
    assert steps.responses() == [("02", 3, 3), ("03", 4, 2)]
    assert steps.touched_in(steps.sequence, "mart_experience__response_by_touchpoint_month", "invited_month") == [
        ("02",)
    ]
    assert steps.touched_in(steps.sequence, "mart_experience__score_by_touchpoint_month", "score_month") == [("03",)]


GONE = {"_is_deleted": True}


def test_what_is_gone_leaves_the_core_and_the_months_it_stood_in(steps: Steps) -> None:
    before = steps.company.tables("core", "marts")
    steps.next()
    steps.company.land(
        10,
        # The line of February, and its order's only one.
        transaction_line=[line("l9", "o7", "c", "2026-02-20 12:00", 70, currency_code="USD") | GONE],
        # Blanked by its system: the key is all that counts.
        sales_order=[{"order_id": "o7", **GONE}],
        # Of March; its invitation is open again.
        survey_response=[answer("r1", "nps", 10, "2026-03-03 10:00", record_id="crm:a", invitation_id="i1") | GONE],
        survey_invitation=[invitation("i6", "2026-02-20 09:00", "transactional", "delivery") | GONE],
        ticket=[{"ticket_id": "t1", **GONE}, {"ticket_id": "never seen", **GONE}],
        product=[{"product_id": "p2", **GONE}],
        # Without its key nothing can be taken out: quarantined.
        lead=[{"lead_id": None, **GONE}],
    )
    tables = steps.built()
    assert len(before["core.fct_transaction_line"]) - len(tables["core.fct_transaction_line"]) == 1
    assert len(before["core.fct_sales_order"]) - len(tables["core.fct_sales_order"]) == 1
    assert steps.company.rows("select product_id from core.dim_product") == [("p1",)]
    assert steps.company.rows("select ticket_id from core.fct_ticket order by 1") == [("t2",), ("t3",)]
    # Before it was: 01 2 2 45.00, 02 EUR 0 2 30.00, 02 USD 0 1 70.00, 03 0 1 71.00.
    assert steps.activity("new_customer_count, active_customer_count, net_amount::text") == [
        ("01", "EUR", 2, 2, "45.00"),
        ("02", "EUR", 0, 2, "30.00"),
        ("03", "EUR", 0, 1, "71.00"),
    ]
    assert steps.responses() == [("02", 2, 2), ("03", 4, 1)]
    counted = {
        row[2]: row[3:9]
        for row in tables["marts.mart_operations__row_conservation"]
        if row[0] == "contract" and row[2] in {"sales_order", "ticket", "lead", "product"}
    }
    # Input, quarantined, superseded, deleted, output, difference.
    assert counted["ticket"] == (5, 0, 1, 2, 2, 0)
    assert counted["product"] == (3, 0, 1, 1, 1, 0)
    assert counted["lead"] == (2, 1, 0, 0, 1, 0)
    # Back again, as it was.
    steps.next()
    steps.company.land(
        11,
        transaction_line=[line("l9", "o7", "c", "2026-02-20 12:00", 70, currency_code="USD")],
        sales_order=[order("o7", "c", "2026-02-20 12:00")],
        survey_response=[answer("r1", "nps", 10, "2026-03-03 10:00", record_id="crm:a", invitation_id="i1")],
        survey_invitation=[invitation("i6", "2026-02-20 09:00", "transactional", "delivery")],
    )
    after = steps.built()
    for mart in ("finance__activity_by_month", "experience__score_by_touchpoint_month"):
        assert after[f"marts.mart_{mart}"] == before[f"marts.mart_{mart}"]
    assert steps.responses() == [("02", 3, 3), ("03", 4, 2)]


def test_a_line_and_payments_move_to_an_order_of_another_month(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "company")
    steps.next()
    steps.company.land(2, transaction_line=[line("m1", "receipt 1", None, "2026-01-20 12:00", 7)])
    steps.company.dbt("run")
    columns = "order_count, line_count, net_amount::text, paid_amount::text"
    assert steps.activity(columns) == [
        ("01", "EUR", 2, 3, "37.00", "32.00"),
        ("02", "EUR", 1, 2, "10.00", "29.00"),
        ("02", "USD", 1, 1, "70.00", "0.00"),
        ("03", "EUR", 3, 2, "90.00", "40.00"),
    ]
    steps.next()
    steps.company.land(
        3,
        # The receipt that loses its only line is no order any more.
        transaction_line=[line("m1", "receipt 2", None, "2026-03-20 12:00", 7)],
        payment=[
            # Paid in January, now in March.
            {"payment_id": "y1", "order_id": "o4", "paid_at": "2026-03-30 12:00", "paid_amount": 32}
            | {"currency_code": "EUR"},
            # Without a date: it leaves the month of o2, which nothing else of this load names.
            {"payment_id": "y2", "order_id": "o4", "paid_amount": 29, "currency_code": "EUR"},
        ],
    )
    steps.built()
    assert steps.activity(columns) == [
        ("01", "EUR", 1, 2, "30.00", "0.00"),
        ("02", "EUR", 1, 2, "10.00", "0.00"),
        ("02", "USD", 1, 1, "70.00", "0.00"),
        ("03", "EUR", 4, 3, "97.00", "101.00"),
    ]
    assert steps.company.rows(
        "select order_id, line_amount::text, paid_amount::text from marts.mart_finance__order_settlement "
        "where order_id not in ('o3', 'o7') order by 1"
    ) == [
        ("o1", "10.00", "0.00"),
        ("o2", "30.00", "0.00"),
        ("o4", "50.00", "61.00"),
        ("receipt 2", "7.00", "0.00"),
    ]


def events_of(company: Company, *keys: str) -> list[tuple[Any, ...]]:
    return company.rows(
        "select event_type, source_key, strftime(occurred_at, '%m-%d'), outcome, amount::text "
        f"from core.fct_customer_event where source_key in {(*keys, '')} order by source_key, occurred_at, event_type"
    )


def test_events_follow_their_facts(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "company")
    company = steps.company
    assert events_of(company, "o6", "t3", "l2") == [
        ("item_bought", "l2", "01-10", None, "20.00"),
        ("order_placed", "o6", "03-10", None, None),
        ("order_canceled", "o6", "03-12", "canceled", None),
        ("ticket_opened", "t3", "03-22", "request", None),
        ("ticket_solved", "t3", "03-25", None, None),
    ]
    contacts = company.rows("select contact_id, arm from core.fct_campaign_contact order by 1")
    treated = next(contact for contact, arm in contacts if arm == "treatment")
    (contact,) = company.rows(
        f"select campaign_id, record_id, contacted_at from core.fct_campaign_contact where contact_id = '{treated}'"
    )
    assert events_of(company, treated)
    steps.next()
    company.land(
        2,
        # The order was canceled by mistake, the ticket is open again, and its complaint known: events go.
        sales_order=[order("o6", "b", "2026-03-10 12:00", "shipped", updated_at="2026-03-13 12:00")],
        ticket=[{"ticket_id": "t3", "record_id": "crm:b", "opened_at": "2026-03-22 10:00", "is_complaint": True}],
        transaction_line=[line("l2", "o1", "a", "2026-01-11 12:00", 21, updated_at="2026-01-11 12:00")],
        # Held out, as its system says now: nothing happened, and no event takes the place of the earlier one.
        campaign_contact=[
            {"contact_id": treated, "campaign_id": contact[0], "record_id": contact[1], "contacted_at": contact[2]}
            | {"arm": "control", "updated_at": "2026-04-01 10:00"}
        ],
    )
    steps.built()
    assert events_of(company, "o6", "t3", "l2", treated) == [
        ("item_bought", "l2", "01-11", None, "21.00"),
        ("order_placed", "o6", "03-10", None, None),
        ("ticket_opened", "t3", "03-22", "complaint", None),
    ]
    # Gone, and a run that ended between the facts and their events: the next one takes them out all the same.
    steps.next()
    company.land(
        3,
        ticket=[{"ticket_id": "t3", **GONE}],
        sales_order=[{"order_id": "o6", "updated_at": "2026-03-14 12:00", **GONE}],
    )
    company.dbt("run", "--exclude", "fct_customer_event+")
    assert len(events_of(company, "o6", "t3")) == 2
    steps.next()
    steps.built()
    assert events_of(company, "o6", "t3") == []
    steps.next()
    company.land(4, sales_order=[order("o6", "b", "2026-03-10 12:00", updated_at="2026-03-15 12:00")])
    company.dbt("run", "--select", "+fct_customer_event")
    assert events_of(company, "o6", "t3") == [("order_placed", "o6", "03-10", None, None)]


def test_what_marts_missed_while_runs_died_is_made_up_for(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "company")
    company = steps.company
    # A's first order moves to March: core knows, the marts do not.
    steps.next()
    company.land(
        2,
        sales_order=[order("o1", "a", "2026-03-05 12:00")],
        transaction_line=[line("l1", "o1", "a", "2026-03-05 12:00", 10), line("l2", "o1", "a", "2026-03-05 12:00", 20)],
    )
    steps.assign(c="A")
    company.dbt("run", "--exclude", "path:models/marts")
    # A further night of which one mart alone is built; the undated payment of o2 goes.
    steps.next(date(2026, 4, 1))
    company.land(3, payment=[{"payment_id": "y2", "_is_deleted": True}])
    company.dbt("run", "--exclude", "mart_finance__activity_by_month")
    # The same snapshot once more, from the start.
    company.dbt("run", "--exclude", "path:models/marts")
    steps.built()
    columns = "new_customer_count, order_count, net_amount::text, paid_amount::text, is_warm_up"
    assert steps.activity(columns) == [
        # Only the payment of o1 still is of January.
        ("01", "EUR", 0, 0, "0.00", "32.00", True),
        # B came with o2 of 5 February, the first order known: 60 days from it end on 6 April.
        ("02", "EUR", 1, 1, "10.00", "0.00", True),
        # C, who is A now, came with o7.
        ("02", "USD", 1, 1, "70.00", "0.00", True),
        ("03", "EUR", 0, 4, "120.00", "40.00", True),
        ("04", "EUR", 0, 1, "60.00", "0.00", True),
    ]


def test_the_first_payment_of_all_and_the_last_one(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "company")
    steps.next()
    keys = ("y1", "y2", "y3")
    steps.company.land(2, payment=[{"payment_id": key, "_is_deleted": True} for key in keys])
    steps.built()
    assert {row[2] for row in steps.activity("paid_amount::text")} == {None}
    steps.next()
    steps.company.land(
        3,
        payment=[
            {"payment_id": "y4", "order_id": "o4", "paid_at": "2026-03-30 12:00", "paid_amount": 50}
            | {"currency_code": "EUR"}
        ],
    )
    steps.built()
    assert [row[2] for row in steps.activity("paid_amount::text")] == ["0.00", "0.00", "0.00", "50.00"]


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
    steps = Steps.__new__(Steps)
    steps.company, steps.sequence = company, 1
    company.dbt("run")
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
    company.dbt("run")
    company.land(
        2,
        ticket=[
            {"ticket_id": "t1", "priority": "low", "opened_at": "2026-03-20 10:00", "is_complaint": True},
            {"ticket_id": "t4", "priority": "low", "opened_at": "2026-03-20 10:00", "is_complaint": True},
            {"ticket_id": "t4", "priority": "high", "opened_at": "2026-03-20 10:00", "is_complaint": True},
        ],
    )
    company.dbt("run")
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


def test_features_follow_restated_facts_and_the_identity_of_the_day(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "company")
    purchases = (
        "select f.observation_date, f.customer_id, f.purchase_count, a.sale_amount_90_days::int "
        "from intermediate.int_feature__purchase as f left join intermediate.int_feature__amount as a "
        "using (customer_id, observation_date) where f.observation_date >= '2026-03-01' order by 1, 2"
    )
    first_of_march, last_of_march = date(2026, 3, 1), date(2026, 3, 31)
    # A late line of 20 February, before an old cut, and a merge that only the last cut may know of.
    steps.next()
    steps.company.land(2, transaction_line=[line("m1", "receipt 1", "a", "2026-02-20 12:00", 15)])
    steps.assign(b="A")
    steps.built()
    assert steps.company.rows(purchases) == [
        # 30 of o1 and the late 15.
        (first_of_march, "A", 2, 45),
        (first_of_march, "B", 1, 30),
        (first_of_march, "C", 1, None),
        # With o4's 50 and the 30 of B, who is A by now.
        (last_of_march, "A", 4, 125),
        (last_of_march, "C", 1, None),
    ]
    # The line is gone again.
    steps.next()
    steps.company.land(3, transaction_line=[line("m1", "receipt 1", "a", "2026-02-20 12:00", 15) | GONE])
    steps.built()
    assert steps.company.rows(purchases)[0] == (first_of_march, "A", 1, 30)
    # A second day: churn's cuts all move with it, so that no day of yesterday is looked at again.
    steps.next(date(2026, 4, 1))
    steps.built()
    assert steps.company.rows("select distinct observation_date from intermediate.int_feature__spine order by 1") == [
        (date(2026, 1, 31),),
        (date(2026, 3, 2),),
        (date(2026, 4, 1),),
    ]
