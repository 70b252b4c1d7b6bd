select
    'interaction' as entity,
    {{ row_key('interaction') }} as source_key,
    'interaction' as event_type,
    record_id,
    order_id,
    occurred_at,
    occurred_date,
    channel,
    touchpoint,
    interaction_type as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_interaction') }}
