with mapped as (
    select
        'desk:' || ticket_no as ticket_id,
        'desk' as source_system,
        customer_system || ':' || customer_no as record_id,
        'shop:' || order_no as order_id,
        opened as opened_at,
        changed as updated_at,
        first_reply as first_response_at,
        resolved as resolved_at,
        channel,
        category as category_name,
        priority,
        complaint as is_complaint,
        cost as cost_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'desk__tickets') }}
)

{{ conform('ticket') }}
