with mapped as (
    select
        'shop:' || line_no as line_id,
        'shop' as source_system,
        'shop:' || order_no as order_id,
        customer_system || ':' || customer_no as record_id,
        'shop:' || article_no as product_id,
        booked_at as occurred_at,
        updated_at,
        line_type,
        channel,
        quantity,
        net_amount,
        discount_amount,
        shipping_amount,
        cost_amount,
        refund_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__lines') }}
)

{{ conform('transaction_line') }}
