-- The records of every customer of the spine, as it was known on the day whose they were: the one place where features
-- of the past meet identity.
with customer_date as (
    select distinct
        customer_id,
        observation_date
    from {{ ref('int_feature__spine') }}
)

select
    record_customer.record_id,
    record_customer.customer_id,
    customer_date.observation_date
from customer_date
inner join {{ ref('int_feature__record_customer') }} as record_customer
    on
        customer_date.customer_id = record_customer.customer_id
        and customer_date.observation_date >= record_customer.from_date
        and customer_date.observation_date < record_customer.to_date
