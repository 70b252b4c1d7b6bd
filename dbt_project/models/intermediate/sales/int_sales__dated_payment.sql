{{ config(materialized='view') }}

-- A source that gives a payment no time is taken to be paid with the order.
with line_order as (
    select
        order_id,
        coalesce(min(occurred_date) filter (where line_type = 'sale'), min(occurred_date)) as first_date
    from {{ ref('fct_transaction_line') }}
    where order_id in (select undated.order_id from {{ ref('fct_payment') }} as undated where undated.paid_date is null)
    group by order_id
)

select
    payment.payment_id,
    payment.order_id,
    payment.currency_code,
    payment.paid_amount,
    coalesce(payment.paid_date, sales_order.ordered_date, line_order.first_date) as paid_date,
    payment.snapshot_sequence
from {{ ref('fct_payment') }} as payment
left join {{ ref('fct_sales_order') }} as sales_order on payment.order_id = sales_order.order_id
left join line_order on payment.order_id = line_order.order_id
