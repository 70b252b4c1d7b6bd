with mapped as (
    select
        'marketing:' || message_no as message_id,
        'marketing' as source_system,
        customer_system || ':' || customer_no as record_id,
        sent_at,
        channel,
        type as message_type,
        touchpoint,
        'shop:' || order_no as order_id,
        'desk:' || ticket_no as ticket_id,
        campaign_id,
        language as language_code,
        text as message_text,
        opened_at,
        clicked_at,
        is_bounced,
        {{ landing_columns() }}
    from {{ source('landing', 'marketing__messages') }}
)

{{ conform('message_sent', missing=['updated_at']) }}
