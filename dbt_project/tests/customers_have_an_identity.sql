{{ config(meta={'dagster': {'ref': {'name': 'dim_customer_identity'}}}) }}

-- The restricted publication and the general one must speak of the same customers.
select
    customer.customer_id as general_id,
    person.customer_id as restricted_id
from {{ ref('dim_customer') }} as customer
full outer join {{ ref('dim_customer_identity') }} as person on customer.customer_id = person.customer_id
where customer.customer_id is null or person.customer_id is null
