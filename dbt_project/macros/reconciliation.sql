{# Rows of reconciled tables followed from the landing to the core. What is configured comes from orchestration. #}

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
        'sales_order': 'fct_sales_order',
        'survey_invitation': 'fct_survey_invitation',
        'survey_response': 'fct_survey_response',
        'ticket': 'fct_ticket',
        'transaction_line': 'fct_transaction_line',
    }[entity]) }}
{%- endmacro %}

{#
    Landed rows of one table with day, amount and key. Of a table that is asked for, what the last load brought of a key
    stands in the source: what earlier ones brought, and the marks of rows that vanished there, are history.
#}
{% macro reconciled_landed_rows(table) -%}
    {%- set deleted = 'coalesce(_is_deleted, false)' -%}
select
    '{{ table["source"] }}' as source_name,
    '{{ table["table"] }}' as table_name,
    {% if table['entity'] %}'{{ table["entity"] }}.{{ table["entity_amount"] or "" }}'{% else %}cast(null as string){% endif %} as fate_name,
    '{{ table["filtered"] or "" }}' as filter_reason,
    _load_id as load_id,
    _source_file as source_file,
    _source_row as source_row,
    {% if table['day_is_date'] %}{{ table['day'] }}{% else %}{{ local_date(table['day']) }}{% endif %} as local_day,
    {% if table['amount'] -%}
    cast({{ table['amount'] }} as {{ amount_type() }})
    {%- else -%}
    cast(null as {{ amount_type() }})
    {%- endif %} as landed_amount,
    {% for name in table['key'] %}coalesce(cast({{ name }} as string), ''){{ " || '|' || " if not loop.last }}{% else %}cast(null as string){% endfor %} as row_key,
    {{ deleted }} as is_deleted,
    {% if table['is_pulled'] -%}
    (
        _load_sequence < max(_load_sequence) over (partition by {{ table['key'] | join(', ') }})
        {%- if not table['is_flagged'] %} or {{ deleted }}{% endif %}
    )
    {%- else -%}
    false
    {%- endif %} as is_history
from {{ source('landing', table['landing']) }}
{%- endmacro %}

{#
    Versions of one entity and where they ended: refused by the contract, superseded by a newer version, in the core, or
    (records of customers) merged into a customer that another record stands for.
#}
{% macro reconciled_versions(entity, amount) -%}
    {%- set key = contract_definition(entity)['key'] -%}
    {%- set amount_of = 'cast(' ~ amount ~ ' as ' ~ amount_type() ~ ')' if amount else 'cast(null as ' ~ amount_type() ~ ')' -%}
select
    '{{ entity }}.{{ amount or "" }}' as fate_name,
    version._load_id as load_id,
    version._source_file as source_file,
    version._source_row as source_row,
    version.version_amount,
    version.violated_rules,
    version.version_rank,
    {% if entity == 'customer_record' -%}
    survivor.customer_id,
    coalesce(version.version_rank = 1 and core.load_id = version._load_id and survivor.survivor_rank > 1, false) as is_merged,
    coalesce(version.version_rank = 1 and core.load_id = version._load_id and survivor.survivor_rank = 1, false) as is_in_core,
    {% else -%}
    cast(null as string) as customer_id,
    false as is_merged,
    coalesce(version.version_rank = 1 and core.load_id = version._load_id, false) as is_in_core,
    {% endif -%}
    core.core_amount
from (
    select
        {{ key | join(', ') }},
        _load_id,
        _source_file,
        _source_row,
        violated_rules,
        {{ amount_of }} as version_amount,
        case when violated_rules is null then row_number() over (
            partition by {{ key | join(', ') }}, violated_rules is null
            order by {{ newest_first(entity) }}
        ) end as version_rank
    from {{ ref('int_contract__' ~ entity) }}
) as version
left join (
    select
        {{ key | join(', ') }},
        load_id,
        {{ amount_of }} as core_amount
    from {{ ref(core_relation(entity)) }}
) as core
    on {% for name in key %}version.{{ name }} = core.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
{%- if entity == 'customer_record' %}
left join {{ ref('int_customer__survivor') }} as survivor on version.record_id = survivor.record_id
{%- endif %}
{%- endmacro %}

{# Rows of the core that no version of the landing accounts for, by load. #}
{% macro reconciled_strays(entity, amount) -%}
    {%- set key = contract_definition(entity)['key'] -%}
    {%- set amount_of = 'cast(core.' ~ amount ~ ' as ' ~ amount_type() ~ ')' if amount else 'cast(null as ' ~ amount_type() ~ ')' -%}
select
    '{{ entity }}.{{ amount or "" }}' as fate_name,
    core.load_id,
    {% for name in key %}core.{{ name }}{{ " || '|' || " if not loop.last }}{% endfor %} as row_key,
    {{ amount_of }} as core_amount
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
    select
        cast(null as string) as source_name,
        cast(null as string) as table_name,
        cast(null as string) as fate_name,
        cast(null as string) as filter_reason,
        cast(null as string) as load_id,
        cast(null as string) as source_file,
        cast(null as bigint) as source_row,
        cast(null as date) as local_day,
        cast(null as {{ amount_type() }}) as landed_amount,
        cast(null as string) as row_key,
        false as is_deleted,
        false as is_history
    where 1 = 0
    {%- endfor %}
),

version as (
    {% for entity, amount in fates -%}
    {{ reconciled_versions(entity, amount) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as string) as fate_name,
        cast(null as string) as load_id,
        cast(null as string) as source_file,
        cast(null as bigint) as source_row,
        cast(null as {{ amount_type() }}) as version_amount,
        cast(null as string) as violated_rules,
        cast(null as bigint) as version_rank,
        cast(null as string) as customer_id,
        false as is_merged,
        false as is_in_core,
        cast(null as {{ amount_type() }}) as core_amount
    where 1 = 0
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
    select
        cast(null as string) as fate_name,
        cast(null as string) as load_id,
        cast(null as string) as row_key,
        cast(null as {{ amount_type() }}) as core_amount
    where 1 = 0
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
    select
        cast(null as string) as source_name,
        cast(null as string) as table_name,
        cast(null as string) as fate_name
    where 1 = 0
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
    1 as landed_count,
    landed.landed_amount,
    coalesce(fate.version_count, 0) as version_count,
    fate.version_amount,
    coalesce(fate.refused_count, 0) as refused_count,
    fate.refused_amount,
    fate.violated_rules,
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
    0 as landed_count,
    cast(null as {{ amount_type() }}) as landed_amount,
    0 as version_count,
    cast(null as {{ amount_type() }}) as version_amount,
    0 as refused_count,
    cast(null as {{ amount_type() }}) as refused_amount,
    cast(null as string) as violated_rules,
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

{# Each row by which two neighbouring stages differ, from the statements and from what became of the landed rows. #}
{% macro reconciled_differences() -%}
with statement_of as (
    select * from {{ source('run', 'source_statement') }}
),

unstated as (
    select
        traced.source_name,
        traced.table_name,
        traced.local_day,
        traced.source_file,
        stated.reason,
        sum(traced.landed_count) as landed_count,
        sum(traced.landed_amount) as landed_amount
    from {{ ref('int_operations__reconciled_row') }} as traced
    inner join statement_of as stated
        on
            traced.source_name = stated.source_name
            and traced.table_name = stated.table_name
            and traced.source_file = stated.source_file
            and (traced.load_id = stated.load_id or stated.is_of_table)
    where stated.kind = 'unknown' and not traced.is_history
    group by traced.source_name, traced.table_name, traced.local_day, traced.source_file, stated.reason
),

difference as (
    select
        source_name,
        table_name,
        day as local_day,
        'landing' as stage,
        case kind
            when 'late' then 'late' when 'gone' then 'deleted' when 'copy' then 'duplicate' else 'quarantined'
        end as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        case kind
            when 'refused' then reason
            when 'late' then 'In the source, but outside of what any load asked for.'
            when 'gone' then 'Landed, but the source shows it no more, or otherwise.'
            when 'copy' then 'The source shows the key several times; another row of it landed.'
            else 'Released from quarantine.'
        end as reason,
        case when kind in ('gone', 'released') then row_count else -row_count end as count_effect,
        case when kind in ('gone', 'released') then amount else -amount end as amount_effect
    from statement_of
    where kind in ('refused', 'late', 'gone', 'copy', 'released')
    union all
    select
        traced.source_name,
        traced.table_name,
        traced.local_day,
        'landing' as stage,
        'quarantined' as category,
        traced.row_key,
        cast(null as string) as customer_id,
        traced.source_file,
        traced.source_row,
        'Released from quarantine.' as reason,
        traced.landed_count as count_effect,
        traced.landed_amount as amount_effect
    from {{ ref('int_operations__reconciled_row') }} as traced
    inner join statement_of as stated
        on
            traced.source_name = stated.source_name
            and traced.table_name = stated.table_name
            and traced.load_id = stated.load_id
    where stated.kind = 'release' and not traced.is_history
    union all
    select
        source_name,
        table_name,
        local_day,
        'landing' as stage,
        'unknown' as category,
        cast(null as string) as row_key,
        cast(null as string) as customer_id,
        source_file,
        cast(null as bigint) as source_row,
        reason,
        landed_count as count_effect,
        landed_amount as amount_effect
    from unstated
    union all
    select
        source_name,
        table_name,
        local_day,
        'landing' as stage,
        case when is_deleted then 'deleted' else 'duplicate' end as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        case
            when is_deleted then 'Mark of a row that the source has no more.' else 'Earlier version of a row.'
        end as reason,
        1 as count_effect,
        landed_amount as amount_effect
    from {{ ref('int_operations__reconciled_row') }}
    where is_history
    union all
    select
        source_name,
        table_name,
        local_day,
        'staging' as stage,
        case
            when is_deleted then 'deleted' when filter_reason is not null then 'filtered' else 'unexplained'
        end as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        case
            when is_deleted then 'Deleted in the source.'
            else coalesce(filter_reason, 'The staging SQL leaves the row out.')
        end as reason,
        -1 as count_effect,
        -landed_amount as amount_effect
    from {{ ref('int_operations__reconciled_row') }}
    where has_entity and landed_count = 1 and version_count = 0
    union all
    select
        source_name,
        table_name,
        local_day,
        'staging' as stage,
        'unexplained' as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        'The staging SQL makes several rows of it.' as reason,
        version_count - 1 as count_effect,
        version_amount - landed_amount as amount_effect
    from {{ ref('int_operations__reconciled_row') }}
    where version_count > 1
    union all
    select
        source_name,
        table_name,
        local_day,
        'mart' as stage,
        'quarantined' as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        'Breaks the contract: ' || violated_rules || '.' as reason,
        -refused_count as count_effect,
        -refused_amount as amount_effect
    from {{ ref('int_operations__reconciled_row') }}
    where refused_count > 0
    union all
    select
        source_name,
        table_name,
        local_day,
        'mart' as stage,
        'duplicate' as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        'Another version of the same key stands for it.' as reason,
        -superseded_count as count_effect,
        -superseded_amount as amount_effect
    from {{ ref('int_operations__reconciled_row') }}
    where superseded_count > 0
    union all
    select
        source_name,
        table_name,
        local_day,
        'mart' as stage,
        'merged' as category,
        row_key,
        customer_id,
        source_file,
        source_row,
        'Another record stands for the customer.' as reason,
        -merged_count as count_effect,
        -merged_amount as amount_effect
    from {{ ref('int_operations__reconciled_row') }}
    where merged_count > 0
    union all
    select
        source_name,
        table_name,
        local_day,
        'mart' as stage,
        case when is_deleted then 'deleted' else 'unexplained' end as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        case
            when is_deleted then 'Deleted in the source.'
            when landed_count = 0 then 'In the core, but no landed row is it.'
            else 'Accepted, but not in the core.'
        end as reason,
        core_count + merged_count + refused_count + superseded_count - version_count as count_effect,
        case
            when landed_count = 0 then core_amount
            else
                coalesce(refused_amount, 0) + coalesce(superseded_amount, 0) + coalesce(core_amount, 0)
                - version_amount
        end as amount_effect
    from {{ ref('int_operations__reconciled_row') }}
    where core_count + merged_count + refused_count + superseded_count <> version_count
)

select
    source_name,
    table_name,
    local_day,
    stage,
    category,
    row_key,
    customer_id,
    source_file,
    cast(source_row as bigint) as source_row,
    reason,
    cast(count_effect as bigint) as count_effect,
    cast(amount_effect as decimal(38, 6)) as amount_effect
from difference
{%- endmacro %}
