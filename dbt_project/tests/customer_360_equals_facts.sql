{{ config(meta={'dagster': {'ref': {'name': 'mart_customer__customer_360'}}}) }}

-- The money of customer 360 is that of the facts, customer by customer and to the cent, in its one currency:
-- all lines of orders and receipts that a customer bought or brought back, whether any order is among them or not.
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
        bridge.customer_id,
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
        customer_id,
    {% for measure in measures -%}
    coalesce(sum({{ measure }}), 0) as {{ measure }}{{ ',' if not loop.last }}
    {% endfor %}
    from known_line
    group by customer_id
),

compared as (
    select
        coalesce(fact_total.customer_id, mart.customer_id) as customer_id,
    {%- for measure in measures %}
    coalesce(fact_total.{{ measure }}, 0) as {{ measure }},
    coalesce(mart.{{ measure }}, 0) as mart_{{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
    from fact_total
    full outer join {{ ref('mart_customer__customer_360') }} as mart on fact_total.customer_id = mart.customer_id
)

select *
from compared
where
    net_amount <> mart_net_amount
    or return_amount <> mart_return_amount
    or shipping_amount <> mart_shipping_amount
