{#
    Rows of reconciled tables followed from the landing to the core. What is configured comes from orchestration. The
    stages' own rows are in reconciled_stages.sql, what differs between them in reconciled_differences.sql.
#}

{% macro reconciled_tables() -%}
    {{ return(fromjson(env_var('CX_DBT_RECONCILED', '[]'))) }}
{%- endmacro %}

{% macro amount_type() -%}
decimal(38, 6)
{%- endmacro %}

{# Where an entity's newest accepted versions stand in the core. #}
{% macro core_relation(entity) -%}
    {{ return({
        'campaign_contact': 'fct_campaign_contact',
        'customer_record': 'int_identity__current_record',
        'interaction': 'fct_interaction',
        'lead': 'fct_lead',
        'payment': 'fct_payment',
        'product': 'dim_product',
        'record_merge': 'bridge_record_merge',
        'sales_order': 'fct_sales_order',
        'survey_invitation': 'fct_survey_invitation',
        'survey_response': 'fct_survey_response',
        'ticket': 'fct_ticket',
        'transaction_line': 'fct_transaction_line',
    }[entity]) }}
{%- endmacro %}

{# Stands for a union over tables where none is configured: the columns, by name and type, without a row. #}
{% macro no_rows(columns) -%}
select
    {%- for name, type in columns.items() %}
    cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
where 1 = 0
{%- endmacro %}

{#
    One row per landed row of the reconciled tables, with what became of it; and one per row further on that belongs to
    no landed row.
#}
{% macro reconciled_rows() -%}
    {%- set tables = reconciled_tables() -%}
    {%- set fates = [] -%}
    {%- for table in tables if table['entity'] and [table['entity'], table['entity_amount']] not in fates -%}
        {%- do fates.append([table['entity'], table['entity_amount']]) -%}
    {%- endfor -%}
with landed as (
    {% for table in tables -%}
    {{ reconciled_landed_rows(table) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    {{ no_rows({
        'source_name': 'string',
        'table_name': 'string',
        'fate_name': 'string',
        'filter_reason': 'string',
        'load_id': 'string',
        'source_file': 'string',
        'source_row': 'bigint',
        'local_day': 'date',
        'landed_amount': amount_type(),
        'row_key': 'string',
        'is_deleted': 'boolean',
        'is_history': 'boolean',
    }) }}
    {%- endfor %}
),

-- What is said of a key now: a row that stands in the source, or the mark of one that is gone.
present as (
    select
        source_name,
        table_name,
        row_key,
        min(local_day) as local_day,
        min(landed_amount) as landed_amount
    from landed
    where (not is_history or is_deleted) and row_key is not null
    group by source_name, table_name, row_key
),

version as (
    {% for entity, amount in fates -%}
    {{ reconciled_versions(entity, amount) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    {{ no_rows({
        'fate_name': 'string',
        'load_id': 'string',
        'source_file': 'string',
        'source_row': 'bigint',
        'version_amount': amount_type(),
        'violated_rules': 'string',
        'version_rank': 'bigint',
        'is_gone': 'boolean',
        'customer_id': 'string',
        'is_merged': 'boolean',
        'is_in_core': 'boolean',
        'core_amount': amount_type(),
    }) }}
    {%- endfor %}
),

fate as (
    select
        fate_name,
        load_id,
        source_file,
        source_row,
        count(*) as version_count,
        sum(version_amount) as version_amount,
        count(*) filter (where violated_rules is not null) as refused_count,
        sum(version_amount) filter (where violated_rules is not null) as refused_amount,
        min(violated_rules) as violated_rules,
        count(*) filter (where version_rank > 1) as superseded_count,
        sum(version_amount) filter (where version_rank > 1) as superseded_amount,
        bool_or(is_gone) as is_gone,
        count(*) filter (where is_merged) as merged_count,
        sum(version_amount) filter (where is_merged) as merged_amount,
        min(customer_id) filter (where is_merged) as customer_id,
        count(*) filter (where is_in_core) as core_count,
        sum(core_amount) filter (where is_in_core) as core_amount
    from version
    group by fate_name, load_id, source_file, source_row
),

stray as (
    {% for entity, amount in fates if entity != 'customer_record' -%}
    {{ reconciled_strays(entity, amount) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    {{ no_rows({
        'fate_name': 'string',
        'load_id': 'string',
        'row_key': 'string',
        'core_amount': amount_type(),
    }) }}
    {%- endfor %}
),

reconciled_table as (
    {% for table in tables -%}
    select
        '{{ table["source"] }}' as source_name,
        '{{ table["table"] }}' as table_name,
        '{{ table["entity"] }}.{{ table["entity_amount"] or "" }}' as fate_name
    {{ 'union all' if not loop.last }}
    {% else -%}
    {{ no_rows({
        'source_name': 'string',
        'table_name': 'string',
        'fate_name': 'string',
    }) }}
    {%- endfor %}
)

select
    landed.source_name,
    landed.table_name,
    landed.fate_name is not null as has_entity,
    nullif(landed.filter_reason, '') as filter_reason,
    landed.load_id,
    landed.source_file,
    landed.source_row,
    landed.local_day,
    landed.row_key,
    landed.is_deleted,
    landed.is_history,
    case
        when not landed.is_history then 'duplicate'
        when landed.is_deleted then 'deleted'
        when landed.row_key is null then 'changed'
        when present.row_key is null then 'deleted'
        when
            landed.local_day is not distinct from present.local_day
            and landed.landed_amount is not distinct from present.landed_amount
            then 'duplicate'
        else 'changed'
    end as history_category,
    1 as landed_count,
    landed.landed_amount,
    coalesce(fate.version_count, 0) as version_count,
    fate.version_amount,
    coalesce(fate.refused_count, 0) as refused_count,
    fate.refused_amount,
    fate.violated_rules,
    coalesce(fate.is_gone, false) and not landed.is_deleted as is_withdrawn,
    coalesce(fate.superseded_count, 0) as superseded_count,
    fate.superseded_amount,
    coalesce(fate.merged_count, 0) as merged_count,
    fate.merged_amount,
    fate.customer_id,
    coalesce(fate.core_count, 0) as core_count,
    fate.core_amount
from landed
left join fate
    on
        landed.fate_name = fate.fate_name
        and landed.load_id = fate.load_id
        and landed.source_file = fate.source_file
        and landed.source_row = fate.source_row
left join present
    on
        landed.source_name = present.source_name
        and landed.table_name = present.table_name
        and landed.row_key = present.row_key
union all
select
    reconciled_table.source_name,
    reconciled_table.table_name,
    true as has_entity,
    cast(null as string) as filter_reason,
    stray.load_id,
    cast(null as string) as source_file,
    cast(null as bigint) as source_row,
    cast(null as date) as local_day,
    stray.row_key,
    false as is_deleted,
    false as is_history,
    'duplicate' as history_category,
    0 as landed_count,
    cast(null as {{ amount_type() }}) as landed_amount,
    0 as version_count,
    cast(null as {{ amount_type() }}) as version_amount,
    0 as refused_count,
    cast(null as {{ amount_type() }}) as refused_amount,
    cast(null as string) as violated_rules,
    false as is_withdrawn,
    0 as superseded_count,
    cast(null as {{ amount_type() }}) as superseded_amount,
    0 as merged_count,
    cast(null as {{ amount_type() }}) as merged_amount,
    cast(null as string) as customer_id,
    1 as core_count,
    stray.core_amount
from stray
inner join {{ source('run', 'load') }} as load on stray.load_id = load.load_id
inner join reconciled_table
    on
        load.source_name = reconciled_table.source_name
        and load.table_name = reconciled_table.table_name
        and stray.fate_name = reconciled_table.fate_name
{%- endmacro %}
