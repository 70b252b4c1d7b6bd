with mapped as (
    select
        'call_centre:' || interaction_no as interaction_id,
        'call_centre' as source_system,
        customer_system || ':' || customer_no as record_id,
        occurred_at,
        channel,
        touchpoint,
        type as interaction_type,
        seconds as duration_seconds,
        'shop:' || order_no as order_id,
        cost_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'call_centre__calls') }}
)

{{ conform('interaction') }}
