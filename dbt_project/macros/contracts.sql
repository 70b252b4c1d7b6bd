{# Canonical contracts in SQL. Their content is in contract_definitions.sql, rendered from cx_assets/contracts. #}

{% macro contract_definition(entity) -%}
    {%- set definitions = contract_definitions() -%}
    {%- if entity not in definitions -%}
        {{ exceptions.raise_compiler_error("There is no contract '" ~ entity ~ "'") }}
    {%- endif -%}
    {{ return(definitions[entity]) }}
{%- endmacro %}

{% macro lineage_columns() -%}
    {{ return({
        '_load_id': 'string', '_load_sequence': 'bigint', '_source_file': 'string', '_source_row': 'bigint',
        '_is_deleted': 'boolean'
    }) }}
{%- endmacro %}

{# The contract's columns as a select list, optionally qualified by a relation and without some. #}
{% macro contract_columns(entity, relation=none, omit=[]) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set names = contract_definition(entity)['columns'].keys() | reject('in', omit) | list -%}
    {%- for name in names %}
    {{ prefix }}{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    The lineage columns of a landing table. The first alias is the table whose rows are counted, and deleted with it.
    Name further aliases when a later load of a joined table changes the row: the row then counts as new with that load.
#}
{% macro landing_columns() -%}
    {%- set prefix = varargs[0] ~ '.' if varargs else '' -%}
    {{ prefix }}_load_id,
    {% if varargs | length > 1 -%}
    greatest(
        {%- for alias in varargs %}coalesce({{ alias }}._load_sequence, 0){{ ', ' if not loop.last }}{% endfor -%}
    ) as _load_sequence,
    {%- else -%}
    {{ prefix }}_load_sequence,
    {%- endif %}
    {{ prefix }}_source_file,
    {{ prefix }}_source_row,
    coalesce({{ prefix }}_is_deleted, false) as _is_deleted
{%- endmacro %}

{#
    The latest landed version of every key of a landing table, all its columns: for the joined side of a staging model,
    where several loads of one file would multiply the rows. The side whose rows are counted passes all its versions on.
    A row that its source deleted keeps its last values here: what was sold stays of its category.
#}
{% macro latest_landed(landing_table, key) -%}
select *
from (
    select
        *,
        row_number() over (
            partition by {{ quoted_names(key) | join(', ') }}
            order by _load_sequence desc nulls last, _source_file desc nulls last, _source_row desc nulls last
        ) as version_rank
    from {{ source('landing', landing_table) }}
) as landed_version
where version_rank = 1
{%- endmacro %}

{#
    Ends a staging model: every column of the contract in its type, then the lineage columns. `missing` names the columns
    that the source does not have; they become typed nulls. A value that is none of its type becomes null too, and
    `_mistyped_columns` names its column, so that the row goes to quarantine and the others go on.
#}
{% macro conform(entity, missing=[], from_relation='mapped') -%}
    {%- set columns = contract_definition(entity)['columns'] -%}
    {%- for name in missing if name not in columns -%}
        {{ exceptions.raise_compiler_error("conform('" ~ entity ~ "'): missing names the unknown column '" ~ name ~ "'") }}
    {%- endfor -%}
select
    {%- for name, data_type in columns.items() %}
    {%- if name in missing %}
    cast(null as {{ data_type }}) as {{ name }},
    {%- elif data_type == 'string' %}
    cast({{ name }} as string) as {{ name }},
    {%- else %}
    try_cast({{ name }} as {{ data_type }}) as {{ name }},
    {%- endif %}
    {%- endfor %}
    {%- for name, data_type in lineage_columns().items() %}
    cast({{ name }} as {{ data_type }}) as {{ name }},
    {%- endfor %}
    {{ mistyped_columns(columns, missing) }} as _mistyped_columns
from {{ from_relation }}
{%- endmacro %}

{# Names of the columns that hold a value which is none of their type, joined by commas; null when there is none. #}
{% macro mistyped_columns(columns, missing) -%}
    nullif(
        substr(
            ''
            {%- for name, data_type in columns.items() if data_type != 'string' and name not in missing %}
            || case when {{ is_mistyped(name, data_type) }} then ',{{ name }}' else '' end
            {%- endfor %}, 2
        ), ''
    )
{%- endmacro %}

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

{# All landed versions of an entity over the company's staging models; an empty, typed table when it has none. #}
{% macro contract_union(entity) -%}
    {%- set contract = contract_definition(entity) -%}
    {%- set staging_models = fromjson(env_var('CX_DBT_STAGING_MODELS')).get(entity, []) -%}
with landed as (
    {%- for staging_model in staging_models %}
    {{ staged_rows(entity, staging_model) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        {%- for name, data_type in contract['columns'].items() %}
        cast(null as {{ data_type }}) as {{ name }},
        {%- endfor %}
        {%- for name, data_type in lineage_columns().items() %}
        cast(null as {{ data_type }}) as {{ name }},
        {%- endfor %}
        cast(null as string) as _mistyped_columns
    where 1 = 0
    {%- endfor %}
)

select
    {%- for name in contract['columns'] %}
    {%- if name in contract['blanked'] %}
    case when {{ blank_condition(contract['blanked'][name]) }} then null else {{ name }} end as {{ name }},
    {%- else %}
    {{ name }},
    {%- endif %}
    {%- endfor %}
    {{ landing_columns() }},
    _mistyped_columns,
    {{ blanked_columns(entity) }} as _blanked_columns,
    {{ 'case when ' ~ is_tombstone(entity) ~ ' then cast(null as string) else ' }}
    {{- violated_rules(entity) }} end as violated_rules
from landed
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
