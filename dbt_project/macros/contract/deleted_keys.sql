{#
    Keys that are gone. A load tells of it by a row with `_is_deleted`, a version like every other: a later one may bring
    the key back, and a late, outdated one does not.
#}

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
    select {{ key_columns(entity) }}, source_system
    from (
        select
            {{ key_columns(entity) }},
            source_system,
            _is_deleted,
            row_number() over (partition by {{ key_columns(entity) }} order by {{ newest_first(entity) }}) as version_rank
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
