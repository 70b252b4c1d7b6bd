{#
    Accepted versions of an entity, of an incremental run those of new loads: the ones whose key came once, or the others
    with version_rank, 1 for the newest of its key. Two selections and no CTE that both read, because the engine would
    hold all of it in memory.
#}
{% macro accepted_versions(entity, names, added, is_repeated) -%}
select
    {%- for name in names %}
    {{ name }},
    {%- endfor %}
    {%- for name, expression in added.items() %}
    {{ expression }} as {{ name }},
    {%- endfor %}
    _load_id as load_id,
    _load_sequence as load_sequence,
    {% if is_repeated -%}
    row_number() over (partition by {{ key_columns(entity) }} order by {{ newest_first(entity) }})
    {%- else -%} 1 {%- endif %} as version_rank
from {{ ref('int_contract__' ~ entity) }}
where
    violated_rules is null
    and not coalesce(_is_deleted, false)
    and {{ row_key(entity) }} {{ 'in' if is_repeated else 'not in' }} (
        select repeated.row_key
        from {{ ref('int_contract__repeated_key') }} as repeated
        where repeated.entity = '{{ entity }}'
    )
    {%- if is_incremental() %}
    and _load_sequence > (select coalesce(max(held.load_sequence), -1) from {{ this }} as held)
    {%- endif %}
{%- endmacro %}
