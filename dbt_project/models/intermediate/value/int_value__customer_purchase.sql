with purchase as (
    select
        bridge.customer_id,
        sales_order.order_id,
        sales_order.purchase_date,
        sales_order.currency_code,
        amount.net_amount,
        amount.return_amount,
        amount.shipping_amount,
        row_number() over (
            partition by bridge.customer_id
            order by sales_order.purchase_date asc nulls last, sales_order.order_id asc nulls last
        ) as purchase_rank,
        sales_order.is_order,
        sales_order.is_purchase,
        sales_order.has_reporting_amount,
        {{ was_not_canceled_on('sales_order', 'observation.as_of_date') }} as is_kept
    from {{ ref('int_sales__order') }} as sales_order
    inner join {{ ref('bridge_record_customer') }} as bridge
        on sales_order.record_id = bridge.record_id and bridge.is_current
    cross join {{ ref('dim_observation') }} as observation
    left join {{ ref('int_sales__order_amount') }} as amount
        on
            sales_order.order_id = amount.order_id
            and amount.currency_code = '{{ parameter("currency_code") }}'
),

customer_purchase as (
    select
        customer_id,
        min(purchase_date) filter (where is_order) as first_order_date,
        min_by(currency_code, purchase_rank) filter (where is_order) as first_order_currency_code,
        min(purchase_date) filter (where is_purchase) as first_purchase_date,
        max(purchase_date) filter (where is_purchase) as last_purchase_date,
        count(*) filter (where is_order) as order_count,
        count(*) filter (where is_purchase) as purchase_count,
        count(*) filter (where is_purchase and has_reporting_amount) as reporting_purchase_count,
        -- Returns under a number of their own belong to the customer's money though they are no purchase.
        cast(coalesce(sum(net_amount) filter (where is_kept), 0) as decimal(18, 2)) as purchase_amount,
        cast(coalesce(sum(net_amount), 0) as decimal(18, 2)) as net_amount,
        cast(coalesce(sum(return_amount), 0) as decimal(18, 2)) as return_amount,
        cast(coalesce(sum(shipping_amount), 0) as decimal(18, 2)) as shipping_amount
    from purchase
    group by customer_id
)

select
    customer_purchase.customer_id,
    observation.as_of_date as observation_date,
    customer_purchase.first_order_date,
    customer_purchase.first_order_currency_code,
    customer_purchase.first_purchase_date,
    customer_purchase.last_purchase_date,
    customer_purchase.order_count,
    customer_purchase.purchase_count,
    customer_purchase.reporting_purchase_count,
    customer_purchase.purchase_amount,
    customer_purchase.net_amount,
    customer_purchase.return_amount,
    customer_purchase.shipping_amount
from customer_purchase
cross join {{ ref('dim_observation') }} as observation
