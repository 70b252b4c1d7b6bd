-- The ledger for readers: the evidence's counts, and what a merge or split moved from one customer to the other. Orders
-- carry the record, so that what moved is what the records that changed hands have bought.
with moved_record as (
    select distinct
        arrived.record_id,
        arrived.customer_id,
        departed.customer_id as other_customer_id,
        arrived.known_from_at as moved_at
    from {{ ref('bridge_record_customer') }} as arrived
    inner join {{ ref('bridge_record_customer') }} as departed
        on
            arrived.record_id = departed.record_id
            and arrived.known_from_at = departed.known_to_at
            and arrived.customer_id <> departed.customer_id
),

effect as (
    select
        moved.customer_id,
        moved.other_customer_id,
        moved.moved_at,
        count(*) filter (where sales_order.is_order) as order_count,
        sum(amount.net_amount) as net_amount
    from moved_record as moved
    inner join {{ ref('int_sales__order') }} as sales_order on moved.record_id = sales_order.record_id
    left join {{ ref('int_sales__order_amount') }} as amount
        on
            sales_order.order_id = amount.order_id
            and amount.currency_code = '{{ parameter("currency_code") }}'
    group by moved.customer_id, moved.other_customer_id, moved.moved_at
)

select
    cast(event.event_id as string) as event_id,
    cast(event.event_type as string) as event_type,
    cast(event.customer_id as string) as customer_id,
    cast(event.other_customer_id as string) as other_customer_id,
    cast(event.record_id as string) as record_id,
    cast(event.rule as string) as rule,
    cast(event.known_at as timestamp) as known_at,
    {{ local_date('event.known_at') }} as known_date,
    cast({{ json_text('event.evidence', 'record_count') }} as bigint) as record_count,
    cast({{ json_text('event.evidence', 'shared_identifier_count') }} as bigint) as shared_identifier_count,
    cast({{ json_text('event.evidence', 'match_weight') }} as double) as match_weight,
    cast(nullif({{ json_text('event.evidence', 'agreed_fields') }}, '') as string) as agreed_fields,
    cast(nullif({{ json_text('event.evidence', 'differing_fields') }}, '') as string) as differing_fields,
    cast({{ json_text('event.evidence', 'reason') }} as string) as reason,
    '{{ parameter("currency_code") }}' as currency_code,
    cast(case when event.event_type in ('merged', 'split') then coalesce(effect.order_count, 0) end as bigint)
        as moved_order_count,
    cast(case when event.event_type in ('merged', 'split') then coalesce(effect.net_amount, 0) end as decimal(18, 2))
        as moved_net_amount,
    observation.as_of_date as observation_date
from {{ source('identity', 'ledger') }} as event
cross join {{ ref('dim_observation') }} as observation
left join effect
    on
        event.customer_id = effect.customer_id
        and event.other_customer_id = effect.other_customer_id
        and event.known_at = effect.moved_at
