"""What is built step by step equals what is built anew: merges, late and moved records, days, deletions."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt.incremental_steps import GONE, Steps
from tests.dbt.small_company import ORDERS, answer, complete_company, invitation, line, order

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    company = complete_company(tmp_path_factory.mktemp("incremental") / "company")
    # Made whole each run from core tables that have a memory.
    return Steps(company, "+mart_experience__score_by_touchpoint_month")


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
    assert superseded["transaction_line"] == (14, 4, 1, 0)
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
    steps.run()
    assert steps.touched_in(steps.sequence, "mart_finance__activity_by_month", "activity_month") == []
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
