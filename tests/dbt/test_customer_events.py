"""core.fct_customer_event of the small company, worked out by hand; the kinds of events that a catalogue may name."""

import re

from orchestration.declaration.touchpoints import EVENT_TYPES
from tests.dbt.company import PROJECT_DIR, Company


def test_every_fact_gives_its_events(built: Company) -> None:
    counted = built.rows("select event_type, count(*) from core.fct_customer_event group by all order by all")
    assert counted == [
        # One of three was held out.
        ("campaign_contacted", 2),
        ("campaign_responded", 1),
        ("consent_given", 1),
        ("consent_withdrawn", 1),
        ("interaction", 3),
        # Without l8, l11 and l12, which break a rule.
        ("item_bought", 7),
        ("item_returned", 2),
        ("lead_created", 1),
        ("message_sent", 2),
        # o6; its status is dated by the last change.
        ("order_canceled", 1),
        ("order_delivered", 1),
        ("order_placed", 7),
        # Without the correction e4.
        ("points_earned", 1),
        ("points_expired", 1),
        ("points_redeemed", 1),
        ("referral_converted", 1),
        ("referral_made", 2),
        ("subscription_cancel_requested", 1),
        ("subscription_started", 2),
        ("survey_answered", 10),
        ("survey_invited", 5),
        ("ticket_opened", 3),
        ("ticket_solved", 2),
    ]


def test_an_event_says_when_what_and_of_whom(built: Company) -> None:
    rows = built.rows(
        "select event_id, record_id, occurred_date::text, outcome, amount::text, currency_code, order_id, stage "
        "from core.fct_customer_event where source_key in ('o1', 'l6', 'o3', 't3', 'r1|q-nps', 'r8|q-csat') order by 1"
    )
    assert rows == [
        ("item_returned:l6", "crm:a", "2026-02-15", None, "-20.00", "EUR", "o1", "unmapped"),
        # A day after the promise.
        ("order_delivered:o1", "crm:a", "2026-01-16", "late", None, None, "o1", "unmapped"),
        ("order_placed:o1", "crm:a", "2026-01-10", None, None, None, "o1", "unmapped"),
        # Anonymous, and already March in Berlin.
        ("order_placed:o3", None, "2026-03-01", None, None, None, "o3", "unmapped"),
        ("survey_answered:r1|q-nps", "crm:a", "2026-03-03", "promoter", None, None, None, "unmapped"),
        # A question left out.
        ("survey_answered:r8|q-csat", None, "2026-02-10", None, None, None, None, "unmapped"),
        ("ticket_opened:t3", "crm:b", "2026-03-22", "request", None, None, None, "unmapped"),
        ("ticket_solved:t3", "crm:b", "2026-03-25", None, None, None, None, "unmapped"),
    ]


def test_events_of_accounts_messages_and_recommendations(built: Company) -> None:
    rows = built.rows(
        "select event_id, record_id, occurred_date::text, channel, outcome, order_id from core.fct_customer_event "
        "where entity in ('consent_event', 'loyalty_entry', 'message_sent', 'referral', 'subscription') order by 1"
    )
    assert rows == [
        # Where it was given, not the channel that it is for.
        ("consent_given:c1", "crm:a", "2026-01-10", "form", "marketing", None),
        ("consent_withdrawn:c2", "crm:a", "2026-03-10", "call", "marketing", None),
        ("message_sent:m1", "crm:a", "2026-01-10", "email", "order_confirmation", "o1"),
        ("message_sent:m2", "crm:b", "2026-03-01", "email", "bounced", None),
        ("points_earned:e1", "crm:a", "2026-01-10", None, None, "o1"),
        ("points_expired:e3", "crm:a", "2026-03-15", None, None, None),
        ("points_redeemed:e2", "crm:a", "2026-03-01", None, "mug", None),
        # Of the customer who recommends.
        ("referral_converted:f1", "crm:a", "2026-02-20", "email", None, None),
        ("referral_made:f1", "crm:a", "2026-01-15", "email", None, None),
        ("referral_made:f2", "crm:b", "2026-03-01", None, None, None),
        ("subscription_cancel_requested:s2", "crm:b", "2026-03-05", None, "price", None),
        ("subscription_started:s1", "crm:a", "2026-02-01", None, "basic", None),
        ("subscription_started:s2", "crm:b", "2026-02-10", None, None, None),
    ]


def test_without_a_catalogue_every_event_is_counted_as_unmapped(built: Company) -> None:
    assert built.rows("select count(*) from core.dim_touchpoint") == [(0,)]
    rows = built.rows(
        "select touchpoint, event_count from marts.mart_operations__unmapped_touchpoint "
        "where event_type = 'survey_answered' order by all"
    )
    # The four answers about the relation name no touchpoint.
    assert rows == [("delivery", 6), ("none", 4)]
    assert built.rows("select sum(event_count) from marts.mart_operations__unmapped_touchpoint") == [(58,)]


def test_the_kinds_that_a_catalogue_may_name_are_those_that_the_models_give() -> None:
    texts = [path.read_text() for path in (PROJECT_DIR / "models/intermediate/event").glob("*.sql")]
    subjects = "campaign|consent|item|lead|message|order|points|referral|subscription|survey|ticket"
    columns = "contact'|event'|response'|invitation'|status'|id|text"
    pattern = rf"'((?:{subjects})_(?!{columns})[a-z_]+|interaction)'"
    assert {name for text in texts for name in re.findall(pattern, text)} == set(EVENT_TYPES)
