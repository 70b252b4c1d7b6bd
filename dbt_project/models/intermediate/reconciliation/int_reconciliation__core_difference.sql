{{ config(materialized='view') }}

-- Versions that are not in the core, and rows of it that no version accounts for.
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
from {{ ref('int_reconciliation__row') }}
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
from {{ ref('int_reconciliation__row') }}
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
from {{ ref('int_reconciliation__row') }}
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
from {{ ref('int_reconciliation__row') }}
where core_count + merged_count + refused_count + superseded_count <> version_count
