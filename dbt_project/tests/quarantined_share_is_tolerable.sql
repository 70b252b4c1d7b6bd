-- Above the company's limit the mapping or the source is broken, and nothing downstream may be built on what is left.
select
    entity,
    source_system,
    quarantined_row_count,
    row_count
from {{ ref('int_operations__contract_count') }}
where cast(quarantined_row_count as double) > {{ parameter('max_quarantined_share') }} * row_count
