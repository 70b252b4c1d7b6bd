"""Core facts of the small company beside orders and surveys: their accepted rows, worked out by hand."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.dbt.company import Company


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


EXPECTED = {
    "select entry_id, record_id, entry_type, points, order_id, reward, tier, occurred_date, source_system "
    "from core.fct_loyalty_entry": [
        ("e1", "crm:a", "earn", 30.0, "o1", None, "silver", date(2026, 1, 10), "crm"),
        ("e2", "crm:a", "redeem", -20.0, None, "mug", "silver", date(2026, 3, 1), "crm"),
        ("e3", "crm:a", "expire", -10.0, None, None, None, date(2026, 3, 15), "crm"),
        ("e4", "crm:b", "adjust", 5.0, None, None, None, date(2026, 3, 15), "crm"),
    ],
    "select subscription_id, plan_name, recurring_amount, renews_at, started_date, cancel_requested_date, ended_date "
    "from core.fct_subscription": [
        ("s1", "basic", Decimal("9.90"), at("2026-04-30 22:00"), date(2026, 2, 1), None, None),
        ("s2", None, None, None, date(2026, 2, 10), date(2026, 3, 5), date(2026, 4, 1)),
    ],
    "select consent_event_id, purpose, channel, action, evidence, occurred_date from core.fct_consent_event": [
        ("c1", "marketing", "email", "given", "form", date(2026, 1, 10)),
        ("c2", "marketing", None, "withdrawn", "call", date(2026, 3, 10)),
    ],
    "select message_id, message_type, campaign_id, opened_at, is_bounced, has_message_text, sent_date "
    "from core.fct_message_sent": [
        ("m1", "order_confirmation", None, at("2026-01-10 13:00"), False, True, date(2026, 1, 10)),
        ("m2", "newsletter", "spring", None, True, False, date(2026, 3, 1)),
    ],
    "select message_id, record_id, language_code, message_text, sent_date from core.fct_message_text": [
        ("m1", "crm:a", "de", "Danke, Anna", date(2026, 1, 10))
    ],
    "select spend_id, spent_on, origin, campaign_id, cost_amount, currency_code, impression_count, click_count "
    "from core.fct_marketing_spend": [("w1", date(2026, 3, 1), "search", "spring", Decimal("100.50"), "EUR", 1000, 50)],
    "select referral_id, referred_record_id, referral_status, reward_amount, referred_date, converted_date "
    "from core.fct_referral": [
        ("f1", "crm:c", "converted", Decimal("10.00"), date(2026, 1, 15), date(2026, 2, 20)),
        ("f2", None, "sent", None, date(2026, 3, 1), None),
    ],
    "select answer_id, question_id, employee_id, metric, score, answer_text, answered_date "
    "from core.fct_employee_answer": [
        ("a1", "q-enps", "n1", "enps", 9.0, None, date(2026, 3, 1)),
        ("a1", "q-open", "n1", "other", None, "Zu laut", date(2026, 3, 1)),
    ],
    "select interview_id, employee_id, left_on, tenure_days, is_voluntary, recommend_score, answer_text "
    "from core.fct_exit_interview": [("v1", "n2", date(2026, 3, 31), 400, True, 4.0, "Mehr Lohn")],
    "select metric_id, platform, task_name, metric, metric_value, unit, sample_size from core.fct_interface_metric": [
        ("g1", "ios", None, "store_rating", 4.5, "stars", 120),
        ("g2", None, "checkout", "task_success_rate", 0.8, "share", None),
    ],
    "select product_id, unit_cost_amount from core.dim_product": [("p1", Decimal("4.00")), ("p2", None)],
    "select line_id, cost_amount, refund_amount from core.fct_transaction_line where cost_amount is not null": [
        ("l1", Decimal("4.00"), None),
        ("l6", Decimal("-8.00"), Decimal("18.00")),
    ],
    "select interaction_id, cost_amount, currency_code from core.fct_interaction where cost_amount is not null": [
        ("x1", Decimal("0.25"), "EUR")
    ],
    "select ticket_id, cost_amount, currency_code from core.fct_ticket where cost_amount is not null": [
        ("t1", Decimal("12.50"), "EUR")
    ],
}


@pytest.mark.parametrize("query", EXPECTED, ids=lambda query: query.split("core.")[1].split()[0])
def test_accepted_rows_reach_the_core(built: Company, query: str) -> None:
    assert built.rows(f"{query} order by 1, 2") == EXPECTED[query]
