{{ config(materialized='view') }}

-- A source that gives a payment no time is taken to be paid with the order.
with undated as (
    select
        payment_id,
        order_id,
        currency_code,
        paid_amount,
        snapshot_sequence
    from {{ ref('fct_payment') }}
    where paid_date is null
),

line_order as (
    select
        order_id,
        coalesce(min(occurred_date) filter (where line_type = 'sale'), min(occurred_date)) as first_date
    from {{ ref('fct_transaction_line') }}
    where order_id in (select undated.order_id from undated)
    group by order_id
)

select
    payment_id,
    order_id,
    currency_code,
    paid_amount,
    paid_date,
    snapshot_sequence
from {{ ref('fct_payment') }}
where paid_date is not null
union all
select
    undated.payment_id,
    undated.order_id,
    undated.currency_code,
    undated.paid_amount,
    coalesce(sales_order.ordered_date, line_order.first_date) as paid_date,
    undated.snapshot_sequence
from undated
left join {{ ref('fct_sales_order') }} as sales_order on undated.order_id = sales_order.order_id
left join line_order on undated.order_id = line_order.order_id
