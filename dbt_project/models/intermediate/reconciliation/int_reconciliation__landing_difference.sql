{{ config(materialized='view') }}

-- Rows by which the landing differs from what the source says of itself.
with without_totals as (
    select
        traced.source_name,
        traced.table_name,
        traced.local_day,
        traced.source_file,
        control_total.reason,
        sum(traced.landed_count) as landed_count,
        sum(traced.landed_amount) as landed_amount
    from {{ ref('int_reconciliation__row') }} as traced
    inner join {{ source('run', 'source_statement') }} as control_total
        on
            traced.source_name = control_total.source_name
            and traced.table_name = control_total.table_name
            and traced.source_file = control_total.source_file
            and (traced.load_id = control_total.load_id or control_total.is_of_table)
    where control_total.kind = 'unknown' and not traced.is_history
    group by traced.source_name, traced.table_name, traced.local_day, traced.source_file, control_total.reason
)

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
        when 'late' then 'In the source, but outside the window of every pull.'
        when 'gone' then 'Landed, but the source shows it no more, or otherwise.'
        when 'copy' then 'The source shows the key several times; another row of it landed.'
        else 'Released from quarantine.'
    end as reason,
    case when kind in ('gone', 'released') then row_count else -row_count end as count_effect,
    case when kind in ('gone', 'released') then amount else -amount end as amount_effect
from {{ source('run', 'source_statement') }}
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
from {{ ref('int_reconciliation__row') }} as traced
inner join {{ source('run', 'source_statement') }} as control_total
    on
        traced.source_name = control_total.source_name
        and traced.table_name = control_total.table_name
        and traced.load_id = control_total.load_id
        and traced.source_file = control_total.source_file
where control_total.kind = 'release' and not traced.is_history
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
from without_totals
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
from {{ ref('int_reconciliation__row') }}
where is_history
