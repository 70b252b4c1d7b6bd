with mapped as (
    select
        'shop:' || pass_no as subscription_id,
        'shop' as source_system,
        customer_system || ':' || customer_no as record_id,
        plan as plan_name,
        started as started_at,
        changed as updated_at,
        status as subscription_status,
        notice as cancel_requested_at,
        ended as ended_at,
        renews as renews_at,
        reason as cancel_reason,
        billed_every as billing_interval,
        amount as recurring_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__subscriptions') }}
)

{{ conform('subscription', missing=['product_id']) }}
