with mapped as (
    select
        'loyalty:' || entry_no as entry_id,
        'loyalty' as source_system,
        customer_system || ':' || customer_no as record_id,
        booked_at as occurred_at,
        type as entry_type,
        points,
        'shop:' || order_no as order_id,
        reward,
        expires_at,
        tier,
        {{ landing_columns() }}
    from {{ source('landing', 'loyalty__ledger') }}
)

{{ conform('loyalty_entry', missing=['updated_at']) }}
