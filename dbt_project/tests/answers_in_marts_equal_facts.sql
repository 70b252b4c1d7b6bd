{{ config(meta={'dagster': {'ref': {'name': 'mart_experience__score_by_touchpoint_month'}}}) }}

-- Every scored answer up to the observation date stands in exactly one cell of the score mart.
with fact_total as (
    select count(*) as response_count
    from {{ ref('fct_survey_response') }} as response
    cross join {{ ref('dim_observation') }} as observation
    where response.responded_date <= observation.as_of_date and response.score is not null
),

mart_total as (
    select coalesce(sum(response_count), 0) as response_count
    from {{ ref('mart_experience__score_by_touchpoint_month') }}
)

select
    fact_total.response_count,
    mart_total.response_count as mart_response_count
from fact_total
cross join mart_total
where fact_total.response_count <> mart_total.response_count
