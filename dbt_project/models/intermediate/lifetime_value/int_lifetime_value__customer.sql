-- The three numbers of a customer's purchases that purchase models read, on the observation date and once on the day
-- before the days that they are judged on.
with cut as (
    select
        as_of_date as cut_date,
        false as is_judged
    from {{ ref('dim_observation') }}
    union all
    select
        {{ days_after('-' ~ parameter('lifetime_value_judged_days'), 'as_of_date') }} as cut_date,
        true as is_judged
    from {{ ref('dim_observation') }}
),

purchase_day as (
    select
        customer_id,
        day_date,
        min(day_date) over (partition by customer_id) as first_date
    from {{ ref('int_experience_value__customer_day') }}
    where purchase_count > 0
),

purchase as (
    select
        purchase_day.customer_id,
        cut.cut_date,
        cut.is_judged,
        min(purchase_day.first_date) as first_date,
        max(purchase_day.day_date) filter (where purchase_day.day_date <= cut.cut_date) as last_date,
        count(*) filter (where purchase_day.day_date <= cut.cut_date) as purchase_count,
        count(*) filter (where purchase_day.day_date > cut.cut_date) as later_purchase_count
    from purchase_day
    cross join cut
    where purchase_day.first_date <= cut.cut_date
    group by purchase_day.customer_id, cut.cut_date, cut.is_judged
),

amount as (
    select
        customer_day.customer_id,
        cut.cut_date,
        sum(customer_day.net_amount) filter (where customer_day.day_date <= cut.cut_date) as net_amount,
        sum(customer_day.net_amount) filter (where customer_day.day_date > cut.cut_date) as later_net_amount
    from {{ ref('int_experience_value__customer_day') }} as customer_day
    cross join cut
    group by customer_day.customer_id, cut.cut_date
)

select
    purchase.customer_id,
    purchase.cut_date,
    purchase.is_judged,
    purchase.first_date,
    purchase.purchase_count - 1 as repeat_count,
    {{ days_between('purchase.first_date', 'purchase.last_date') }} as recency_days,
    {{ days_between('purchase.first_date', 'purchase.cut_date') }} as age_days,
    purchase.purchase_count,
    cast(amount.net_amount as double) as net_amount,
    case when purchase.is_judged then purchase.later_purchase_count end as later_purchase_count,
    case when purchase.is_judged then cast(amount.later_net_amount as double) end as later_net_amount
from purchase
left join amount on purchase.customer_id = amount.customer_id and purchase.cut_date = amount.cut_date
