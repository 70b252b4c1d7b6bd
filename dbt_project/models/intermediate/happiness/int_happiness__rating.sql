-- Ratings of touchpoints on 0 to 100 beside the overall answer of the same response. Only surveys that ask the overall
-- question count: ratings after single occasions come from other people at other moments. Where no survey asks it,
-- all ratings stand here without one, and there are no drivers.
with answer as (
    select
        response.response_id,
        bridge.customer_id,
        coalesce('c' || bridge.customer_id, 'r' || response.response_id) as cluster_id,
        coalesce(rfm.rfm_segment, 'unknown') as segment,
        response.survey_id,
        response.survey_type,
        response.touchpoint,
        response.metric,
        response.responded_date,
        100 * (response.score - response.scale_min) / (response.scale_max - response.scale_min) as performance
    from {{ ref('fct_answer') }} as response
    left join {{ ref('bridge_record_customer') }} as bridge
        on response.record_id = bridge.record_id and bridge.is_current
    left join {{ source('scores', 'customer_rfm') }} as rfm on bridge.customer_id = rfm.customer_id
    where response.answer_fate = 'counted' and response.scale_max > response.scale_min
),

candidate as (
    select
        *,
        dense_rank() over (order by case metric when 'nps' then 1 when 'csat' then 2 else 3 end asc nulls last)
            as metric_rank
    from answer
    where {{ is_overall_answer('metric', 'survey_type', 'touchpoint') }}
),

overall as (
    select
        response_id,
        avg(performance) as target
    from candidate
    where metric_rank = 1
    group by response_id
),

survey as (
    select distinct survey_id
    from candidate
    where metric_rank = 1
),

rating as (
    select
        response_id,
        touchpoint,
        min(customer_id) as customer_id,
        min(cluster_id) as cluster_id,
        min(segment) as segment,
        min(responded_date) as responded_date,
        avg(performance) as performance
    from answer
    where
        metric = 'csat'
        and {{ is_driver('touchpoint') }}
        and (
            survey_id in (select survey.survey_id from survey)
            or not exists (select 1 as is_asked from survey)
        )
    group by response_id, touchpoint
)

select
    rating.response_id,
    rating.touchpoint,
    rating.customer_id,
    rating.cluster_id,
    rating.segment,
    rating.responded_date,
    rating.performance,
    overall.target
from rating
left join overall on rating.response_id = overall.response_id
