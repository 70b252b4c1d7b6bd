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
            and traced.source_file = stated.source_file
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
        history_category as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        case
            when is_deleted then 'Mark of a row that the source has no more.'
            when history_category = 'deleted' then 'In an earlier version of its file; the newest has it no more.'
            when history_category = 'changed' then 'Earlier version of a row, with another day or amount.'
            else 'Earlier version of a row.'
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
        case when is_deleted then 'duplicate' else history_category end as category,
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
        case when is_deleted then 'deleted' when is_withdrawn then 'filtered' else 'unexplained' end as category,
        row_key,
        cast(null as string) as customer_id,
        source_file,
        source_row,
        case
            when is_deleted then 'Deleted in the source.'
            when is_withdrawn then 'The staging SQL leaves its newest version out.'
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
