-- Rows of those files that are not passed on as one version of the same amount.
with side as (
    select
        landed_row.fate_name,
        landed_row.load_id,
        landed_row.source_file,
        landed_row.source_row,
        1 as landed_count,
        0 as version_count,
        {{ followed_amount('landed_row') }} as landed_amount,
        cast(null as decimal(38, 6)) as version_amount
    from {{ ref('int_reconciliation__landed_row') }} as landed_row
    inner join {{ ref('int_reconciliation__unequal_file') }} as unequal_file
        on
            landed_row.fate_name = unequal_file.fate_name
            and landed_row.load_id = unequal_file.load_id
            and landed_row.source_file = unequal_file.source_file
    {%- for entity, amount in reconciled_entities() %}
    union all
    {{ reconciled_unequal_versions(entity, amount) }}
    {%- endfor %}
)

select
    load_id,
    source_file,
    source_row
from side
group by fate_name, load_id, source_file, source_row
having
    sum(landed_count) <> 1
    or sum(version_count) <> 1
    or sum(landed_amount) is distinct from sum(version_amount)
