with mapped as (
    select
        'marketing:' || lead_nr as lead_id,
        'marketing' as source_system,
        nullif(kunden_system, '') || ':' || nullif(kunden_nr, '') as record_id,
        erstellt as created_at,
        geaendert as updated_at,
        herkunft as origin,
        status as lead_status,
        qualifiziert as qualified_at,
        gewonnen as won_at,
        verloren as lost_at,
        {{ landing_columns() }}
    from {{ source('landing', 'marketing__leads') }}
)

{{ conform('lead', missing=['account_reference']) }}
