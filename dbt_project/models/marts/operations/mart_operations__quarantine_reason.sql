with counted as (
    select
        'extraction' as stage,
        reason.source_name,
        reason.table_name as object_name,
        reason.rule,
        reason.reason,
        sum(reason.row_count) as row_count
    from {{ source('run', 'quarantine_reason') }} as reason
    inner join {{ source('run', 'load') }} as load
        on
            reason.load_id = load.load_id
            and reason.source_name = load.source_name
            and reason.table_name = load.table_name
    inner join {{ ref('dim_observation') }} as observation on load.load_sequence <= observation.max_load_sequence
    group by reason.source_name, reason.table_name, reason.rule, reason.reason
    union all
    select
        'contract' as stage,
        source_system as source_name,
        entity as object_name,
        rule,
        reason,
        row_count
    from {{ ref('int_operations__quarantine_count') }}
)

select
    stage,
    cast(source_name as string) as source_name,
    cast(object_name as string) as object_name,
    cast(rule as string) as rule,
    cast(reason as string) as reason,
    cast(row_count as bigint) as row_count
from counted
