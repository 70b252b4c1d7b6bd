-- Lines and payments of one order may come in several currencies, which are never added up.
with movement as (
    select
        line.order_id,
        line.currency_code,
        1 as line_count,
        0 as payment_count,
        line.net_amount,
        case when line.line_type = 'return' then -line.net_amount end as return_amount,
        line.discount_amount,
        line.shipping_amount,
        cast(null as decimal(18, 2)) as paid_amount
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    where line.occurred_date <= observation.as_of_date
    union all
    select
        payment.order_id,
        payment.currency_code,
        0 as line_count,
        1 as payment_count,
        null as net_amount,
        null as return_amount,
        null as discount_amount,
        null as shipping_amount,
        payment.paid_amount
    from {{ ref('int_sales__dated_payment') }} as payment
    cross join {{ ref('dim_observation') }} as observation
    where coalesce(payment.paid_date, observation.as_of_date) <= observation.as_of_date
)

select
    order_id,
    currency_code,
    cast(sum(line_count) as bigint) as line_count,
    cast(sum(payment_count) as bigint) as payment_count,
    cast(coalesce(sum(net_amount), 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(sum(return_amount), 0) as decimal(18, 2)) as return_amount,
    cast(coalesce(sum(discount_amount), 0) as decimal(18, 2)) as discount_amount,
    cast(coalesce(sum(shipping_amount), 0) as decimal(18, 2)) as shipping_amount,
    cast(coalesce(sum(paid_amount), 0) as decimal(18, 2)) as paid_amount
from movement
group by order_id, currency_code
