-- Rows of every entity by source system: landed versions, those that break a rule, those that are not the newest of
-- their key, and keys whose newest version says that they are gone.
{% for entity in contract_definitions() -%}
select
    '{{ entity }}' as entity,
    source_system,
    cast(sum(version_count) as bigint) as row_count,
    cast(sum(version_count - accepted_count) as bigint) as quarantined_row_count,
    cast(sum(accepted_count) - count(*) filter (where accepted_count > 0) as bigint) as superseded_row_count,
    cast(
        (
            select count(*)
            from ({{ deleted_keys(entity) }}) as deleted
            where coalesce(deleted.source_system, 'unknown') = {{ entity }}_key.source_system
        ) as bigint
    ) as deleted_row_count
from (
    select
        coalesce(source_system, 'unknown') as source_system,
        {{ key_columns(entity) }},
        count(*) as version_count,
        count(*) filter (where violated_rules is null) as accepted_count
    from {{ ref('int_contract__' ~ entity) }}
    group by coalesce(source_system, 'unknown'), {{ key_columns(entity) }}
) as {{ entity }}_key
group by source_system
{{ 'union all' if not loop.last }}
{% endfor %}
