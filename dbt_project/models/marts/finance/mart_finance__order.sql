-- What counts as an order, decided once, at the grain of the order: metrics count these rows by whatever they like.
with amount as (
    select
        sales_order.*,
        bridge.customer_id,
        placed.channel,
        order_amount.net_amount,
        order_amount.return_amount,
        order_amount.shipping_amount,
        coalesce(order_amount.line_count > 0, false) as has_lines,
        {{ was_not_canceled_on('sales_order', 'observation.as_of_date') }} as is_kept,
        observation.as_of_date
    from {{ ref('int_sales__order') }} as sales_order
    cross join {{ ref('dim_observation') }} as observation
    left join {{ ref('bridge_record_customer') }} as bridge
        on sales_order.record_id = bridge.record_id and bridge.is_current
    left join {{ ref('fct_sales_order') }} as placed on sales_order.order_id = placed.order_id
    left join {{ ref('int_sales__order_amount') }} as order_amount
        on sales_order.order_id = order_amount.order_id and sales_order.currency_code = order_amount.currency_code
),

ranked as (
    select
        amount.*,
        row_number() over (
            partition by amount.customer_id, amount.is_order
            order by amount.purchase_date asc nulls last, amount.order_id asc nulls last
        ) as order_rank
    from amount
)

select
    order_id,
    customer_id,
    purchase_date as ordered_date,
    channel,
    currency_code,
    order_status,
    is_order,
    is_purchase,
    is_canceled,
    is_kept,
    is_order and customer_id is not null and order_rank = 1 as is_first_order,
    has_lines,
    delivered_date <= as_of_date as is_delivered,
    coalesce(has_promise, false) as has_promise,
    is_late,
    cast(coalesce(net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(return_amount, 0) as decimal(18, 2)) as return_amount,
    cast(coalesce(shipping_amount, 0) as decimal(18, 2)) as shipping_amount,
    as_of_date as observation_date
from ranked
