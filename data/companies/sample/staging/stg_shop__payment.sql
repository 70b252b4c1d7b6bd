with mapped as (
    select
        'shop:' || order_no as payment_id,
        'shop' as source_system,
        'shop:' || order_no as order_id,
        coalesce(approved_at, ordered_at) as paid_at,
        payment_method,
        paid_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__orders') }}
    where paid_amount is not null
)

{{ conform('payment') }}
