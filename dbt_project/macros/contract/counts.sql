{#
    Rows of one entity by source system. Only keys that repeat are counted key by key; of all others one accepted version
    stands for itself.
#}
{% macro contract_counts(entity) -%}
select
    '{{ entity }}' as entity,
    landed.source_system,
    landed.row_count,
    landed.quarantined_row_count,
    cast(coalesce(superseded.superseded_row_count, 0) as bigint) as superseded_row_count,
    cast(coalesce(deleted.deleted_row_count, 0) as bigint) as deleted_row_count
from (
    select
        coalesce(source_system, 'unknown') as source_system,
        count(*) as row_count,
        count(violated_rules) as quarantined_row_count
    from {{ ref('int_contract__' ~ entity) }}
    group by coalesce(source_system, 'unknown')
) as landed
left join (
    select
        repeated.source_system,
        sum(repeated.accepted_count - 1) as superseded_row_count
    from (
        select
            coalesce(source_system, 'unknown') as source_system,
            count(*) as accepted_count
        from {{ ref('int_contract__' ~ entity) }}
        where
            violated_rules is null
            and {{ row_key(entity) }} in (
                select repeated_key.row_key
                from {{ ref('int_contract__repeated_key') }} as repeated_key
                where repeated_key.entity = '{{ entity }}'
            )
        group by coalesce(source_system, 'unknown'), {{ key_columns(entity) }}
    ) as repeated
    group by repeated.source_system
) as superseded on landed.source_system = superseded.source_system
left join (
    select
        coalesce(gone.source_system, 'unknown') as source_system,
        count(*) as deleted_row_count
    from ({{ deleted_keys(entity) }}) as gone
    group by coalesce(gone.source_system, 'unknown')
) as deleted on landed.source_system = deleted.source_system
{%- endmacro %}
