with aged_day as (
    select
        eligible.customer_id,
        eligible.observation_date,
        {{ days_between('line_day.occurred_date', 'eligible.observation_date') }} as age_days,
        line_day.sale_amount,
        line_day.discount_amount,
        line_day.return_amount,
        line_day.return_line_count
    from {{ ref('int_churn__line_day') }} as line_day
    inner join {{ ref('int_churn__record_customer') }} as record_customer
        on line_day.record_id = record_customer.record_id
    inner join {{ ref('int_churn__eligible_customer') }} as eligible
        on
            record_customer.customer_id = eligible.customer_id
            and line_day.occurred_date <= eligible.observation_date
            and record_customer.from_date <= eligible.observation_date
            and record_customer.to_date > eligible.observation_date
    where {{ was_not_canceled_on('line_day', 'eligible.observation_date') }}
)

select
    customer_id,
    observation_date,
    cast(sum(sale_amount) as double) as sale_amount,
    {% for days in [30, 90, 180, 365] -%}
    cast(coalesce(sum(sale_amount) filter (where age_days < {{ days }}), 0) as double) as sale_amount_{{ days }}_days,
    {% endfor -%}
    cast(sum(discount_amount) filter (where age_days < 365) as double)
    / nullif(cast(sum(sale_amount + discount_amount) filter (where age_days < 365) as double), 0)
        as discount_share_365_days,
    cast(coalesce(sum(return_line_count) filter (where age_days < 365), 0) as bigint) as return_line_count_365_days,
    cast(coalesce(sum(return_amount) filter (where age_days < 365), 0) as double) as return_amount_365_days
from aged_day
group by customer_id, observation_date
