-- A customer is touched when the first known order is another one: the day it was, and the day it is. The newest row of
-- a customer says what was known before; a first build has one of each.
with recorded_version as (
    {% if is_incremental() -%}
    select
        customer_id,
        first_order_date,
        first_order_currency_code,
        row_number() over (
            partition by customer_id
            order by snapshot_sequence desc nulls last, touched_date desc nulls last
        ) as version_rank
    from {{ this }}
    {%- else -%}
    select
        customer_id,
        first_order_date,
        first_order_currency_code,
        1 as version_rank
    from {{ ref('int_value__customer_purchase') }}
    where 1 = 0
    {%- endif %}
),

recorded as (
    select
        customer_id,
        first_order_date,
        first_order_currency_code
    from recorded_version
    where version_rank = 1
),

present as (
    select
        customer_id,
        first_order_date,
        first_order_currency_code
    from {{ ref('int_value__customer_purchase') }}
),

changed as (
    select
        coalesce(present.customer_id, recorded.customer_id) as customer_id,
        present.first_order_date,
        present.first_order_currency_code,
        recorded.first_order_date as recorded_date
    from present
    full outer join recorded on present.customer_id = recorded.customer_id
    where
        present.first_order_date is distinct from recorded.first_order_date
        or present.first_order_currency_code is distinct from recorded.first_order_currency_code
),

touched as (
    select
        customer_id,
        first_order_date,
        first_order_currency_code,
        recorded_date as touched_date
    from changed
    where recorded_date is not null
    union
    select
        customer_id,
        first_order_date,
        first_order_currency_code,
        first_order_date as touched_date
    from changed
    where first_order_date is not null
)

select
    cast(touched.customer_id as string) as customer_id,
    touched.first_order_date,
    cast(touched.first_order_currency_code as string) as first_order_currency_code,
    touched.touched_date,
    observation.snapshot_sequence
from touched
cross join {{ ref('dim_observation') }} as observation
