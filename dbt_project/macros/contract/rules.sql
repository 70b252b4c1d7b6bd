{# The rules of the contracts over the columns of a row. #}

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

{# Names of the broken rules, joined by commas; null for an accepted row. #}
{% macro violated_rules(entity) -%}
    nullif(
        substr(
            {%- for rule in contract_definition(entity)['rules'] %}
            case when {{ rule['sql'] }} then ',{{ rule['name'] }}' else '' end{{ ' ||' if not loop.last }}
            {%- endfor %}, 2
        ), ''
    )
{%- endmacro %}

{# Whether a row says that its key is gone. Only its key is judged: a system may have blanked the rest. #}
{% macro is_tombstone(entity) -%}
    _is_deleted
    {%- for name in contract_definition(entity)['key'] %} and trim({{ name }}) <> ''{% endfor %}
{%- endmacro %}

{# One row per rule of every contract: entity, rule, reason. #}
{% macro contract_rule_rows() -%}
    {%- for entity, contract in contract_definitions().items() %}
        {%- set is_last_entity = loop.last %}
        {%- for rule in contract['rules'] %}
select
    '{{ entity }}' as entity,
    '{{ rule["name"] }}' as rule,
    '{{ rule["reason"] | replace("'", "''") }}' as reason
{{ 'union all' if not (loop.last and is_last_entity) }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# Rows of one entity that break a rule: lineage and key only, no other value of the row. #}
{% macro quarantined_rows(entity) -%}
select
    '{{ entity }}' as entity,
    source_system,
    {{ row_key(entity) }} as row_key,
    violated_rules,
    concat_ws(
        ' '
        {%- for rule in contract_definition(entity)['rules'] %},
        case when {{ rule['sql'] }} then '{{ rule["reason"] | replace("'", "''") }}' end
        {%- endfor %}
    ) as reason,
    _load_id,
    _load_sequence,
    _source_file,
    _source_row
from {{ ref('int_contract__' ~ entity) }}
where violated_rules is not null
{%- endmacro %}
