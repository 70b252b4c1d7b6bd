-- Values of rows that count without them: invalid ones that gave way to a default, those beyond a contract's limits.
with replaced as (
    select
        'extraction' as stage,
        value.source_name,
        value.table_name as object_name,
        value.column_name,
        'The value is none of its type; company.yml says if_invalid: default.' as reason,
        sum(value.value_count) as value_count
    from {{ source('run', 'defaulted_value') }} as value
    inner join {{ ref('dim_observation') }} as observation on value.load_sequence <= observation.max_load_sequence
    group by value.source_name, value.table_name, value.column_name
    union all
    select
        stage,
        source_name,
        object_name,
        column_name,
        reason,
        value_count
    from {{ ref('int_operations__blanked_value') }}
)

select
    stage,
    cast(source_name as string) as source_name,
    cast(object_name as string) as object_name,
    cast(column_name as string) as column_name,
    cast(reason as string) as reason,
    cast(value_count as bigint) as value_count
from replaced
