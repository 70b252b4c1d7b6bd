-- Who answered last of a touchpoint in the last 365 days, whether badly, and what these customers are worth a year.
with ranked as (
    select
        answer.customer_id,
        answer.metric,
        answer.touchpoint,
        answer.is_bad,
        row_number() over (
            partition by answer.customer_id, answer.metric, answer.touchpoint
            order by
                answer.responded_at desc nulls last, answer.response_id asc nulls last,
                answer.question_id asc nulls last
        ) as newest_rank
    from {{ ref('int_experience_value__answer') }} as answer
    cross join {{ ref('dim_observation') }} as observation
    where
        answer.responded_date <= observation.as_of_date
        and {{ days_between('answer.responded_date', 'observation.as_of_date') }} < 365
),

last_year as (
    select
        day.customer_id,
        sum(day.net_amount) as net_amount
    from {{ ref('int_experience_value__customer_day') }} as day
    cross join {{ ref('dim_observation') }} as observation
    where {{ days_between('day.day_date', 'observation.as_of_date') }} < 365
    group by day.customer_id
)

select
    ranked.metric,
    ranked.touchpoint,
    count(*) as answered_customer_count,
    count(*) filter (where ranked.is_bad) as weak_customer_count,
    cast(coalesce(sum(last_year.net_amount) filter (where ranked.is_bad), 0) as decimal(18, 2)) as weak_net_amount
from ranked
left join last_year on ranked.customer_id = last_year.customer_id
where ranked.newest_rank = 1
group by ranked.metric, ranked.touchpoint
