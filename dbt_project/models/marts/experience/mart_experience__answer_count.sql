-- What a survey tool shows as its total beside what is counted, with the difference by rule.
select
    {{ month_of('response.responded_date') }} as answered_month,
    response.survey_id,
    response.survey_type,
    response.question_id,
    response.metric,
    count(*) as answer_count,
    count(*) filter (where response.answer_fate = 'counted') as counted_count,
    count(*) filter (where response.answer_fate = 'repeated') as repeated_count,
    count(*) filter (where response.answer_fate = 'late') as late_count,
    count(*) filter (where response.answer_fate = 'not_used') as not_used_count,
    count(*) filter (where response.answer_fate in ('left_blank', 'no_score')) as no_score_count,
    count(*) filter (where response.answer_fate = 'after_observation') as after_observation_count,
    count(*) filter (where response.answer_fate = 'counted' and bridge.customer_id is null) as anonymous_count,
    observation.snapshot_sequence
from {{ ref('fct_answer') }} as response
left join {{ ref('bridge_record_customer') }} as bridge
    on response.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
group by
    {{ month_of('response.responded_date') }}, response.survey_id, response.survey_type, response.question_id,
    response.metric, observation.snapshot_sequence
