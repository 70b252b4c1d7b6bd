{{ config(meta={'dagster': {'ref': {'name': 'mart_customer__customer_360'}}}) }}

-- The money of customer 360 is that of the facts, to the cent, in the one currency that it holds: all lines of orders
-- and receipts that a known customer bought or brought back, whether any order is among them or not.
{%- set measures = ['net_amount', 'return_amount', 'shipping_amount'] %}
with receipt_record as (
    select
        line.order_id,
        min(line.record_id) as record_id
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    where line.occurred_date <= observation.as_of_date
    group by line.order_id
),

known_line as (
    select
        line.net_amount,
        case when line.line_type = 'return' then -line.net_amount end as return_amount,
        line.shipping_amount
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    inner join receipt_record on line.order_id = receipt_record.order_id
    left join {{ ref('fct_sales_order') }} as sales_order on line.order_id = sales_order.order_id
    inner join {{ ref('bridge_record_customer') }} as bridge
        on coalesce(sales_order.record_id, receipt_record.record_id) = bridge.record_id and bridge.is_current
    where
        line.occurred_date <= observation.as_of_date
        -- An order of a later day is not counted yet, whatever its lines say.
        and coalesce(sales_order.ordered_date, observation.as_of_date) <= observation.as_of_date
        and line.currency_code = '{{ parameter("currency_code") }}'
),

fact_total as (
    select
    {% for measure in measures -%}
        coalesce(sum({{ measure }}), 0) as {{ measure }}{{ ',' if not loop.last }}
    {% endfor %}
    from known_line
),

mart_total as (
    select
    {% for measure in measures -%}
        coalesce(sum({{ measure }}), 0) as {{ measure }}{{ ',' if not loop.last }}
    {% endfor %}
    from {{ ref('mart_customer__customer_360') }}
)

select
    fact_total.*,
    mart_total.net_amount as mart_net_amount,
    mart_total.return_amount as mart_return_amount,
    mart_total.shipping_amount as mart_shipping_amount
from fact_total
cross join mart_total
where
    fact_total.net_amount <> mart_total.net_amount
    or fact_total.return_amount <> mart_total.return_amount
    or fact_total.shipping_amount <> mart_total.shipping_amount
