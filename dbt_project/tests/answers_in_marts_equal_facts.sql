{{ config(meta={'dagster': {'ref': {'name': 'mart_experience__score'}}}) }}

-- Every counted answer stands in exactly one cell of each period and cut; every answer of the sources has its fate.
with fact_total as (
    select
        count(*) as answer_count,
        count(*) filter (where answer_fate = 'counted') as counted_count
    from {{ ref('fct_answer') }}
),

mart_total as (
    select
        period,
        cut,
        sum(response_count) as counted_count
    from {{ ref('mart_experience__score') }}
    group by period, cut
),

source_total as (
    select count(*) as answer_count
    from {{ ref('fct_survey_response') }}
)

select
    mart_total.period,
    mart_total.cut,
    fact_total.counted_count,
    mart_total.counted_count as mart_counted_count,
    fact_total.answer_count,
    source_total.answer_count as source_answer_count
from fact_total
cross join source_total
left join mart_total on true
where
    fact_total.counted_count <> coalesce(mart_total.counted_count, 0)
    or fact_total.answer_count <> source_total.answer_count
