-- Reporting currency only: nothing here converts money.
select
    sales_order.record_id,
    line.occurred_date,
    sales_order.canceled_date,
    cast(coalesce(sum(line.net_amount) filter (where line.line_type = 'sale'), 0) as decimal(18, 2)) as sale_amount,
    cast(coalesce(sum(line.discount_amount) filter (where line.line_type = 'sale'), 0) as decimal(18, 2))
        as discount_amount,
    cast(coalesce(-sum(line.net_amount) filter (where line.line_type = 'return'), 0) as decimal(18, 2))
        as return_amount,
    count(*) filter (where line.line_type = 'return') as return_line_count
from {{ ref('fct_transaction_line') }} as line
inner join {{ ref('int_sales__order') }} as sales_order on line.order_id = sales_order.order_id
cross join {{ ref('dim_observation') }} as observation
where
    line.currency_code = '{{ parameter("currency_code") }}'
    and line.occurred_date <= observation.as_of_date
    and sales_order.record_id is not null
group by sales_order.record_id, line.occurred_date, sales_order.canceled_date
