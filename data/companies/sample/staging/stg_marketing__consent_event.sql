with mapped as (
    select
        'marketing:' || entry_no as consent_event_id,
        'marketing' as source_system,
        customer_system || ':' || customer_no as record_id,
        occurred as occurred_at,
        purpose,
        action,
        evidence,
        {{ landing_columns() }}
    from {{ source('landing', 'marketing__consents') }}
)

{{ conform('consent_event', missing=['channel']) }}
