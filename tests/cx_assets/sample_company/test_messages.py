"""Messages: one per online order, late delivery and ticket; unclear notices bring the stated calls, on five seeds."""

import duckdb
import numpy as np
import pandas as pd

from cx_assets.sample_company.messages import template_truth

CLEAR, UNCLEAR_MORE = 0.02, 0.06


def _messages(company):
    """Good messages with their template's truth."""
    rows = duckdb.sql(
        f"""select * from '{company.files}/marketing/messages_*.parquet'
        where sent_at is not null and customer_no is not null and message_no not like '%X'"""
    ).df()
    for name in ("type", "language"):
        rows[name] = rows[name].astype(str)
    return rows.merge(company.truth("message_template"), left_on="template", right_on="template_id")


def _call_shares(company):
    """Share of the delivery notices after which somebody calls about the order within 31 hours, by clearness."""
    calls = duckdb.sql(
        f"""select order_no, occurred_at from '{company.files}/call_centre/calls/*.parquet'
        where interaction_no like 'M%' and interaction_no not like '%X' and occurred_at is not null"""
    ).df()
    notices = _messages(company).query("type == 'delivery_notice' and sent_at < '2026-06-28'")
    pairs = notices.merge(calls, on="order_no")
    hours = (pairs["occurred_at"] - pairs["sent_at"]).dt.total_seconds() / 3600
    # A clock change between the two adds or takes an hour.
    assert hours.between(0, 31).all()
    called = notices["message_no"].isin(pairs["message_no"])
    return {bool(clear): (group.mean(), len(group)) for clear, group in called.groupby(notices["is_clear"])}


def test_every_online_order_late_parcel_and_ticket_has_one(voice_company):
    messages, files = _messages(voice_company), voice_company.files
    assert messages["message_no"].is_unique
    about = messages[messages["type"].isin(["order_confirmation", "delivery_notice"])]
    assert about["order_no"].is_unique
    orders = duckdb.sql(
        f"""select order_no, status, delivered_at > promised_at as is_late from '{files}/shop/orders/*.parquet'
        where channel <> 'store' and order_no not like '%X' and status is not null and ordered_at is not null"""
    ).df().drop_duplicates("order_no")  # fmt: skip
    # Notices that would go out after the end of the data are not sent.
    missing = set(orders["order_no"]) - set(about["order_no"])
    assert len(missing) < 0.01 * len(orders)
    late = messages.loc[messages["type"] == "late_notice", "order_no"]
    assert set(orders.loc[orders["is_late"].fillna(False).astype(bool), "order_no"]) <= set(late)
    replies = messages.loc[messages["type"] == "ticket_reply", "ticket_no"]
    tickets = voice_company.truth("ticket")["ticket_id"].str.removeprefix("desk:")
    assert replies.is_unique
    assert set(replies) <= set(tickets)
    assert len(replies) > 0.97 * len(tickets)


def test_the_text_is_its_template_s_in_the_customer_s_language(voice_company):
    messages = _messages(voice_company)
    assert set(messages["language"]) == {"de", "en", "tr", "pl", "fr"}
    assert (messages["language"] == messages["language_code"]).all()
    assert (messages["type"] == messages["message_type"]).all()
    assert [text.startswith(start) for text, start in zip(messages["text"], messages["text_start"], strict=True)].count(
        False
    ) == 0
    told = messages[messages["type"] != "newsletter"]
    assert [number in text for text, number in zip(told["text"], told["order_no"], strict=True)].count(False) == 0
    german = messages.query("language == 'de' and type == 'late_notice'")
    assert german.loc[german["is_clear"], "text"].str.contains("Das tut uns leid").all()
    assert german.loc[~german["is_clear"], "text"].str.contains("fristwahrend").all()


def test_there_is_a_clear_and_an_unclear_template_of_each_type_and_language():
    truth = template_truth().to_pandas()
    assert len(truth) == 5 * 5 * 2
    assert truth["template_id"].is_unique
    assert truth.groupby(["message_type", "language_code"])["is_clear"].sum().eq(1).all()


def test_unclear_notices_bring_more_calls(voice_company):
    shares = _call_shares(voice_company)
    for is_clear, expected in ((True, CLEAR), (False, CLEAR + UNCLEAR_MORE)):
        share, count = shares[is_clear]
        # Half a percent of the good calls and notices was spoilt as well and is counted all the same.
        assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / count)


def test_in_the_null_company_they_bring_as_many_as_clear_ones(null_voice_company):
    for share, count in _call_shares(null_voice_company).values():
        assert abs(share - CLEAR) < 4 * np.sqrt(CLEAR * (1 - CLEAR) / count)


def test_newsletters_go_to_those_contacted(voice_company):
    news = _messages(voice_company).query("type == 'newsletter'")
    contacts = duckdb.sql(
        f"""select campaign_id, customer_system || ':' || customer_no as record_id, arm
        from '{voice_company.files}/marketing/contacts_*.parquet'"""
    ).df()
    who = voice_company.truth("record_customer")
    contacts = contacts.merge(who, on="record_id").query("arm == 'treatment'")
    record_id = news["customer_system"].astype(str) + ":" + news["customer_no"]
    sent = pd.DataFrame({"campaign_id": news["campaign_id"], "record_id": record_id}).merge(who, on="record_id")
    pairs = set(zip(contacts["campaign_id"], contacts["true_customer_id"], strict=True))
    # A contact whose customer's number was spoilt is known by its good row too.
    assert set(zip(sent["campaign_id"], sent["true_customer_id"], strict=True)) <= pairs
    assert abs(len(sent) / len(pairs) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / len(pairs)) + 0.005
