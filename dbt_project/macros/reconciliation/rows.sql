{# What reconciliation looks at row by row: versions, and rows of the core that none accounts for. #}

{# Versions of one entity that are looked at, ranked by key where accepted, with what the core holds of their key. #}
{% macro reconciled_versions(entity, amount) -%}
    {%- set key = contract_definition(entity)['key'] -%}
select
    '{{ fate_name(entity, amount) }}' as fate_name,
    {{ 'version.record_id' if entity == 'customer_record' else 'cast(null as string) as record_id' }},
    {{ row_key(entity, 'version') }} as version_key,
    version._load_id as load_id,
    version._source_file as source_file,
    version._source_row as source_row,
    coalesce(version._is_deleted, false) as is_gone,
    version.violated_rules,
    case when version.violated_rules is null then row_number() over (
        partition by {% for name in key %}version.{{ name }}, {% endfor %}version.violated_rules is null
        order by {{ newest_first(entity) }}
    ) end as version_rank,
    {{ amount_of('version', amount) }} as version_amount,
    held.core_load_id,
    held.core_amount
from {{ ref('int_contract__' ~ entity) }} as version
left join (
    select
        {% for name in key %}core.{{ name }}, {% endfor %}
        core.load_id as core_load_id,
        {{ amount_of('core', amount) }} as core_amount
    from {{ ref(core_relation(entity)) }} as core
    where {{ row_key(entity, 'core') }} in (
        select {{ row_key(entity, 'traced') }}
        from {{ ref('int_contract__' ~ entity) }} as traced
        where {{ is_traced('traced', '_') }}
    )
) as held
    on {% for name in key %}version.{{ name }} = held.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
where {{ is_traced('version', '_') }}
{%- endmacro %}

{#
    Rows of the core that no version accounts for: of loads whose sums differ, and of keys that are looked at. Of all
    others the checksums agree.
#}
{% macro reconciled_strays(entity, amount) -%}
select
    '{{ fate_name(entity, amount) }}' as fate_name,
    core.load_id,
    {{ row_key(entity, 'core') }} as row_key,
    {{ amount_of('core', amount) }} as core_amount
from {{ ref(core_relation(entity)) }} as core
where
    (
        core.load_id in (
            select unequal_load.load_id
            from {{ ref('int_reconciliation__unequal_load') }} as unequal_load
            where unequal_load.fate_name = '{{ fate_name(entity, amount) }}'
        )
        or {{ row_key(entity, 'core') }} in (
            select traced.version_key
            from {{ ref('int_reconciliation__contract_row') }} as traced
            where traced.fate_name = '{{ fate_name(entity, amount) }}' and traced.version_key is not null
        )
    )
    and not exists (
        select 1 from {{ ref('int_reconciliation__contract_row') }} as version
        where
            version.fate_name = '{{ fate_name(entity, amount) }}'
            and version.load_id = core.load_id
            and version.version_key = {{ row_key(entity, 'core') }}
            and version.violated_rules is null
    )
{%- endmacro %}
