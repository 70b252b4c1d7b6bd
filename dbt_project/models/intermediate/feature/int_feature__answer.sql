-- Scores of different scales are put on 0 to 1. Low means a detractor, or below the middle of any other scale.
with aged_answer as (
    select
        observed.customer_id,
        observed.observation_date,
        {{ days_between('response.responded_date', 'observed.observation_date') }} as age_days,
        (response.score - response.scale_min) / nullif(response.scale_max - response.scale_min, 0) as scaled_score,
        case
            when response.metric = 'nps' then response.score <= 6
            else response.score < (response.scale_min + response.scale_max) / 2
        end as is_low,
        row_number() over (
            partition by observed.customer_id, observed.observation_date
            order by
                response.responded_at desc nulls last, response.response_id asc nulls last,
                response.question_id asc nulls last
        ) as newest_rank
    from {{ ref('fct_survey_response') }} as response
    inner join {{ ref('int_feature__observed_record') }} as observed
        on response.record_id = observed.record_id and response.responded_date <= observed.observation_date
    where response.score is not null and response.metric in ('nps', 'csat', 'ces')
)

select
    customer_id,
    observation_date,
    max(scaled_score) filter (where newest_rank = 1) as last_scaled_score,
    -- Rounded to millionths and summed as decimals: the sum must not depend on the order of the rows.
    cast(sum(cast(scaled_score as decimal(18, 6))) filter (where age_days < 365) as double)
    / nullif(count(*) filter (where age_days < 365), 0) as mean_scaled_score_365_days,
    count(*) filter (where is_low and age_days < 90) as low_score_count_90_days
from aged_answer
group by customer_id, observation_date
