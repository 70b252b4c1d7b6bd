-- A source that gives a payment no time is taken to be paid with the order.
select
    payment.payment_id,
    sales_order.customer_id,
    coalesce(payment.paid_date, sales_order.ordered_date) as paid_date,
    payment.payment_method,
    payment.currency_code,
    payment.paid_amount
from {{ ref('fct_payment') }} as payment
left join {{ ref('mart_finance__order') }} as sales_order on payment.order_id = sales_order.order_id
cross join {{ ref('dim_observation') }} as observation
where coalesce(payment.paid_date, sales_order.ordered_date) <= observation.as_of_date
