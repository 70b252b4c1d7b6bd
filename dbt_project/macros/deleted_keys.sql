{#
    Keys that are gone. A load tells of it by a row with `_is_deleted`, a version like every other: a later one may bring
    the key back, and a late, outdated one does not.
#}

{# The key of an entity as one text, its columns joined by a bar. #}
{% macro row_key(entity) -%}
    {% for name in contract_definition(entity)['key'] %}coalesce({{ name }}, ''){{ " || '|' || " if not loop.last }}{% endfor %}
{%- endmacro %}

{# Each load and key that tells of a deletion. Empty and cheap for an entity whose sources tell of none. #}
{% macro deletion_rows(entity) -%}
select distinct
    '{{ entity }}' as entity,
    {{ row_key(entity) }} as row_key,
    {{ contract_definition(entity)['key'][0] }} as leading_key,
    source_system,
    _load_id as load_id,
    _load_sequence as load_sequence
from {{ ref('int_contract__' ~ entity) }}
where
    _is_deleted and violated_rules is null
    {%- if is_incremental() %}
    and _load_sequence > (select coalesce(max(held.load_sequence), -1) from {{ this }} as held)
    {%- endif %}
{%- endmacro %}

{# Keys whose newest version says that they are gone: the key's columns and its source system. #}
{% macro deleted_keys(entity) -%}
    {%- set key = contract_definition(entity)['key'] | join(', ') -%}
    select {{ key }}, source_system
    from (
        select
            {{ key }},
            source_system,
            _is_deleted,
            row_number() over (partition by {{ key }} order by {{ newest_first(entity) }}) as version_rank
        from {{ ref('int_contract__' ~ entity) }}
        where
            violated_rules is null
            and {{ row_key(entity) }} in (
                select deletion.row_key
                from {{ ref('int_contract__deletion') }} as deletion
                where deletion.entity = '{{ entity }}'
            )
    ) as version
    where version_rank = 1 and _is_deleted
{%- endmacro %}

{% macro is_in_deleted_keys(entity, relation, negated=false) -%}
    {{ 'not ' if negated }}exists (
        select 1
        from ({{ deleted_keys(entity) }}) as deleted
        where
            {%- for name in contract_definition(entity)['key'] %}
            deleted.{{ name }} = {{ relation }}.{{ name }}{{ ' and' if not loop.last }}
            {%- endfor %}
    )
{%- endmacro %}

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
    read as the last run left it, before this run extends it: the memory that `this` is to an incremental model.

    `parent` and `happened_at` are columns of that table, or none.
#}
{% macro departed_rows(entity, parent=none, happened_at=none) -%}
    {%- set held = adapter.get_relation(this.database, 'core', core_relation(entity)) if execute and is_incremental() else none %}
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
