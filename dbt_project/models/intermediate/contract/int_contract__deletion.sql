{{ config(materialized='incremental', incremental_strategy='append') }}

with deletion as (
    {% for entity in contract_definitions() -%}
    {{ deletion_rows(entity) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    cast(deletion.entity as string) as entity,
    cast(deletion.row_key as string) as row_key,
    cast(deletion.leading_key as string) as leading_key,
    cast(deletion.source_system as string) as source_system,
    cast(deletion.load_id as string) as load_id,
    cast(deletion.load_sequence as bigint) as load_sequence,
    cast(snapshot.snapshot_sequence as bigint) as snapshot_sequence
from deletion
cross join {{ source('run', 'snapshot') }} as snapshot
