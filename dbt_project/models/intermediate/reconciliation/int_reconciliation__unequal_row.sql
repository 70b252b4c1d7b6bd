-- Rows of those files that are not passed on as one version of the same amount, by a hash of their lineage: grouping by
-- the texts themselves would take most of reconciliation. Two rows of one hash count as unequal, which is looked at.
with side as (
    select
        {{ lineage_hash('landed_row') }} as lineage_hash,
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

select lineage_hash
from side
group by lineage_hash
having
    sum(landed_count) <> 1
    or sum(version_count) <> 1
    or sum(landed_amount) is distinct from sum(version_amount)
