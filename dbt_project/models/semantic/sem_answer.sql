select
    answer.response_id || '|' || answer.question_id as answer_id,
    bridge.customer_id,
    answer.responded_date,
    answer.survey_id,
    answer.survey_type,
    answer.wave,
    answer.touchpoint,
    answer.channel,
    answer.product_category,
    answer.metric as score_type,
    answer.scale_min,
    answer.scale_max,
    cast(answer.score as decimal(18, 6)) as score,
    coalesce(answer.answer_point = 1, false) as is_favourable,
    coalesce(answer.answer_point = -1, false) as is_detractor
from {{ ref('fct_answer') }} as answer
left join {{ ref('bridge_record_customer') }} as bridge
    on answer.record_id = bridge.record_id and bridge.is_current
where answer.answer_fate = 'counted'
