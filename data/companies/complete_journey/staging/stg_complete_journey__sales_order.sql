-- A basket is a receipt: household, store and time are the same on all its lines, so its first line stands for it.
-- 478 baskets have no value at all (only coupons or deposits were scanned); the source counts them, and so do we.
with lines as (
    select
        *,
        row_number() over (
            partition by basket_id
            order by _load_sequence asc nulls last, _source_file asc nulls last, _source_row asc nulls last
        ) as line_rank
    from {{ source('landing', 'shop__transactions') }}
),

mapped as (
    select
        'journey:' || basket_id as order_id,
        'journey' as source_system,
        'journey:' || household_id as record_id,
        transaction_timestamp as ordered_at,
        'completed' as order_status,
        'store' as channel,
        {{ landing_columns() }}
    from lines
    where line_rank = 1
)

{{ conform('sales_order', missing=['updated_at', 'approved_at', 'shipped_at', 'promised_at', 'delivered_at']) }}
