-- What was sold under an order beside what was paid for it. Both totals stay: where they differ, the source differs.
select
    amount.order_id,
    amount.currency_code,
    sales_order.purchase_date as ordered_date,
    sales_order.order_status,
    amount.line_count,
    amount.payment_count,
    amount.net_amount as line_amount,
    amount.shipping_amount,
    amount.paid_amount,
    cast(amount.paid_amount - amount.net_amount - amount.shipping_amount as decimal(18, 2)) as difference_amount,
    amount.paid_amount = amount.net_amount + amount.shipping_amount as is_settled,
    observation.as_of_date as observation_date
from {{ ref('int_sales__order_amount') }} as amount
left join {{ ref('int_sales__order') }} as sales_order on amount.order_id = sales_order.order_id
cross join {{ ref('dim_observation') }} as observation
