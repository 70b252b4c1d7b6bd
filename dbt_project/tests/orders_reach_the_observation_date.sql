{{ config(meta={'dagster': {'ref': {'name': 'fct_transaction_line'}}}) }}

-- Days that the orders have not reached would count as days without sales, and customers as lost. Judged by the facts,
-- not by the landing, so that a table without event_time and a mapping that leaves the last days out are seen too.
-- Below ten days with orders nobody can tell a late feed from a quiet one.
with order_day as (
    select sales_order.ordered_date as order_date
    from {{ ref('fct_sales_order') }} as sales_order
    cross join {{ ref('dim_observation') }} as observation
    where sales_order.ordered_date <= observation.as_of_date
    union
    select line.occurred_date as order_date
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    where line.occurred_date <= observation.as_of_date
),

reached as (
    select
        max(order_date) as reached_date,
        count(*) as day_count
    from order_day
)

select
    reached.reached_date,
    observation.as_of_date
from reached
cross join {{ ref('dim_observation') }} as observation
where
    reached.day_count >= 10
    and {{ days_between('reached.reached_date', 'observation.as_of_date') }} > {{ parameter('feeds_max_days_behind') }}
