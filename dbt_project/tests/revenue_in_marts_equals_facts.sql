{{ config(meta={'dagster': {'ref': {'name': 'mart_finance__activity_by_month'}}}) }}

-- Money must not appear or vanish between the facts and the marts, whatever was built incrementally.
with fact_total as (
    select
        line.currency_code,
        sum(line.net_amount) as net_amount,
        sum(line.shipping_amount) as shipping_amount
    from {{ ref('fct_transaction_line') }} as line
    cross join {{ ref('dim_observation') }} as observation
    where line.occurred_date <= observation.as_of_date
    group by line.currency_code
),

activity_total as (
    select
        currency_code,
        sum(net_amount) as net_amount,
        sum(shipping_amount) as shipping_amount
    from {{ ref('mart_finance__activity_by_month') }}
    group by currency_code
),

settlement_total as (
    select
        currency_code,
        sum(line_amount) as net_amount,
        sum(shipping_amount) as shipping_amount
    from {{ ref('mart_finance__order_settlement') }}
    group by currency_code
)

select
    fact_total.currency_code,
    fact_total.net_amount,
    activity_total.net_amount as activity_amount,
    settlement_total.net_amount as settlement_amount
from fact_total
left join activity_total on fact_total.currency_code = activity_total.currency_code
left join settlement_total on fact_total.currency_code = settlement_total.currency_code
where
    fact_total.net_amount <> coalesce(activity_total.net_amount, 0)
    or fact_total.net_amount <> coalesce(settlement_total.net_amount, 0)
    or coalesce(fact_total.shipping_amount, 0) <> coalesce(activity_total.shipping_amount, 0)
    or coalesce(fact_total.shipping_amount, 0) <> coalesce(settlement_total.shipping_amount, 0)
