-- What was sold under an order beside what was paid for it. Both totals stay: where they differ, the source differs.
-- A company of which no payment is known does not say what was paid: null, because 0 would make every order unsettled.
-- One whose payments hold no refund does not say what was paid back: what was paid then stands beside what was sold.
with payment_source as (
    select
        {{ has_payments() }} as has_payments,
        {{ has_refunds() }} as has_refunds
),

due as (
    select
        amount.*,
        payment_source.has_payments,
        cast(
            amount.net_amount + amount.shipping_amount
            + case when payment_source.has_refunds then 0 else amount.return_amount end as decimal(18, 2)
        ) as due_amount
    from {{ ref('int_sales__order_amount') }} as amount
    cross join payment_source
)

select
    due.order_id,
    due.currency_code,
    sales_order.purchase_date as ordered_date,
    sales_order.order_status,
    due.line_count,
    due.payment_count,
    due.return_amount,
    due.due_amount,
    due.net_amount as line_amount,
    due.shipping_amount,
    case when due.has_payments then due.paid_amount end as paid_amount,
    case when due.has_payments then cast(due.paid_amount - due.due_amount as decimal(18, 2)) end as difference_amount,
    case when due.has_payments then due.paid_amount = due.due_amount end as is_settled,
    observation.as_of_date as observation_date
from due
left join {{ ref('int_sales__order') }} as sales_order on due.order_id = sales_order.order_id
cross join {{ ref('dim_observation') }} as observation
