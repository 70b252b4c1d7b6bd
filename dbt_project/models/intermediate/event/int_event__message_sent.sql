select
    'message_sent' as entity,
    {{ row_key('message_sent') }} as source_key,
    'message_sent' as event_type,
    record_id,
    order_id,
    sent_at as occurred_at,
    sent_date as occurred_date,
    channel,
    touchpoint,
    case when is_bounced then 'bounced' else message_type end as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_message_sent') }}
