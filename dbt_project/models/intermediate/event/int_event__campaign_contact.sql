-- A held-out customer was never contacted. Costs are the company's own money, not the customer's: no amount.
select
    'campaign_contact' as entity,
    {{ row_key('campaign_contact') }} as source_key,
    'campaign_contacted' as event_type,
    record_id,
    cast(null as string) as order_id,
    contacted_at as occurred_at,
    contacted_date as occurred_date,
    channel,
    cast(null as string) as touchpoint,
    cast(null as string) as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_campaign_contact') }}
where arm = 'treatment'
union all
select
    'campaign_contact' as entity,
    {{ row_key('campaign_contact') }} as source_key,
    'campaign_responded' as event_type,
    record_id,
    cast(null as string) as order_id,
    responded_at as occurred_at,
    responded_date as occurred_date,
    channel,
    cast(null as string) as touchpoint,
    response_type as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_campaign_contact') }}
where arm = 'treatment' and responded_at is not null
