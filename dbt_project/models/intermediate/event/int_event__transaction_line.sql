select
    'transaction_line' as entity,
    {{ row_key('transaction_line') }} as source_key,
    case when line_type = 'return' then 'item_returned' else 'item_bought' end as event_type,
    record_id,
    order_id,
    occurred_at,
    occurred_date,
    channel,
    cast(null as string) as touchpoint,
    cast(null as string) as outcome,
    net_amount as amount,
    currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_transaction_line') }}
