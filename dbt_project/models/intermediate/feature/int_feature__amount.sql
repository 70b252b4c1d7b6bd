with aged_day as (
    select
        observed.customer_id,
        observed.observation_date,
        {{ days_between('line_day.occurred_date', 'observed.observation_date') }} as age_days,
        line_day.sale_amount,
        line_day.discount_amount,
        line_day.return_amount,
        line_day.return_line_count
    from {{ ref('int_feature__line_day') }} as line_day
    inner join {{ ref('int_feature__observed_record') }} as observed
        on line_day.record_id = observed.record_id and line_day.occurred_date <= observed.observation_date
    where {{ was_not_canceled_on('line_day', 'observed.observation_date') }}
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
