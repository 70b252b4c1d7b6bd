select
    cast(record_id as string) as record_id,
    cast(customer_id as string) as customer_id,
    cast(valid_from_at as timestamp) as valid_from_at,
    cast(valid_to_at as timestamp) as valid_to_at,
    cast(known_from_at as timestamp) as known_from_at,
    cast(known_to_at as timestamp) as known_to_at,
    known_to_at is null as is_current,
    cast(snapshot_sequence as bigint) as snapshot_sequence,
    cast(snapshot_id as string) as snapshot_id
from {{ source('identity', 'record_customer') }}
