{# Values that the contract takes away: their row counts without them. #}

{# When a value is taken away because it lies beyond the contract's limits. #}
{% macro blank_condition(rule) -%}
    {{ rule['sql'] | replace('observation_date', '(select max(as_of_date) from ' ~ source('run', 'snapshot') ~ ')') }}
{%- endmacro %}

{# Names of the columns whose value is taken away, joined by commas; null when there is none. #}
{% macro blanked_columns(entity) -%}
    {%- set blanked = contract_definition(entity)['blanked'] -%}
    {%- if not blanked -%}
    cast(null as string)
    {%- else -%}
    nullif(
        substr(
            {%- for name, rule in blanked.items() %}
            case when {{ blank_condition(rule) }} then ',{{ name }}' else '' end{{ ' ||' if not loop.last }}
            {%- endfor %}, 2
        ), ''
    )
    {%- endif -%}
{%- endmacro %}

{#
    Values that the contract took away, by entity, source and column. A row without them counts all the same.
#}
{% macro blanked_value_counts() -%}
    {%- set found = [] -%}
    {%- for entity, contract in contract_definitions().items() -%}
        {%- for name, rule in contract['blanked'].items() -%}
            {%- do found.append([entity, name, rule]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for entity, name, rule in found %}
select
    'contract' as stage,
    coalesce(source_system, 'unknown') as source_name,
    '{{ entity }}' as object_name,
    '{{ name }}' as column_name,
    '{{ rule["reason"] | replace("'", "''") }}' as reason,
    count(*) as value_count
from {{ ref('int_contract__' ~ entity) }}
where ',' || _blanked_columns || ',' like '%,{{ name }},%'
group by coalesce(source_system, 'unknown')
{{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
