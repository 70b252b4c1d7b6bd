-- An order is what the company calls one, or else the receipt number that sale lines share. A number that stands on
-- return lines only is no order. An order that was canceled is no purchase.
with line_order as (
    select
        line.order_id,
        min(line.record_id) as record_id,
        min(line.occurred_date) filter (where line.line_type = 'sale') as first_sale_date,
        min(line.occurred_date) as first_line_date,
        min(line.currency_code) as currency_code,
        count(*) filter (where line.line_type = 'sale') as sale_line_count,
        count(*) filter (where line.line_type = 'sale' and line.currency_code = '{{ parameter("currency_code") }}') > 0
            as has_reporting_amount
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    where line.occurred_date <= observation.as_of_date
    group by line.order_id
),

dated_order as (
    select
        coalesce(sales_order.order_id, line_order.order_id) as order_id,
        coalesce(sales_order.record_id, line_order.record_id) as record_id,
        coalesce(sales_order.ordered_date, line_order.first_sale_date, line_order.first_line_date) as purchase_date,
        coalesce(line_order.currency_code, '{{ parameter("currency_code") }}') as currency_code,
        coalesce(line_order.has_reporting_amount, false) as has_reporting_amount,
        sales_order.order_status,
        coalesce(sales_order.order_status in ('canceled', 'unavailable'), false) as is_canceled,
        case
            when sales_order.order_status in ('canceled', 'unavailable')
                then coalesce({{ local_date('sales_order.updated_at') }}, sales_order.ordered_date)
        end as canceled_date,
        line_order.order_id is null or line_order.sale_line_count > 0 as is_order,
        sales_order.promised_date,
        sales_order.delivered_date,
        sales_order.promised_at is not null as has_promise,
        -- A parcel is late when it came after the promised instant, not after the promised day's end.
        coalesce(sales_order.delivered_at > sales_order.promised_at, false) as is_late
    from {{ ref('fct_sales_order') }} as sales_order
    full outer join line_order on sales_order.order_id = line_order.order_id
)

select
    dated_order.*,
    {{ was_purchase_on('dated_order', 'observation.as_of_date') }} as is_purchase
from dated_order
cross join {{ ref('dim_observation') }} as observation
where dated_order.purchase_date <= observation.as_of_date
