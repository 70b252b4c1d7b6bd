-- Counted NPS and CSAT answers of known customers up to the observation date, on a scale of 0 to 1.
with scaled as (
    select
        bridge.customer_id,
        answer.response_id,
        answer.question_id,
        answer.metric,
        answer.touchpoint,
        answer.channel,
        answer.responded_at,
        answer.responded_date,
        (answer.score - answer.scale_min) / (answer.scale_max - answer.scale_min) as score_share
    from {{ ref('fct_answer') }} as answer
    inner join {{ ref('bridge_record_customer') }} as bridge
        on answer.record_id = bridge.record_id and bridge.is_current
    where
        answer.answer_fate = 'counted'
        and answer.metric in ('nps', 'csat')
        and answer.scale_max > answer.scale_min
)

select
    *,
    -- The lowest points: 0 to 3 of 10, the lower two of five. A hair more than the border, for what division leaves.
    case when metric = 'nps' then score_share < 0.3000001 else score_share < 0.2500001 end as is_bad
from scaled
