{# The rules of the contracts over the columns of a row. #}

{#
    Names of the broken rules, joined by commas; null for an accepted row and for one that says that its key is gone.
    Whether any rule is broken is told first: words are made for the few rows that break one.
#}
{% macro violated_rules(entity) -%}
    {%- set rules = contract_definition(entity)['rules'] -%}
    case
        when {{ is_tombstone(entity) }} then cast(null as string)
        when
            {%- for rule in rules %}
            ({{ rule['sql'] }}){{ ' or' if not loop.last }}
            {%- endfor %}
            then substr(
                {%- for rule in rules %}
                case when {{ rule['sql'] }} then ',{{ rule['name'] }}' else '' end{{ ' ||' if not loop.last }}
                {%- endfor %}, 2
            )
    end
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
