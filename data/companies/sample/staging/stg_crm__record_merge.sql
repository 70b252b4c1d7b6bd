with mapped as (
    select
        'crm:' || alte_nr as merged_record_id,
        'crm' as source_system,
        'crm:' || neue_nr as into_record_id,
        zusammengefuehrt_am as merged_at,
        {{ landing_columns() }}
    from {{ source('landing', 'crm__merges') }}
)

{{ conform('record_merge') }}
