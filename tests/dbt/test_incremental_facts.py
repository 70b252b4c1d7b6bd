"""What is built step by step equals what is built anew: facts that move, events, runs that died, features."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.dbt.incremental_steps import GONE, Steps, events_of
from tests.dbt.small_company import complete_company, line, order

pytestmark = pytest.mark.slow


def test_a_line_and_payments_move_to_an_order_of_another_month(tmp_path: Path) -> None:
    steps = Steps(complete_company(tmp_path / "company"), "+mart_finance__order_settlement")
    steps.next()
    steps.company.land(2, transaction_line=[line("m1", "receipt 1", None, "2026-01-20 12:00", 7)])
    steps.run()
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


def test_events_follow_their_facts(tmp_path: Path) -> None:
    steps = Steps(complete_company(tmp_path / "company"))
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
    # Gone, and back again.
    steps.next()
    company.land(
        3,
        ticket=[{"ticket_id": "t3", **GONE}],
        sales_order=[{"order_id": "o6", "updated_at": "2026-03-14 12:00", **GONE}],
    )
    steps.built()
    assert events_of(company, "o6", "t3") == []
    steps.next()
    company.land(4, sales_order=[order("o6", "b", "2026-03-10 12:00", updated_at="2026-03-15 12:00")])
    company.dbt("run", "--select", "+fct_customer_event")
    assert events_of(company, "o6", "t3") == [("order_placed", "o6", "03-10", None, None)]


def test_what_marts_missed_while_runs_died_is_made_up_for(tmp_path: Path) -> None:
    steps = Steps(complete_company(tmp_path / "company"))
    company = steps.company
    # A's first order moves to March: core knows, the marts do not.
    steps.next()
    company.land(
        2,
        sales_order=[order("o1", "a", "2026-03-05 12:00")],
        transaction_line=[line("l1", "o1", "a", "2026-03-05 12:00", 10), line("l2", "o1", "a", "2026-03-05 12:00", 20)],
    )
    steps.assign(c="A")
    steps.run("--exclude", "path:models/marts")
    # A further night of which one mart alone is built; the undated payment of o2 goes.
    steps.next(date(2026, 4, 1))
    company.land(3, payment=[{"payment_id": "y2", "_is_deleted": True}])
    steps.run("--exclude", "mart_finance__activity_by_month")
    # The same snapshot once more, from the start.
    steps.run("--exclude", "path:models/marts")
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
    steps = Steps(complete_company(tmp_path / "company"))
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


def test_features_follow_restated_facts_and_the_identity_of_the_day(tmp_path: Path) -> None:
    steps = Steps(complete_company(tmp_path / "company"), "+path:models/intermediate/feature")
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
