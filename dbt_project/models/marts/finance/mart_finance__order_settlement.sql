-- What was sold under an order beside what was paid for it. Both totals stay: where they differ, the source differs.
-- A company of which no payment is known does not say what was paid: null, because 0 would make every order unsettled.
with payment_source as (
    select {{ has_payments() }} as has_payments
)

select
    amount.order_id,
    amount.currency_code,
    sales_order.purchase_date as ordered_date,
    sales_order.order_status,
    amount.line_count,
    amount.payment_count,
    amount.net_amount as line_amount,
    amount.shipping_amount,
    case when payment_source.has_payments then amount.paid_amount end as paid_amount,
    case
        when payment_source.has_payments
            then cast(amount.paid_amount - amount.net_amount - amount.shipping_amount as decimal(18, 2))
    end as difference_amount,
    case
        when payment_source.has_payments then amount.paid_amount = amount.net_amount + amount.shipping_amount
    end as is_settled,
    observation.as_of_date as observation_date
from {{ ref('int_sales__order_amount') }} as amount
left join {{ ref('int_sales__order') }} as sales_order on amount.order_id = sales_order.order_id
cross join {{ ref('dim_observation') }} as observation
cross join payment_source
