-- Lineage of the landed rows that have a story of their own: versions that a rule, a deletion, another version of their
-- key or another record of their customer singles out, rows that the source no longer shows as they landed, and rows of
-- files of which the source says something particular. They are few beside the rest, which is compared by sums.
with singled as (
    {% for entity in reconciled_entities() | map(attribute=0) | unique -%}
    {{ reconciled_singled_versions(entity) }}
    union all
    {% endfor -%}
    select
        load_id,
        source_file,
        source_row
    from {{ ref('int_reconciliation__landed_row') }}
    where is_history or is_deleted
    union all
    select
        landed.load_id,
        landed.source_file,
        landed.source_row
    from {{ ref('int_reconciliation__landed_row') }} as landed
    inner join {{ source('run', 'source_statement') }} as stated
        on
            landed.source_name = stated.source_name
            and landed.table_name = stated.table_name
            and landed.source_file = stated.source_file
            and (landed.load_id = stated.load_id or stated.is_of_table)
    where stated.kind in ('unknown', 'release')
)

select distinct
    singled.load_id,
    singled.source_file,
    singled.source_row,
    {{ lineage_hash('singled') }} as lineage_hash
from singled
