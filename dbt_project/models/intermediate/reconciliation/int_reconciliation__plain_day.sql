-- Landed rows with no story of their own, by day: their sums were compared, and each stage holds the same.
select
    landed.source_name,
    landed.table_name,
    landed.has_entity,
    landed.is_amount_followed,
    landed.local_day,
    count(*) as row_count,
    sum(landed.landed_amount) as amount
from {{ ref('int_reconciliation__landed_row') }} as landed
where not {{ is_traced('landed') }}
group by landed.source_name, landed.table_name, landed.has_entity, landed.is_amount_followed, landed.local_day
