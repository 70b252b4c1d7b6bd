with mapped as (
    select
        'web:' || interaction_no as interaction_id,
        'web' as source_system,
        customer_system || ':' || customer_no as record_id,
        occurred_at,
        channel,
        touchpoint,
        type as interaction_type,
        -- The web shop renamed the column in July 2025.
        coalesce(duration_seconds, seconds) as duration_seconds,
        'shop:' || order_no as order_id,
        {{ landing_columns() }}
    from {{ source('landing', 'web__visits') }}
)

{{ conform('interaction', missing=['cost_amount', 'currency_code']) }}
