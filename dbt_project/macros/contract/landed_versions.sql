{#
    All landed versions of an entity over the company's staging models, each read, cast and judged once; an empty, typed
    table when it has none. A run adds the loads that are new.
#}
{% macro contract_union(entity) -%}
    {%- do config(materialized='incremental' if only_adds(entity) else 'table', incremental_strategy='append') -%}
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
    {{ violated_rules(entity) }} as violated_rules
from landed
{%- if is_incremental() %}
where _load_sequence > (select coalesce(max(held._load_sequence), -1) from {{ this }} as held)
{%- endif %}
{%- endmacro %}

{#
    Whether what stands in an entity's contract stays when loads are added: each of its staging models maps the rows of
    one landing table one by one (told by orchestration, which read the SQL), and no value is judged by the observation
    date. Otherwise the contract is made anew each run.
#}
{% macro only_adds(entity) -%}
    {%- set row_by_row = fromjson(env_var('CX_DBT_ROW_BY_ROW_STAGING', '[]')) -%}
    {%- set others = fromjson(env_var('CX_DBT_STAGING_MODELS')).get(entity, []) | reject('in', row_by_row) | list -%}
    {{ return(not others and not contract_definition(entity)['blanked']) }}
{%- endmacro %}

{# Rows of a staging model for its contract, withdrawn versions as gone. #}
{% macro staged_rows(entity, staging_model) -%}
    {%- if filtered_staging(staging_model) %}
    select {{ contract_columns(entity, relation='staged') }},
        staged._load_id,
        greatest(staged._load_sequence, coalesce(withdrawn.newest_sequence, 0)) as _load_sequence,
        staged._source_file,
        staged._source_row,
        coalesce(staged._is_deleted, false) or withdrawn.newest_sequence is not null as _is_deleted,
        staged._mistyped_columns
    from {{ ref(staging_model) }} as staged
    left join (
        {{ withdrawn_versions(staging_model) }}
    ) as withdrawn
        on
            staged._load_id = withdrawn._load_id
            and staged._source_file = withdrawn._source_file
            and staged._source_row = withdrawn._source_row
    {%- else %}
    select {{ contract_columns(entity) }},
        {{ landing_columns() }},
        _mistyped_columns
    from {{ ref(staging_model) }}
    {%- endif %}
{%- endmacro %}
