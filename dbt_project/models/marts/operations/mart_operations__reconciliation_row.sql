select
    row_number() over (
        order by
            source_name asc nulls last, table_name asc nulls last, local_day asc nulls last, stage asc nulls last,
            category asc nulls last, source_file asc nulls last, source_row asc nulls last, row_key asc nulls last,
            count_effect asc nulls last
    ) as difference_id,
    cast(source_name as string) as source_name,
    cast(table_name as string) as table_name,
    local_day,
    cast(stage as string) as stage,
    cast(category as string) as category,
    cast(row_key as string) as row_key,
    cast(customer_id as string) as customer_id,
    cast(source_file as string) as source_file,
    source_row,
    cast(reason as string) as reason,
    count_effect,
    amount_effect
from {{ ref('int_reconciliation__difference') }}
