with mapped as (
    select
        'survey:' || invitation_no as invitation_id,
        'survey' as source_system,
        survey as survey_id,
        survey_type,
        customer_system || ':' || customer_no as record_id,
        'shop:' || order_no as order_id,
        touchpoint,
        channel,
        invited_at,
        {{ landing_columns() }}
    from {{ source('landing', 'survey__invitations') }}
)

{{ conform('survey_invitation') }}
