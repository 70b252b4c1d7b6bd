{{ config(
    materialized='incremental',
    unique_key='activity_month',
    meta={'touched_by': 'touched_activity_month'}
) }}

{#- Rendered in every case: dbt learns from it which models it reads. -#}
{%- set touched_month = touched_activity_month(this) -%}

with {% if is_incremental() -%}
touched_month as (
    {{ touched_month }}
),

{% endif -%}
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
    where sales_order.is_purchase
),

movement as (
    select
        activity_month,
        currency_code,
        count(distinct customer_id) as active_customer_count,
        0 as new_customer_count,
        count(*) as order_count,
        count(*) filter (where customer_id is null) as anonymous_order_count,
        count(*) filter (where is_canceled) as canceled_order_count,
        0 as line_count,
        0 as net_amount,
        0 as return_amount,
        0 as shipping_amount,
        0 as paid_amount
    from purchase
    group by activity_month, currency_code
    union all
    select activity_month, currency_code, 0, new_customer_count, 0, 0, 0, 0, 0, 0, 0, 0
    from {{ ref('int_value__new_customer_month') }}
    union all
    select
        {{ month_of('line.occurred_date') }}, line.currency_code, 0, 0, 0, 0, 0, count(*),
        sum(line.net_amount), coalesce(-sum(line.net_amount) filter (where line.line_type = 'return'), 0),
        coalesce(sum(line.shipping_amount), 0), 0
    from {{ ref('fct_transaction_line') }} as line
    cross join observation
    where line.occurred_date <= observation.as_of_date
    group by {{ month_of('line.occurred_date') }}, line.currency_code
    union all
    select
        {{ month_of('payment.paid_date') }}, payment.currency_code, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        sum(payment.paid_amount)
    from {{ ref('int_sales__dated_payment') }} as payment
    cross join observation
    where payment.paid_date <= observation.as_of_date
    group by {{ month_of('payment.paid_date') }}, payment.currency_code
)

select
    movement.activity_month,
    movement.currency_code,
    {% for measure in [
        'active_customer', 'new_customer', 'order', 'anonymous_order', 'canceled_order', 'line'
    ] -%}
    cast(sum(movement.{{ measure }}_count) as bigint) as {{ measure }}_count,
    {% endfor -%}
    {% for measure in ['net', 'return', 'shipping', 'paid'] -%}
    cast(sum(movement.{{ measure }}_amount) as decimal(18, 2)) as {{ measure }}_amount,
    {% endfor -%}
    least({{ month_end('movement.activity_month') }}, observation.as_of_date) as counted_until_date,
    observation.snapshot_sequence
from movement
cross join observation
{% if is_incremental() -%}
where movement.activity_month in (select touched_month.activity_month from touched_month)
{% endif -%}
group by movement.activity_month, movement.currency_code, observation.as_of_date, observation.snapshot_sequence
