{#
    What reconciliation generates for each table of the company and each contract behind one. Tables come from
    orchestration, which read company.yml; what all of them share is in models/intermediate/reconciliation.
#}

{% macro reconciled_tables() -%}
    {{ return(fromjson(env_var('CX_DBT_RECONCILED', '[]'))) }}
{%- endmacro %}

{# Contracts that reconciled tables become, each with the column that the table's amount becomes, or none. #}
{% macro reconciled_entities() -%}
    {%- set found = [] -%}
    {%- for table in reconciled_tables() if table['entity'] and [table['entity'], table['entity_amount']] not in found -%}
        {%- do found.append([table['entity'], table['entity_amount']]) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Landed rows of one table with its own day, amount and key, in columns that all tables have. #}
{% macro reconciled_landed_rows(table) -%}
select
    '{{ table["source"] }}' as source_name,
    '{{ table["table"] }}' as table_name,
    _load_id as load_id,
    _source_file as source_file,
    _source_row as source_row,
    {% if table['day_is_date'] %}{{ table['day'] }}{% else %}{{ local_date(table['day']) }}{% endif %} as local_day,
    cast({{ table['amount'] or 'null' }} as decimal(38, 6)) as landed_amount,
    {% for name in quoted_names(table['key']) -%}
    coalesce(cast({{ name }} as string), ''){{ " || '|' || " if not loop.last }}
    {%- else %}cast(null as string){% endfor %} as row_key,
    coalesce(_is_deleted, false) as is_deleted,
    {% if table['is_pulled'] -%}
    _load_sequence < max(_load_sequence) over (partition by {{ quoted_names(table['key']) | join(', ') }})
    {%- else %}cast(null as boolean){% endif %} as is_replaced
from {{ source('landing', table['landing']) }}
{%- endmacro %}

{# Versions of one entity, ranked by key where accepted, with the load and amount that the core holds of their key. #}
{% macro reconciled_versions(entity, amount) -%}
    {%- set key = contract_definition(entity)['key'] -%}
select
    '{{ entity }}.{{ amount or "" }}' as fate_name,
    {{ 'version.record_id' if entity == 'customer_record' else 'cast(null as string) as record_id' }},
    version._load_id as load_id,
    version._source_file as source_file,
    version._source_row as source_row,
    coalesce(version._is_deleted, false) as is_gone,
    version.violated_rules,
    case when version.violated_rules is null then row_number() over (
        partition by {% for name in key %}version.{{ name }}, {% endfor %}version.violated_rules is null
        order by {{ newest_first(entity) }}
    ) end as version_rank,
    cast({{ 'version.' ~ amount if amount else 'null' }} as decimal(38, 6)) as version_amount,
    core.core_load_id,
    core.core_amount
from {{ ref('int_contract__' ~ entity) }} as version
left join (
    select
        {{ key | join(', ') }},
        load_id as core_load_id,
        cast({{ amount or 'null' }} as decimal(38, 6)) as core_amount
    from {{ ref(core_relation(entity)) }}
) as core
    on {% for name in key %}version.{{ name }} = core.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# Rows of the core that no version of the landing accounts for. #}
{% macro reconciled_strays(entity, amount) -%}
    {%- set key = contract_definition(entity)['key'] -%}
select
    '{{ entity }}.{{ amount or "" }}' as fate_name,
    core.load_id,
    {% for name in key %}core.{{ name }}{{ " || '|' || " if not loop.last }}{% endfor %} as row_key,
    cast({{ 'core.' ~ amount if amount else 'null' }} as decimal(38, 6)) as core_amount
from {{ ref(core_relation(entity)) }} as core
where not exists (
    select 1 from {{ ref('int_contract__' ~ entity) }} as version
    where
        version._load_id = core.load_id
        and version.violated_rules is null
        {%- for name in key %}
        and version.{{ name }} = core.{{ name }}
        {%- endfor %}
)
{%- endmacro %}
