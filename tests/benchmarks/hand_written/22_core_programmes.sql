-- Consents, points, messages, recommendations and delivery passes: broken rows out, newest version of each key.

create table core.fct_consent_event as
select
    'marketing:' || entry_no as consent_event_id,
    'marketing' as source_system,
    customer_system || ':' || customer_no as record_id,
    occurred as occurred_at,
    purpose,
    null::varchar as channel,
    action,
    evidence,
    local_date(occurred) as occurred_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('marketing__consents')
where
    entry_no is not null
    and customer_system is not null
    and customer_no is not null
    and occurred >= timestamp '1990-01-01'
    and is_given(purpose)
    and action in ('given', 'withdrawn')
qualify row_number() over (
    partition by consent_event_id order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_loyalty_entry as
select
    'loyalty:' || entry_no as entry_id,
    'loyalty' as source_system,
    customer_system || ':' || customer_no as record_id,
    booked_at as occurred_at,
    null::timestamp as updated_at,
    type as entry_type,
    points::double as points,
    'shop:' || order_no as order_id,
    reward,
    expires_at,
    tier,
    local_date(booked_at) as occurred_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('loyalty__ledger') as ledger
where
    entry_no is not null
    and customer_system is not null
    and customer_no is not null
    and booked_at >= timestamp '1990-01-01'
    and type in ('earn', 'redeem', 'expire', 'adjust')
    and ledger.points is not null
    and (type <> 'earn' or ledger.points >= 0)
    and (type not in ('redeem', 'expire') or ledger.points <= 0)
qualify row_number() over (
    partition by entry_id order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_message_sent as
select
    'marketing:' || message_no as message_id,
    'marketing' as source_system,
    customer_system || ':' || customer_no as record_id,
    sent_at,
    null::timestamp as updated_at,
    channel,
    type as message_type,
    touchpoint,
    'shop:' || order_no as order_id,
    'desk:' || ticket_no as ticket_id,
    campaign_id,
    language as language_code,
    opened_at,
    clicked_at,
    is_bounced,
    text is not null as has_message_text,
    local_date(sent_at) as sent_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('marketing__messages')
where
    message_no is not null
    and customer_system is not null
    and customer_no is not null
    and sent_at >= timestamp '1990-01-01'
    and is_given(channel)
    and is_given(type)
qualify row_number() over (
    partition by message_id order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_referral as
select
    'crm:' || empfehlung_nr as referral_id,
    'crm' as source_system,
    kunden_system || ':' || kunden_nr as record_id,
    nullif(neu_system, '') || ':' || nullif(neu_nr, '') as referred_record_id,
    empfohlen_am as referred_at,
    geaendert_am as updated_at,
    geworben_am as converted_at,
    weg as channel,
    praemie::decimal(18, 2) as reward_amount,
    'EUR' as currency_code,
    status as referral_status,
    local_date(empfohlen_am) as referred_date,
    local_date(geworben_am) as converted_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('crm__referrals')
where
    empfehlung_nr is not null
    and is_given(kunden_system)
    and is_given(kunden_nr)
    and empfohlen_am >= timestamp '1990-01-01'
    and status in ('sent', 'converted', 'expired')
    and (status <> 'converted' or geworben_am is not null)
    and coalesce(geworben_am >= empfohlen_am, true)
    and coalesce(praemie >= 0, true)
qualify row_number() over (
    partition by referral_id
    order by geaendert_am desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_subscription as
select
    'shop:' || pass_no as subscription_id,
    'shop' as source_system,
    customer_system || ':' || customer_no as record_id,
    null::varchar as product_id,
    plan as plan_name,
    started as started_at,
    changed as updated_at,
    status as subscription_status,
    notice as cancel_requested_at,
    ended as ended_at,
    renews as renews_at,
    reason as cancel_reason,
    billed_every as billing_interval,
    amount::decimal(18, 2) as recurring_amount,
    'EUR' as currency_code,
    local_date(started) as started_date,
    local_date(notice) as cancel_requested_date,
    local_date(ended) as ended_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('shop__subscriptions')
where
    pass_no is not null
    and customer_system is not null
    and customer_no is not null
    and started >= timestamp '1990-01-01'
    and status in ('trial', 'active', 'paused', 'canceled', 'expired')
    and is_one_of(billed_every, ['week', 'month', 'quarter', 'year', 'once'])
    and coalesce(amount >= 0, true)
    and coalesce(ended >= started, true)
    and (status <> 'canceled' or notice is not null or ended is not null)
qualify row_number() over (
    partition by subscription_id
    order by changed desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;
