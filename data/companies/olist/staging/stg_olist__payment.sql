-- Payments differ from items plus freight on some orders; both are kept as they are, and the settlement mart says so.
with mapped as (
    select
        'olist:' || order_id || '-' || cast(payment_sequential as {{ dbt.type_string() }}) as payment_id,
        'olist' as source_system,
        'olist:' || order_id as order_id,
        payment_type as payment_method,
        payment_value as paid_amount,
        'BRL' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__order_payments') }}
)

{{ conform('payment', missing=['paid_at']) }}
