-- What customers are expected to bring in the horizon; computed by cx_assets.lifetime_value. The margin is the expected
-- amount at the customer's own profit per amount so far, which few purchases tell little of: it is shrunk towards
-- everybody's by the weight of one average customer.
with customer as (
    select
        lifetime.*,
        profit.profit_amount,
        case when profit.profit_amount is not null then greatest(profit.net_amount, 0) end as profitable_amount
    from {{ source('scores', 'customer_lifetime') }} as lifetime
    left join {{ ref('int_experience_value__customer_profit') }} as profit
        on lifetime.customer_id = profit.customer_id and profit.period = 'life'
),

everybody as (
    select
        sum(profit_amount) / nullif(sum(profitable_amount), 0) as profit_share,
        avg(profitable_amount) as average_amount
    from customer
),

ranked as (
    select
        customer.*,
        everybody.profit_share as everybodys_share,
        everybody.average_amount,
        percent_rank() over (
            order by
                greatest(coalesce(customer.expected_amount, 0), coalesce(customer.contract_amount, 0)) desc nulls last
        ) as value_rank
    from customer
    cross join everybody
)

select
    cast(ranked.customer_id as string) as customer_id,
    cast(ranked.model as string) as model,
    cast({{ parameter('lifetime_value_horizon_days') }} as bigint) as horizon_days,
    '{{ parameter("currency_code") }}' as currency_code,
    cast(ranked.alive_probability as double) as alive_probability,
    cast(ranked.expected_purchase_count as double) as expected_purchase_count,
    cast(ranked.purchase_count_low as double) as purchase_count_low,
    cast(ranked.purchase_count_high as double) as purchase_count_high,
    cast(ranked.expected_purchase_amount as double) as expected_purchase_amount,
    cast(ranked.expected_amount as double) as expected_amount,
    cast(ranked.amount_low as double) as amount_low,
    cast(ranked.amount_high as double) as amount_high,
    cast(ranked.discounted_amount as double) as discounted_amount,
    cast(
        ranked.discounted_amount
        * (coalesce(ranked.profit_amount, 0) + ranked.everybodys_share * ranked.average_amount)
        / nullif(coalesce(ranked.profitable_amount, 0) + ranked.average_amount, 0) as double
    ) as discounted_margin_amount,
    cast(ranked.contract_amount as double) as contract_amount,
    cast(ranked.discounted_contract_amount as double) as discounted_contract_amount,
    case
        when ranked.expected_amount is null and ranked.contract_amount is null then 'unknown'
        when ranked.value_rank < {{ parameter('lifetime_value_high_value_share') }} then 'high'
        when
            ranked.value_rank
            < {{ parameter('lifetime_value_high_value_share') + parameter('lifetime_value_middle_value_share') }}
            then 'middle'
        else 'low'
    end as value_tier,
    observation.as_of_date as observation_date
from ranked
cross join {{ ref('dim_observation') }} as observation
