select
    cast(customer_id as string) as customer_id,
    cast(household_id as string) as household_id
from {{ source('identity', 'household') }}
