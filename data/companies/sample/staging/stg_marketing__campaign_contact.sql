with mapped as (
    select
        'marketing:' || contact_id as contact_id,
        'marketing' as source_system,
        campaign_id,
        campaign_name,
        customer_system || ':' || customer_no as record_id,
        arm,
        contacted_at,
        updated_at,
        channel,
        offer,
        responded_at,
        response as response_type,
        cost_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'marketing__contacts') }}
)

{{ conform('campaign_contact') }}
