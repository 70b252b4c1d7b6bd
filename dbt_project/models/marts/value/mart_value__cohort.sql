-- Customers by the quarter of their first purchase, followed quarter by quarter: who came back, and what they brought.
with cohort as (
    select
        customer_id,
        first_date,
        cast(date_trunc('quarter', first_date) as date) as cohort_start
    from {{ ref('int_lifetime_value__customer') }}
    where not is_judged
),

size as (
    select
        cohort_start,
        count(*) as customer_count
    from cohort
    group by cohort_start
),

quarter as (
    select distinct cast(date_trunc('quarter', day_date) as date) as quarter_start
    from {{ ref('int_experience_value__customer_day') }}
    union distinct
    select cast(date_trunc('quarter', as_of_date) as date) as quarter_start
    from {{ ref('dim_observation') }}
),

activity as (
    select
        cohort.cohort_start,
        cast(date_trunc('quarter', customer_day.day_date) as date) as quarter_start,
        count(distinct case when customer_day.purchase_count > 0 then cohort.customer_id end) as buyer_count,
        sum(customer_day.net_amount) as net_amount
    from {{ ref('int_experience_value__customer_day') }} as customer_day
    inner join cohort on customer_day.customer_id = cohort.customer_id
    group by cohort.cohort_start, cast(date_trunc('quarter', customer_day.day_date) as date)
),

followed as (
    select
        size.cohort_start,
        quarter.quarter_start,
        cast(round({{ days_between('size.cohort_start', 'quarter.quarter_start') }} / 91.3125) as bigint)
            as quarter_number,
        size.customer_count,
        coalesce(activity.buyer_count, 0) as buyer_count,
        coalesce(activity.net_amount, 0) as net_amount
    from size
    inner join quarter on size.cohort_start <= quarter.quarter_start
    left join activity
        on size.cohort_start = activity.cohort_start and quarter.quarter_start = activity.quarter_start
)

select
    followed.cohort_start,
    followed.quarter_number,
    followed.quarter_start,
    {{ days_after(-1, dbt.dateadd('quarter', 1, 'followed.quarter_start')) }} <= observation.as_of_date as is_complete,
    '{{ parameter("currency_code") }}' as currency_code,
    cast(followed.customer_count as bigint) as customer_count,
    cast(followed.buyer_count as bigint) as buyer_count,
    cast(followed.buyer_count as double) / followed.customer_count as buyer_share,
    {{ wilson('followed.buyer_count', 'followed.customer_count', 'low') }} as interval_low,
    {{ wilson('followed.buyer_count', 'followed.customer_count', 'high') }} as interval_high,
    cast(followed.net_amount as decimal(18, 2)) as net_amount,
    cast(
        sum(followed.net_amount) over (
            partition by followed.cohort_start order by followed.quarter_start asc nulls last
        ) / followed.customer_count as decimal(18, 2)
    ) as amount_per_customer,
    followed.customer_count < {{ parameter('minimum_answers') }} as is_suppressed,
    observation.as_of_date as observation_date
from followed
cross join {{ ref('dim_observation') }} as observation
where followed.quarter_start <= observation.as_of_date
