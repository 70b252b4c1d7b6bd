-- A correction by the company is nothing that happened between it and the customer. Points are no money: no amount.
select
    'loyalty_entry' as entity,
    {{ row_key('loyalty_entry') }} as source_key,
    case entry_type
        when 'earn' then 'points_earned'
        when 'redeem' then 'points_redeemed'
        else 'points_expired'
    end as event_type,
    record_id,
    order_id,
    occurred_at,
    occurred_date,
    cast(null as string) as channel,
    cast(null as string) as touchpoint,
    reward as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_loyalty_entry') }}
where entry_type <> 'adjust'
