"""The rows of a small company, few enough to work every number out by hand. Days are cut in Berlin."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cx_assets.contracts import load_contracts
from tests.dbt.company import Company, Row

AS_OF_AT = datetime.fromisoformat("2026-03-31T22:00")

PERSON = {"customer_type": "person", "country_code": "DE"}
CUSTOMER_RECORDS = [
    {"record_id": "crm:a", **PERSON, "given_name": "Anna", "family_name": "Berg", "email": "anna@example.org"}
    | {"city": "Kiel", "postal_code": "24103", "has_marketing_consent": True}
    | {"created_at": "2025-12-05 10:00", "updated_at": "2026-01-05 10:00"}
    # The last day that can be a birth date: the observation date.
    | {"birth_date": "2026-03-31"},
    # Created at half past midnight in Berlin, on 1 December.
    {"record_id": "crm:b", **PERSON, "given_name": "Ana", "phone": "030 1234567", "city": "Bonn"}
    | {"language_code": "de", "created_at": "2025-11-30 23:30", "updated_at": "2026-02-01 10:00"}
    # Two digits of a year, read as 2058.
    | {"birth_date": "2058-02-01"},
    {"record_id": "crm:c", "customer_type": "company", "company_name": "Cramer GmbH", "country_code": "AT"}
    | {"has_marketing_consent": True, "created_at": "2026-01-01 10:00", "updated_at": "2026-01-01 10:00"}
    | {"birth_date": "1899-12-31"},
]
PRODUCTS = [
    {"product_id": "p1", "category_name": "books", "unit_cost_amount": 4, "currency_code": "EUR"},
    {"product_id": "p2", "category_name": "toys"},
]


def order(order_id: str, record: str | None, at: str, status: str = "completed", **more: Any) -> Row:
    record_id = f"crm:{record}" if record else None
    return {"order_id": order_id, "record_id": record_id, "ordered_at": at, "order_status": status, **more}


def line(line_id: str, order_id: str, record: str | None, at: str, net_amount: float, **more: Any) -> Row:
    is_sale = net_amount >= 0
    return {
        "line_id": line_id,
        "order_id": order_id,
        "record_id": f"crm:{record}" if record else None,
        "product_id": "p1",
        "occurred_at": at,
        "line_type": "sale" if is_sale else "return",
        "quantity": 1 if is_sale else -1,
        "net_amount": net_amount,
        "currency_code": "EUR",
        **more,
    }


def answer(response_id: str, metric: str, score: float | None, at: str, **more: Any) -> Row:
    scale = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}[metric]
    return {
        "response_id": response_id,
        "question_id": f"q-{metric}",
        "survey_id": "survey",
        "survey_type": "relational" if metric == "nps" else "transactional",
        "touchpoint": None if metric == "nps" else "delivery",
        "metric": metric,
        "score": score,
        "scale_min": scale[0],
        "scale_max": scale[1],
        "responded_at": at,
        **more,
    }


def invitation(invitation_id: str, at: str, survey_type: str = "relational", touchpoint: str | None = None) -> Row:
    return {
        "invitation_id": invitation_id,
        "survey_id": "survey",
        "survey_type": survey_type,
        "touchpoint": touchpoint,
        "invited_at": at,
    }


ORDERS = [
    order("o1", "a", "2026-01-10 12:00", "delivered", promised_at="2026-01-15 00:00", delivered_at="2026-01-16 09:00"),
    # An outdated version of o2 that the same load repeats.
    order("o2", "b", "2026-02-05 12:00", "created", updated_at="2026-02-05 12:00"),
    order("o2", "b", "2026-02-05 12:00", "completed", updated_at="2026-02-06 12:00"),
    # Anonymous, and already March in Berlin.
    order("o3", None, "2026-02-28 23:30"),
    # The night in which summer time begins.
    order("o4", "a", "2026-03-29 00:30"),
    # Half an hour after the observation date ended in Berlin.
    order("o5", "c", "2026-03-31 22:30"),
    order("o6", "b", "2026-03-10 12:00", "canceled", updated_at="2026-03-12 12:00"),
    order("o7", "c", "2026-02-20 12:00"),
]
LINES = [
    line("l1", "o1", "a", "2026-01-10 12:00", 10, shipping_amount=2, cost_amount=4),
    line("l2", "o1", "a", "2026-01-10 12:00", 20, discount_amount=5, product_id="p2"),
    line("l3", "o2", "b", "2026-02-05 12:00", 30, updated_at="2026-02-05 12:00"),
    line("l4", "o3", None, "2026-02-28 23:30", 40),
    line("l5", "o4", "a", "2026-03-29 00:30", 50),
    line("l6", "o1", "a", "2026-02-15 12:00", -20, product_id="p2", cost_amount=-8, refund_amount=18),
    line("l7", "o5", "c", "2026-03-31 22:30", 60),
    # Breaks a rule: a sale of a negative amount.
    line("l8", "o4", "a", "2026-03-29 00:30", -1) | {"line_type": "sale", "quantity": 1},
    line("l9", "o7", "c", "2026-02-20 12:00", 70, currency_code="USD"),
    # A sale at a negative cost, and one that was paid back.
    line("l11", "o4", "a", "2026-03-29 00:30", 1, cost_amount=-1),
    line("l12", "o4", "a", "2026-03-29 00:30", 1, refund_amount=1),
]
PAYMENTS = [
    {"payment_id": "y1", "order_id": "o1", "paid_at": "2026-01-10 12:05", "paid_amount": 32, "currency_code": "EUR"},
    {"payment_id": "y2", "order_id": "o2", "paid_amount": 29, "currency_code": "EUR"},
    {"payment_id": "y3", "order_id": "o3", "paid_at": "2026-02-28 23:31", "paid_amount": 40, "currency_code": "EUR"},
]
INVITATIONS = [
    invitation("i1", "2026-03-02 09:00"),
    invitation("i2", "2026-03-02 09:00"),
    invitation("i3", "2026-03-02 09:00"),
    invitation("i4", "2026-03-02 09:00"),
    invitation("i5", "2026-02-27 09:00", "transactional", "delivery"),
]
RESPONSES = [
    answer("r1", "nps", 10, "2026-03-03 10:00", record_id="crm:a", invitation_id="i1", verbatim="Alles gut"),
    answer("r2", "nps", 9, "2026-03-03 10:00", record_id="crm:b", invitation_id="i2"),
    answer("r3", "nps", 8, "2026-03-03 10:00", invitation_id="i3"),
    answer("r4", "nps", 3, "2026-03-20 10:00", record_id="crm:a"),
    answer("r5", "csat", 5, "2026-02-28 22:00", record_id="crm:a", invitation_id="i5"),
    answer("r6", "csat", 4, "2026-02-10 10:00"),
    answer("r7", "csat", 2, "2026-02-10 10:00", record_id="crm:b"),
    answer("r8", "csat", None, "2026-02-10 10:00"),
    answer("r9", "ces", 5, "2026-02-10 10:00"),
    answer("r10", "ces", 4, "2026-02-10 10:00"),
]
TICKETS = [
    {"ticket_id": "t1", "record_id": "crm:a", "opened_at": "2026-03-20 10:00", "is_complaint": True}
    | {"cost_amount": 12.5, "currency_code": "EUR"},
    # Resolved after the observation date: open as of it.
    {"ticket_id": "t2", "record_id": "crm:a", "opened_at": "2026-03-21 10:00", "is_complaint": False}
    | {"resolved_at": "2026-04-02 10:00"},
    {"ticket_id": "t3", "record_id": "crm:b", "opened_at": "2026-03-22 10:00", "is_complaint": False}
    | {"resolved_at": "2026-03-25 10:00"},
]
INTERACTIONS = [
    {"interaction_id": "x1", "record_id": "crm:a", "occurred_at": "2026-03-30 10:00", "channel": "web"}
    | {"cost_amount": 0.25, "currency_code": "EUR"},
    {"interaction_id": "x2", "record_id": "crm:a", "occurred_at": "2026-01-05 10:00", "channel": "store"},
    {"interaction_id": "x3", "occurred_at": "2026-03-30 10:00", "channel": "web"},
]
CAMPAIGN_CONTACTS = [
    {"contact_id": "k1", "record_id": "crm:a", "arm": "treatment", "responded_at": "2026-03-22 10:00"},
    {"contact_id": "k2", "record_id": "crm:b", "arm": "control"},
    {"contact_id": "k3", "record_id": "crm:a", "arm": "treatment"},
]
LEADS = [{"lead_id": "d1", "created_at": "2026-03-01 10:00", "lead_status": "open"}]


def points(entry_id: str, record: str, at: str, entry_type: str, moved: float, **more: Any) -> Row:
    record_id = f"crm:{record}"
    return {"entry_id": entry_id, "record_id": record_id, "occurred_at": at, "entry_type": entry_type} | {
        "points": moved,
        **more,
    }


LOYALTY_ENTRIES = [
    points("e1", "a", "2026-01-10 12:00", "earn", 30, order_id="o1", expires_at="2027-01-10 12:00", tier="silver"),
    # Already March in Berlin.
    points("e2", "a", "2026-02-28 23:30", "redeem", -20, reward="mug", tier="silver"),
    points("e3", "a", "2026-03-15 10:00", "expire", -10),
    points("e4", "b", "2026-03-15 10:00", "adjust", 5),
    # Each breaks the rule on its sign.
    points("e5", "a", "2026-03-16 10:00", "earn", -1),
    points("e6", "a", "2026-03-16 10:00", "redeem", 1),
    points("e7", "a", "2026-03-16 10:00", "expire", 1),
]
SUBSCRIPTIONS = [
    # Begun in February in Berlin.
    {"subscription_id": "s1", "record_id": "crm:a", "started_at": "2026-01-31 23:30", "subscription_status": "active"}
    | {"product_id": "p1", "plan_name": "basic", "billing_interval": "month", "recurring_amount": 9.9}
    | {"currency_code": "EUR", "renews_at": "2026-04-30 22:00"},
    # Ends in April in Berlin, the day after the observation date: an end to come.
    {"subscription_id": "s2", "record_id": "crm:b", "started_at": "2026-02-10 10:00", "subscription_status": "canceled"}
    | {"cancel_requested_at": "2026-03-05 10:00", "cancel_reason": "price", "ended_at": "2026-03-31 22:30"},
    # Ended before it started.
    {"subscription_id": "s3", "record_id": "crm:b", "started_at": "2026-02-10 10:00", "subscription_status": "expired"}
    | {"ended_at": "2026-02-10 09:59"},
    # Canceled without a date.
    {"subscription_id": "s4", "record_id": "crm:b", "started_at": "2026-02-10 10:00"}
    | {"subscription_status": "canceled"},
]
CONSENT_EVENTS = [
    {"consent_event_id": "c1", "record_id": "crm:a", "occurred_at": "2026-01-10 11:00", "action": "given"}
    | {"purpose": "marketing", "channel": "email", "evidence": "form"},
    {"consent_event_id": "c2", "record_id": "crm:a", "occurred_at": "2026-03-10 10:00", "action": "withdrawn"}
    | {"purpose": "marketing", "evidence": "call"},
    # Neither given nor withdrawn.
    {"consent_event_id": "c3", "record_id": "crm:a", "occurred_at": "2026-03-10 10:00", "action": "asked"}
    | {"purpose": "marketing"},
]
MESSAGES = [
    {"message_id": "m1", "record_id": "crm:a", "sent_at": "2026-01-10 12:01", "channel": "email", "order_id": "o1"}
    | {"message_type": "order_confirmation", "message_text": "Danke, Anna", "language_code": "de"}
    | {"opened_at": "2026-01-10 13:00", "is_bounced": False},
    # Already March in Berlin.
    {"message_id": "m2", "record_id": "crm:b", "sent_at": "2026-02-28 23:15", "channel": "email"}
    | {"message_type": "newsletter", "campaign_id": "spring", "is_bounced": True},
    # Sent by no channel.
    {"message_id": "m3", "record_id": "crm:b", "sent_at": "2026-03-01 10:00", "message_type": "newsletter"},
]
SPENDING = [
    {"spend_id": "w1", "spent_on": "2026-03-01", "origin": "search", "campaign_id": "spring", "cost_amount": 100.5}
    | {"currency_code": "EUR", "impression_count": 1000, "click_count": 50},
    # Negative spending.
    {"spend_id": "w2", "spent_on": "2026-03-01", "origin": "social", "cost_amount": -1, "currency_code": "EUR"},
]
REFERRALS = [
    # Converted on 20 February in Berlin.
    {"referral_id": "f1", "record_id": "crm:a", "referred_record_id": "crm:c", "referral_status": "converted"}
    | {"referred_at": "2026-01-15 10:00", "converted_at": "2026-02-19 23:30", "channel": "email"}
    | {"reward_amount": 10, "currency_code": "EUR"},
    {"referral_id": "f2", "record_id": "crm:b", "referred_at": "2026-03-01 10:00", "referral_status": "sent"},
    # Converted without a date, and before it was made.
    {"referral_id": "f3", "record_id": "crm:b", "referred_at": "2026-03-01 10:00", "referral_status": "converted"},
    {"referral_id": "f4", "record_id": "crm:b", "referred_at": "2026-03-01 10:00", "referral_status": "converted"}
    | {"converted_at": "2026-03-01 09:59"},
]
EMPLOYEE = {"employee_id": "n1", "unit_name": "Kiel", "role_name": "till", "answered_at": "2026-02-28 23:30"}
EMPLOYEE_ANSWERS = [
    EMPLOYEE
    | {"answer_id": "a1", "question_id": "q-enps", "metric": "enps", "score": 9, "scale_min": 0, "scale_max": 10},
    EMPLOYEE | {"answer_id": "a1", "question_id": "q-open", "metric": "other", "answer_text": "Zu laut"},
    # eNPS on another scale, and an answer off its scale.
    EMPLOYEE
    | {"answer_id": "a2", "question_id": "q-enps", "metric": "enps", "score": 9, "scale_min": 1, "scale_max": 10},
    EMPLOYEE
    | {"answer_id": "a3", "question_id": "q-work", "metric": "engagement", "score": 6, "scale_min": 1, "scale_max": 5},
]
EXIT_INTERVIEWS = [
    {"interview_id": "v1", "employee_id": "n2", "unit_name": "Kiel", "left_on": "2026-03-31", "tenure_days": 400}
    | {"is_voluntary": True, "reason_name": "pay", "recommend_score": 4, "answer_text": "Mehr Lohn"},
    # Eleven of ten.
    {"interview_id": "v2", "unit_name": "Kiel", "left_on": "2026-03-31", "recommend_score": 11},
]


def measured(metric_id: str, metric: str, value: float, unit: str, **more: Any) -> Row:
    return {"metric_id": metric_id, "interface_name": "app", "measured_on": "2026-03-01", "metric": metric} | {
        "metric_value": value,
        "unit": unit,
        **more,
    }


INTERFACE_METRICS = [
    measured("g1", "store_rating", 4.5, "stars", platform="ios", release_name="2.0", sample_size=120),
    measured("g2", "task_success_rate", 0.8, "share", task_name="checkout"),
    # More stars than there are, a share above one, a time told as a share.
    measured("g3", "store_rating", 5.5, "stars"),
    measured("g4", "error_rate", 1.2, "share"),
    measured("g5", "load_time", 0.5, "share"),
]


FEED = {
    "is_transaction": True,
    "is_judged": True,
    "is_ended": False,
    "row_count": 40,
    "stray_row_count": 0,
    "usual_silence_days": 1,
}
FEEDS = [
    FEED
    | {"source_name": "crm", "entity": "sales_order", "table_names": "sales_order"}
    # The observation date lies before the last day.
    | {"latest_event_date": "2026-04-01", "complete_until_date": "2026-04-01"},
    FEED
    | {"source_name": "till", "entity": "transaction_line", "table_names": "receipt, slip"}
    | {"latest_event_date": "2026-03-30", "complete_until_date": "2026-03-30"},
    FEED
    | {"source_name": "shop", "entity": "transaction_line", "table_names": "item", "stray_row_count": 1}
    | {"latest_event_date": "2026-12-03", "complete_until_date": "2026-03-29"},
    FEED
    | {"source_name": "old_shop", "entity": "sales_order", "table_names": "orders", "is_ended": True}
    | {"latest_event_date": "2020-03-31", "complete_until_date": "2020-03-31"},
    FEED
    | {"source_name": "desk", "entity": "ticket", "table_names": "ticket", "is_transaction": False}
    | {"is_judged": False, "row_count": 0},
]


# A customer who brought back, under a number of its own, what was bought before anything is known of.
RETURNS_ONLY_RECORD = {
    "record_id": "crm:d",
    **PERSON,
    "created_at": "2026-01-02 10:00",
    "updated_at": "2026-01-02 10:00",
}
RETURNS_ONLY_LINE = line("l10", "b1", "d", "2026-03-05 12:00", -25)


def complete_company(folder: Path, *, has_returns_only: bool = False) -> Company:
    """All entities, one load, observation date 31 March 2026; nothing built yet."""
    company = Company(folder, list(load_contracts()))
    company.land(
        1,
        customer_record=[*CUSTOMER_RECORDS, *([RETURNS_ONLY_RECORD] if has_returns_only else [])],
        product=PRODUCTS,
        # The record that an order might name and that its source has no more.
        record_merge=[{"merged_record_id": "crm:old", "into_record_id": "crm:a"}],
        sales_order=ORDERS,
        transaction_line=[*LINES, *([RETURNS_ONLY_LINE] if has_returns_only else [])],
        payment=PAYMENTS,
        survey_invitation=INVITATIONS,
        survey_response=RESPONSES,
        ticket=TICKETS,
        interaction=[row | {"interaction_type": "visit"} for row in INTERACTIONS],
        campaign_contact=[
            row | {"campaign_id": "spring", "contacted_at": "2026-03-21 10:00"} for row in CAMPAIGN_CONTACTS
        ],
        lead=LEADS,
        loyalty_entry=LOYALTY_ENTRIES,
        subscription=SUBSCRIPTIONS,
        consent_event=CONSENT_EVENTS,
        message_sent=MESSAGES,
        marketing_spend=SPENDING,
        referral=REFERRALS,
        employee_answer=EMPLOYEE_ANSWERS,
        exit_interview=EXIT_INTERVIEWS,
        interface_metric=INTERFACE_METRICS,
    )
    company.snapshot(1, AS_OF_AT.date(), AS_OF_AT)
    company.feed(*FEEDS)
    company.assign(1, datetime(2026, 4, 1, tzinfo=UTC), a="A", b="B", c="C")
    if has_returns_only:
        company.assign(1, datetime(2026, 4, 1, tzinfo=UTC), d="D")
    return company
