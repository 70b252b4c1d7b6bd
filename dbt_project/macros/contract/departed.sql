{#
    Post-hook of an incremental table: an incremental run inserts, so what is gone has to be taken out: keys that a load
    told of, and keys that no staging model names any more.
#}
{% macro take_out_deleted(entity) -%}
    {%- if is_incremental() -%}
delete from {{ this }} as held
where
    {{ is_in_deleted_keys(entity, 'held') }}
    or {{ row_key(entity) }} in (
        select departure.row_key
        from {{ ref('int_contract__departure') }} as departure
        inner join {{ source('run', 'snapshot') }} as snapshot
            on departure.snapshot_sequence = snapshot.snapshot_sequence
        where departure.entity = '{{ entity }}'
    )
    {%- endif -%}
{%- endmacro %}

{#
    Keys that the last run's table of an entity holds and no staging model names any more, with what tells the months
    that they stood in: a filter of the staging SQL leaves the newest version out, and names no other. That table is
    read as the last run left it, before this run extends it: the memory that `this` is to an incremental model. What is
    mapped row by row loses no key.

    `parent` and `happened_at` are columns of that table, or none.
#}
{% macro departed_rows(entity, parent=none, happened_at=none) -%}
    {%- set held = adapter.get_relation(this.database, 'core', core_relation(entity)) if execute and is_incremental() and not only_adds(entity) else none %}
select
    '{{ entity }}' as entity,
    {{ row_key(entity) if held else 'null' }} as row_key,
    {{ contract_definition(entity)['key'][0] if held else 'null' }} as leading_key,
    {{ parent if held and parent else 'null' }} as parent_key,
    {{ happened_at if held and happened_at else 'null' }} as happened_at
{%- if held %}
from {{ held }} as held
where not exists (
    select 1
    from {{ ref('int_contract__' ~ entity) }} as version
    where
        version.violated_rules is null
        {%- for name in contract_definition(entity)['key'] %}
        and version.{{ name }} = held.{{ name }}
        {%- endfor %}
)
{%- else %}
from {{ ref('int_contract__' ~ entity) }}
where 1 = 0
{%- endif %}
{%- endmacro %}
