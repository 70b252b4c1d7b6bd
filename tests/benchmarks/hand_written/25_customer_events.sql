-- What happened with customers, event by event, with the touchpoint of the sample company's catalogue.

create temp table place as
from (
    values
    ('text', 'advertising', 'advertising', 'awareness'),
    ('text', 'website', 'website', 'consideration'),
    ('text', 'app', 'app', 'consideration'),
    ('text', 'store', 'store', 'consideration'),
    ('text', 'advice', 'advice', 'consideration'),
    ('text', 'checkout', 'checkout', 'purchase'),
    ('text', 'delivery', 'delivery', 'delivery'),
    ('text', 'product', 'product', 'use'),
    ('text', 'returns', 'returns', 'service'),
    ('text', 'service_desk', 'service_desk', 'service'),
    ('text', 'complaint', 'complaint', 'service'),
    ('text', 'loyalty_programme', 'loyalty_programme', 'loyalty'),
    ('kind', 'campaign_contacted', 'advertising', 'awareness'),
    ('kind', 'campaign_responded', 'advertising', 'awareness'),
    ('kind', 'lead_created', 'advertising', 'awareness'),
    ('kind', 'lead_qualified', 'advice', 'consideration'),
    ('kind', 'lead_won', 'advice', 'consideration'),
    ('kind', 'lead_lost', 'advice', 'consideration'),
    ('kind', 'order_placed', 'checkout', 'purchase'),
    ('kind', 'order_approved', 'checkout', 'purchase'),
    ('kind', 'order_canceled', 'checkout', 'purchase'),
    ('kind', 'item_bought', 'checkout', 'purchase'),
    ('kind', 'order_shipped', 'delivery', 'delivery'),
    ('kind', 'order_delivered', 'delivery', 'delivery'),
    ('kind', 'item_returned', 'returns', 'service'),
    ('kind', 'order_returned', 'returns', 'service'),
    ('kind', 'ticket_opened', 'service_desk', 'service'),
    ('kind', 'ticket_answered', 'service_desk', 'service'),
    ('kind', 'ticket_solved', 'service_desk', 'service'),
    ('kind', 'survey_invited', 'relation', 'loyalty'),
    ('kind', 'survey_answered', 'relation', 'loyalty'),
    ('kind', 'points_earned', 'loyalty_programme', 'loyalty'),
    ('kind', 'points_redeemed', 'loyalty_programme', 'loyalty'),
    ('kind', 'points_expired', 'loyalty_programme', 'loyalty'),
    ('kind', 'consent_given', 'relation', 'loyalty'),
    ('kind', 'consent_withdrawn', 'relation', 'loyalty'),
    ('kind', 'referral_made', 'relation', 'loyalty'),
    ('kind', 'referral_converted', 'relation', 'loyalty'),
    ('kind', 'subscription_started', 'relation', 'loyalty'),
    ('kind', 'subscription_cancel_requested', 'relation', 'loyalty'),
    ('kind', 'subscription_ended', 'relation', 'loyalty')
) as catalogue (found_by, word, touchpoint, stage);

create table core.fct_customer_event as
with happened as (
    select
        'sales_order' as entity, order_id as source_key,
        unnest([
            {'event_type': 'order_placed', 'occurred_at': ordered_at, 'outcome': null::varchar},
            {'event_type': 'order_approved', 'occurred_at': approved_at, 'outcome': null},
            {'event_type': 'order_shipped', 'occurred_at': shipped_at, 'outcome': null},
            {
                'event_type': 'order_delivered', 'occurred_at': delivered_at,
                'outcome': case when delivered_at > promised_at then 'late' when promised_at is not null then 'on_time' end
            },
            {
                'event_type': if(order_status = 'returned', 'order_returned', 'order_canceled'),
                'occurred_at': if(
                    order_status in ('returned', 'canceled', 'unavailable'), coalesce(updated_at, ordered_at), null
                ),
                'outcome': order_status
            }
        ]) as event,
        record_id, order_id, channel, null::varchar as touchpoint, null::decimal(18, 2) as amount,
        null::varchar as currency_code, load_id, load_sequence
    from core.fct_sales_order
    union all by name
    select
        'ticket' as entity, ticket_id as source_key,
        unnest([
            {
                'event_type': 'ticket_opened', 'occurred_at': opened_at,
                'outcome': if(is_complaint, 'complaint', 'request')
            },
            {'event_type': 'ticket_answered', 'occurred_at': first_response_at, 'outcome': null},
            {'event_type': 'ticket_solved', 'occurred_at': resolved_at, 'outcome': null}
        ]) as event,
        record_id, order_id, channel, load_id, load_sequence
    from core.fct_ticket
    union all by name
    select
        'campaign_contact' as entity, contact_id as source_key,
        unnest([
            {'event_type': 'campaign_contacted', 'occurred_at': contacted_at, 'outcome': null},
            {'event_type': 'campaign_responded', 'occurred_at': responded_at, 'outcome': response_type}
        ]) as event,
        record_id, channel, load_id, load_sequence
    from core.fct_campaign_contact
    where arm = 'treatment'
    union all by name
    select
        'lead' as entity, lead_id as source_key,
        unnest([
            {'event_type': 'lead_created', 'occurred_at': created_at, 'outcome': null::varchar},
            {'event_type': 'lead_qualified', 'occurred_at': qualified_at, 'outcome': null},
            {'event_type': 'lead_won', 'occurred_at': won_at, 'outcome': null},
            {'event_type': 'lead_lost', 'occurred_at': lost_at, 'outcome': null}
        ]) as event,
        record_id, origin as channel, load_id, load_sequence
    from core.fct_lead
    union all by name
    select
        'interaction' as entity, interaction_id as source_key,
        {'event_type': 'interaction', 'occurred_at': occurred_at, 'outcome': interaction_type} as event,
        record_id, order_id, channel, touchpoint, load_id, load_sequence
    from core.fct_interaction
    union all by name
    select
        'transaction_line' as entity, line_id as source_key,
        {
            'event_type': if(line_type = 'return', 'item_returned', 'item_bought'), 'occurred_at': occurred_at,
            'outcome': null::varchar
        } as event,
        record_id, order_id, channel, net_amount as amount, currency_code, load_id, load_sequence
    from core.fct_transaction_line
    union all by name
    select
        'survey_invitation' as entity, invitation_id as source_key,
        {'event_type': 'survey_invited', 'occurred_at': invited_at, 'outcome': survey_type} as event,
        record_id, order_id, channel, touchpoint, load_id, load_sequence
    from core.fct_survey_invitation
    union all by name
    select
        'survey_response' as entity, response_id || '|' || question_id as source_key,
        {
            'event_type': 'survey_answered', 'occurred_at': responded_at,
            'outcome': case
                when score is null then no_score_reason
                when metric = 'nps' then case when score >= 9 then 'promoter' when score >= 7 then 'passive' else 'detractor' end
            end
        } as event,
        record_id, channel, touchpoint, load_id, load_sequence
    from core.fct_survey_response
    union all by name
    select
        'consent_event' as entity, consent_event_id as source_key,
        {
            'event_type': if(action = 'given', 'consent_given', 'consent_withdrawn'), 'occurred_at': occurred_at,
            'outcome': purpose
        } as event,
        record_id, evidence as channel, load_id, load_sequence
    from core.fct_consent_event
    union all by name
    select
        'loyalty_entry' as entity, entry_id as source_key,
        {
            'event_type': map {'earn': 'points_earned', 'redeem': 'points_redeemed', 'expire': 'points_expired'}[entry_type],
            'occurred_at': occurred_at, 'outcome': reward
        } as event,
        record_id, order_id, load_id, load_sequence
    from core.fct_loyalty_entry
    where entry_type <> 'adjust'
    union all by name
    select
        'message_sent' as entity, message_id as source_key,
        {
            'event_type': 'message_sent', 'occurred_at': sent_at, 'outcome': if(is_bounced, 'bounced', message_type)
        } as event,
        record_id, order_id, channel, touchpoint, load_id, load_sequence
    from core.fct_message_sent
    union all by name
    select
        'referral' as entity, referral_id as source_key,
        unnest([
            {'event_type': 'referral_made', 'occurred_at': referred_at, 'outcome': null::varchar},
            {'event_type': 'referral_converted', 'occurred_at': converted_at, 'outcome': null}
        ]) as event,
        record_id, channel, load_id, load_sequence
    from core.fct_referral
    union all by name
    select
        'subscription' as entity, subscription_id as source_key,
        unnest([
            {'event_type': 'subscription_started', 'occurred_at': started_at, 'outcome': plan_name},
            {'event_type': 'subscription_cancel_requested', 'occurred_at': cancel_requested_at, 'outcome': cancel_reason},
            {
                'event_type': 'subscription_ended', 'outcome': subscription_status,
                'occurred_at': if(ended_date <= (select as_of_date from core.dim_observation), ended_at, null)
            }
        ]) as event,
        record_id, load_id, load_sequence
    from core.fct_subscription
)
select
    event.event_type || ':' || source_key as event_id,
    record_id,
    event.occurred_at as occurred_at,
    local_date(event.occurred_at) as occurred_date,
    event.event_type as event_type,
    channel,
    coalesce(happened.touchpoint, place.touchpoint) as touchpoint,
    coalesce(place.stage, 'unmapped') as stage,
    event.outcome as outcome,
    amount,
    currency_code,
    order_id,
    entity,
    source_key,
    load_id,
    load_sequence
from happened
left join place
    on
        place.found_by = if(happened.touchpoint is null, 'kind', 'text')
        and place.word = coalesce(happened.touchpoint, event.event_type)
where event.occurred_at is not null;
