-- What a customer bought on a day: orders on their own day, lines on theirs, so that what came back later is not known
-- before. Orders canceled by the observation date are left out throughout: most are canceled within days.
with movement as (
    select
        sales_order.record_id,
        sales_order.purchase_date as day_date,
        1 as purchase_count,
        cast(null as decimal(18, 2)) as net_amount
    from {{ ref('int_sales__order') }} as sales_order
    where sales_order.is_purchase
    union all
    select
        line.record_id,
        line.occurred_date as day_date,
        0 as purchase_count,
        line.net_amount
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    left join {{ ref('int_sales__order') }} as sales_order on line.order_id = sales_order.order_id
    where
        line.occurred_date <= observation.as_of_date
        and line.currency_code = '{{ parameter("currency_code") }}'
        and {{ was_not_canceled_on('sales_order', 'observation.as_of_date') }}
)

select
    bridge.customer_id,
    movement.day_date,
    cast(sum(movement.purchase_count) as bigint) as purchase_count,
    cast(coalesce(sum(movement.net_amount), 0) as decimal(18, 2)) as net_amount
from movement
inner join {{ ref('bridge_record_customer') }} as bridge
    on movement.record_id = bridge.record_id and bridge.is_current
group by bridge.customer_id, movement.day_date
