{{ config(materialized='view') }}

-- Landed rows that the staging SQL leaves out or makes several of.
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
from {{ ref('int_reconciliation__row') }}
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
from {{ ref('int_reconciliation__row') }}
where version_count > 1
