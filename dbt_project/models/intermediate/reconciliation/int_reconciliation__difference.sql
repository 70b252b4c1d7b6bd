-- Each row by which two neighbouring stages differ, with the reason. An unexplained one is named, but explains nothing.
with difference as (
    select * from {{ ref('int_reconciliation__landing_difference') }}
    union all
    select * from {{ ref('int_reconciliation__staging_difference') }}
    union all
    select * from {{ ref('int_reconciliation__core_difference') }}
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
