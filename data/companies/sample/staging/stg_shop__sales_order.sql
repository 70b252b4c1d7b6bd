with mapped as (
    select
        'shop:' || order_no as order_id,
        'shop' as source_system,
        customer_system || ':' || customer_no as record_id,
        ordered_at,
        updated_at,
        status as order_status,
        channel,
        approved_at,
        shipped_at,
        promised_at,
        delivered_at,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__orders') }}
)

{{ conform('sales_order') }}
