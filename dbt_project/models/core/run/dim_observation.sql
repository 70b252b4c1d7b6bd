select
    cast(snapshot_id as string) as snapshot_id,
    cast(snapshot_sequence as bigint) as snapshot_sequence,
    cast(as_of_date as date) as as_of_date,
    cast(as_of_at as timestamp) as as_of_at,
    cast(max_load_sequence as bigint) as max_load_sequence
from {{ source('run', 'snapshot') }}
