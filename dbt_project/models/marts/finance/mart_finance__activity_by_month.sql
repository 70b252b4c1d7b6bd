{%- set replaced = {
    'period': 'month',
    'touched_by': [
        {'set': 'int_change__order'},
        {'set': 'int_change__record'},
        {'set': 'int_change__customer'},
        {'set': 'int_change__day'},
    ],
} -%}
{{ config(materialized='incremental', unique_key='activity_month', meta=replaced) }}

with {{ touched_period_cte(this, 'activity_month', replaced) }}

observation as (
    select * from {{ ref('dim_observation') }}
),

purchase as (
    select
        {{ month_of('sales_order.purchase_date') }} as activity_month,
        sales_order.currency_code,
        bridge.customer_id,
        sales_order.is_canceled
    from {{ ref('int_sales__order') }} as sales_order
    left join {{ ref('bridge_record_customer') }} as bridge
        on sales_order.record_id = bridge.record_id and bridge.is_current
    where sales_order.is_order {{ and_touched(month_of('sales_order.purchase_date')) }}
),

order_month as (
    select
        activity_month,
        currency_code,
        count(distinct customer_id) as active_customer_count,
        count(*) as order_count,
        count(*) filter (where customer_id is null) as anonymous_order_count,
        count(*) filter (where is_canceled) as canceled_order_count
    from purchase
    group by activity_month, currency_code
),

line_month as (
    select
        {{ month_of('line.occurred_date') }} as activity_month,
        line.currency_code,
        count(*) as line_count,
        sum(line.net_amount) as net_amount,
        -sum(line.net_amount) filter (where line.line_type = 'return') as return_amount,
        sum(line.shipping_amount) as shipping_amount
    from {{ ref('fct_transaction_line') }} as line
    cross join observation
    where
        line.occurred_date <= observation.as_of_date
        {{ and_touched(month_of('line.occurred_date')) }}
    group by {{ month_of('line.occurred_date') }}, line.currency_code
),

payment_month as (
    select
        {{ month_of('payment.paid_date') }} as activity_month,
        payment.currency_code,
        sum(payment.paid_amount) as paid_amount
    from {{ ref('int_sales__dated_payment') }} as payment
    cross join observation
    where
        payment.paid_date <= observation.as_of_date
        {{ and_touched(month_of('payment.paid_date')) }}
    group by {{ month_of('payment.paid_date') }}, payment.currency_code
),

cell as (
    select
        activity_month,
        currency_code
    from order_month
    union
    select
        activity_month,
        currency_code
    from line_month
    union
    select
        activity_month,
        currency_code
    from payment_month
)

select
    cell.activity_month,
    cell.currency_code,
    coalesce(order_month.active_customer_count, 0) as active_customer_count,
    coalesce(new_customer_month.new_customer_count, 0) as new_customer_count,
    {{ is_warm_up('cell.activity_month') }} as is_warm_up,
    coalesce(order_month.order_count, 0) as order_count,
    coalesce(order_month.anonymous_order_count, 0) as anonymous_order_count,
    coalesce(order_month.canceled_order_count, 0) as canceled_order_count,
    coalesce(line_month.line_count, 0) as line_count,
    cast(coalesce(line_month.net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(line_month.return_amount, 0) as decimal(18, 2)) as return_amount,
    cast(coalesce(line_month.shipping_amount, 0) as decimal(18, 2)) as shipping_amount,
    case when {{ has_payments() }} then cast(coalesce(payment_month.paid_amount, 0) as decimal(18, 2)) end
        as paid_amount,
    least({{ month_end('cell.activity_month') }}, observation.as_of_date) as counted_until_date,
    observation.snapshot_sequence
from cell
cross join observation
left join order_month
    on cell.activity_month = order_month.activity_month and cell.currency_code = order_month.currency_code
left join {{ ref('int_value__new_customer_month') }} as new_customer_month
    on
        cell.activity_month = new_customer_month.activity_month
        and cell.currency_code = new_customer_month.currency_code
left join line_month
    on cell.activity_month = line_month.activity_month and cell.currency_code = line_month.currency_code
left join payment_month
    on cell.activity_month = payment_month.activity_month and cell.currency_code = payment_month.currency_code
