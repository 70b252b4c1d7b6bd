-- The landed rows that are looked at one by one, and what became of each; of all others the sums agree
-- (int_reconciliation__plain_day).
with landed as (
    select landed_row.*
    from {{ ref('int_reconciliation__landed_row') }} as landed_row
    where {{ is_traced('landed_row') }}
),

-- What is said of a key now: a row that stands in the source, or the mark of one that is gone.
present as (
    select
        source_name,
        table_name,
        row_key,
        min(local_day) as local_day,
        min(landed_amount) as landed_amount
    from {{ ref('int_reconciliation__landed_row') }}
    where
        (not is_history or is_deleted)
        and row_key in (select history.row_key from landed as history where history.is_history)
    group by source_name, table_name, row_key
)

select
    landed.source_name,
    landed.table_name,
    landed.has_entity,
    landed.filter_reason,
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
            (landed.local_day is distinct from present.local_day)
            or (landed.landed_amount is distinct from present.landed_amount)
            then 'changed'
        else 'duplicate'
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
left join {{ ref('int_reconciliation__fate') }} as fate
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
    source_name,
    table_name,
    true as has_entity,
    cast(null as string) as filter_reason,
    load_id,
    cast(null as string) as source_file,
    cast(null as bigint) as source_row,
    cast(null as date) as local_day,
    row_key,
    false as is_deleted,
    false as is_history,
    'duplicate' as history_category,
    0 as landed_count,
    cast(null as decimal(38, 6)) as landed_amount,
    0 as version_count,
    cast(null as decimal(38, 6)) as version_amount,
    0 as refused_count,
    cast(null as decimal(38, 6)) as refused_amount,
    cast(null as string) as violated_rules,
    false as is_withdrawn,
    0 as superseded_count,
    cast(null as decimal(38, 6)) as superseded_amount,
    0 as merged_count,
    cast(null as decimal(38, 6)) as merged_amount,
    cast(null as string) as customer_id,
    1 as core_count,
    core_amount
from {{ ref('int_reconciliation__stray') }}
