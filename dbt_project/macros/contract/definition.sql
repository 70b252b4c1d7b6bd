{# Canonical contracts in SQL. Their content is in contract_definitions.sql, rendered from cx_assets/contracts. #}

{% macro contract_definition(entity) -%}
    {%- set definitions = contract_definitions() -%}
    {%- if entity not in definitions -%}
        {{ exceptions.raise_compiler_error("There is no contract '" ~ entity ~ "'") }}
    {%- endif -%}
    {{ return(definitions[entity]) }}
{%- endmacro %}

{# The key of an entity as a select list. #}
{% macro key_columns(entity) -%}
    {{ contract_definition(entity)['key'] | join(', ') }}
{%- endmacro %}

{# The key of an entity as one text, its columns joined by a bar, optionally qualified by a relation. #}
{% macro row_key(entity, relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {% for name in contract_definition(entity)['key'] %}coalesce({{ prefix }}{{ name }}, ''){{ " || '|' || " if not loop.last }}{% endfor %}
{%- endmacro %}

{# The contract's columns as a select list, optionally qualified by a relation and without some. #}
{% macro contract_columns(entity, relation=none, omit=[]) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set names = contract_definition(entity)['columns'].keys() | reject('in', omit) | list -%}
    {%- for name in names %}
    {{ prefix }}{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Where an entity's newest accepted versions stand in the core. #}
{% macro core_relation(entity) -%}
    {{ return(contract_definition(entity)['core_relation']) }}
{%- endmacro %}
