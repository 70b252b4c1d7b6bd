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
    {%- set landing = source('landing', table['landing']) -%}
    {%- set key = quoted_names(table['key']) -%}
select
    '{{ table["source"] }}' as source_name,
    '{{ table["table"] }}' as table_name,
    landed._load_id as load_id,
    landed._source_file as source_file,
    landed._source_row as source_row,
    {% set day = 'landed.' ~ table['day'] -%}
    {% if table['day_is_date'] %}{{ day }}{% else %}{{ local_date(day) }}{% endif %} as local_day,
    cast({{ 'landed.' ~ table['amount'] if table['amount'] else 'null' }} as decimal(38, 6)) as landed_amount,
    {% for name in key -%}
    coalesce(cast(landed.{{ name }} as string), ''){{ " || '|' || " if not loop.last }}
    {%- else %}cast(null as string){% endfor %} as row_key,
    coalesce(landed._is_deleted, false) as is_deleted,
    {{ 'newest.newest_sequence is not null' if table['is_pulled'] else 'cast(null as boolean)' }} as is_replaced
from {{ landing }} as landed
{%- if table['is_pulled'] %}
left join (
    select
        {{ key | join(', ') }},
        max(_load_sequence) as newest_sequence
    from {{ landing }}
    group by {{ key | join(', ') }}
    having max(_load_sequence) > min(_load_sequence)
) as newest
    on
        landed._load_sequence < newest.newest_sequence
        {%- for name in key %}
        and landed.{{ name }} is not distinct from newest.{{ name }}
        {%- endfor %}
{%- endif %}
{%- endmacro %}
