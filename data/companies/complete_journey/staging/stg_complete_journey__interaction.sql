-- A campaign contact holds its first response only; here stands every coupon redeemed. The file gives the day without
-- an hour (local midnight) and names no basket. A household used 27 coupons of a campaign again on another day.
with mapped as (
    select
        'journey:' || campaign_id || '-' || household_id || '-' || coupon_upc || '-'
        || cast(redemption_date as {{ dbt.type_string() }}) as interaction_id,
        'journey' as source_system,
        'journey:' || household_id as record_id,
        redemption_date as occurred_at,
        'store' as channel,
        'coupon_redemption' as touchpoint,
        'coupon_redemption' as interaction_type,
        {{ landing_columns() }}
    from {{ source('landing', 'marketing__coupon_redemptions') }}
)

{{ conform('interaction', missing=['duration_seconds', 'order_id', 'cost_amount', 'currency_code']) }}
