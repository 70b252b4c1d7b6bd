{{ config(meta={'dagster': {'ref': {'name': 'mart_finance__activity_by_month'}}}) }}

-- Money and orders must not appear or vanish between the facts and the marts, whatever was built incrementally. One row
-- is a total of a currency that differs, or the total of orders, which the facts give no currency.
with line_total as (
    select
        line.currency_code,
        sum(line.net_amount) as net_amount,
        coalesce(-sum(line.net_amount) filter (where line.line_type = 'return'), 0) as return_amount,
        coalesce(sum(line.shipping_amount), 0) as shipping_amount,
        count(*) as line_count
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    where line.occurred_date <= observation.as_of_date
    group by line.currency_code
),

-- A payment that nothing dates stands in the settlement and in no month.
payment_total as (
    select
        payment.currency_code,
        coalesce(sum(payment.paid_amount) filter (where payment.paid_date is not null), 0) as dated_amount,
        sum(payment.paid_amount) as paid_amount
    from {{ ref('int_sales__dated_payment') }} as payment
    cross join {{ ref('dim_observation') }} as observation
    where coalesce(payment.paid_date, observation.as_of_date) <= observation.as_of_date
    group by payment.currency_code
),

receipt as (
    select
        line.order_id,
        count(*) filter (where line.line_type = 'sale') as sale_line_count
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    where line.occurred_date <= observation.as_of_date
    group by line.order_id
),

-- Orders by the source's own list, then receipts that it does not list; returns alone are no order.
order_id as (
    select sales_order.order_id
    from {{ ref('fct_sales_order') }} as sales_order
    cross join {{ ref('dim_observation') }} as observation
    where
        sales_order.ordered_date <= observation.as_of_date
        and sales_order.order_id not in (
            select returned.order_id from receipt as returned
            where returned.sale_line_count = 0
        )
    union
    select receipt.order_id
    from receipt
    where
        receipt.sale_line_count > 0
        and receipt.order_id not in (select listed.order_id from {{ ref('fct_sales_order') }} as listed)
),

fact_total as (
    {% for measure in ['net_amount', 'return_amount', 'shipping_amount', 'line_count'] -%}
    select
        'activity' as mart,
        '{{ measure }}' as measure,
        currency_code,
        {{ measure }} as total
    from line_total
    union all
    {% endfor -%}
    {% for measure in ['net_amount', 'shipping_amount', 'line_count'] -%}
    select
        'settlement' as mart,
        '{{ measure }}' as measure,
        currency_code,
        {{ measure }} as total
    from line_total
    union all
    {% endfor -%}
    select
        'activity' as mart,
        'paid_amount' as measure,
        currency_code,
        dated_amount as total
    from payment_total
    union all
    select
        'settlement' as mart,
        'paid_amount' as measure,
        currency_code,
        paid_amount as total
    from payment_total
    union all
    select
        'activity' as mart,
        'order_count' as measure,
        null as currency_code,
        count(*) as total
    from order_id
),

mart_total as (
    {% for measure in ['net_amount', 'return_amount', 'shipping_amount', 'line_count', 'paid_amount'] -%}
    select
        'activity' as mart,
        '{{ measure }}' as measure,
        currency_code,
        sum({{ measure }}) as total
    from {{ ref('mart_finance__activity_by_month') }}
    group by currency_code
    union all
    {% endfor -%}
    {% for measure in ['line_amount', 'shipping_amount', 'line_count', 'paid_amount'] -%}
    select
        'settlement' as mart,
        '{{ measure | replace("line_amount", "net_amount") }}' as measure,
        currency_code,
        sum({{ measure }}) as total
    from {{ ref('mart_finance__order_settlement') }}
    group by currency_code
    union all
    {% endfor -%}
    select
        'activity' as mart,
        'order_count' as measure,
        null as currency_code,
        sum(order_count) as total
    from {{ ref('mart_finance__activity_by_month') }}
)

select
    coalesce(fact_total.mart, mart_total.mart) as mart,
    coalesce(fact_total.measure, mart_total.measure) as measure,
    coalesce(fact_total.currency_code, mart_total.currency_code) as currency_code,
    fact_total.total as fact_total,
    mart_total.total as mart_total
from fact_total
full outer join mart_total
    on
        fact_total.mart = mart_total.mart
        and fact_total.measure = mart_total.measure
        and coalesce(fact_total.currency_code, '') = coalesce(mart_total.currency_code, '')
where coalesce(fact_total.total, 0) <> coalesce(mart_total.total, 0)
