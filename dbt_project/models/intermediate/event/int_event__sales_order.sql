{#- Kind, instant, day and outcome of what an order's own columns date. -#}
{% set dated = [
    ('order_placed', 'ordered_at', 'ordered_date', 'cast(null as string)'),
    ('order_approved', 'approved_at', local_date('approved_at'), 'cast(null as string)'),
    ('order_shipped', 'shipped_at', local_date('shipped_at'), 'cast(null as string)'),
    (
        'order_delivered', 'delivered_at', 'delivered_date',
        "case when delivered_at > promised_at then 'late' when promised_at is not null then 'on_time' end"
    ),
] -%}

{% for event_type, occurred_at, occurred_date, outcome in dated -%}
select
    'sales_order' as entity,
    {{ row_key('sales_order') }} as source_key,
    '{{ event_type }}' as event_type,
    record_id,
    order_id,
    {{ occurred_at }} as occurred_at,
    {{ occurred_date }} as occurred_date,
    channel,
    cast(null as string) as touchpoint,
    {{ outcome }} as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_sales_order') }}
where {{ occurred_at }} is not null
union all
{% endfor -%}
-- A status has no time of its own: it is known since the order last changed, or with the order. The statuses that say
-- no more than the columns above (shipped, delivered) or that nothing reached the customer (invoiced) are no event.
select
    'sales_order' as entity,
    {{ row_key('sales_order') }} as source_key,
    case when order_status = 'returned' then 'order_returned' else 'order_canceled' end as event_type,
    record_id,
    order_id,
    coalesce(updated_at, ordered_at) as occurred_at,
    coalesce({{ local_date('updated_at') }}, ordered_date) as occurred_date,
    channel,
    cast(null as string) as touchpoint,
    order_status as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_sales_order') }}
where order_status in ('returned', 'canceled', 'unavailable')
