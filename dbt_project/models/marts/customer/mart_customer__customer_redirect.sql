select
    cast(old_customer_id as string) as old_customer_id,
    cast(customer_id as string) as customer_id,
    cast(known_at as timestamp) as known_at,
    {{ local_date('known_at') }} as known_date
from {{ source('identity', 'customer_redirect') }}
